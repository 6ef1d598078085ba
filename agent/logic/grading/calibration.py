"""Turns measurements of a target in an answer into the probability that it was made (logistic; Platt, 1999)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from agent.values.base import Value


class Measured(NamedTuple):
    """Measurements of one target in one segment of speech."""

    logit: float
    """Of the point model."""
    likeness: float
    """Cosine to the nearest exemplar, -1 to 1."""
    margin: float
    """`likeness` minus the cosine to the nearest near miss."""
    terms: float
    """Share of the term groups heard, 0 to 1; 0 when the target has none."""
    rejected: float
    """1 if the segment rejects something, else 0."""


class Calibration(Value):
    """Weights of a logistic regression over the measurements; fitted by training/calibrate.py."""

    point_model_sha256: str
    """The model that the weights were fitted to."""
    point: tuple[float, ...]
    """Intercept, then one weight for each field of Measured, for points."""
    misconception: tuple[float, ...]
    """The same for misconceptions."""

    def probability(self, measured: Measured, *, of_point: bool) -> float:
        """The probability that the target was made, 0 to 1."""
        return logistic(self.point if of_point else self.misconception, measured)


def logistic(weights: Sequence[float], measured: Sequence[float]) -> float:
    """The probability that a logistic regression gives; `weights` start with the intercept."""
    score = weights[0] + sum(weight * value for weight, value in zip(weights[1:], measured, strict=True))
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score))))
