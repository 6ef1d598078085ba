"""Elements of inline SVG: text stays text, and colors come from the page's style by class."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from markupsafe import Markup

Anchor = Literal["start", "middle", "end"]


def drawing(width: float, height: float, parts: Iterable[Markup]) -> Markup:
    """One picture, `width` by `height` units. The page describes it in words, so screen readers skip it."""
    head = Markup('<svg viewBox="0 0 {} {}" aria-hidden="true" focusable="false">')
    return head.format(_short(width), _short(height)) + Markup("").join(parts) + Markup("</svg>")


def rectangle(left: float, top: float, width: float, height: float) -> Markup:
    """A filled field."""
    shape = Markup('<rect class="band" x="{}" y="{}" width="{}" height="{}"/>')
    return shape.format(*map(_short, (left, top, width, height)))


def rule(left: float, right: float, y: float) -> Markup:
    """A horizontal line behind the values."""
    return Markup('<line class="rule" x1="{}" x2="{}" y1="{y}" y2="{y}"/>').format(
        _short(left), _short(right), y=_short(y)
    )


def dot(x: float, y: float, radius: float, opacity: float) -> Markup:
    """One value; `opacity` from 0 to 1."""
    shape = Markup('<circle class="dot" cx="{}" cy="{}" r="{}" fill-opacity="{}"/>')
    return shape.format(*map(_short, (x, y, radius, opacity)))


def path(points: Sequence[tuple[float, float]]) -> Markup:
    """A line through points."""
    return Markup('<polyline class="course" points="{}"/>').format(
        " ".join(f"{_short(x)},{_short(y)}" for x, y in points)
    )


def label(x: float, y: float, text: str, anchor: Anchor = "middle") -> Markup:
    """Words whose vertical middle is at `y`."""
    shape = Markup('<text x="{}" y="{}" text-anchor="{}" dominant-baseline="central">{}</text>')
    return shape.format(_short(x), _short(y), anchor, text)


def _short(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
