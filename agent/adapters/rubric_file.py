"""Reads rubric files (YAML) into values; every error names file, line, key and the fix."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from agent.adapters.yaml_file import YamlFile, read_yaml
from agent.logic.rubrics.check import faults
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


_ENDINGS = (".yaml", ".yml")


class RubricFile(NamedTuple):
    """A topic, together with its file, which knows the line numbers."""

    source: YamlFile
    topic: Topic


def rubric_files(path: Path) -> list[Path]:
    """The rubric files at a path: the file itself, or those in a folder, sorted by name.

    Hidden files are skipped: macOS leaves a `._x.yaml` next to each x.yaml on foreign disks. Raises RubricError.
    """
    if not path.exists():
        raise RubricError(f"{path}: no such file or folder; give a rubric file (.yaml) or a folder of them")
    if not path.is_dir():
        return [path]
    files = sorted(
        file for file in path.iterdir() if file.suffix.lower() in _ENDINGS and file.name[0] != "." and file.is_file()
    )
    if not files:
        raise RubricError(f"{path}: the folder has no .yaml file; put a rubric file there", "rubric")
    return files


def read_file(path: Path) -> RubricFile:
    """One file. Raises RubricError naming file, line, key and what would be right."""
    try:
        now = path.stat()
    except OSError:
        return _parsed(path)
    return _parsed_once(path, path.absolute(), (now.st_ino, now.st_mtime_ns, now.st_size))


@lru_cache(maxsize=256)
def _parsed_once(path: Path, _whole: Path, _state: tuple[int, int, int]) -> RubricFile:
    """Cached while the file is unchanged; ours take a second to parse."""
    return _parsed(path)


def _parsed(path: Path) -> RubricFile:
    source = read_yaml(path)
    topic = source.as_model(Topic, _KEYS)
    problems = [source.describe(fault.where, fault.says) for fault in faults(topic)]
    if problems:
        raise RubricError("\n".join(problems))
    return RubricFile(source, topic)


def read(path: Path) -> tuple[RubricFile, ...]:
    """All of a file or folder, in file order. Raises RubricError, also when two questions share an id."""
    files = tuple(read_file(file) for file in rubric_files(path))
    _refuse_twins(files)
    return files


def load_file(path: Path) -> Topic:
    """The topic in one file. Raises RubricError."""
    return read_file(path).topic


def load(path: Path) -> tuple[Topic, ...]:
    """All topics of a file or folder, in file order. Raises RubricError."""
    return tuple(file.topic for file in read(path))


def load_questions(paths: Iterable[Path]) -> dict[str, Question]:
    """Every question by id, in file order; a later path replaces a question of the same id."""
    return {question.id: question for path in paths for topic in load(path) for question in topic.questions}


def _refuse_twins(files: Sequence[RubricFile]) -> None:
    seen: dict[str, Path] = {}
    for source, topic in files:
        for question in topic.questions:
            if question.id in seen:
                raise RubricError(
                    f"{source.path}: question id '{question.id}' is taken by {seen[question.id]}; rename one"
                )
            seen[question.id] = source.path


def json_schema() -> dict[str, Any]:
    """JSON Schema of a rubric file, for editors."""
    model: type[BaseModel] = Topic
    return model.model_json_schema()
