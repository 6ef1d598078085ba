"""How signals and points are called where people read or hear them."""

from __future__ import annotations

from collections.abc import Sequence

from agent.values.rubric import Point


def plain(slug: str) -> str:
    """A signal's name as a person says it: "data handling"."""
    return slug.replace("_", " ").replace("-", " ")


def title(point: Point) -> str:
    """A point's short name; never its id."""
    return point.title or point.says.rstrip(".")


def listed(items: Sequence[str]) -> str:
    """As people list things: "a", "a and b", "a, b and c"."""
    *most, last = items
    return f"{', '.join(most)} and {last}" if most else last
