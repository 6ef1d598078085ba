"""From a grader's verdict to the grade: evidence, rating, confidence, what was good, what comes next.

Knows nothing of which grader made the claims.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from agent.logic.grading.coaching import best_words, hints
from agent.logic.grading.evidence import gather
from agent.logic.grading.rating import rate
from agent.values.grade import Evidence, Grade, PointResult, Verdict
from agent.values.rubric import Question, Rating
from agent.values.transcript import Transcript

_DRAWS = 300
"""Answers imagined to learn how sure a rating is; a fixed seed keeps the confidence repeatable."""


CLEAR = 0.4
"""Mean word probability below which a quote is guesswork; clear speech has 0.8, noisy speech 0.6."""
UNCLEAR = "The words that decide were too unclear to trust: '{words}'. Say that part again, nearer to the microphone."


def grade(question: Question, transcript: Transcript, verdict: Verdict, hints_used: int = 0) -> Grade:
    """The grade of one answer. Ungraded, with the reason, when the verdict has one."""
    if verdict.ungraded_reason is not None:
        return ungraded(question, verdict.ungraded_reason, verdict.grader, verdict.notes)
    found = gather(verdict.claims, question, transcript)
    listed = {item.target: item for item in found if item.kind is None}
    for point in question.points:
        if point.id in listed:
            for name in point.implies:
                listed.setdefault(name, listed[point.id].model_copy(update={"target": name}))
    extra = tuple(item for item in found if item.kind is not None)
    wrong = tuple(listed[item.id] for item in question.misconceptions if item.id in listed)
    kinds = [item.kind or "" for item in extra]
    outcome = rate(question, listed, kinds, listed, hints_used)
    unclear = {name: item for name, item in listed.items() if _clearness(item, transcript) < CLEAR}
    sure = set(listed) - set(unclear)
    if unclear and rate(question, sure, kinds, sure, hints_used).rating is not outcome.rating:
        words = min(unclear.values(), key=lambda item: _clearness(item, transcript)).quote
        return ungraded(question, UNCLEAR.format(words=words), verdict.grader, verdict.notes)
    heard = {point.id for point in question.points if point.id in listed}
    return Grade(
        question_id=question.id,
        signal=question.signal,
        rating=outcome.rating,
        confidence=_confidence(question, verdict, found, outcome.rating, hints_used),
        points=tuple(_result(point.id, listed.get(point.id)) for point in question.points),
        extra=extra,
        misconceptions=wrong,
        hints=hints(question, heard, outcome.rating),
        good=best_words(question, listed),
        capped_by=outcome.capped_by,
        hints_used=hints_used,
        grader=verdict.grader,
        notes=verdict.notes,
        repaired=verdict.repaired,
    )


def _clearness(evidence: Evidence, transcript: Transcript) -> float:
    """Mean probability, 0 to 1, that the recogniser gave the words of a piece of evidence."""
    words = transcript.words[evidence.first_word : evidence.last_word + 1]
    return sum(word.probability for word in words) / len(words)


def ungraded(question: Question, reason: str, grader: str, notes: tuple[str, ...] = ()) -> Grade:
    """A grade that says why there is none."""
    return Grade(
        question_id=question.id,
        signal=question.signal,
        rating=None,
        ungraded_reason=reason,
        confidence=0.0,
        points=tuple(PointResult(id=point.id, met=False) for point in question.points),
        grader=grader,
        notes=notes,
    )


def _result(point_id: str, evidence: Evidence | None) -> PointResult:
    if evidence is None:
        return PointResult(id=point_id, met=False)
    return PointResult(id=point_id, met=True, quote=evidence.quote, start_s=evidence.start_s, end_s=evidence.end_s)


def _confidence(
    question: Question, verdict: Verdict, found: Sequence[Evidence], rating: Rating, hints_used: int
) -> float:
    """The share of imagined answers, each claim true with its own confidence, that earn the same rating."""
    chances: dict[str, float] = {}
    backed = {item.target for item in found}
    for claim in verdict.claims:
        # A confident claim without its quote in the transcript is worth nothing, not its confidence.
        if claim.kind is None and (claim.target in backed or claim.confidence < 0.5):
            chances[claim.target] = max(chances.get(claim.target, 0.0), claim.confidence)
    unlisted = [item.kind for item in found if item.kind is not None]
    draw = random.Random(0)
    same = 0
    for _ in range(_DRAWS):
        heard = {target for target, chance in chances.items() if draw.random() < chance}
        same += rate(question, heard, unlisted, heard, hints_used).rating is rating
    return round(same / _DRAWS, 2)
