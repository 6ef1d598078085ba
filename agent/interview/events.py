"""What happens in an interview, as one stream of frozen events: for a screen, a page, a log and a test alike.

Every event has a `kind`, holds no sound and can be written as JSON. The sound of the running answer is had from
`Interview.answer_audio`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from agent.logic.grading.overall import SignalRating
from agent.values.base import Value
from agent.values.rubric import Question
from agent.values.session import Turn
from agent.values.transcript import Transcript


class QuestionAsked(Value):
    """A question begins."""

    kind: Literal["question_asked"] = "question_asked"
    number: int
    """From 1."""
    of: int
    question: Question
    attempt: int = 1
    why: str = ""
    """Why it is asked of this candidate, with the words of their CV; empty without a profile."""


class AttemptStarted(Value):
    """The candidate answers the same question again, from the start."""

    kind: Literal["attempt_started"] = "attempt_started"
    question_id: str
    attempt: int


class AgentSpeaks(Value):
    """The agent is about to say this; it is audible when the next event is pulled."""

    kind: Literal["agent_speaks"] = "agent_speaks"
    text: str


class ListeningStarted(Value):
    """The agent listens from now on."""

    kind: Literal["listening_started"] = "listening_started"
    continues: bool = False
    """The candidate goes on with the utterance that the agent took for finished."""


class AudioLevel(Value):
    """How listening goes, a few times a second."""

    kind: Literal["audio_level"] = "audio_level"
    seconds: float
    """Since listening began."""
    peak: float
    """Largest magnitude since the last report, 0 to 1."""
    speaking: bool


class PartialTranscript(Value):
    """More words of the running answer are known."""

    kind: Literal["partial_transcript"] = "partial_transcript"
    transcript: Transcript
    """The whole answer so far; empty where the words belong to no answer."""
    running: str
    """The words since the agent began to listen."""


class ListeningEnded(Value):
    """The candidate has finished, and what they said is being transcribed and graded."""

    kind: Literal["listening_ended"] = "listening_ended"
    seconds: float
    """Length of what was listened to."""


class AnswerTranscribed(Value):
    """All words of the answer so far are known; it has not been graded yet."""

    kind: Literal["answer_transcribed"] = "answer_transcribed"
    transcript: Transcript


class AnswerDrafted(Value):
    """The answer is graded as far as it goes; a follow-up may add to it before it is completed."""

    kind: Literal["answer_drafted"] = "answer_drafted"
    turn: Turn


class AnswerCompleted(Value):
    """One complete turn."""

    kind: Literal["answer_completed"] = "answer_completed"
    turn: Turn


class AnswerContinued(Value):
    """The candidate goes on with an answer that seemed complete: what follows is part of it and graded with it."""

    kind: Literal["answer_continued"] = "answer_continued"


class NothingAdded(Value):
    """After AnswerContinued nothing was said."""

    kind: Literal["nothing_added"] = "nothing_added"


class PauseStarted(Value):
    """The candidate asked for a pause; until it ends, nothing that is heard is kept."""

    kind: Literal["pause_started"] = "pause_started"


class PauseEnded(Value):
    """The pause is over."""

    kind: Literal["pause_ended"] = "pause_ended"


class RequestRecognized(Value):
    """A command or a question to the interviewer was understood."""

    kind: Literal["request_recognized"] = "request_recognized"
    what: str


class ProblemReported(Value):
    """Something went wrong and the interview goes on; in plain words."""

    kind: Literal["problem_reported"] = "problem_reported"
    text: str


class InterviewConcluded(Value):
    """The interview has come to its end; the ratings are spoken next."""

    kind: Literal["interview_concluded"] = "interview_concluded"
    ratings: tuple[SignalRating, ...]


Event = Annotated[
    QuestionAsked
    | AttemptStarted
    | AgentSpeaks
    | ListeningStarted
    | AudioLevel
    | PartialTranscript
    | ListeningEnded
    | AnswerTranscribed
    | AnswerDrafted
    | AnswerCompleted
    | AnswerContinued
    | NothingAdded
    | PauseStarted
    | PauseEnded
    | RequestRecognized
    | ProblemReported
    | InterviewConcluded,
    Field(discriminator="kind"),
]


def from_json(text: str | bytes) -> Event:
    """The event that `event.model_dump_json()` wrote. Raises pydantic's ValidationError."""
    event: Event = TypeAdapter(Event).validate_json(text)
    return event
