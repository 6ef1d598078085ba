"""Reads YAML files into values; every error names file, line, key and the fix. Works for any value."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from agent.logic.spelling import did_you_mean
from agent.values.errors import RubricError

MOST_BYTES = 4 << 20
"""Maximum size of a file; our longest has a tenth of a megabyte."""
DEEPEST = 20
"""Maximum nesting of lists and mappings; ours have eight levels."""
Location = tuple[int | str, ...]
Model = TypeVar("Model", bound=BaseModel)


# libyaml reads our rubrics in a fraction of a second, where the loader in pure Python needs six; wheels carry it.
_Base: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc,valid-type]
    """YAML in which `yes`, `no`, `on` and dates stay text, as authors expect, and no key may occur twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Rejects a key that occurs twice: YAML would silently keep only the last one."""
        seen = set[str]()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key '{key.value}' is given twice; remove or rename one", key.start_mark
                )
            seen.add(key.value)
        made: dict[Any, Any] = super().construct_mapping(node, deep)
        return made


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.rsplit(":", 1)[-1] in {"int", "float", "null"}]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


_TAGS = {
    yaml.ScalarEvent: (None, "tag:yaml.org,2002:str"),
    yaml.SequenceStartEvent: (None, "tag:yaml.org,2002:seq"),
    yaml.MappingStartEvent: (None, "tag:yaml.org,2002:map"),
}
"""Tags that change nothing. With others the reader fails in ways of its own on text that does not fit them."""


class YamlFile(NamedTuple):
    """A parsed file with its line numbers."""

    path: Path
    root: yaml.Node | None
    data: Any

    def describe(self, where: Location, says: str, kind: str = "") -> str:
        """A finding in one line: file, line, its kind if it is not an error, key, and the fix."""
        return f"{self.path}:{_line(self.root, where)}: {kind and kind + ': '}{_dotted(where)}: {says}"

    def as_model(self, model: type[Model], keys: Collection[str]) -> Model:
        """The file's content as a value; `keys` are the valid keys that a
        misspelled one may stand for. Raises RubricError.
        """
        try:
            return model.model_validate(self.data)
        except ValidationError as error:
            raise RubricError(
                "\n".join(self.describe(item["loc"], _fix(item, keys)) for item in _causes(error))
            ) from error


def read_yaml(path: Path) -> YamlFile:
    """Raises RubricError if the file cannot be read or is not YAML."""
    try:
        with path.open("rb") as file:
            # Not its size: a device or a pipe has none.
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise RubricError(f"{path}: larger than {MOST_BYTES >> 20} MB; split it into several files")
        text = content.decode("utf-8")
    except OSError as error:
        raise RubricError(f"{path}: cannot be read ({error.strerror}); give a YAML file or a folder of them") from error
    except UnicodeDecodeError as error:
        raise RubricError(f"{path}: not UTF-8 text; save the file as UTF-8") from error
    except ValueError as error:
        # A zero byte in the path.
        raise RubricError(f"{path}: cannot be read ({error}); give a YAML file or a folder of them") from error
    root, data = _parse(path, text)
    return YamlFile(path, root, data)


def as_yaml(data: dict[str, Any]) -> str:
    """Data as the text of a file, in the order of its keys."""
    text: str = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110)
    return text


def _parse(path: Path, text: str) -> tuple[yaml.Node | None, Any]:
    try:
        _refuse_bombs(text)
        loader = _Loader(text)
        root = loader.get_single_node()
        return root, loader.construct_document(root) if root else None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        if isinstance(error, yaml.constructor.ConstructorError):
            raise RubricError(f"{path}:{line}: {error.problem}") from error
        raise RubricError(
            f'{path}:{line}: not valid YAML ({error.problem}); put text with a colon or quote in "double quotes"'
        ) from error
    except (yaml.YAMLError, ValueError) as error:
        raise RubricError(f"{path}:1: not valid YAML ({' '.join(str(error).split())})") from error


def _refuse_bombs(text: str) -> None:
    """Rejects aliases of lists and mappings, which can expand a few lines to gigabytes, excessive nesting, and tags.

    Reads only the events, which needs neither memory nor a stack. Raises MarkedYAMLError.
    """
    depth, anchored = 0, set[str]()
    for event in yaml.parse(text, Loader=_Loader):
        tag = getattr(event, "tag", None)
        if tag not in _TAGS.get(type(event), (None,)):
            raise _refused(f"the tag '{tag}' is not used here; remove it, or put the text in quotes", event)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if event.anchor is not None:
                anchored.add(event.anchor)
            if depth > DEEPEST:
                raise _refused(f"more than {DEEPEST} nested levels; use fewer", event)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent) and event.anchor in anchored:
            raise _refused(f"'*{event.anchor}' repeats a list or mapping; write it out instead", event)


def _refused(problem: str, event: yaml.Event) -> yaml.MarkedYAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, event.start_mark)  # type: ignore[arg-type]


def _line(node: yaml.Node | None, location: Location) -> int:
    """The line (from 1) of the deepest part of `location` that is in the file."""
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


def _causes(error: ValidationError) -> list[ErrorDetails]:
    """Leaves out lists that count as too short only because their items are wrong, which is reported already."""
    found = error.errors()
    return [
        item
        for item in found
        if item["type"] != "too_short"
        or not any(other is not item and other["loc"][: len(item["loc"])] == item["loc"] for other in found)
    ]


def _fix(error: ErrorDetails, keys: Collection[str]) -> str:
    key = str(error["loc"][-1]) if error["loc"] else "file"
    if error["type"] == "missing":
        return f"the key '{key}' is missing; add it"
    if error["type"] == "extra_forbidden":
        return f"unknown key '{key}'; {did_you_mean(key, keys, most=1) or 'remove it'}"
    if error["type"] == "string_type":
        return f'expected text but found {str(error["input"])[:60]!r}; put it in "double quotes"'
    return f"{error['msg'].removeprefix('Value error, ')} (found {str(error['input'])[:60]!r})"


def _dotted(location: Location) -> str:
    return ".".join(str(step + 1) if isinstance(step, int) else step for step in location) or "file"
