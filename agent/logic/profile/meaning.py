"""Tells which field a line of a CV is about, by its similarity to the questions of that field."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from agent.values.rubric import Question

PLAIN = 0.5
"""Minimum similarity to a field's questions for a line that is about the field."""
AHEAD = 0.05
"""How much more similar it must be than to the next field."""
Matrix = npt.NDArray[np.float32]


class Encoder(Protocol):
    """Turns texts into vectors that are near when their meaning is near."""

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Shape (len(texts), any), rows of length one. Raises ModelError."""
        ...


class QuestionMeaning:
    """Compares lines with the scenes and questions of each field. Implements FieldMeaning."""

    def __init__(self, questions: Iterable[Question], encoder: Encoder, wanted: Collection[str]) -> None:
        """Only `wanted` fields are ever returned; the others are compared so that they can be more similar."""
        self._encoder, self._wanted = encoder, frozenset(wanted)
        texts = [(q.field, text) for q in questions for text in (q.scenario, q.ask)]
        self._fields = [field for field, _ in texts]
        self._names = sorted(set(self._fields))
        self._vectors = encoder.embed([text for _, text in texts])

    def field_of(self, lines: Sequence[str]) -> list[str | None]:
        """Returns the field that each line is clearly about; None if there is none."""
        if not lines:
            return []
        near = self._encoder.embed(lines) @ self._vectors.T
        return [self._plain(row) for row in self.by_field(near)]

    def by_field(self, likeness: Matrix) -> Matrix:
        """Returns, for each line and each field in order of name, the similarity to the field's most similar text."""
        own = np.array(self._fields)
        return np.stack([likeness[:, own == name].max(axis=1) for name in self._names], axis=1)

    def _plain(self, row: npt.NDArray[np.float32]) -> str | None:
        order = np.argsort(-row)
        ahead = row[order[0]] - (row[order[1]] if len(order) > 1 else 0.0)
        name = self._names[int(order[0])]
        return name if name in self._wanted and row[order[0]] >= PLAIN and ahead >= AHEAD else None
