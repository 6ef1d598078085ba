"""Claims beside the answers that bear on them, and what a hiring manager would make of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from agent.logic.grading.overall import first_tries, median_rating
from agent.logic.profile.bearing import bears_on
from agent.values.base import Value
from agent.values.profile import Profile, ProfileClaim
from agent.values.rubric import Question, Rating
from agent.values.session import Turn

_CV = {
    Rating.VERY_WEAK: 'This would be hard to square with "{claim}", and would likely end the process.',
    Rating.WEAK: 'Common, and not the end of it: a hiring manager may ask what happened behind "{claim}".',
    Rating.STRONG: 'This supports "{claim}", with details left to add.',
    Rating.VERY_STRONG: 'Rare: this fully supports "{claim}".',
}
_JOB = {
    Rating.VERY_WEAK: 'The job asks for "{claim}"; on this answer alone a hiring manager would not go on.',
    Rating.WEAK: 'The job asks for "{claim}"; a hiring manager would ask more before going on.',
    Rating.STRONG: 'You have what "{claim}" asks for, with details left to add.',
    Rating.VERY_STRONG: 'Rare: you have just what "{claim}" asks for.',
}
_MIXED = {
    "cv": 'What you said mostly supports "{claim}", but one answer was {worst}: a hiring manager would ask about it.',
    "job": 'What you said mostly fits "{claim}", but one answer was {worst}: a hiring manager would ask about it.',
}
NOT_TESTED = "No graded answer bears on this."


class ClaimRow(Value):
    """One claim, and how the answers compare with it."""

    claim: ProfileClaim
    answers: tuple[str, ...]
    """Ids of the questions whose answers bear on it."""
    rating: Rating | None
    """Their weighted median rating; None if none was graded."""
    says: str
    """What a hiring manager would make of it."""


def claim_rows(profile: Profile, turns: Sequence[Turn], questions: Mapping[str, Question]) -> tuple[ClaimRow, ...]:
    """Fields and level in the order of the profile; skills only where a graded answer bears on them.

    The first try at each question counts, as in the ratings.
    """
    graded = [turn for turn in first_tries(turns) if turn.grade.rating is not None and turn.question_id in questions]
    rows = [_row(claim, graded, questions) for claim in profile.claims]
    return tuple(row for row in rows if row.rating is not None or row.claim.kind != "skill")


def _row(claim: ProfileClaim, graded: Iterable[Turn], questions: Mapping[str, Question]) -> ClaimRow:
    bearing = [turn for turn in graded if bears_on(claim, questions[turn.question_id])]
    rating = median_rating(bearing, questions)
    answers = tuple(turn.question_id for turn in bearing)
    return ClaimRow(claim=claim, answers=answers, rating=rating, says=_says(claim, rating, bearing))


def _says(claim: ProfileClaim, rating: Rating | None, bearing: Sequence[Turn]) -> str:
    if rating is None:
        return NOT_TESTED
    worst = min(turn.grade.rating for turn in bearing if turn.grade.rating is not None)
    meaning = (_CV if claim.source == "cv" else _JOB)[rating]
    # A weak answer is not outweighed: nobody would say "fully" beside it.
    text = _MIXED[claim.source] if worst <= Rating.WEAK and rating >= Rating.STRONG else meaning
    return text.format(claim=claim.line or claim.name, worst=worst.spoken)


def hard_to_square(turn: Turn, question: Question, profile: Profile) -> str | None:
    """What to say of a very weak answer in a field that the CV claims; None for every other answer."""
    if turn.grade.rating is not Rating.VERY_WEAK:
        return None
    claim = next((claim for claim in profile.of("field", "cv") if bears_on(claim, question)), None)
    return None if claim is None else f'This would be hard to square with "{claim.line or claim.name}".'
