"""Reads rubric files (YAML) into values; every fault is told with file, line, key and the mend."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from agent.steps.rubric_check import faults
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

Location = tuple[int | str, ...]
_KEYS = {
    key
    for model in (Topic, Question, Point, Need, Needs, Misconception, Clarification, LevelTexts, Term)
    for key in model.model_fields
}


class _Loader(yaml.SafeLoader):
    """YAML where `yes`, `no`, `on` and dates stay text, as a writer of sentences expects."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.rsplit(":", 1)[-1] in {"int", "float", "null"}]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load_file(path: Path) -> Topic:
    """The topic in one file. Raises RubricError naming file, line, key and what would be right."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise RubricError(
            f"{path}: cannot be read ({error.strerror}); give a rubric file or a folder of them"
        ) from error
    except UnicodeDecodeError as error:
        raise RubricError(f"{path}: not UTF-8 text; save the file as UTF-8") from error
    root, data = _parse(path, text)
    try:
        topic = Topic.model_validate(data)
    except ValidationError as error:
        raise RubricError("\n".join(_explain(path, root, item) for item in error.errors())) from error
    problems = [f"{path}:{_line(root, fault.where)}: {_dotted(fault.where)}: {fault.says}" for fault in faults(topic)]
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


def _parse(path: Path, text: str) -> tuple[yaml.Node | None, Any]:
    try:
        return yaml.compose(text, Loader=_Loader), yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RubricError(
            f'{path}:{line}: not valid YAML ({error.problem}); put text with a colon or quote in "double quotes"'
        ) from error
    except yaml.YAMLError as error:
        raise RubricError(f"{path}:1: not valid YAML ({error})") from error


def _line(node: yaml.Node | None, location: Location) -> int:
    """The line (from 1) of the deepest part of `location` that stands in the file."""
    line = node.start_mark.line + 1 if node else 1
    for step in location:
        following = _child(node, step)
        if following is None:
            break
        line, node = following
    return line


def _child(node: yaml.Node | None, step: int | str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((key.start_mark.line + 1, value) for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line + 1, node.value[step]
    return None


def _explain(path: Path, root: yaml.Node | None, error: ErrorDetails) -> str:
    location = error["loc"]
    return f"{path}:{_line(root, location)}: {_dotted(location)}: {_mend(error)}"


def _mend(error: ErrorDetails) -> str:
    key = str(error["loc"][-1]) if error["loc"] else "file"
    if error["type"] == "missing":
        return f"the key '{key}' is missing; add it"
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(key, _KEYS, n=1)
        return f"unknown key '{key}'; " + (f"did you mean '{near[0]}'?" if near else "remove it")
    if error["type"] == "string_type":
        return f'expected text but found {error["input"]!r}; put it in "double quotes"'
    return f"{error['msg']} (found {str(error['input'])[:60]!r})"


def _dotted(location: Location) -> str:
    return ".".join(str(step + 1) if isinstance(step, int) else step for step in location) or "file"


def json_schema() -> dict[str, Any]:
    """JSON Schema of a rubric file, for editors."""
    model: type[BaseModel] = Topic
    return model.model_json_schema()
