"""What the interview needs from the outside world, as Protocols; adapters implement them.

All are synchronous. Their errors are those of agent/values/errors.py, translated by the adapter.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Protocol

from agent.values.audio import Clip
from agent.values.dialogue import Intent, Moment
from agent.values.grade import Verdict
from agent.values.rubric import Clarification, Question
from agent.values.transcript import Transcript


class Voice(Protocol):
    """Turns text into audio; plays nothing."""

    @property
    def name(self) -> str:
        """Engine and voice, as shown to the user."""
        ...

    def warm(self) -> None:
        """Loads what is needed, so that the first sentence starts at once. Raises VoiceError."""
        ...

    def synthesize(self, text: str, speed: float = 1.0) -> Clip:
        """Speech for text that is already in spoken form, `speed` times as fast as usual. Raises VoiceError."""
        ...


class Speaker(Protocol):
    """Plays audio, or writes it to a file."""

    def play(self, clip: Clip, until: Callable[[], bool] | None = None) -> bool:
        """True when the whole clip was played or written; False when `until`, which is polled often, returned True
        first. Raises DeviceError.
        """
        ...


class Microphone(Protocol):
    """Where answers come from: a device or a recording."""

    def frames(self) -> Generator[Clip, None, None]:
        """Blocks of mono audio as they arrive, 16 kHz, until the source ends or the generator is closed.

        A source that is always open hears from this call on; another is opened for the first block.
        Closing it releases the device. Raises DeviceError.
        """
        ...


class BargeIn(Protocol):
    """A microphone that listens while the agent speaks, so that the candidate can interrupt it."""

    def begin(self) -> None:
        """Call it when the agent is about to speak."""
        ...

    def interrupted(self) -> bool:
        """Whether the candidate has begun to speak since begin(); polled often, never blocks."""
        ...

    def frames(self) -> Generator[Clip, None, None]:
        """The audio just before, then frames as a Microphone yields them. Raises
        DeviceError; the next call reopens the device.
        """
        ...

    def close(self) -> None:
        """Releases the device."""
        ...


class Clock(Protocol):
    """Time as a port, so that tests need not wait for it."""

    def now(self) -> float:
        """Seconds since a fixed moment; never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Returns after that time."""
        ...


class SpeechDetector(Protocol):
    """Tells speech from other sounds, frame by frame."""

    def reset(self) -> None:
        """Resets the detector for a new answer."""
        ...

    def probability(self, frame: Clip) -> float:
        """Probability, 0 to 1, that the frame (about 32 ms, 16 kHz) holds speech."""
        ...


class TurnDetector(Protocol):
    """Decides from the sound of a voice whether the person has finished."""

    def warm(self) -> None:
        """Loads what is needed, so that the first pause is judged at once. Raises ModelError."""
        ...

    def finished(self, clip: Clip) -> float:
        """Probability, 0 to 1, that the speaker has finished at the end of a 16 kHz clip. Raises ModelError."""
        ...


class IntentClassifier(Protocol):
    """Recognizes what the candidate wants from the agent when they are not answering."""

    def warm(self) -> None:
        """Loads what is needed, so that the first command is recognized at once. Raises ModelError."""
        ...

    def command(self, text: str, moment: Moment = Moment.ANSWERING) -> Intent | None:
        """The command that the whole utterance is when it is said at that moment, or None."""
        ...

    def is_question(self, text: str) -> bool:
        """Whether the whole utterance, said while answering, is a question to the interviewer."""
        ...

    def asks(self, question: Question, text: str) -> Clarification | None:
        """The clarification of the question that the utterance asks for, or None."""
        ...


class Transcriber(Protocol):
    """Turns the audio of an answer into words."""

    def warm(self) -> None:
        """Loads what is needed, so that the first answer is transcribed at once. Raises ModelError."""
        ...

    def transcribe(self, clip: Clip, glossary: Sequence[str] = ()) -> Transcript:
        """Words with times and probabilities; no words for silence. Raises ModelError.

        The glossary's terms are expected, and transcribed only where the audio supports them.
        """
        ...


class FollowUp(Protocol):
    """Words a follow-up question so that it refers to what was said."""

    def word(self, question: Question, transcript: Transcript, nudge: str) -> str:
        """Returns a question that leads to the same point as `nudge`, or `nudge` itself if there is no better one.

        Raises nothing.
        """
        ...


class Grader(Protocol):
    """Makes claims about an answer; never rates it.

    Answers that cannot be graded never reach it: see agent/logic/grading/grading.py.
    """

    def prepare(self, question: Question) -> None:
        """Does the work that does not need the answer ahead of time. Raises ModelError."""
        ...

    def claim(self, question: Question, transcript: Transcript) -> Verdict:
        """Which points and misconceptions the answer contains, with quotes. Raises ModelError or EndpointError."""
        ...
