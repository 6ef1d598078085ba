"""Charts as inline SVG whose text is text and whose colours are the page's; knows nothing of sessions' contents.

Every chart is drawn about 340 units wide, so that on a phone its words are as large as the page's.
"""

from __future__ import annotations

import io
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from agent.logic.reporting.report import Dot, Progress, SignalRow, Spoken, session_medians
from agent.values.rubric import Rating

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INK, _FAINT, _DOT, _BAND = "#010203", "#020304", "#030405", "#040506"
_VARIABLES = {_INK: "--ink", _FAINT: "--soft", _DOT: "--accent", _BAND: "--band"}
"""Stand-ins that the page's own variables take the place of: light and dark need no second drawing."""
_WIDTH = 3.55
"""Inches; 72 units each."""
_LEVELS = [level.spoken for level in Rating]
_PALEST = 0.25
"""Opacity of a rating that is not sure at all: still to be seen."""
_ACROSS = 6
"""Dots side by side in one field of the ratings chart."""
_MOST_DATES = 4


def rating_chart(row: SignalRow, rows: Sequence[SignalRow]) -> str:
    """The four levels as fields, in each a dot for every answer; the overall one is framed. As high as the others."""
    from matplotlib.patches import Rectangle

    most = max(_most(item) for item in rows)
    across = max(_ACROSS, math.ceil((3 * most) ** 0.5))
    high = 0.5 + 0.13 * min(-(-most // across), 4)
    with _figure(high) as (figure, out):
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.set(xlim=(0.0, 4.0), ylim=(0.0, 1.0))
        axes.axis("off")
        for level in Rating:
            here = level is row.rating
            axes.add_patch(Rectangle((level.rank + 0.03, 0.03), 0.94, 0.94, facecolor=_BAND, linewidth=0))
            if here:
                axes.add_patch(Rectangle((level.rank + 0.03, 0.03), 0.94, 0.94, fill=False, color=_DOT, linewidth=2))
            place = (level.rank + 0.5, 1 - 0.2 / high)
            name = axes.text(*place, level.spoken, color=_INK, fontsize=10, ha="center", va="center")
            name.set_fontweight("bold" if here else "normal")
            _swarm(axes, level.rank + 0.5, [dot for dot in row.dots if dot.rating is level], across)
    return _page_svg(out, f"rating {row.signal}")


def _most(row: SignalRow) -> int:
    """Answers in the fullest field."""
    return max(sum(dot.rating is level for dot in row.dots) for level in Rating)


def _swarm(axes: Axes, x: float, dots: Sequence[Dot], across: int) -> None:
    """Dots in rows of `across` around the middle of a field, the surest first."""
    lines = -(-len(dots) // across)
    step, drop = 0.86 / across, 0.5 / max(lines, 2)
    for at, dot in enumerate(sorted(dots, key=lambda dot: -dot.confidence)):
        line, place = divmod(at, across)
        here = min(across, len(dots) - line * across)
        left, top = x - step * (here - 1) / 2, 0.33 + drop * (lines - 1) / 2
        _draw(axes, left + step * place, top - drop * line, dot.confidence, 42 * (_ACROSS / across) ** 2)


def _draw(axes: Axes, x: float, y: float, confidence: float, size: float) -> None:
    axes.scatter([x], [y], s=size, color=_DOT, alpha=_PALEST + (1 - _PALEST) * confidence, linewidth=0, zorder=3)


def progress_chart(progress: Progress, dates: Sequence[datetime], joined: bool) -> str:
    """The levels of one signal over the sessions; the line joins the sessions' ratings when there are enough."""
    with _figure(1.75) as (figure, out):
        axes = _over_time(figure, dates, left=0.21)
        axes.set(ylim=(-0.5, 3.5), yticks=range(4), yticklabels=_LEVELS)
        for rank in range(0, 4, 2):
            axes.axhspan(rank - 0.5, rank + 0.5, facecolor=_BAND, linewidth=0, zorder=0)
        if joined:
            places, ratings = zip(*progress.course, strict=True)
            axes.plot(places, [rating.rank for rating in ratings], color=_FAINT, linewidth=1.2, zorder=2)
        for dot, aside in _aside(progress.dots, len(dates)):
            _draw(axes, dot.session + aside, dot.rating.rank, dot.confidence, 34)
    return _page_svg(out, f"progress {progress.signal}")


def _aside(dots: Sequence[Dot], sessions: int) -> Iterator[tuple[Dot, float]]:
    """Several answers of one session on one level stand side by side, all of them nearer to it than to the next."""
    seen: dict[tuple[int, Rating], int] = {}
    most = max(Counter((dot.session, dot.rating) for dot in dots).values(), default=1)
    step = min(0.3, 0.035 * sessions, 0.6 / most)
    for dot in dots:
        at = seen.get((dot.session, dot.rating), 0)
        seen[dot.session, dot.rating] = at + 1
        yield dot, step * at


def spoken_chart(spoken: Spoken, dates: Sequence[datetime], joined: bool) -> str:
    """One figure of delivery: a dot an answer, and a line through the middles of the sessions."""
    with _figure(1.5) as (figure, out):
        names = dates if spoken.by == "session" else [str(at) for at, _ in spoken.values]
        axes = _over_time(figure, names, left=0.11)
        axes.set_ylim(*_range([value for _, value in spoken.values]))
        axes.locator_params(axis="y", nbins=4)
        axes.grid(axis="y", color=_BAND, linewidth=1)
        axes.set_axisbelow(True)
        if joined:
            axes.plot(*zip(*session_medians(spoken.values), strict=True), color=_FAINT, linewidth=1.2)
        places, values = zip(*spoken.values, strict=True)
        axes.scatter(places, values, s=22, color=_DOT, alpha=0.6, linewidth=0, zorder=3, clip_on=False)
    return _page_svg(out, f"spoken {spoken.name}")


def _range(values: Sequence[float]) -> tuple[float, float]:
    """From zero, unless the values lie far above it."""
    low, high = min(values), max(values) or 1.0
    return (0.9 * low if low > 0.4 * high else 0.0), 1.12 * high


def _over_time(figure: Figure, names: Sequence[datetime | str], left: float) -> Axes:
    """Axes with a place for each session, or answer; the spacing is by number, since days between tell nothing."""
    count = len(names)
    axes = figure.add_axes((left, 0.17, 0.985 - left, 0.8))
    axes.set_xlim(0.4, max(count, 2) + 0.6)
    shown = sorted({round(1 + at * (count - 1) / max(1, _MOST_DATES - 1)) for at in range(_MOST_DATES)})
    axes.set_xticks(shown, [_named(names[at - 1]) for at in shown])
    axes.tick_params(length=0, labelcolor=_INK, labelsize=9, pad=5)
    for spine in axes.spines.values():
        spine.set_visible(False)
    # A date in the middle of the last place would be cut off by the edge of the drawing.
    axes.get_xticklabels()[-1].set_horizontalalignment("right" if count > 2 else "center")
    return axes


def _named(name: datetime | str) -> str:
    return name if isinstance(name, str) else f"{name.day} {name:%b}"


@contextmanager
def _figure(height: float) -> Iterator[tuple[Figure, io.StringIO]]:
    """A transparent figure; it is written into the stream when the block ends."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    out = io.StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "report", "text.parse_math": False}):
        figure = Figure(figsize=(_WIDTH, height))
        figure.patch.set_visible(False)
        yield figure, out
        for axes in figure.axes:
            axes.patch.set_visible(False)
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})


def _page_svg(out: io.StringIO, name: str) -> str:
    """The drawing made fit to stand in a page beside others: the page's colours and font, no id used twice."""
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    svg = re.sub(r"font-family: [^;\"]*;?", "", svg)
    prefix = re.sub(r"\W", "-", name)
    svg = re.sub(r'(id="|href="#|url\(#)', rf"\g<1>{prefix}-", svg)
    svg = re.sub(r'width="[^"]*pt" height="[^"]*pt"', 'aria-hidden="true" focusable="false"', svg, count=1)
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    return re.sub(r">\s+<", "><", svg).strip()
