"""What candidates say when they are stuck: they need time, they do not know, yes and no.

The rules match whole utterances, since a longer one is an answer.
"""

from __future__ import annotations

import re

from agent.values.transcript import straight


def _whole(*phrases: str) -> re.Pattern[str]:
    """Matches any of the phrases, with optional words before and after that add no meaning."""
    leads = r"(?:(?:um+|uh+|er+|hmm+|well|so|okay|ok|oh|yes|yeah|no|sorry|honestly|actually|i'm afraid)[\s,.]+)*"
    tails = r"(?:[\s,.]+(?:please|thanks|thank you|sorry|honestly|really|at all|to be honest|i'm afraid))*"
    return re.compile(rf"^\W*{leads}(?:{'|'.join(phrases)}){tails}\W*$", re.IGNORECASE)


_IT = r"(?: (?:about )?(?:it|this|that)(?: one)?)?"
_WANTS = r"(?:(?:i'll|i will|i|i just) need |give me |i'd like |(?:can|could|may) i have |let me have |i want )?"
_NEEDS_TIME = _whole(
    _WANTS + r"(?:just )?(?:a |an? extra |some |one )?(?:(?:little |bit )?more time|moment|minute|second|bit longer)"
    r"(?: to think)?" + _IT,
    rf"(?:i'm |i am )?(?:still )?thinking{_IT}",
    rf"let me think{_IT}(?: for a (?:moment|minute|second))?",
    r"hold on(?: a (?:moment|minute|second))?",
    r"wait(?: a (?:moment|minute|second))?",
)
_DOES_NOT_KNOW = _whole(
    rf"i (?:really |just |honestly )?(?:don't|do not) know(?: the answer)?{_IT}",
    r"(?:i(?:'ve| have) (?:got )?)?no (?:idea|clue)",
    r"dunno",
    rf"i(?:'m| am) not (?:really )?sure{_IT}",
    rf"i (?:can't|cannot) (?:answer|think of anything){_IT}",
)
_YES = _whole(
    r"(?:yes|yeah|yep|yup|sure|okay|ok|please|of course|go ahead)"
    r"(?:[\s,.]+(?:a hint|go ahead|i would|i'd like (?:one|that)))?",
    r"that would (?:help|be (?:nice|great|good))",
    r"i(?:'d| would) (?:like|love) (?:one|that)",
)
_NO = _whole(r"no", r"nope", r"nah", r"not really", r"i don't think so")


def needs_time(text: str) -> bool:
    """Whether the whole utterance asks for time to think."""
    return _NEEDS_TIME.match(straight(text)) is not None


def does_not_know(text: str) -> bool:
    """Whether the whole utterance only says that the candidate does not know."""
    return _DOES_NOT_KNOW.match(straight(text)) is not None


def agrees(text: str) -> bool:
    """Whether the whole utterance means yes."""
    return _YES.match(straight(text)) is not None


def declines(text: str) -> bool:
    """Whether the whole utterance means no."""
    return _NO.match(straight(text)) is not None
