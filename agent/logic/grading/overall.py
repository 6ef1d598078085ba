"""The end of an interview: one rating per signal, and what it would mean for the application. Never a single number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from agent.values.base import Value
from agent.values.rubric import Question, Rating, Weight, in_words
from agent.values.session import Turn

MEANING = {
    Rating.VERY_WEAK: "this would be hard to square with the experience you describe, and would likely end the process",
    Rating.WEAK: "common, and not the end of it: a hiring manager may ask what happened here",
    Rating.STRONG: "a correct answer that would carry you on, with details left to add",
    Rating.VERY_STRONG: "rare: you knew exactly how to solve it",
}


class SignalRating(Value):
    """The rating of one signal over an interview."""

    signal: str
    rating: Rating
    answers: int


def superseded(turns: Sequence[Turn], index: int) -> bool:
    """Whether the candidate continued that turn, so that a later graded turn of the same attempt contains all of it."""
    this = turns[index]
    return any(
        (turn.question_id, turn.attempt) == (this.question_id, this.attempt) and turn.grade.rating is not None
        for turn in turns[index + 1 :]
    )


def first_tries(turns: Sequence[Turn]) -> list[Turn]:
    """The turns that count in an interview: for each question the complete first attempt that was graded, if any.

    Later attempts show what the candidate learned, not what they knew.
    """
    first: dict[str, Turn] = {}
    for index, turn in enumerate(turns):
        known = first.get(turn.question_id)
        if not superseded(turns, index) and (known is None or known.grade.rating is None):
            first[turn.question_id] = turn
    return list(first.values())


def overall(turns: Sequence[Turn], questions: Mapping[str, Question]) -> list[SignalRating]:
    """Returns each signal's weighted median rating, the lower one on a tie.

    Ungraded turns are left out. A question that no longer exists has the weight of a standard one.
    """
    rated: dict[str, list[Turn]] = {}
    for turn in turns:
        if turn.grade.rating is not None:
            rated.setdefault(turn.grade.signal, []).append(turn)
    middles = {signal: (median_rating(mine, questions), len(mine)) for signal, mine in rated.items()}
    return [
        SignalRating(signal=signal, rating=rating, answers=answers)
        for signal, (rating, answers) in middles.items()
        if rating is not None
    ]


def median_rating(turns: Iterable[Turn], questions: Mapping[str, Question]) -> Rating | None:
    """The weighted median rating of graded turns, the lower one on a tie; None when there is none."""
    pairs = [
        (turn.grade.rating.rank, _weight(questions.get(turn.question_id)).factor)
        for turn in turns
        if turn.grade.rating is not None
    ]
    return _median(pairs) if pairs else None


def _weight(question: Question | None) -> Weight:
    return question.weight if question is not None else Weight.STANDARD


def _median(pairs: Sequence[tuple[int, int]]) -> Rating:
    half, passed = sum(weight for _, weight in pairs) / 2, 0
    for rank, weight in sorted(pairs):
        passed += weight
        if passed >= half:
            return list(Rating)[rank]
    raise ValueError("no rated answer")


def summary(ratings: Sequence[SignalRating]) -> str:
    """The spoken end of the interview."""
    if not ratings:
        return "None of the answers could be graded, so there is no rating today."
    parts = [f"On {in_words(item.signal)}: {item.rating.spoken}, {MEANING[item.rating]}." for item in ratings]
    return " ".join(["Here is where you stand.", *parts])
