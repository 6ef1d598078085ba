"""How far a cohort's figures can be trusted: 95% intervals.

Answers of one candidate are alike, so they count less than answers of several.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import NamedTuple

import numpy as np

_Z = 1.959964
_DRAWS = 1000


class Interval(NamedTuple):
    """Bounds of the central 95%."""

    low: float
    high: float


def share_interval(holds: np.ndarray, who: Iterable[Hashable]) -> Interval:
    """95% interval of the share of answers for which something holds, shape (n,); `who` gave each answer.

    Wilson's interval (1927) with the number of answers divided by the design effect of candidates who gave several
    (Kish, 1965). Where nothing varies, that effect cannot be seen, and each candidate counts once.
    """
    numbers: dict[Hashable, int] = {}
    cluster = np.array([numbers.setdefault(name, len(numbers)) for name in who])
    count, share, clusters = len(holds), float(np.mean(holds)), len(numbers)
    if share in (0.0, 1.0) or clusters < 2:
        size = float(clusters)
    else:
        residuals = np.bincount(cluster, weights=holds - share)
        variance = clusters / (clusters - 1) * float(np.sum(residuals**2)) / count**2
        size = count / max(1.0, variance / (share * (1 - share) / (count - 1)))
    middle = (share + _Z**2 / (2 * size)) / (1 + _Z**2 / size)
    half = _Z / (1 + _Z**2 / size) * (share * (1 - share) / size + _Z**2 / (4 * size**2)) ** 0.5
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def kappa_interval(table: np.ndarray) -> Interval | None:
    """95% interval of the quadratic weighted kappa of a table of counts, shape (levels, levels), from random tables
    like it.

    Equivalent to resampling the answers, in a time that does not depend on their number. None if nothing varies.
    """
    total, levels = int(table.sum()), len(table)
    drawn = np.random.default_rng(0).multinomial(total, (table / total).ravel(), _DRAWS).reshape(_DRAWS, levels, levels)
    weight = np.subtract.outer(np.arange(levels), np.arange(levels)) ** 2
    seen = (drawn * weight).sum(axis=(1, 2)) / total
    chance = np.einsum("di,dj,ij->d", drawn.sum(axis=2), drawn.sum(axis=1), weight) / total**2
    values = 1 - seen[chance > 0] / chance[chance > 0]
    return Interval(*map(float, np.percentile(values, [2.5, 97.5]))) if len(values) else None
