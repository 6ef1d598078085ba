"""The charts of a report as inline SVG.

A unit is about a pixel, on a phone and on a desktop: charts take the width of their card, and their text grows little.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from markupsafe import Markup

from agent.logic.reporting.trend import medians
from agent.logic.reporting.values import DeliveryFigure, RatedAnswer, SignalProgress, SignalStanding
from agent.shell.report import svg
from agent.values.rubric import Rating

_PALEST = 0.25
"""Opacity of a rating with no confidence at all: still visible."""
_FIELD = 90.0
"""Width of the dot field of one rating."""
_WIDEST_STEP = 10.0
"""Maximum distance between two dots of a field."""
_FEWEST_ACROSS = 6
_CARD = 300.0
"""Width of a chart over time."""
_RIGHT = 296.0
_NAMES, _LOW = 12.0, 8.0
"""Space below a chart over time: from its edge to the middle of the dates, and from there to the plot."""
_MOST_DATES = 4
_MOST_TICKS = 4


class _Plot(NamedTuple):
    """The rectangle that contains the values."""

    left: float
    height: float
    """Position from the top edge."""
    places: int
    """Number of sessions, or answers, side by side."""

    def x(self, place: float) -> float:
        """Position of a place, from 1. The spacing is even, since the days between sessions mean nothing."""
        room = max(self.places, 2) + 0.2
        return self.left + (place - 0.4) / room * (_RIGHT - self.left)


def rating_fields(standing: SignalStanding, all_standings: Sequence[SignalStanding]) -> dict[Rating, Markup]:
    """Draws a field for each rating, with one dot per answer, the most confident first; all signals have the same
    height.
    """
    most = max(_most(item) for item in all_standings)
    across = max(_FEWEST_ACROSS, math.ceil((3 * most) ** 0.5))
    lines = -(-most // across)
    step = min(_WIDEST_STEP, _FIELD / across)
    return {
        level: svg.drawing(
            _FIELD,
            1.3 * step * lines,
            _field([item for item in standing.answers if item.rating is level], across, lines, step),
        )
        for level in Rating
    }


def _most(standing: SignalStanding) -> int:
    """Number of answers in the fullest field."""
    return max(sum(item.rating is level for item in standing.answers) for level in Rating)


def _field(answers: Sequence[RatedAnswer], across: int, lines: int, step: float) -> Iterator[Markup]:
    top = (lines - -(-len(answers) // across)) / 2
    for at, answer in enumerate(sorted(answers, key=lambda item: -item.confidence)):
        line, place = divmod(at, across)
        here = min(across, len(answers) - line * across)
        x = _FIELD / 2 + step * (place - (here - 1) / 2)
        yield svg.dot(x, 1.3 * step * (top + line + 0.5), 0.36 * step, _opacity(answer.confidence))


def _opacity(confidence: float) -> float:
    return _PALEST + (1 - _PALEST) * confidence


def progress_chart(progress: SignalProgress, dates: Sequence[datetime]) -> Markup:
    """The levels of one signal over the sessions; a line joins the sessions' ratings if there are enough."""
    levels, row = list(Rating), 28.0
    plot = _Plot(left=74.0, height=row * len(levels), places=len(dates))
    heights = {level: row * (len(levels) - level.rank - 0.5) for level in levels}
    parts = [
        svg.rectangle(plot.left, heights[level] - row / 2, _RIGHT - plot.left, row)
        for level in levels
        if level.rank % 2 == 0
    ]
    parts += [svg.label(plot.left - 7, heights[level], level.spoken, "end") for level in levels]
    if progress.is_trend:
        parts.append(svg.path([(plot.x(session), heights[rating]) for session, rating in progress.course]))
    for answer, aside in _aside(progress.answers, len(dates)):
        x, y = plot.x(answer.session + aside), heights[answer.rating]
        parts.append(svg.dot(x, y, 3.4, _opacity(answer.confidence)))
    return _over_time(plot, [_day(date) for date in dates], parts)


def _aside(answers: Sequence[RatedAnswer], sessions: int) -> Iterator[tuple[RatedAnswer, float]]:
    """Spreads answers of one session with the same level side by side,
    closer to each other than to the next session.
    """
    seen: dict[tuple[int, Rating], int] = {}
    most = max(Counter((item.session, item.rating) for item in answers).values(), default=1)
    step = min(0.3, 0.035 * sessions, 0.6 / most)
    for answer in answers:
        at = seen.get((answer.session, answer.rating), 0)
        seen[answer.session, answer.rating] = at + 1
        yield answer, step * at


def delivery_chart(figure: DeliveryFigure, dates: Sequence[datetime]) -> Markup:
    """One figure of delivery: one dot per answer, and a line through the medians of the sessions."""
    by_session = figure.by == "session"
    names = [_day(date) for date in dates] if by_session else [str(at) for at, _ in figure.values]
    plot = _Plot(left=34.0, height=104.0, places=len(names))
    low, high = _range([value for _, value in figure.values])

    def y(value: float) -> float:
        return plot.height - (value - low) / (high - low) * (plot.height - 4)

    parts = []
    for tick in ticks(low, high):
        parts += [svg.rule(plot.left, _RIGHT, y(tick)), svg.label(plot.left - 6, y(tick), f"{tick:g}", "end")]
    if by_session:
        parts.append(svg.path([(plot.x(at), y(value)) for at, value in medians(figure.values)]))
    parts += [svg.dot(plot.x(at), y(value), 2.8, 0.6) for at, value in figure.values]
    return _over_time(plot, names, parts)


def _range(values: Sequence[float]) -> tuple[float, float]:
    """The range of the axis: from zero, unless all values are far above it."""
    low, high = min(values), max(values) or 1.0
    return (0.9 * low if low > 0.4 * high else 0.0), 1.12 * high


def ticks(low: float, high: float) -> list[float]:
    """Round numbers from `low` to `high`, at least two and at most five."""
    rough = (high - low) / _MOST_TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough)
    first, last = math.ceil(low / step), math.floor(high / step)
    return [round(at * step, 10) for at in range(first, last + 1)]


def _over_time(plot: _Plot, names: Sequence[str], parts: Sequence[Markup]) -> Markup:
    """The chart with the names of some sessions, or answers, below it; never the same name twice in a row."""
    count = len(names)
    shown = sorted({round(1 + at * (count - 1) / (_MOST_DATES - 1)) for at in range(_MOST_DATES)})
    y, below = plot.height + _LOW + _NAMES / 2, []
    for at, place in enumerate(shown):
        if at and names[place - 1] == names[shown[at - 1] - 1]:
            continue
        # Centered on the last place, a date would be cut off by the edge of the drawing.
        at_edge = place == count and count > 2
        below.append(
            svg.label(_RIGHT if at_edge else plot.x(place), y, names[place - 1], "end" if at_edge else "middle")
        )
    return svg.drawing(_CARD, plot.height + _LOW + _NAMES + 2, [*parts, *below])


def _day(date: datetime) -> str:
    return f"{date.day} {date:%b}"
