"""Claims, evidence and grades; independent of how claims are made.

A grader makes claims. A claim becomes evidence only if its quote is found in the transcript. The rating is computed
from evidence by one pure function (agent/logic/grading/rating.py), the same for every grader.
"""

from __future__ import annotations

from typing import Literal

from agent.values.base import Value
from agent.values.provenance import ModelId, Provenance
from agent.values.rubric import Rating
from agent.values.transcript import Repair


class Claim(Value):
    """A grader's statement that part of the answer makes a point, contradicts one, or states a misconception."""

    target: str
    """Id of a point or misconception of the question; free text if `kind` is given."""
    quote: str
    """The candidate's own words, verbatim."""
    confidence: float = 1.0
    """0 to 1."""
    kind: str | None = None
    """Set only for a valid point that the question does not list: the kind that it counts as."""
    contradicts: bool = False
    """Whether the quote says the opposite of the point, or explains it wrongly."""


class Evidence(Value):
    """A claim whose quote is in the transcript."""

    target: str
    quote: str
    """The words as they are in the transcript."""
    first_word: int
    """Index into the transcript's words."""
    last_word: int
    """Index into the transcript's words, inclusive."""
    start_s: float | None
    """Seconds into the audio; None for typed text."""
    end_s: float | None
    confidence: float = 1.0
    kind: str | None = None
    """Kind of an unlisted point; None for a listed one."""
    contradicts: bool = False
    """Whether the words say the opposite of the point, or explain it wrongly."""


class Verdict(Value):
    """What any grader returns: claims, or the reason why there are none."""

    claims: tuple[Claim, ...] = ()
    ungraded_reason: str | None = None
    """Why the answer cannot be graded, in plain words; None if it can."""
    grader: str
    """Name of the grader that made the verdict, with its model."""
    notes: tuple[str, ...] = ()
    """What the user should know, such as the use of a fallback."""
    repaired: tuple[Repair, ...] = ()
    """Misheard terms that the grader read as terms of the glossary."""
    models: tuple[ModelId, ...] = ()
    """The grader's own weights; empty if they are behind an endpoint."""
    prompt_version: str | None = None
    """Version of the prompt for a language model; None if none was used."""


class PointResult(Value):
    """A point of the question and whether the answer makes it."""

    id: str
    met: bool
    quote: str | None = None
    start_s: float | None = None
    end_s: float | None = None


class Hint(Value):
    """Advice for an unmet need: what to think about and why it matters."""

    point_id: str
    nudge: str
    why: str

    @property
    def text(self) -> str:
        """The hint as it is spoken."""
        return f"{self.nudge} {self.why}"


UNSURE = 0.55
"""Confidence below which the candidate hears that the rating may be a different one."""


class Grade(Value):
    """The outcome of one answer."""

    question_id: str
    signal: str
    rating: Rating | None
    """None when ungraded."""
    ungraded_reason: str | None = None
    confidence: float
    """Probability, 0 to 1, that the rating is right; 0 when ungraded."""
    alternative: Rating | None = None
    """The next most likely rating; None if there is none, or if ungraded."""
    points: tuple[PointResult, ...] = ()
    extra: tuple[Evidence, ...] = ()
    """Valid points that the question does not list."""
    misconceptions: tuple[Evidence, ...] = ()
    contradicted: tuple[Evidence, ...] = ()
    """Points of which the candidate said the opposite; they do not lower the rating by themselves, but do not count."""
    hints: tuple[Hint, ...] = ()
    good: str | None = None
    """The best thing said, in the candidate's own words."""
    capped_by: Literal["misconception", "hints"] | None = None
    hints_used: int = 0
    grader: str
    notes: tuple[str, ...] = ()
    repaired: tuple[Repair, ...] = ()
    provenance: Provenance = Provenance()
    """What produced the grade."""

    @property
    def points_met(self) -> tuple[str, ...]:
        """Ids of the points that the answer makes."""
        return tuple(point.id for point in self.points if point.met)

    @property
    def is_unsure(self) -> bool:
        """Whether the rating could also be `alternative`."""
        return self.rating is not None and self.confidence < UNSURE
