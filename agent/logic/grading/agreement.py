"""How well ratings agree with labels: kappa, shares, intervals, calibration. Pure; ratings are ranks 0 to 3."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy as np

LEVELS = 4


def quadratic_weighted_kappa(labels: Sequence[int], ratings: Sequence[int]) -> float | None:
    """Cohen's kappa with quadratic weights (Cohen, 1968): 1 is perfect, 0 is chance. None when nothing varies."""
    if not labels:
        return None
    observed = confusion(labels, ratings) / len(labels)
    expected = np.outer(observed.sum(axis=1), observed.sum(axis=0))
    weight = np.subtract.outer(np.arange(LEVELS), np.arange(LEVELS)) ** 2
    chance = float((weight * expected).sum())
    return None if chance == 0 else 1.0 - float((weight * observed).sum()) / chance


def confusion(labels: Sequence[int], ratings: Sequence[int]) -> np.ndarray:
    """Counts of shape (4, 4): rows are labels, columns ratings."""
    table = np.zeros((LEVELS, LEVELS))
    for label, rating in zip(labels, ratings, strict=True):
        table[label, rating] += 1
    return table


def exact(labels: Sequence[int], ratings: Sequence[int]) -> float:
    """Share of ratings that equal their label."""
    return float(np.mean(np.array(labels) == np.array(ratings)))


def within_one(labels: Sequence[int], ratings: Sequence[int]) -> float:
    """Share of ratings at most one level from their label."""
    return float(np.mean(np.abs(np.array(labels) - np.array(ratings)) <= 1))


def pearson(labels: Sequence[float], scores: Sequence[float]) -> float | None:
    """Pearson's r; None when one side does not vary."""
    a, b = np.array(labels, float), np.array(scores, float)
    if len(a) < 2 or a.std() == 0 or b.std() == 0:
        return None
    return float(np.corrcoef(a, b)[0, 1])


def by_quantile(labels: Sequence[int], scores: Sequence[float]) -> list[int]:
    """Scores turned into ratings with the labels' own shares of each level: the
    most favorable thresholds a baseline could have.
    """
    order = np.argsort(np.array(scores, float), kind="stable")
    ratings = np.zeros(len(labels), int)
    ratings[order] = np.sort(np.array(labels))
    return [int(rating) for rating in ratings]


def interval(
    labels: Sequence[int],
    ratings: Sequence[int],
    figure: Callable[[Sequence[int], Sequence[int]], float | None],
    draws: int = 1000,
) -> tuple[float, float] | None:
    """The central 95% of a figure over resampled answers (bootstrap; Efron, 1979)."""
    draw, values = random.Random(0), list[float]()
    for _ in range(draws):
        picked = [draw.randrange(len(labels)) for _ in labels]
        value = figure([labels[i] for i in picked], [ratings[i] for i in picked])
        values += [] if value is None else [value]
    return (float(np.percentile(values, 2.5)), float(np.percentile(values, 97.5))) if values else None


def calibration(confidences: Sequence[float], right: Sequence[bool], bins: int = 5) -> list[dict[str, float]]:
    """Mean confidence and the share that was right, for equally wide bands of confidence; empty bands are left out."""
    rows = []
    for index in range(bins):
        low, high = index / bins, (index + 1) / bins
        inside = [i for i, c in enumerate(confidences) if low <= c < high or (index == bins - 1 and c == 1.0)]
        if inside:
            rows.append(
                {
                    "from": low,
                    "to": high,
                    "n": float(len(inside)),
                    "confidence": float(np.mean([confidences[i] for i in inside])),
                    "right": float(np.mean([right[i] for i in inside])),
                }
            )
    return rows


def calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """Expected calibration error: mean distance between confidence and the
    share that was right, weighted by band size.
    """
    return sum(abs(row["confidence"] - row["right"]) * row["n"] for row in calibration(confidences, right)) / max(
        1, len(right)
    )
