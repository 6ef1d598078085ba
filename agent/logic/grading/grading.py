"""From an answer to its grade: verdict, evidence, rating, confidence, what was good, and what comes next.

Does not depend on which grader makes the claims. Whether an answer can be graded at all is decided here, for every
grader, before a grader is called.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from agent.logic.grading.coaching import best_words, hints
from agent.logic.grading.evidence import gather
from agent.logic.grading.gradable import ungraded_reason
from agent.logic.grading.other_person import note_on_others, others_reason
from agent.logic.grading.provenance import produced_by
from agent.logic.grading.rating import RatingOutcome, implied, rate
from agent.logic.ports import Grader
from agent.values.grade import Evidence, Grade, PointResult, Verdict
from agent.values.provenance import Provenance
from agent.values.rubric import Question, Rating
from agent.values.session import Clarified
from agent.values.transcript import Transcript

_DRAWS = 300
"""Number of simulated answers that determine the confidence of a rating; a fixed seed makes it repeatable."""


NOBODY = "none"
"""Grader of an answer that was not given to any grader."""
CLEAR = 0.4
"""Mean word probability below which a quote is guesswork; clear speech has 0.8, noisy speech 0.6."""
PERHAPS = 0.3
"""Minimum confidence at which a claim that does not count may still be right."""
UNCLEAR = "The words that decide were too unclear to trust: '{words}'. Say that part again, nearer to the microphone."


def grade_answer(
    question: Question,
    transcript: Transcript,
    grader: Grader,
    hints_used: int = 0,
    asked: Sequence[Clarified] = (),
) -> Grade:
    """Grades an answer; calls the grader only if there is something to grade.

    `asked` are the candidate's questions to the interviewer. Raises ModelError or EndpointError.
    """
    return grade(question, transcript, judge(question, transcript, grader), hints_used, asked)


def judge(question: Question, transcript: Transcript, grader: Grader) -> Verdict:
    """The grader's verdict. An answer that cannot be graded is not passed to the grader, so nothing is sent. Raises
    ModelError or EndpointError.
    """
    reason = ungradable(question, transcript)
    if reason is not None:
        return Verdict(grader=NOBODY, ungraded_reason=reason)
    return grader.claim(question, transcript)


def ungradable(question: Question, transcript: Transcript) -> str | None:
    """Why there can be no grade, whatever the grader; None if there can be one."""
    return ungraded_reason(transcript) or others_reason(question, transcript)


def grade(
    question: Question,
    transcript: Transcript,
    verdict: Verdict,
    hints_used: int = 0,
    asked: Sequence[Clarified] = (),
) -> Grade:
    """The grade that follows from a verdict; ungraded, with the reason, if
    the verdict or the answer does not allow one.
    """
    reason = verdict.ungraded_reason or ungradable(question, transcript)
    basis = None if reason is not None else _basis(question, transcript, verdict, asked)
    if basis is not None:
        reason = _unclear(question, transcript, basis, hints_used)
    if reason is not None or basis is None:
        source = produced_by(question, transcript, verdict)
        return ungraded(question, reason or "", verdict.grader, verdict.notes, source)
    return _graded(question, transcript, basis, hints_used)


class _GradeBasis(NamedTuple):
    """What a grade is based on."""

    verdict: Verdict
    evidence: Sequence[Evidence]
    """Evidence for every claim whose words are in the transcript, also for those that contradict a point."""
    listed: dict[str, Evidence]
    """Evidence by point or misconception of the rubric; implied points are included."""
    by_asking: dict[str, str]
    """Points that the candidate made by asking the interviewer, and the questions."""

    @property
    def found(self) -> tuple[Evidence, ...]:
        """The evidence that counts for the answer."""
        return tuple(item for item in self.evidence if not item.contradicts)

    @property
    def extra(self) -> tuple[Evidence, ...]:
        """The ideas that the rubric does not list."""
        return tuple(item for item in self.found if item.kind is not None)

    @property
    def met(self) -> set[str]:
        """The points and misconceptions of the rubric that were said."""
        return {*self.listed, *self.by_asking}

    def rated(self, question: Question, met: Collection[str], hints_used: int) -> RatingOutcome:
        """The rating that follows from `met`."""
        return rate(question, met, [item.kind or "" for item in self.extra], met, hints_used)


def _basis(question: Question, transcript: Transcript, verdict: Verdict, asked: Sequence[Clarified]) -> _GradeBasis:
    evidence = gather(verdict.claims, question, transcript)
    listed = {item.target: item for item in evidence if not item.contradicts and item.kind is None}
    by_asking = {item.point: item.text for item in asked if item.point is not None}
    return _GradeBasis(verdict, evidence, _with_implied(question, listed), by_asking)


def _unclear(question: Question, transcript: Transcript, basis: _GradeBasis, hints_used: int) -> str | None:
    """Why there is no grade when words that the recognizer was unsure of decide the rating; None if they do not."""
    unclear = {name: item for name, item in basis.listed.items() if _clearness(item, transcript) < CLEAR}
    if not unclear:
        return None
    rating = basis.rated(question, basis.met, hints_used).rating
    if basis.rated(question, basis.met - set(unclear), hints_used).rating is rating:
        return None
    words = min(unclear.values(), key=lambda item: _clearness(item, transcript)).quote
    return UNCLEAR.format(words=words)


def _graded(question: Question, transcript: Transcript, basis: _GradeBasis, hints_used: int) -> Grade:
    verdict, listed, by_asking, met = basis.verdict, basis.listed, basis.by_asking, basis.met
    outcome = basis.rated(question, met, hints_used)
    ratings = _imagined(question, basis, hints_used)
    others = note_on_others(question, transcript)
    return Grade(
        question_id=question.id,
        signal=question.signal,
        rating=outcome.rating,
        confidence=round(ratings[outcome.rating] / _DRAWS, 2),
        alternative=next((rating for rating, _ in ratings.most_common() if rating is not outcome.rating), None),
        points=tuple(_result(point.id, listed.get(point.id), by_asking.get(point.id)) for point in question.points),
        extra=basis.extra,
        misconceptions=tuple(listed[item.id] for item in question.misconceptions if item.id in listed),
        contradicted=tuple(item for item in basis.evidence if item.contradicts),
        hints=hints(question, met, outcome.rating, _perhaps(verdict, met)),
        good=best_words(question, listed, transcript),
        capped_by=outcome.capped_by,
        hints_used=hints_used,
        grader=verdict.grader,
        notes=verdict.notes if others is None else (*verdict.notes, others),
        repaired=verdict.repaired,
        provenance=produced_by(question, transcript, verdict),
    )


def _with_implied(question: Question, listed: dict[str, Evidence]) -> dict[str, Evidence]:
    """The evidence, with each point also standing for the points that it implies."""
    every = dict(listed)
    for name, by in implied(question, listed).items():
        every.setdefault(name, listed[by].model_copy(update={"target": name}))
    return every


def _perhaps(verdict: Verdict, met: Collection[str]) -> set[str]:
    """Points that may have been made, though not surely enough to count."""
    claims = (claim for claim in verdict.claims if claim.confidence >= PERHAPS and not claim.contradicts)
    return {claim.target for claim in claims if claim.target not in met}


def _clearness(evidence: Evidence, transcript: Transcript) -> float:
    """Mean probability, 0 to 1, that the recognizer gave the words of a piece of evidence."""
    words = transcript.words[evidence.first_word : evidence.last_word + 1]
    return sum(word.probability for word in words) / len(words)


def ungraded(
    question: Question,
    reason: str,
    grader: str,
    notes: tuple[str, ...] = (),
    provenance: Provenance | None = None,
) -> Grade:
    """A grade that says why there is none; without `provenance` it records only version and question."""
    return Grade(
        question_id=question.id,
        signal=question.signal,
        rating=None,
        ungraded_reason=reason,
        confidence=0.0,
        points=tuple(PointResult(id=point.id, met=False) for point in question.points),
        grader=grader,
        notes=notes,
        provenance=provenance or produced_by(question),
    )


def _result(point_id: str, evidence: Evidence | None, asked: str | None) -> PointResult:
    if evidence is None:
        # A clarifying question is not part of the answer, so its quote has no time.
        return PointResult(id=point_id, met=asked is not None, quote=asked)
    return PointResult(id=point_id, met=True, quote=evidence.quote, start_s=evidence.start_s, end_s=evidence.end_s)


def _imagined(question: Question, basis: _GradeBasis, hints_used: int) -> Counter[Rating]:
    """Ratings of simulated answers, in which each claim is true with its own confidence."""
    chances: dict[str, float] = {}
    backed = {item.target for item in basis.found}
    for claim in basis.verdict.claims:
        # A claim whose quote is not in the transcript counts as 0, whatever its confidence.
        if claim.kind is None and not claim.contradicts and (claim.target in backed or claim.confidence < 0.5):
            chances[claim.target] = max(chances.get(claim.target, 0.0), claim.confidence)
    unlisted = [item.kind for item in basis.found if item.kind is not None]
    draw, ratings = random.Random(0), Counter[Rating]()
    for _ in range(_DRAWS):
        made = {*basis.by_asking, *(target for target, chance in chances.items() if draw.random() < chance)}
        ratings[rate(question, made, unlisted, made, hints_used).rating] += 1
    return ratings
