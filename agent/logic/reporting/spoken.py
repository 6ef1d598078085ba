"""How the answers were spoken, from session to session; never part of a rating."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from agent.logic.reporting.signals import Numbered
from agent.logic.reporting.trend import FEWEST_SESSIONS, figures_text
from agent.logic.reporting.values import DeliveryFigure, LongPause
from agent.values.session import Delivery, Turn


class _Figure(NamedTuple):
    name: str
    unit: str
    of: Callable[[Delivery], float]


_FIGURES = (
    _Figure("Pace", "words per minute", lambda spoken: spoken.words_per_minute or 0.0),
    _Figure("Filler phrases", "per 100 words", lambda spoken: round(100 * spoken.fillers / max(1, spoken.words), 1)),
    _Figure("Longest pause", "seconds", lambda spoken: spoken.longest_pause_s or 0.0),
)


def delivery_figures(numbered: Sequence[Numbered]) -> Iterator[DeliveryFigure]:
    """Each figure for all answers that have a pace; empty if none has one."""
    spoken = [
        (number, saved.turn.delivery)
        for number, session in numbered
        for saved in session.turns
        if saved.turn.delivery.words_per_minute is not None
    ]
    sessions = len({number for number, _ in spoken})
    enough = sessions >= FEWEST_SESSIONS
    for figure in _FIGURES if spoken else ():
        values = [(number if enough else at, figure.of(item)) for at, (number, item) in enumerate(spoken, start=1)]
        yield DeliveryFigure(
            name=figure.name,
            unit=figure.unit,
            values=tuple(values),
            by="session" if enough else "answer",
            text=figures_text(values, sessions),
        )


def longest_pause(turn: Turn) -> LongPause | None:
    """The pause that the delivery counts: while the agent spoke, the candidate was not pausing."""
    words, most = turn.transcript.words, turn.delivery.longest_pause_s
    if not turn.transcript.timed or most is None:
        return None
    between = [(a.end_s, b.start_s) for a, b in pairwise(words) if b.start_s - a.end_s <= most + 0.01]
    start, end = max(between, key=lambda gap: gap[1] - gap[0], default=(0.0, 0.0))
    return LongPause(start_s=start, end_s=end) if end > start else None
