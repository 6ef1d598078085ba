"""Under which key a grade is on record: a hash of all that it depends on, and of nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pydantic import Field

from agent.logic.grading.provenance import rubric_hash
from agent.values.base import Value
from agent.values.batch import BatchItem
from agent.values.provenance import ModelId
from agent.values.rubric import Question

_DIGITS = 32


class Recipe(Value):
    """All that a grade depends on besides the answer and its question."""

    program: str
    """Version."""
    transcriber: ModelId
    grader: str
    grader_models: tuple[ModelId, ...] = ()
    prompt_version: str | None = None
    options: dict[str, Any] = Field(default_factory=dict)
    """What else changes the words or the grade: the type of Whisper's arithmetic, which channel is read, ..."""


def result_key(audio_sha256: str, question: Question, hints_used: int, recipe: Recipe) -> str:
    """Of a grade: sound, question with its rubric, hints, models and version."""
    return _hash({"audio": audio_sha256, **_asked(question, hints_used), "recipe": recipe.model_dump(mode="json")})


def work_id(item: BatchItem, question: Question, recipe: Recipe) -> str:
    """Of the work on a recording, known before it is read. Whether the recording has changed is another matter."""
    asked = _asked(question, item.hints_used)
    return _hash({"recording": item.recording, **asked, "recipe": recipe.model_dump(mode="json")})


def _asked(question: Question, hints_used: int) -> Mapping[str, Any]:
    return {"question": question.id, "rubric": rubric_hash(question), "hints": hints_used}


def _hash(made_from: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()[:_DIGITS]
