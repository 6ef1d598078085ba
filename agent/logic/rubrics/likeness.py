"""What is doubtful about the meaning of a question's texts, given their vectors; independent of the encoder.

Likeness is the cosine of two unit vectors. The limits were chosen by reading what they find in our own questions; see
docs/decisions.md. Points with the same meaning in different words are not found: they are as similar as any two points
of a question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from agent.logic.rubrics.check import Finding
from agent.values.rubric import Misconception, Point, Question

SAME = 0.8
"""Minimum likeness at which exemplars of two points say the same."""
NEAR_TRUTH = 0.75
"""Minimum likeness of a wrong and a right exemplar at which the wrong one needs a counter."""
TELLING = 0.8
"""Minimum likeness at which a nudge or hint gives away an exemplar's point; below it, most only name the topic."""
RIGHT_NEARBY = 0.5
"""Likeness that one counter of a misconception must reach; otherwise the grader cannot tell right from wrong."""

Vector = npt.NDArray[np.float32]
Vectors = Mapping[str, Vector]
"""Unit vectors by text."""


class Pair(NamedTuple):
    """The two most similar texts of two groups."""

    likeness: float
    one: str
    other: str


def compared(question: Question) -> tuple[str, ...]:
    """The texts whose vectors are needed, each one once."""
    points = [text for point in question.points for text in (*point.exemplars, point.nudge)]
    wrong = [text for item in question.misconceptions for text in (*item.exemplars, *item.counter)]
    return tuple(dict.fromkeys((*points, *wrong, *question.hints)))


def likeness_warnings(question: Question, vectors: Vectors) -> Iterator[Finding]:
    """All warnings about meaning, with their places inside the question."""
    yield from _same_points(question, vectors)
    yield from _near_truth(question, vectors)
    yield from _telling(question, vectors)


def nearest_pair(some: Sequence[str], others: Sequence[str], vectors: Vectors) -> Pair:
    """The most similar of all pairs; without texts, nothing is similar."""
    if not some or not others:
        return Pair(-1.0, "", "")
    likeness = np.array([vectors[text] for text in some]) @ np.array([vectors[text] for text in others]).T
    row, column = divmod(int(likeness.argmax()), len(others))
    return Pair(float(likeness[row, column]), some[row], others[column])


def _same_points(question: Question, vectors: Vectors) -> Iterator[Finding]:
    """Exemplars of two points that say the same, unless one point implies the other."""
    for (_, one), (index, other) in combinations(enumerate(question.points), 2):
        pair = nearest_pair(one.exemplars, other.exemplars, vectors)
        if pair.likeness >= SAME and not _implied(one, other):
            yield Finding(
                ("points", index, "exemplars"),
                f'"{pair.other}" ({other.id}) says nearly the same as "{pair.one}" ({one.id}), so one sentence may '
                f"count twice; reword or remove one{_measured(pair)}",
            )


def _implied(one: Point, other: Point) -> bool:
    return other.id in one.implies or one.id in other.implies


def _near_truth(question: Question, vectors: Vectors) -> Iterator[Finding]:
    for index, wrong in enumerate(question.misconceptions):
        near = nearest_pair(wrong.exemplars, wrong.counter, vectors)
        if wrong.counter and near.likeness < RIGHT_NEARBY:
            yield Finding(
                ("misconceptions", index, "counter"),
                f"no counter sounds like '{wrong.id}'; begin with the correct version of "
                f'"{wrong.exemplars[0]}"{_measured(near)}',
            )
        for point in question.points:
            pair = _unguarded(wrong, point, vectors)
            if pair.likeness >= NEAR_TRUTH:
                yield Finding(
                    ("misconceptions", index, "exemplars"),
                    f'"{pair.one}" is close to the correct statement "{pair.other}" ({point.id}); reword it, '
                    f"or add a counter that says what is right in its words{_measured(pair)}",
                )


def _unguarded(wrong: Misconception, point: Point, vectors: Vectors) -> Pair:
    """The wrong exemplar most similar to a right one, among those without a counter that is at least as similar."""
    pairs = [
        pair
        for text in wrong.exemplars
        if (pair := nearest_pair([text], point.exemplars, vectors)).likeness
        > nearest_pair([text], wrong.counter, vectors).likeness
    ]
    return max(pairs, default=Pair(-1.0, "", ""))


def _telling(question: Question, vectors: Vectors) -> Iterator[Finding]:
    """Nudges that give away their point, and hints that give away any point."""
    for index, point in enumerate(question.points):
        pair = nearest_pair([point.nudge], point.exemplars, vectors)
        if pair.likeness >= TELLING:
            yield Finding(("points", index, "nudge"), _described(point, pair))
    for index, hint in enumerate(question.hints):
        for point in question.points:
            pair = nearest_pair([hint], point.exemplars, vectors)
            if pair.likeness >= TELLING:
                yield Finding(("hints", index), _described(point, pair))


def _described(point: Point, pair: Pair) -> str:
    return f"nearly says '{point.id}' (\"{pair.other}\"); lead toward the point without saying it{_measured(pair)}"


def _measured(pair: Pair) -> str:
    return f" (likeness {pair.likeness:.2f})"
