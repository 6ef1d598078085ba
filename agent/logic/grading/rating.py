"""The rating: arithmetic over the points made, the same for every grader.

A rating never falls when a point is added, and never rises when a hint or a misconception is added.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Literal, NamedTuple

from agent.values.rubric import Need, Question, Rating

MOST_UNLISTED = 2
"""Maximum number of unlisted points that count: points found by a grader alone must not carry an answer."""


class RatingOutcome(NamedTuple):
    """A rating and what limited it."""

    rating: Rating
    capped_by: Literal["misconception", "hints"] | None = None


def rate(
    question: Question,
    met: Collection[str],
    unlisted: Iterable[str] = (),
    misconceptions: Collection[str] = (),
    hints_used: int = 0,
) -> RatingOutcome:
    """The highest level whose needs are all met, limited by the caps.

    `met` holds the ids of points, `unlisted` the kinds of valid points that the question does not list,
    `misconceptions` the ids of those stated as fact.
    """
    met = with_implied(question, met)
    extra = counted(unlisted)
    earned = max((level for level in Rating if _reached(question, level, met, extra)), key=lambda level: level.rank)
    wrong = [item.cap for item in question.misconceptions if item.id in misconceptions]
    believed = min([earned, *wrong], key=lambda level: level.rank)
    helped = min(believed, _hint_cap(question, hints_used), key=lambda level: level.rank)
    if helped is not believed:
        return RatingOutcome(helped, "hints")
    return RatingOutcome(helped, None if believed is earned else "misconception")


def counted(unlisted: Iterable[str]) -> Counter[str]:
    """How many unlisted points of each kind may count."""
    return Counter(list(unlisted)[:MOST_UNLISTED])


def with_implied(question: Question, met: Collection[str]) -> set[str]:
    """The points made and those that they imply."""
    return {*met, *implied(question, met)}


def implied(question: Question, made: Collection[str]) -> dict[str, str]:
    """By each point that those made imply, the first of the question that implies it.

    One step only, so that a rubric states plainly what follows from what.
    """
    found: dict[str, str] = {}
    for point in question.points:
        if point.id in made:
            for name in point.implies:
                found.setdefault(name, point.id)
    return found


def _reached(question: Question, level: Rating, met: Collection[str], extra: Mapping[str, int]) -> bool:
    return all(missing(need, question, met, extra) == 0 for need in question.needs.of(level))


def missing(need: Need, question: Question, met: Collection[str], extra: Mapping[str, int] | None = None) -> int:
    """How many more points a need asks for; 0 when it is met."""
    if need.counts_every_kind:
        have = sum(point.id in met for point in question.points) + sum((extra or {}).values())
    elif need.points is not None:
        have = sum(name in met for name in set(need.points))
    else:
        have = sum(point.id in met and point.kind in need.kinds for point in question.points)
        have += sum((extra or {}).get(kind, 0) for kind in set(need.kinds))
    return max(0, need.at_least - have)


def _hint_cap(question: Question, hints_used: int) -> Rating:
    """The lowest cap of the hints used so far, so that another hint can never raise a rating."""
    caps = question.hint_caps[: max(0, hints_used)]
    return min(caps, default=Rating.VERY_STRONG, key=lambda level: level.rank)
