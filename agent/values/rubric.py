"""Questions and what good answers to them contain; independent of any field, of files and of graders.

docs/rubric-format.md explains the ratings, the levels and their needs.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from agent.values.base import Value

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def _without_control_characters(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("holds a control character, such as an escape sequence; remove it")
    return text


Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_without_control_characters)
]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$")]


def in_words(name: str) -> str:
    """An id, such as that of a signal, in readable form."""
    return name.replace("_", " ").replace("-", " ")


class Rating(StrEnum):
    """The four levels, lowest first. They compare in this order; comparing one with anything else is a TypeError."""

    VERY_WEAK = "very_weak"
    WEAK = "weak"
    STRONG = "strong"
    VERY_STRONG = "very_strong"

    @property
    def rank(self) -> int:
        """0 (very weak) to 3 (very strong)."""
        return list(Rating).index(self)

    @property
    def above(self) -> Rating | None:
        """The next level up; None at the top."""
        return None if self is Rating.VERY_STRONG else list(Rating)[self.rank + 1]

    @property
    def spoken(self) -> str:
        """The name as a person says it."""
        return in_words(self.value)

    # By default a StrEnum compares alphabetically, with weak above very_strong.
    def __lt__(self, other: object) -> bool:
        return self.rank < _rank(other)

    def __le__(self, other: object) -> bool:
        return self.rank <= _rank(other)

    def __gt__(self, other: object) -> bool:
        return self.rank > _rank(other)

    def __ge__(self, other: object) -> bool:
        return self.rank >= _rank(other)


def _rank(other: object) -> int:
    if not isinstance(other, Rating):
        raise TypeError(f"a rating cannot be compared with {other!r}; make it a Rating first")
    return other.rank


class Seniority(StrEnum):
    """The level of candidate that a question is for."""

    JUNIOR = "junior"
    SENIOR = "senior"


class Weight(StrEnum):
    """How much an answer reveals: least for stereotypical questions, most for domain and in-house ones."""

    STEREOTYPICAL = "stereotypical"
    STANDARD = "standard"
    DOMAIN = "domain"

    @property
    def factor(self) -> int:
        """Weight of the question in an overall rating."""
        return {"stereotypical": 1, "standard": 2, "domain": 3}[self.value]


class Point(Value):
    """One thing that an answer may say; an answer makes a point or does not, with nothing in between."""

    id: Slug
    kind: Slug
    """Kind of point for needs to count: method, mechanism, clarify, metric, why, tradeoff, drift, ..."""
    title: Text | None = None
    """Two to five words for people, such as "drift of the inputs"; shown instead of the id."""
    says: Text
    """The point as a plain statement in one sentence: what an answer must convey to make it."""
    why: Text
    """Why an interviewer cares, in one sentence spoken to the candidate."""
    nudge: Text
    """A question that leads toward the point without giving it away."""
    exemplars: tuple[Text, ...] = Field(min_length=3)
    """Spoken ways of making the point, in varied words."""
    counter: tuple[Text, ...] = ()
    """Spoken phrases that come close but do not make the point: bare names, rejections, mix-ups."""
    implies: tuple[Slug, ...] = ()
    """Points that an answer makes as well if it makes this one: explaining how a method works also proposes it."""
    terms: tuple[tuple[Text, ...], ...] = ()
    """Groups of words: if at least one form of every group occurs close together, the point is likely made."""


class Need(Value):
    """A number of points that a level needs: of any kind, of some kinds, or out of named points."""

    kind: Slug | tuple[Slug, ...] | None = None
    points: tuple[Slug, ...] | None = None
    at_least: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.kind is not None and self.points is not None:
            raise ValueError("a need names 'kind' or 'points', not both; with neither, every point counts")
        return self

    @property
    def counts_every_kind(self) -> bool:
        """Whether any point counts, listed or not."""
        return self.kind is None and self.points is None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds counted; empty if the need names points, or counts every kind."""
        if self.kind is None:
            return ()
        return (self.kind,) if isinstance(self.kind, str) else self.kind


class Needs(Value):
    """What each level above very weak needs; all needs of a level must be met."""

    weak: tuple[Need, ...] = Field(min_length=1)
    strong: tuple[Need, ...] = Field(min_length=1)
    very_strong: tuple[Need, ...] = Field(min_length=1)

    def of(self, rating: Rating) -> tuple[Need, ...]:
        """The needs of one level; none for very weak."""
        return () if rating is Rating.VERY_WEAK else getattr(self, rating.value)


class Misconception(Value):
    """A wrong statement that caps the rating if it is said as fact."""

    id: Slug
    says: Text
    truth: Text
    """The correct statement, in one sentence spoken to the candidate."""
    exemplars: tuple[Text, ...] = Field(min_length=2)
    counter: tuple[Text, ...] = ()
    """Correct statements with similar wording."""
    cap: Literal[Rating.VERY_WEAK, Rating.WEAK, Rating.STRONG] = Rating.WEAK


class Clarification(Value):
    """A question that a candidate may ask the interviewer, and the fact that answers it."""

    asks: tuple[Text, ...] = Field(min_length=2)
    fact: Text
    point: Slug | None = None
    """The point that asking this makes, if any."""


class LevelTexts(Value):
    """One text for each level."""

    very_weak: Text
    weak: Text
    strong: Text
    very_strong: Text

    def of(self, rating: Rating) -> str:
        """The text of one level."""
        return str(getattr(self, rating.value))


class Term(Value):
    """A technical term, how a voice should pronounce it, and how recognizers mishear it."""

    term: Text
    spoken: Text | None = None
    misheard: tuple[Text, ...] = ()


class Question(Value):
    """One interview question with everything needed to ask it, grade its answers and coach the candidate."""

    id: Slug
    signal: Slug
    seniority: Seniority
    weight: Weight
    field: Text
    """The subject that the question belongs to: recommenders, fraud, speech, ..."""
    tags: tuple[Slug, ...] = ()
    minutes: float = Field(gt=0, le=30)
    scenario: Text
    ask: Text
    """The question as spoken."""
    rephrase: Text
    """The same question in other words, for a candidate who asks for it."""
    levels: LevelTexts
    level_names: dict[Rating, Text] = Field(default_factory=dict)
    """Aliases of levels for this question, such as weak: mixed."""
    points: tuple[Point, ...] = Field(min_length=3)
    needs: Needs
    misconceptions: tuple[Misconception, ...] = ()
    clarifications: tuple[Clarification, ...] = ()
    hints: tuple[Text, Text, Text]
    """The hints, in order: a nudge, the idea, the first half of an answer; whole sentences."""
    hint_caps: tuple[Rating, Rating, Rating] = (Rating.STRONG, Rating.STRONG, Rating.WEAK)
    """The highest rating that remains after one, two and three hints."""
    probes: tuple[Text, ...] = Field(min_length=1, max_length=2)
    answers: LevelTexts
    """A reference answer for each level in spoken style."""
    glossary: tuple[Term, ...] = ()

    def point(self, point_id: str) -> Point:
        """The point with that id. Raises KeyError if there is none."""
        return next((p for p in self.points if p.id == point_id), None) or _missing(point_id)

    def level_name(self, rating: Rating) -> str:
        """The level's spoken name, with the question's alias if it has one."""
        return self.level_names.get(rating, rating.spoken)


class Topic(Value):
    """One rubric file: questions that belong together."""

    topic: Text
    about: Text
    questions: tuple[Question, ...] = Field(min_length=1)


def _missing(point_id: str) -> Point:
    raise KeyError(point_id)
