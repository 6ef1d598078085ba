"""What the interview needs from the world, as Protocols; adapters implement them.

All are synchronous. Errors are those of agent/values/errors.py, translated by the adapter.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Protocol

from agent.values.audio import Clip
from agent.values.dialogue import Intent
from agent.values.grade import Verdict
from agent.values.rubric import Clarification, Question
from agent.values.transcript import Transcript


class Voice(Protocol):
    """Turns text into sound; plays nothing."""

    @property
    def name(self) -> str:
        """What the user is told: engine and voice."""
        ...

    def warm(self) -> None:
        """Loads what is needed, so that the first sentence need not wait. Raises VoiceError."""
        ...

    def synthesize(self, text: str, pace: float = 1.0) -> Clip:
        """Speech for text already written as it is said, `pace` times as fast as usual. Raises VoiceError."""
        ...


class Speaker(Protocol):
    """Makes sound audible, or keeps it in a file."""

    def play(self, clip: Clip, until: Callable[[], bool] | None = None) -> bool:
        """True when the last sample was heard or written; False when `until`, asked often, became true before.

        Raises DeviceError.
        """
        ...


class Microphone(Protocol):
    """Where answers come from: a device or a recording."""

    def frames(self) -> Generator[Clip, None, None]:
        """Blocks of mono sound as they arrive, 16 kHz, until the source ends or the generator is closed.

        Closing it releases the device. Raises DeviceError.
        """
        ...


class BargeIn(Protocol):
    """A microphone that listens while the agent speaks, so that the candidate can interrupt it."""

    def begin(self) -> None:
        """The agent is about to speak."""
        ...

    def interrupted(self) -> bool:
        """Whether the candidate has begun to speak since begin(); asked often, never blocks."""
        ...

    def frames(self) -> Generator[Clip, None, None]:
        """The sound just before, then frames as a Microphone's. Raises DeviceError; the next call opens it anew."""
        ...

    def close(self) -> None:
        """Releases the device."""
        ...


class Clock(Protocol):
    """Time, so that tests need not wait for it."""

    def now(self) -> float:
        """Seconds since some fixed moment; never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Returns after that time."""
        ...


class SpeechDetector(Protocol):
    """Tells speech from other sound, frame by frame."""

    def reset(self) -> None:
        """Forgets what was heard: a new answer begins."""
        ...

    def probability(self, frame: Clip) -> float:
        """Probability, 0 to 1, that the frame (about 32 ms, 16 kHz) holds speech."""
        ...


class TurnDetector(Protocol):
    """Tells from the sound of a voice whether the speaker has finished."""

    def warm(self) -> None:
        """Loads what is needed, so that the first pause need not wait. Raises ModelError."""
        ...

    def finished(self, clip: Clip) -> float:
        """Probability, 0 to 1, at the end of a 16 kHz clip. Raises ModelError."""
        ...


class IntentClassifier(Protocol):
    """Tells what the candidate wants of the agent, when it is not to answer."""

    def warm(self) -> None:
        """Loads what is needed, so that the first command need not wait. Raises ModelError."""
        ...

    def command(self, text: str) -> Intent | None:
        """The command that the whole utterance is, or None."""
        ...

    def asks(self, question: Question, text: str) -> Clarification | None:
        """The clarification of the question that the utterance asks for, or None."""
        ...


class Transcriber(Protocol):
    """Turns an answer's sound into words."""

    def warm(self) -> None:
        """Loads what is needed, so that the first answer need not wait. Raises ModelError."""
        ...

    def transcribe(self, clip: Clip, glossary: Sequence[str] = ()) -> Transcript:
        """Words with times and probabilities; no words for silence. Raises ModelError.

        The glossary's terms are listened for, and written only where the sound bears them out.
        """
        ...


class FollowUp(Protocol):
    """Words a follow-up question so that it refers to what was said."""

    def word(self, question: Question, transcript: Transcript, nudge: str) -> str:
        """A question that leads to the same as `nudge`; `nudge` itself where nothing better is had. Raises nothing."""
        ...


class Grader(Protocol):
    """Makes claims about an answer; never rates it.

    Answers that cannot be graded at all never reach it: see agent/logic/grading/grading.py.
    """

    def prepare(self, question: Question) -> None:
        """Does ahead of time what does not need the answer. Raises ModelError."""
        ...

    def claim(self, question: Question, transcript: Transcript) -> Verdict:
        """Which points and misconceptions were heard, with quotes. Raises ModelError or EndpointError."""
        ...
