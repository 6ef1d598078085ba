"""Reads rubric files (YAML) into values; every fault is told with file, line, key and the mend."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from agent.adapters.yaml_file import read_yaml
from agent.logic.grading.rubric_check import faults
from agent.values.errors import RubricError
from agent.values.rubric import (
    Clarification,
    LevelTexts,
    Misconception,
    Need,
    Needs,
    Point,
    Question,
    Term,
    Topic,
)

_KEYS = {
    key
    for model in (Topic, Question, Point, Need, Needs, Misconception, Clarification, LevelTexts, Term)
    for key in model.model_fields
}


def load_file(path: Path) -> Topic:
    """The topic in one file. Raises RubricError naming file, line, key and what would be right."""
    file = read_yaml(path)
    topic = file.as_model(Topic, _KEYS)
    problems = [file.told(fault.where, fault.says) for fault in faults(topic)]
    if problems:
        raise RubricError("\n".join(problems))
    return topic


def load(path: Path) -> tuple[Topic, ...]:
    """All topics of a file or folder, in file order. Raises RubricError, also when two questions share an id."""
    if not path.exists():
        raise RubricError(f"{path}: no such file or folder; give a rubric file (.yaml) or a folder of them")
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not files:
        raise RubricError(f"{path}: the folder has no .yaml file; 'mock-interview questions new' writes a template")
    topics = tuple(load_file(file) for file in files)
    _refuse_twins(files, topics)
    return topics


def load_questions(paths: Iterable[Path]) -> dict[str, Question]:
    """Every question by id, in file order; a later path replaces a question of the same id."""
    return {question.id: question for path in paths for topic in load(path) for question in topic.questions}


def _refuse_twins(files: Sequence[Path], topics: Sequence[Topic]) -> None:
    seen: dict[str, Path] = {}
    for file, topic in zip(files, topics, strict=True):
        for question in topic.questions:
            if question.id in seen:
                raise RubricError(f"{file}: question id '{question.id}' is taken by {seen[question.id]}; rename one")
            seen[question.id] = file


def json_schema() -> dict[str, Any]:
    """JSON Schema of a rubric file, for editors."""
    model: type[BaseModel] = Topic
    return model.model_json_schema()
