"""When an answer has ended. Time is counted in frames, never by the clock, so that a test takes milliseconds.

An interview is thinking aloud: pauses are long, and cutting a candidate off is the worst fault a voice agent has.
"""

from __future__ import annotations

import math
import re

from agent.values.base import Value


class Patience(Value):
    """How long the agent waits, in seconds."""

    end_silence_s: float = 2.5
    """Silence that ends an answer."""
    early_silence_s: float = 4.0
    """Silence that ends an answer of less than `early_speech_s`: the candidate has hardly begun."""
    early_speech_s: float = 6.0
    no_answer_s: float = 20.0
    """Silence at the very start after which no answer is expected."""
    longest_s: float = 600.0
    """An answer is never longer; what was said until then is graded."""
    unfinished_factor: float = 1.6
    """How many times longer the silence must be after words that call for more, such as "because"."""
    closing_silence_s: float = 0.6
    """Silence that ends an answer whose last words were "that's my answer"."""

    @classmethod
    def endless(cls) -> Patience:
        """For recordings, which end where they end."""
        never = math.inf
        return cls(
            end_silence_s=never, early_silence_s=never, no_answer_s=never, longest_s=never, closing_silence_s=never
        )


class Listening(Value):
    """What was heard so far, in seconds."""

    elapsed_s: float = 0.0
    speech_s: float = 0.0
    silence_s: float = 0.0
    """Since the last speech, or since the start."""


SPEECH = 0.5
"""Probability from which a frame counts as speech."""


def step(state: Listening, probability: float, seconds: float) -> Listening:
    """The state after one more frame of that length and probability of speech."""
    speaks = probability >= SPEECH
    return Listening(
        elapsed_s=state.elapsed_s + seconds,
        speech_s=state.speech_s + (seconds if speaks else 0.0),
        silence_s=0.0 if speaks else state.silence_s + seconds,
    )


def finished(state: Listening, patience: Patience, tail: str = "") -> bool:
    """Whether the answer has ended; `tail` is its last words so far, where they are known already."""
    if state.elapsed_s >= patience.longest_s:
        return True
    if state.speech_s < 0.2:
        return state.silence_s >= patience.no_answer_s
    return state.silence_s >= _wait(state, patience, tail)


_OPEN = re.compile(r"\b(?:and|but|or|so|because|if|when|which|then|the|a|an|of|to|with|for)(?:,|-|\.\.\.|…)*\s*$", re.I)
_HESITATES = re.compile(r"\b(?:um+|uh+|uhm|er|erm|hmm)\W*$", re.I)
_CLOSES = re.compile(
    r"(?:^|[.,;!?]\s*|\b(?:and|so|okay|ok|yeah)\s+)"
    r"(?:that['\u2019]?s|that is|that was) (?:the end of )?my (?:final )?answer\W*$",
    re.I,
)
"""Only where a clause begins: "I am not sure that's my answer" goes on."""


def _wait(state: Listening, patience: Patience, tail: str) -> float:
    """Seconds of silence that end the answer."""
    if _CLOSES.search(tail):
        return patience.closing_silence_s
    early = state.speech_s < patience.early_speech_s
    # An impatient setting holds for short answers too: it is what the user asked for.
    wait = (
        max(patience.end_silence_s, patience.early_silence_s)
        if early and patience.end_silence_s >= 2.5
        else patience.end_silence_s
    )
    return wait * (patience.unfinished_factor if _OPEN.search(tail) or _HESITATES.search(tail) else 1.0)
