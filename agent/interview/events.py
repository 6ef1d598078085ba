"""What happens in an interview, as one stream of frozen events for a screen, a page, a log and tests.

Every event has a `kind`, contains no audio and can be written as JSON. `Interview.answer_audio` has the audio of the
running answer.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from agent.logic.grading.overall import SignalRating
from agent.logic.grading.work_on import WorkItem
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
    reminder: str = ""
    """What was weak the last time that it was asked, as spoken; empty if there is nothing to say."""
    why: str = ""
    """Why this candidate is asked the question, with the words of their CV; empty without a profile."""


class AttemptStarted(Value):
    """The candidate answers the same question again, from the start."""

    kind: Literal["attempt_started"] = "attempt_started"
    question_id: str
    attempt: int


class AgentSpeaks(Value):
    """The agent is about to say this; it becomes audible when the next event is pulled."""

    kind: Literal["agent_speaks"] = "agent_speaks"
    text: str


class ListeningStarted(Value):
    """The agent starts listening."""

    kind: Literal["listening_started"] = "listening_started"
    continues: bool = False
    """Whether the candidate continues an utterance that seemed finished."""


class AudioLevel(Value):
    """The state of listening, a few times per second."""

    kind: Literal["audio_level"] = "audio_level"
    seconds: float
    """Seconds since listening began."""
    peak: float
    """Largest magnitude since the last event, 0 to 1."""
    speaking: bool


class PartialTranscript(Value):
    """More words of the running answer are known."""

    kind: Literal["partial_transcript"] = "partial_transcript"
    transcript: Transcript
    """The whole answer so far; empty if the words do not belong to an answer."""
    running: str
    """The words since listening began."""


class ListeningEnded(Value):
    """The candidate has finished; the answer is being transcribed and graded."""

    kind: Literal["listening_ended"] = "listening_ended"
    seconds: float
    """Seconds of audio."""


class AnswerTranscribed(Value):
    """All words of the answer so far are known; it is not graded yet."""

    kind: Literal["answer_transcribed"] = "answer_transcribed"
    transcript: Transcript


class AnswerDrafted(Value):
    """The answer so far is graded; a follow-up may still add to it."""

    kind: Literal["answer_drafted"] = "answer_drafted"
    turn: Turn


class AnswerCompleted(Value):
    """One complete turn."""

    kind: Literal["answer_completed"] = "answer_completed"
    turn: Turn


class AnswerContinued(Value):
    """The candidate continues an answer that seemed complete: what follows is part of it and is graded with it."""

    kind: Literal["answer_continued"] = "answer_continued"


class NothingAdded(Value):
    """The candidate added nothing after AnswerContinued."""

    kind: Literal["nothing_added"] = "nothing_added"


class PauseStarted(Value):
    """The candidate asked for a pause; until it ends, nothing is recorded."""

    kind: Literal["pause_started"] = "pause_started"


class PauseEnded(Value):
    """The pause has ended."""

    kind: Literal["pause_ended"] = "pause_ended"


class RequestRecognized(Value):
    """The agent recognized a command or a question to the interviewer."""

    kind: Literal["request_recognized"] = "request_recognized"
    what: str


class ProblemReported(Value):
    """Something went wrong, described in plain words; the interview continues."""

    kind: Literal["problem_reported"] = "problem_reported"
    text: str


class InterviewConcluded(Value):
    """The interview is over; the ratings are spoken next."""

    kind: Literal["interview_concluded"] = "interview_concluded"
    ratings: tuple[SignalRating, ...]
    work_on: tuple[WorkItem, ...] = ()
    """What to work on, the most valuable first; at most three."""


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
    """The event from the output of `event.model_dump_json()`. Raises pydantic's ValidationError."""
    event: Event = TypeAdapter(Event).validate_json(text)
    return event
