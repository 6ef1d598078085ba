"""What candidates say when they are stuck: they need time, they do not know, yes and no.

The rules match whole utterances, since a longer one is an answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.values.transcript import straight


def _whole(*phrases: str) -> re.Pattern[str]:
    """Matches any of the phrases, with optional words before and after that add no meaning."""
    leads = r"(?:(?:um+|uh+|er+|hmm+|and|well|so|okay|ok|oh|yes|yeah|no|sorry|honestly|actually|i'm afraid)[\s,.]+)*"
    tails = r"(?:[\s,.]+(?:please|thanks|thank you|sorry|honestly|really|at all|to be honest|i'm afraid))*"
    # A recognizer writes a letter for the noise after the last word.
    stray = r"(?:[\s,.]+[b-hj-z])?"
    return re.compile(rf"^\W*{leads}(?:{'|'.join(phrases)}){tails}{stray}\W*$", re.IGNORECASE)


_IT = r"(?: (?:about )?(?:it|this|that)(?: one)?)?"
_WANTS = r"(?:(?:i'll|i will|i|i just) need |give me |i'd like |(?:can|could|may) i have |let me have |i want )?"
_NEEDS_TIME = _whole(
    _WANTS + r"(?:just )?(?:a |an? extra |some |one )?(?:(?:little |bit )?more time|moment|minute|second|bit longer)"
    r"(?: to think)?" + _IT,
    rf"(?:i'm |i am )?(?:still )?thinking{_IT}",
    rf"let me think{_IT}(?: for a (?:moment|minute|second))?",
    r"(?:hold on|hang on|bear with me)(?: (?:for )?(?:a|one|just a) (?:moment|minute|second|sec))?",
    r"wait(?: (?:a|one|just a) (?:moment|minute|second|sec))?",
    r"(?:just )?(?:a|one) (?:sec|second|moment|minute)",
)
_DOES_NOT_KNOW = _whole(
    rf"i (?:(?:really|just|honestly|still|also) )*(?:don't|do not) know(?: the answer)?{_IT}",
    r"(?:i(?:'ve| have) (?:got )?)?no (?:idea|clue)",
    r"dunno",
    rf"i(?:'m| am) (?:still )?not (?:really )?sure{_IT}",
    rf"i (?:can't|cannot) (?:answer|think of anything){_IT}",
)
_SMALL_TALK = _whole(
    r"(?:that(?:'s| is) )?(?:an? )?(?:very |really )?(?:good|great|nice|interesting|tough|tricky|hard|difficult)"
    r" (?:question|one)",
    r"let(?:'s| me) see",
    r"where was i",
    r"(?:can|do) you (?:still )?hear me(?: (?:okay|well|now))?",
    r"are you (?:still )?(?:there|listening)",
    r"(?:give|just give) me (?:a )?(?:second|sec|moment|minute)(?: to (?:think|gather my thoughts))?",
    r"(?:thank you|thanks|alright|all right|okay|ok|sure|right|got it|hmm+)",
)
_ACKNOWLEDGES = _whole(
    r"(?:hm+|mhm|uh-?huh|ah|oh|i see|got it|understood|right|okay|ok|alright|all right|sure|great|good|cool|nice|"
    r"interesting|thanks?|thank you|thanks a lot|thank you very much|good to know|makes sense|that makes sense|"
    r"that's (?:good|helpful|fair|nice)|fair enough)"
    r"(?:[\s,.]+(?:i see|got it|thanks|thank you|okay|ok|that makes sense|that's helpful|makes sense))*",
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


def to_the_interviewer(sentence: str) -> bool:
    """Whether a whole sentence within an answer is talk to the interviewer and no part of it."""
    return needs_time(sentence) or _SMALL_TALK.match(straight(sentence)) is not None


def talk_before(words: Sequence[str]) -> int:
    """How many words of a sentence come before what belongs to the answer: 3 in "let me think, I would ..."."""
    # A single word such as "second," leads on.
    ends = [at + 1 for at, word in enumerate(words[:-1]) if at > 0 and word.endswith(",")]
    return max((end for end in ends if to_the_interviewer(" ".join(words[:end]))), default=0)


def acknowledges(text: str) -> bool:
    """Whether the whole utterance says no more than that something was understood."""
    return _ACKNOWLEDGES.match(straight(text)) is not None


def does_not_know(text: str) -> bool:
    """Whether the whole utterance only says that the candidate does not know."""
    return _DOES_NOT_KNOW.match(straight(text)) is not None


def only_replies(text: str) -> bool:
    """Whether the whole utterance is a bare yes or no: a reply to something, and never a request of its own."""
    asks_for_more = re.search(r"\b(?:hint|go ahead)\b", text, re.IGNORECASE) is not None
    return declines(text) or (agrees(text) and not asks_for_more)


def agrees(text: str) -> bool:
    """Whether the whole utterance means yes."""
    return _YES.match(straight(text)) is not None


def declines(text: str) -> bool:
    """Whether the whole utterance means no."""
    return _NO.match(straight(text)) is not None
