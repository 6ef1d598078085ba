"""Faults and content warnings of a rubric beyond its shape; knows nothing of files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from agent.logic.grading.point_features import term_share
from agent.logic.speech.tokens import content
from agent.values.rubric import Need, Point, Question, Rating, Topic


class Finding(NamedTuple):
    """Something wrong or doubtful, and where."""

    where: tuple[int | str, ...]
    """Path of keys and positions (from 0) inside the topic."""
    says: str


def faults(topic: Topic) -> Iterator[Finding]:
    """What makes a topic unusable: ids used twice, needs that name unknown points or can never be met."""
    for number, question in enumerate(topic.questions):
        where: tuple[int | str, ...] = ("questions", number)
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


def _need_faults(question: Question, where: tuple[int | str, ...]) -> Iterator[Finding]:
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
    """The points of a question that can count towards a need."""
    if need.counts_every_kind:
        return question.points
    if need.points is not None:
        return tuple(point for point in question.points if point.id in need.points)
    return tuple(point for point in question.points if point.kind in need.kinds)


def warnings(topic: Topic) -> Iterator[Finding]:
    """What makes a topic weaker than it could be: few exemplars, overlapping points, hints that tell all."""
    for number, question in enumerate(topic.questions):
        for index, point in enumerate(question.points):
            where = ("questions", number, "points", index)
            if len(point.exemplars) < 5:
                yield Finding(
                    (*where, "exemplars"),
                    f"only {len(point.exemplars)}; with 5 or more, unseen wordings are heard far better",
                )
            if content(point.nudge) >= content(point.says):
                yield Finding((*where, "nudge"), "says all that the point says; lead towards it without naming it")
        yield from _overlaps(question, number)
        yield from _telling_hints(question, number)


def _telling_hints(question: Question, number: int) -> Iterator[Finding]:
    """The first two steps of the ladder must lead; only the last may say half of it."""
    for index, hint in enumerate(question.hints[:2]):
        for point in question.points:
            if point.terms and term_share(point, hint) == 1.0:
                yield Finding(("questions", number, "hints", index), f"gives away '{point.id}'; lead without its words")


def _overlaps(question: Question, number: int) -> Iterator[Finding]:
    for index, point in enumerate(question.points):
        for other in question.points[:index]:
            shared = set(point.exemplars) & set(other.exemplars)
            mine, theirs = content(point.says), content(other.says)
            if shared or len(mine & theirs) >= 0.8 * min(len(mine), len(theirs)):
                yield Finding(
                    ("questions", number, "points", index),
                    f"overlaps with '{other.id}'; one stretch of speech would count twice",
                )
