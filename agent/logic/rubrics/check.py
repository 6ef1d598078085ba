"""What makes a rubric unusable beyond its schema; independent of files. warnings.py has what only weakens it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from agent.values.rubric import Need, Point, Question, Rating, Topic

Place = tuple[int | str, ...]
"""Path of keys and positions (from 0)."""


class Finding(NamedTuple):
    """Something that is wrong or doubtful, and where."""

    where: Place
    """Inside the topic, or inside the question while one question is checked."""
    says: str
    """What is wrong and what to do."""


def faults(topic: Topic) -> Iterator[Finding]:
    """What makes a topic unusable: ids used twice, and needs that name unknown points or can never be met."""
    for number, question in enumerate(topic.questions):
        where: Place = ("questions", number)
        points = [point.id for point in question.points]
        ids = points + [wrong.id for wrong in question.misconceptions]
        for twin, count in Counter(ids).items():
            if count > 1:
                yield Finding((*where, "points"), f"the id '{twin}' is used {count} times; give each point its own id")
        yield from _need_faults(question, where)
        for index, point in enumerate(question.points):
            for name in point.implies:
                if name not in points:
                    yield Finding(
                        (*where, "points", index, "implies"), f"no point '{name}'; use one of: {', '.join(points)}"
                    )
        for index, clarification in enumerate(question.clarifications):
            if clarification.point is not None and clarification.point not in points:
                yield Finding(
                    (*where, "clarifications", index, "point"),
                    f"no point '{clarification.point}'; use one of: {', '.join(points)}",
                )


def _need_faults(question: Question, where: Place) -> Iterator[Finding]:
    ids = {point.id for point in question.points}
    for rating in (Rating.WEAK, Rating.STRONG, Rating.VERY_STRONG):
        for index, need in enumerate(question.needs.of(rating)):
            place = (*where, "needs", rating.value, index)
            unknown = [name for name in need.points or () if name not in ids]
            if unknown:
                yield Finding((*place, "points"), f"no point '{unknown[0]}'; use one of: {', '.join(sorted(ids))}")
            elif len(countable(need, question)) < need.at_least:
                yield Finding(
                    place,
                    f"asks for {need.at_least} but only {len(countable(need, question))} points "
                    "can count; lower 'at_least' or add points",
                )


def countable(need: Need, question: Question) -> tuple[Point, ...]:
    """The points of a question that can count toward a need."""
    if need.counts_every_kind:
        return question.points
    if need.points is not None:
        return tuple(point for point in question.points if point.id in need.points)
    return tuple(point for point in question.points if point.kind in need.kinds)
