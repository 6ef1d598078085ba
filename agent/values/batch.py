"""A cohort's recordings and what became of each."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from agent.values.base import Value
from agent.values.rubric import Rating
from agent.values.session import Turn
from agent.values.transcript import Transcript

Stage = Literal["read", "decode", "transcribe", "grade", "process"]
"""Where a recording failed: the store, its sound, Whisper, the grader, or the process that it was in."""
Status = Literal["graded", "ungraded", "failed"]
FAILURES_SHOWN = 10
"""Maximum number of failed recordings that are listed; all of them are in the rows."""


class BatchItem(Value):
    """One recording of a manifest."""

    line: int
    """Line in the manifest, from 1; for a folder, the place in the sorted list of its recordings."""
    recording: str
    """An absolute path, or a URL."""
    question_id: str
    candidate: str = ""
    hints_used: Annotated[int, Field(ge=0, le=3)] = 0
    label: Rating | None = None
    """Somebody else's rating of the answer, for comparison."""
    columns: dict[str, Any] = Field(default_factory=dict)
    """The manifest's other columns, passed through."""


class BatchTask(Value):
    """One recording on its way to a worker."""

    work: str
    """Id of the work: the same for the same recording graded in the same way."""
    item: BatchItem


class Failure(Value):
    """Why a recording has no grade."""

    stage: Stage
    reason: str
    """In plain words."""
    retry: bool
    """Whether another try may succeed."""


class TranscribedRecording(Value):
    """The words of a recording that is graded elsewhere."""

    transcript: Transcript
    notes: tuple[str, ...] = ()
    """What there is to say about the recording."""


class Outcome(Value):
    """What a worker made of a recording: a turn, a failure, or words that are yet to be graded.

    None of them if the grade is already saved under `key`.
    """

    key: str | None = None
    """Hash of everything that the turn was made from; None if the recording could not be read."""
    stamp: str = ""
    """Changes with the recording, and costs less than reading it; empty if the store has none."""
    turn: Turn | None = None
    failure: Failure | None = None
    transcribed: TranscribedRecording | None = None
    timings_s: dict[str, float] = Field(default_factory=dict)
    """Seconds by stage: read, transcribe, grade."""

    @property
    def on_record(self) -> bool:
        """Whether the grade is already saved."""
        return self.turn is None and self.failure is None and self.transcribed is None


class BatchRow(Value):
    """A recording of the manifest with what became of it: one row of the output."""

    item: BatchItem
    outcome: Outcome

    @property
    def status(self) -> Status:
        """Graded, ungraded with a reason (silence, another language), or failed."""
        if self.outcome.turn is None:
            return "failed"
        return "graded" if self.outcome.turn.grade.rating is not None else "ungraded"
