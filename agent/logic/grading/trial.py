"""Tests whether a grader can be trusted, with reference answers whose ratings are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import NamedTuple

from agent.logic.grading.agreement import quadratic_weighted_kappa
from agent.logic.grading.evidence import find_quote
from agent.logic.grading.grading import grade
from agent.logic.ports import Clock, Grader
from agent.values.base import Value
from agent.values.errors import EndpointError
from agent.values.grade import Verdict
from agent.values.rubric import Question, Rating
from agent.values.transcript import Transcript

LEAST_QWK = 0.7
"""Agreement with the references below which a grader is refused."""
LEAST_REAL = 0.9
"""Minimum share of its quotes that must be in the answer."""
MOST_UNUSABLE = 0.15
"""Maximum share of answers without a usable reply."""
SLOW_S = 8.0
"""Median seconds per answer from which a grader is too slow for a conversation."""
QUESTIONS = 3
"""Questions of a trial, each of another signal, with four answers each."""


class TrialAnswer(NamedTuple):
    """One reference answer and what the grader made of it."""

    label: Rating
    rating: Rating | None
    """None when there was no usable reply."""
    quotes: int
    real: int
    """Number of quotes that are in the answer."""
    seconds: float


class Trial(Value):
    """The outcome."""

    answers: int
    unusable: int
    qwk: float | None
    """Quadratic weighted kappa with the references; None when all ratings or none are the same."""
    real: float
    """Share of quotes that are in the answers, 0 to 1."""
    median_s: float
    fault: str = ""
    """What was wrong with the last unusable reply."""

    @property
    def refused(self) -> str | None:
        """Why the grader is refused, in plain words; None if it is trusted."""
        if self.unusable > MOST_UNUSABLE * self.answers:
            return f"{self.unusable} of {self.answers} replies were unusable" + (
                f" ({self.fault})" if self.fault else ""
            )
        if self.real < LEAST_REAL:
            return f"only {self.real:.0%} of its quotes stand in the answers; at least {LEAST_REAL:.0%} must"
        if self.qwk is None or self.qwk < LEAST_QWK:
            found = "none" if self.qwk is None else f"{self.qwk:.2f}"
            return f"its ratings agree too little with the references (kappa {found}, at least {LEAST_QWK} is needed)"
        return None

    @property
    def is_slow(self) -> bool:
        """Whether the grader should grade after the session."""
        return self.median_s > SLOW_S

    @property
    def says(self) -> str:
        """The figures in one line."""
        kappa = "none" if self.qwk is None else f"{self.qwk:.2f}"
        return (
            f"kappa {kappa} with {self.answers} reference answers, {self.real:.0%} of quotes real, "
            f"{self.median_s:.1f} s an answer"
        )


def trial_questions(questions: Mapping[str, Question]) -> list[Question]:
    """Returns one question of each of the first signals, always the same ones."""
    chosen: dict[str, Question] = {}
    for question in sorted(questions.values(), key=lambda item: (-item.weight.factor, item.id)):
        chosen.setdefault(question.signal, question)
    return [chosen[signal] for signal in sorted(chosen)][:QUESTIONS]


def tried(grader: Grader, questions: Sequence[Question], clock: Clock) -> Trial:
    """Grades the reference answers, and stops once the grader cannot pass.

    Raises EndpointError if no request succeeds.
    """
    faults, answers, unusable = list[str](), list[TrialAnswer](), 0
    for answer in _answers(grader, questions, clock, faults):
        answers.append(answer)
        unusable += answer.rating is None
        if unusable > MOST_UNUSABLE * len(Rating) * len(questions):
            # A model that cannot do it takes longest for each answer.
            break
    rated = [(answer.label.rank, answer.rating.rank) for answer in answers if answer.rating is not None]
    quotes = sum(answer.quotes for answer in answers)
    return Trial(
        answers=len(answers),
        unusable=unusable,
        qwk=quadratic_weighted_kappa([label for label, _ in rated], [rating for _, rating in rated]),
        real=sum(answer.real for answer in answers) / quotes if quotes else 1.0,
        median_s=round(median(answer.seconds for answer in answers), 2) if answers else 0.0,
        fault=faults[-1][:160] if faults else "",
    )


def _answers(grader: Grader, questions: Sequence[Question], clock: Clock, faults: list[str]) -> Iterator[TrialAnswer]:
    for question in questions:
        for label in Rating:
            transcript, started = Transcript.from_text(question.answers.of(label)), clock.now()
            verdict = _verdict(grader, question, transcript)
            if verdict.ungraded_reason is not None:
                faults.append(verdict.ungraded_reason)
            real = sum(find_quote(claim.quote, transcript) is not None for claim in verdict.claims)
            rating = None if verdict.ungraded_reason is not None else grade(question, transcript, verdict).rating
            yield TrialAnswer(label, rating, len(verdict.claims), real, clock.now() - started)


def _verdict(grader: Grader, question: Question, transcript: Transcript) -> Verdict:
    try:
        return grader.claim(question, transcript)
    except EndpointError as error:
        if error.code in ("address", "key", "network"):
            raise
        return Verdict(ungraded_reason=str(error), grader="none")
