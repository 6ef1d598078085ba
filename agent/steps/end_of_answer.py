"""When an answer has ended. Time is counted in frames, never by the clock, so that a test takes milliseconds.

An interview is thinking aloud: pauses are long, and cutting a candidate off is the worst fault a voice agent has.
"""

from __future__ import annotations

import math

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

    @classmethod
    def endless(cls) -> Patience:
        """For recordings, which end where they end."""
        never = math.inf
        return cls(end_silence_s=never, early_silence_s=never, no_answer_s=never, longest_s=never)


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


def finished(state: Listening, patience: Patience) -> bool:
    """Whether the answer has ended."""
    if state.elapsed_s >= patience.longest_s:
        return True
    if state.speech_s < 0.2:
        return state.silence_s >= patience.no_answer_s
    early = state.speech_s < patience.early_speech_s
    # An impatient setting holds for short answers too: it is what the user asked for.
    wait = (
        max(patience.end_silence_s, patience.early_silence_s)
        if early and patience.end_silence_s >= 2.5
        else patience.end_silence_s
    )
    return state.silence_s >= wait
