"""What a report says, as frozen values; independent of how they are computed and shown."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from agent.logic.grading.work_on import WorkItem
from agent.logic.profile.table import ClaimRow
from agent.logic.reporting.notes import InterviewNotes
from agent.values.base import Value
from agent.values.grade import Grade
from agent.values.rubric import Question, Rating
from agent.values.session import SavedTurn, Session

MarkKind = Literal["point", "extra", "misconception"]


class Mark(Value):
    """Words of a transcript and what they are evidence of."""

    kind: MarkKind
    label: str
    """Title of the point or misconception."""
    says: str
    """What the words convey, as a plain statement."""
    truth: str | None = None
    """The correct statement, for a misconception."""
    quote: str
    first_word: int | None
    """Index into the transcript's words; None if the words are not in it, such as those of a clarifying question."""
    last_word: int | None
    """Index into the transcript's words, inclusive."""
    start_s: float | None
    """Seconds into the audio; None for typed text."""
    end_s: float | None


class MarkedText(Value):
    """Neighboring words of a transcript that carry the same marks."""

    text: str
    marks: tuple[int, ...] = ()
    """Positions of the marks that cover it."""
    ending: tuple[int, ...] = ()
    """Positions of the marks that end with it."""


class MissingPoint(Value):
    """A point that the answer did not make."""

    label: str
    says: str
    """Empty if the label already says it."""
    why: str
    needed: bool
    """Whether it would count toward the next level."""


class ScaleStep(Value):
    """One of the four ratings, as the question names it."""

    name: str
    text: str
    """What it means for this question; empty if the question no longer exists."""
    reached: bool
    """Whether this is the answer's rating."""


class ReferenceAnswer(Value):
    """A whole answer of one level."""

    level: str
    text: str


class LongPause(Value):
    """The longest silence between two words of an answer."""

    start_s: float
    end_s: float


class ReportedAnswer(Value):
    """One attempt at a question."""

    saved: SavedTurn
    anchor: str
    """Unique in the report."""
    heading: str
    """Which attempt it is, such as "Try 2"."""
    question_exists: bool
    """Whether the question still exists, so that the report can say what is missing."""
    scale: tuple[ScaleStep, ...]
    marks: tuple[Mark, ...]
    """In the order in which they were said; those that are not in the transcript come last."""
    words: tuple[MarkedText, ...]
    """The transcript, cut wherever a mark begins or ends."""
    best: str | None
    """The best thing said."""
    gaps: tuple[str, ...]
    """What the next level needs and the answer lacks, in words."""
    missing: tuple[MissingPoint, ...]
    """Needed ones come first."""
    hints_given: tuple[str, ...]
    """Hints that were given during the answer."""
    capped: str | None
    """What limits the rating, in words."""
    longest_pause: LongPause | None
    against: str | None = None
    """What to say of a very weak answer in a field that the CV claims."""

    @property
    def grade(self) -> Grade:
        """The grade."""
        return self.saved.turn.grade


class EarlierAnswer(Value):
    """The first attempt at the same question in an earlier session."""

    at: datetime
    rating: str
    anchor: str | None
    """None when that session is not in the report."""


class Comparison(Value):
    """The answer of the session before beside the first try of this one."""

    at: datetime
    """When the earlier one was given."""
    then: ReportedAnswer
    now: ReportedAnswer
    gained: tuple[str, ...]
    """Titles of the points that are new."""
    lost: tuple[str, ...]
    """Titles of the points that were made then, and not now."""


class ReportedQuestion(Value):
    """One question of a session with its answers."""

    question_id: str
    question: Question | None
    """None if the rubrics no longer contain it."""
    signal: str
    answers: tuple[ReportedAnswer, ...]
    change: str
    """How the rating changed from the first attempt to the last; empty for a single attempt."""
    earlier: tuple[EarlierAnswer, ...]
    comparison: Comparison | None
    """None when the question was not answered in an earlier session."""
    references: tuple[ReferenceAnswer, ...]
    """One level up, and very strong."""


class ReportedSession(Value):
    """One session of the report."""

    number: int
    """From 1, among all saved sessions."""
    anchor: str
    session: Session
    questions: tuple[ReportedQuestion, ...]
    work_on: tuple[WorkItem, ...]
    """At most three things, the most valuable first."""
    notes: InterviewNotes | None = None
    """The debrief of a whole interview that was finished; None for practice."""
    claims: tuple[ClaimRow, ...] = ()
    """What the CV claims and the job asks for beside the answers; empty without a profile."""


class RatedAnswer(Value):
    """One graded first attempt, for a chart."""

    session: int
    """Number of its session, from 1."""
    rating: Rating
    confidence: float
    """0 to 1."""


class SignalStanding(Value):
    """The ratings of one signal in the sessions of the report."""

    signal: str
    rating: Rating
    meaning: str
    answers: tuple[RatedAnswer, ...]


class SignalProgress(Value):
    """The ratings of one signal from session to session."""

    signal: str
    answers: tuple[RatedAnswer, ...]
    course: tuple[tuple[int, Rating], ...]
    """For each session with graded answers its number and rating."""
    is_trend: bool
    """Whether there are enough sessions for a trend."""
    text: str


class DeliveryFigure(Value):
    """One figure of delivery over sessions, or over answers if there are too few sessions."""

    name: str
    unit: str
    values: tuple[tuple[int, float], ...]
    """Number of the session, or of the answer, and the figure."""
    by: Literal["session", "answer"]
    text: str


class Report(Value):
    """All that the page shows."""

    sessions: tuple[ReportedSession, ...]
    """The latest first."""
    dates: tuple[datetime, ...]
    """Starts of all saved sessions, the oldest first."""
    standings: tuple[SignalStanding, ...]
    progress: tuple[SignalProgress, ...]
    delivery: tuple[DeliveryFigure, ...]
    ungraded: int
    """Answers of the report without a rating."""
