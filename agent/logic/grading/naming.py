"""What points are called on screen and in speech."""

from __future__ import annotations

from collections.abc import Sequence

from agent.values.rubric import Point, Question, in_words


def title(point: Point) -> str:
    """A point's short name, never its id."""
    return point.title or point.says.rstrip(".")


def title_of(question: Question | None, point_id: str) -> str:
    """The same by id; the id as words if the question or the point no longer exists."""
    known = {point.id: point for point in question.points} if question is not None else {}
    return title(known[point_id]) if point_id in known else in_words(point_id)


def listed(items: Sequence[str]) -> str:
    """Joins items as in a sentence: "a", "a and b", "a, b and c"."""
    *most, last = items
    return f"{', '.join(most)} and {last}" if most else last
