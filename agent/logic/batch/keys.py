"""The key under which a grade is saved: a hash of everything that it depends on, and of nothing else."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import Field

from agent.logic.grading.provenance import rubric_hash
from agent.values.base import Value
from agent.values.batch import BatchItem
from agent.values.provenance import ModelId
from agent.values.rubric import Question

_DIGITS = 32
_KEY_BYTES = _DIGITS // 2


class Recipe(Value):
    """Everything that a grade depends on besides the answer and its question."""

    program: str
    """Version."""
    transcriber: ModelId
    grader: str
    grader_models: tuple[ModelId, ...] = ()
    prompt_version: str | None = None
    options: dict[str, Any] = Field(default_factory=dict)
    """What else changes the words or the grade: the type of Whisper's arithmetic, which channel is read, ..."""


class KeySet:
    """Keys of saved grades, 16 bytes each: every worker has a copy, and a set of ten million would take 1 GB."""

    def __init__(self, keys: Iterable[bytes] = ()) -> None:
        self._packed = b"".join(sorted(keys))

    def __len__(self) -> int:
        return len(self._packed) // _KEY_BYTES

    def __contains__(self, key: bytes) -> bool:
        at = bisect_left(range(len(self)), key, key=self._at)
        return at < len(self) and self._at(at) == key

    def _at(self, number: int) -> bytes:
        return self._packed[number * _KEY_BYTES : (number + 1) * _KEY_BYTES]


def result_key(audio_sha256: str, question: Question, hints_used: int, recipe: Recipe) -> str:
    """Returns the key of a grade, from sound, question with its rubric, hints, models and version."""
    return _hash({"audio": audio_sha256, **_asked(question, hints_used), "recipe": recipe.model_dump(mode="json")})


def work_id(item: BatchItem, question: Question, recipe: Recipe) -> str:
    """Returns the id of the work on a recording before it is read, so without telling whether the recording has
    changed.
    """
    asked = _asked(question, item.hints_used)
    return _hash({"recording": item.recording, **asked, "recipe": recipe.model_dump(mode="json")})


def _asked(question: Question, hints_used: int) -> Mapping[str, Any]:
    return {"question": question.id, "rubric": rubric_hash(question), "hints": hints_used}


def _hash(made_from: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()[:_DIGITS]
