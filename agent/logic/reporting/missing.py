"""What an answer lacked for the next level; independent of transcripts."""

from __future__ import annotations

from collections.abc import Iterator

from agent.logic.grading.naming import title
from agent.logic.grading.rating import counted, missing
from agent.logic.reporting.values import MissingPoint
from agent.logic.rubrics.check import countable
from agent.values.grade import Grade
from agent.values.rubric import Point, Question, Rating

_MOST_NAMES = 5
"""Maximum number of points that are all named; of more points, only a few are named as examples."""


def gaps(question: Question, grade: Grade) -> Iterator[str]:
    """The unmet needs of the next level up, in words."""
    above = (grade.rating or Rating.VERY_WEAK).above
    level = question.level_name(above or Rating.VERY_STRONG).capitalize()
    for lack, points in _unmet(question, grade):
        names = [title(point) for point in points]
        if len(names) == lack:
            yield f"{level} asks for {' and '.join(names)}."
        elif len(names) <= _MOST_NAMES:
            yield f"{level} asks for {lack} more of these: {'; '.join(names)}."
        else:
            yield f"{level} asks for {lack} more out of {len(names)} points, such as {'; '.join(names[:3])}."


def missing_points(question: Question, grade: Grade) -> tuple[MissingPoint, ...]:
    """Missing points: those of the spoken hints first, then others that the next level needs, then the rest."""
    hinted = [hint.point_id for hint in grade.hints]
    needed = [point.id for _, points in _unmet(question, grade) for point in points]
    order = [*(name for name in hinted if name in needed), *needed]
    missed = {point.id for point in grade.points if not point.met}
    points = [point for point in question.points if point.id in missed]
    points.sort(key=lambda point: order.index(point.id) if point.id in order else len(order))
    return tuple(
        # Without a title, the label is what the point says.
        MissingPoint(label=title(p), says=p.says if p.title else "", why=p.why, needed=p.id in needed)
        for p in points
    )


def _unmet(question: Question, grade: Grade) -> Iterator[tuple[int, list[Point]]]:
    """Returns, for each unmet need of the next level, how many points are missing and which ones could fill it."""
    above = (grade.rating or Rating.VERY_WEAK).above
    met = {point.id for point in grade.points if point.met}
    extra = counted(item.kind or "" for item in grade.extra)
    for need in question.needs.of(above) if above else ():
        lack = missing(need, question, met, extra)
        points = [point for point in countable(need, question) if point.id not in met]
        if lack and points:
            yield lack, points
