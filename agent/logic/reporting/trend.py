"""Whether a series of values rises or falls, and how to say so.

Ratings stay names: a trend comes from comparing values pair by pair, never from averaging ranks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations, groupby
from statistics import median

from agent.values.rubric import Rating

FEWEST_SESSIONS = 3
"""Minimum number of sessions for a trend."""
_UNLIKELY = 1.96
"""Standard deviations that chance exceeds in one of twenty cases."""


def direction(values: Sequence[float]) -> int:
    """1 if later values are higher, -1 if lower, 0 if chance could have produced this order.

    The Mann-Kendall test: it only asks which of two values is higher, so it works for levels without distances.
    """
    count = len(values)
    balance = sum((later > former) - (later < former) for former, later in combinations(values, 2))
    ties = [values.count(value) for value in set(values)]
    spread = sum(sign * n * (n - 1) * (2 * n + 5) for sign, sizes in ((1, [count]), (-1, ties)) for n in sizes) / 18
    if spread <= 0 or (abs(balance) - 1) / math.sqrt(spread) < _UNLIKELY:
        return 0
    return 1 if balance > 0 else -1


def course_text(ratings: Sequence[Rating]) -> str:
    """How the ratings of one signal developed, one rating per session."""
    count = len(ratings)
    if count < FEWEST_SESSIONS:
        return _too_few(count)
    if len(set(ratings)) == 1:
        return f"{ratings[0].spoken.capitalize()} in all {count} sessions."
    way = direction([rating.rank for rating in ratings])
    if way == 0:
        return f"No clear trend over {count} sessions: the ups and downs may be chance."
    course, word = ("Rising", "higher") if way > 0 else ("Falling", "lower")
    return f"{course} over {count} sessions: later ones tend to be rated {word}, which is unlikely to be chance."


def figures_text(figures: Sequence[tuple[int, float]], sessions: int) -> str:
    """How one figure of delivery developed; `figures` as in
    DeliveryFigure.values, `sessions` is how many they come from.
    """
    values = [value for _, value in figures]
    span = f"From {min(values):.3g} to {max(values):.3g}, median {median(values):.3g}."
    if len(values) == 1:
        span = f"{values[0]:.3g}, from one spoken answer."
    if sessions < FEWEST_SESSIONS:
        return f"{span} {_too_few(sessions)}"
    way = direction([value for _, value in medians(figures)])
    course = {1: "Later sessions tend to be higher.", 0: "No clear trend.", -1: "Later sessions tend to be lower."}
    return f"{span} {course[way]}"


def medians(figures: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Returns the median figure of each session, or answer."""
    return [(at, median(value for _, value in group)) for at, group in groupby(figures, key=lambda pair: pair[0])]


def _too_few(count: int) -> str:
    have = "1 session" if count == 1 else f"{count} sessions"
    return f"Only {have} so far: too few for a trend, which needs at least {FEWEST_SESSIONS}."
