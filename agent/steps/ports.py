"""What the interview needs from the world, as Protocols; adapters implement them.

All are synchronous. Errors are those of agent/values/errors.py, translated by the adapter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from agent.values.audio import Clip
from agent.values.grade import Verdict
from agent.values.rubric import Question
from agent.values.transcript import Transcript


class Voice(Protocol):
    """Turns text into sound; plays nothing."""

    @property
    def name(self) -> str:
        """What the user is told: engine and voice."""
        ...

    def synthesize(self, text: str) -> Clip:
        """Speech for text already written as it is said. Raises VoiceError."""
        ...


class Speaker(Protocol):
    """Makes sound audible, or keeps it in a file."""

    def play(self, clip: Clip) -> None:
        """Returns when the last sample was heard or written. Raises DeviceError."""
        ...


class Microphone(Protocol):
    """Where answers come from: a device or a recording."""

    def frames(self) -> Iterator[Clip]:
        """Blocks of mono sound as they arrive, 16 kHz, until the consumer stops or the source ends.

        Raises DeviceError.
        """
        ...


class SpeechDetector(Protocol):
    """Tells speech from other sound, frame by frame."""

    def reset(self) -> None:
        """Forgets what was heard: a new answer begins."""
        ...

    def probability(self, frame: Clip) -> float:
        """Probability, 0 to 1, that the frame (about 32 ms, 16 kHz) holds speech."""
        ...


class Transcriber(Protocol):
    """Turns an answer's sound into words."""

    def transcribe(self, clip: Clip) -> Transcript:
        """Words with times and probabilities; no words for silence. Raises ModelError."""
        ...


class Grader(Protocol):
    """Makes claims about an answer; never rates it."""

    def claim(self, question: Question, transcript: Transcript) -> Verdict:
        """Which points and misconceptions were heard, with quotes. Raises ModelError or EndpointError."""
        ...
