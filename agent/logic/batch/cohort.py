"""What a cohort's answers show together: distributions, points nobody makes, unsure questions, agreement.

Counts row by row and stores only ratings, no answers. If a candidate has several answers to a question, the first
graded one counts, as on the candidate's own page; the others are further tries.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from agent.logic.batch.intervals import Interval, kappa_interval, share_interval
from agent.logic.grading.agreement import LEVELS, exact, quadratic_weighted_kappa, within_one
from agent.values.batch import FAILURES_SHOWN, BatchItem, BatchRow
from agent.values.grade import Grade
from agent.values.rubric import Question, Rating, in_words

FEWEST = 5
"""Minimum graded answers to a question before the page says that nobody makes a point, or that its ratings are unsure.
"""
UNSURE_SHARE = 0.2
"""Share of unsure ratings from which a question is listed as unsure."""


class Share(NamedTuple):
    """A share of answers, with its 95% interval for candidates like these."""

    value: float
    interval: Interval


class Distribution(NamedTuple):
    """The ratings of a question or a signal."""

    name: str
    title: str
    """What the question asks; empty for a signal."""
    graded: int
    ungraded: int
    failed: int
    levels: Mapping[Rating, Share]
    """Empty without graded answers."""
    strong: Share | None
    """At least strong."""
    unsure: float
    """Share of ratings that could as well be another level."""
    confidence: float
    """Mean confidence, 0 to 1."""


class UnmadePoint(NamedTuple):
    """A point that nobody made."""

    question_id: str
    title: str
    kind: str
    says: str
    graded: int
    """Number of answers that could have made the point."""
    at_most: float
    """Upper bound of the share of candidates like these who make the point."""


class Agreement(NamedTuple):
    """How well ratings agree with other ratings of the same answers."""

    name: str
    answers: int
    kappa: float | None
    """Quadratically weighted; None when nothing varies."""
    interval: Interval | None
    exact: float
    within_one: float


class Try(NamedTuple):
    """One answer of a candidate to a question."""

    rating: Rating | None
    """None when it is not graded."""
    counts: bool
    """Whether this try counts; the other tries are only shown."""


class CandidateSummary(NamedTuple):
    """One line of the list of candidates."""

    name: str
    answers: int
    tries: Mapping[str, Sequence[Try]]
    """By question, in the manifest's order."""
    unsure: int


class Cohort(NamedTuple):
    """Everything that a cohort's page shows."""

    answers: int
    graded: int
    ungraded: int
    failed: int
    failures: Sequence[tuple[str, int]]
    """Reasons for failures and missing ratings, with their counts, the most frequent first."""
    questions: Sequence[Distribution]
    signals: Sequence[Distribution]
    unmade: Sequence[UnmadePoint]
    agreements: Sequence[Agreement]
    candidates: Sequence[CandidateSummary]
    first_failed: Sequence[BatchRow] = ()
    """The first recordings that failed."""
    uncompared: Sequence[str] = ()
    """Names of other ratings that cover none of these answers."""
    further: int = 0
    """Number of graded answers that are further tries; the tables of ratings leave them out."""

    @property
    def tested(self) -> int:
        """Number of questions with enough graded answers for a statement about them."""
        return sum(item.graded >= FEWEST for item in self.questions)

    @property
    def unsure(self) -> list[Distribution]:
        """Questions whose ratings are unsure, the worst first."""
        some = [item for item in self.questions if item.graded >= FEWEST and item.unsure >= UNSURE_SHARE]
        return sorted(some, key=lambda item: -item.unsure)


class _Rated(NamedTuple):
    candidate: Hashable
    """The candidate, since answers of one candidate are alike; without a name, each answer stands for itself."""
    rank: int
    confidence: float
    unsure: bool


class CohortCount:
    """Takes rows one by one."""

    def __init__(self, questions: Mapping[str, Question]) -> None:
        self._questions = questions
        self._rated: dict[tuple[str, str], list[_Rated]] = {}
        """Rated answers by question and signal."""
        self._status: Counter[tuple[str, str]] = Counter()
        self._reasons: Counter[str] = Counter()
        self._made: dict[str, Counter[str]] = {}
        self._labels: list[tuple[int, int]] = []
        self._candidates: dict[str, tuple[dict[str, list[Rating | None]], Counter[str]]] = {}
        self._first_failed: list[BatchRow] = []
        self._further = 0
        self._signals: dict[str, str] = {}

    def add(self, row: BatchRow) -> None:
        """Counts one row."""
        item, turn = row.item, row.outcome.turn
        self._status[item.question_id, row.status] += 1
        if row.outcome.failure is not None:
            self._reasons[f"failed: {row.outcome.failure.stage}"] += 1
            if len(self._first_failed) < FAILURES_SHOWN:
                self._first_failed.append(row)
        grade = turn.grade if turn is not None else None
        first = self._is_first(item, grade)
        if grade is None:
            return
        self._signals[item.question_id] = grade.signal
        if grade.rating is None:
            self._reasons[f"not graded: {_first_sentence(grade.ungraded_reason or '')}"] += 1
            return
        self._further += not first
        if first:
            rated = _Rated(item.candidate or self._status.total(), grade.rating.rank, grade.confidence, grade.is_unsure)
            self._rated.setdefault((item.question_id, grade.signal), []).append(rated)
        self._made.setdefault(item.question_id, Counter()).update(point.id for point in grade.points if point.met)
        if item.label is not None:
            self._labels.append((item.label.rank, grade.rating.rank))

    def _is_first(self, item: BatchItem, grade: Grade | None) -> bool:
        """Notes an answer of a candidate; whether none to its question was graded before."""
        tries, counts = self._candidates.setdefault(item.candidate, ({}, Counter()))
        counts["answers"] += 1
        counts["unsure"] += grade is not None and grade.is_unsure
        if not item.candidate:
            return True
        mine = tries.setdefault(item.question_id, [])
        mine.append(grade.rating if grade is not None else None)
        return all(rating is None for rating in mine[:-1])

    def cohort(self, others: Sequence[tuple[str, Sequence[tuple[int, int]]]] = ()) -> Cohort:
        """Returns the result; `others` are further pairs of ratings to compare, by name."""
        labels = [("given labels", self._labels)] if self._labels else []
        status = Counter[str]()
        for (_, kind), count in self._status.items():
            status[kind] += count
        return Cohort(
            answers=status.total(),
            graded=status["graded"],
            ungraded=status["ungraded"],
            failed=status["failed"],
            failures=self._reasons.most_common(),
            questions=[self._question(name) for name in sorted({name for name, _ in self._status})],
            signals=[self._signal(name) for name in sorted({*self._signals.values()})],
            unmade=list(self._unmade()),
            agreements=[agreement(name, pairs) for name, pairs in (*labels, *others) if pairs],
            uncompared=[name for name, pairs in others if not pairs],
            candidates=[
                CandidateSummary(name, counts["answers"], _tries(tries), counts["unsure"])
                for name, (tries, counts) in sorted(self._candidates.items())
            ],
            first_failed=self._first_failed,
            further=self._further,
        )

    def _question(self, name: str) -> Distribution:
        known = self._questions.get(name)
        rated = [item for (question, _), found in self._rated.items() if question == name for item in found]
        return self._distribution(name, known.ask if known else "", rated, {name})

    def _signal(self, signal: str) -> Distribution:
        rated = [item for (_, its), found in self._rated.items() if its == signal for item in found]
        questions = {name for name, its in self._signals.items() if its == signal}
        return self._distribution(in_words(signal), "", rated, questions)

    def _distribution(self, name: str, title: str, rated: Sequence[_Rated], questions: set[str]) -> Distribution:
        ranks = np.array([item.rank for item in rated])
        who = [item.candidate for item in rated]
        counts = {kind: sum(self._status[question, kind] for question in questions) for kind in ("ungraded", "failed")}
        return Distribution(
            name=name,
            title=title,
            graded=len(rated),
            ungraded=counts["ungraded"],
            failed=counts["failed"],
            levels={level: _share(ranks == level.rank, who) for level in Rating} if rated else {},
            strong=_share(ranks >= Rating.STRONG.rank, who) if rated else None,
            unsure=float(np.mean([item.unsure for item in rated])) if rated else 0.0,
            confidence=float(np.mean([item.confidence for item in rated])) if rated else 0.0,
        )

    def _rated_of(self, name: str) -> int:
        """Number of answers to a question that count."""
        return sum(len(found) for (question, _), found in self._rated.items() if question == name)

    def _unmade(self) -> Iterable[UnmadePoint]:
        for name, made in sorted(self._made.items()):
            question, graded = self._questions.get(name), self._rated_of(name)
            if question is None or graded < FEWEST:
                continue
            for point in question.points:
                if not made[point.id]:
                    at_most = share_interval(np.zeros(graded, bool), range(graded)).high
                    title = point.title or in_words(point.id)
                    yield UnmadePoint(name, title, in_words(point.kind), point.says, graded, at_most)


def agreement(name: str, pairs: Sequence[tuple[int, int]]) -> Agreement:
    """Agreement of one or more pairs of ranks, the other rating first and ours second."""
    others, ours = zip(*pairs, strict=True)
    table = np.zeros((LEVELS, LEVELS))
    np.add.at(table, (others, ours), 1)
    return Agreement(
        name=name,
        answers=len(pairs),
        kappa=quadratic_weighted_kappa(others, ours),
        interval=kappa_interval(table),
        exact=exact(others, ours),
        within_one=within_one(others, ours),
    )


def _tries(ratings: Mapping[str, Sequence[Rating | None]]) -> dict[str, list[Try]]:
    counted = {name: next((at for at, one in enumerate(mine) if one is not None), 0) for name, mine in ratings.items()}
    return {name: [Try(one, at == counted[name]) for at, one in enumerate(mine)] for name, mine in ratings.items()}


def _share(holds: np.ndarray, who: Sequence[Hashable]) -> Share:
    return Share(float(np.mean(holds)), share_interval(holds, who))


def _first_sentence(text: str) -> str:
    """Returns the first sentence, without quotes from this particular answer."""
    return "".join(text.split(". ")[0].split("'")[::2]).strip(" .") or "no reason on record"
