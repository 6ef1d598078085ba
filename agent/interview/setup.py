"""What an interview needs from the world, how it is held, and the steps that it yields."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from agent.interview.barge_in import BargeInMicrophone
from agent.interview.endpointer import AudioLevel, PartialTranscript
from agent.logic.grading.overall import SignalRating
from agent.logic.ports import (
    Grader,
    IntentClassifier,
    Microphone,
    Speaker,
    SpeechDetector,
    Transcriber,
    TurnDetector,
    Voice,
)
from agent.logic.speech.endpointing import EndpointingPolicy
from agent.values.audio import Clip
from agent.values.base import Value
from agent.values.rubric import Question
from agent.values.session import Turn


class Style(Value):
    """How the interview is held."""

    probes: int = 1
    """Follow-up questions after an answer that left something out."""
    live: bool = True
    """A person is there: what is said is transcribed as it comes, and after the feedback more may be asked for."""
    grade_ahead: bool = True
    """Grade in every long pause, so that the rating is there when the answer ends. Not for graders that cost money."""

    @classmethod
    def plain(cls) -> Style:
        """One answer a question and nothing else: for recordings."""
        return cls(probes=0, live=False, grade_ahead=False)


@dataclass(frozen=True)
class InterviewSetup:
    """Everything that the interview needs from the world."""

    voice: Voice
    speaker: Speaker
    microphone: Microphone
    detector: SpeechDetector
    transcriber: Transcriber
    grader: Grader
    policy: EndpointingPolicy
    manner: Style = field(default_factory=Style.plain)
    turns: TurnDetector | None = None
    """Without it every silence is doubtful, and the agent waits longer."""
    intents: IntentClassifier | None = None
    """Without it there are no spoken commands and no clarifying questions."""
    barge_in: BargeInMicrophone | None = None
    """The microphone as it is heard while the agent speaks; only with headphones."""


@dataclass(frozen=True)
class QuestionAsked:
    """A question begins."""

    number: int
    """From 1."""
    of: int
    question: Question
    attempt: int = 1


@dataclass(frozen=True)
class AgentSpoke:
    """The agent is about to say this; it is audible when the next step is pulled."""

    text: str


@dataclass(frozen=True)
class ListeningStarted:
    """The agent listens from now on."""


@dataclass(frozen=True)
class ListeningEnded:
    """The answer has ended and is being transcribed and graded."""

    seconds: float
    """Length of the answer's sound."""


@dataclass(frozen=True)
class AnswerDrafted:
    """What the candidate said, graded as far as it goes; a follow-up may add to it before it is `Answered`."""

    turn: Turn
    clip: Clip


@dataclass(frozen=True)
class AnswerContinued:
    """The answer goes on after all, over its rating or after silence: what comes belongs to it and is rated with it."""

    indeed: bool = True
    """False afterwards, when nothing was added."""


@dataclass(frozen=True)
class PauseChanged:
    """The candidate asked for a pause, in which nothing is kept of what is heard, or it is over."""

    begins: bool


@dataclass(frozen=True)
class RequestRecognized:
    """A command or a question to the interviewer was recognised."""

    what: str


@dataclass(frozen=True)
class ProblemReported:
    """Something went wrong and is being mended; in plain words."""

    text: str


@dataclass(frozen=True)
class AnswerCompleted:
    """One complete turn, with the answer's sound for whoever keeps it."""

    turn: Turn
    clip: Clip


@dataclass(frozen=True)
class InterviewConcluded:
    """The interview has come to its end; the ratings are said next."""

    ratings: tuple[SignalRating, ...]


Event = (
    QuestionAsked
    | AgentSpoke
    | ListeningStarted
    | AudioLevel
    | PartialTranscript
    | ListeningEnded
    | AnswerDrafted
    | AnswerContinued
    | PauseChanged
    | RequestRecognized
    | ProblemReported
    | AnswerCompleted
    | InterviewConcluded
)
Choose = Callable[[list[Turn]], Question | None]
"""The next question after these turns, one a question; None when the interview is over."""
