"""What an interview needs from the world, how it is held, and the steps that it yields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from agent.interview.listening import Level, Partial
from agent.interview.overhearing import Overhearing
from agent.steps.end_of_answer import Patience
from agent.steps.overall import SignalRating
from agent.steps.ports import (
    Grader,
    Microphone,
    Speaker,
    SpeechDetector,
    Transcriber,
    TurnDetector,
    Understanding,
    Voice,
)
from agent.values.audio import Clip
from agent.values.base import Value
from agent.values.rubric import Question
from agent.values.session import Turn


class Manner(Value):
    """How the interview is held."""

    probes: int = 1
    """Follow-up questions after an answer that left something out."""
    live: bool = True
    """A person is there: what is said is transcribed as it comes, and after the feedback more may be asked for."""
    grade_ahead: bool = True
    """Grade in every long pause, so that the rating is there when the answer ends. Not for graders that cost money."""

    @classmethod
    def plain(cls) -> Manner:
        """One answer a question and nothing else: for recordings."""
        return cls(probes=0, live=False, grade_ahead=False)


@dataclass(frozen=True)
class Room:
    """Everything that the interview needs from the world."""

    voice: Voice
    speaker: Speaker
    microphone: Microphone
    detector: SpeechDetector
    transcriber: Transcriber
    grader: Grader
    patience: Patience
    manner: Manner = field(default_factory=Manner.plain)
    turns: TurnDetector | None = None
    """Without it every silence is doubtful, and the agent waits longer."""
    understanding: Understanding | None = None
    """Without it there are no spoken commands and no clarifying questions."""
    overhearing: Overhearing | None = None
    """The microphone as it is heard while the agent speaks; only with headphones."""


@dataclass(frozen=True)
class Asked:
    """A question begins."""

    number: int
    """From 1."""
    of: int
    question: Question
    attempt: int = 1


@dataclass(frozen=True)
class Said:
    """The agent is about to say this; it is audible when the next step is pulled."""

    text: str


@dataclass(frozen=True)
class Listens:
    """The agent listens from now on."""


@dataclass(frozen=True)
class Thinks:
    """The answer has ended and is being transcribed and graded."""

    seconds: float
    """Length of the answer's sound."""


@dataclass(frozen=True)
class Heard:
    """What the candidate said, graded as far as it goes; a follow-up may add to it before it is `Answered`."""

    turn: Turn
    clip: Clip


@dataclass(frozen=True)
class GoesOn:
    """The answer goes on after all, over its rating or after silence: what comes belongs to it and is rated with it."""

    indeed: bool = True
    """False afterwards, when nothing was added."""


@dataclass(frozen=True)
class Pauses:
    """The candidate asked for a pause, in which nothing is kept of what is heard, or it is over."""

    begins: bool


@dataclass(frozen=True)
class Understood:
    """A command or a question to the interviewer was recognised."""

    what: str


@dataclass(frozen=True)
class Trouble:
    """Something went wrong and is being mended; in plain words."""

    text: str


@dataclass(frozen=True)
class Answered:
    """One complete turn, with the answer's sound for whoever keeps it."""

    turn: Turn
    clip: Clip


@dataclass(frozen=True)
class Concluded:
    """The interview has come to its end; the ratings are said next."""

    ratings: tuple[SignalRating, ...]


Step = (
    Asked
    | Said
    | Listens
    | Level
    | Partial
    | Thinks
    | Heard
    | GoesOn
    | Pauses
    | Understood
    | Trouble
    | Answered
    | Concluded
)
Choose = Callable[[list[Turn]], Question | None]
"""The next question after these turns, one a question; None when the interview is over."""
