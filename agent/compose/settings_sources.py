"""Reads settings from the user's file, the environment and the command line; the last of these wins."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import EnvSettingsSource

from agent.compose.settings import Settings, takes, variables
from agent.logic.spelling import did_you_mean
from agent.values.errors import InputError

ONLY_IN_ENVIRONMENT = "api_key"
"""Not allowed in the file: keys in files end up in backups and repositories."""
_EXCLUSIVE = ("patient", "end_silence")
"""Settings that exclude each other: the one from the later source wins."""


class Origin(StrEnum):
    """Where a value comes from, the weakest first."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    FLAG = "option"


class Loaded(NamedTuple):
    """Settings, and the origin of each by name."""

    settings: Settings
    origins: dict[str, Origin]


def config_file() -> Path:
    """The user's settings file, whether or not it exists."""
    import platformdirs

    return platformdirs.user_config_path("mock-interview", appauthor=False) / "config.toml"


def load_settings(flags: Mapping[str, Any] | None = None, file: Path | None = None) -> Loaded:
    """The settings with `flags` (by name) over environment and file; `file` None is the user's own.

    Raises InputError with the file or variable, the key and the fix, in one line.
    """
    path = file or config_file()
    sources = {
        Origin.FILE: read_file(path),
        Origin.ENVIRONMENT: _by_name(EnvSettingsSource(Settings)()),
        Origin.FLAG: dict(flags or {}),
    }
    values: dict[str, Any] = {}
    origins = dict.fromkeys(Settings.model_fields, Origin.DEFAULT)
    for origin, found in sources.items():
        for name in _overruled(found):
            values.pop(name, None)
            origins[name] = Origin.DEFAULT
        values.update(found)
        origins.update(dict.fromkeys(found, origin))
    return Loaded(checked(values, path, origins), origins)


def checked(values: Mapping[str, Any], path: Path, origins: Mapping[str, Origin] | None = None) -> Settings:
    """The settings of those values. Raises InputError; a value without an origin came from the file."""
    try:
        return Settings(**values)
    except ValidationError as error:
        raise InputError(_wrong(error.errors()[0], origins or {}, path)) from error


def read_file(path: Path) -> dict[str, Any]:
    """The settings in the file; empty if there is no file. Raises InputError if it is not a valid settings file.

    Relative paths in it are relative to its folder.
    """
    try:
        values = tomllib.loads(path.read_text("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); make it readable, or remove it") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text; save the file as UTF-8") from error
    except (ValueError, RecursionError) as error:
        # Not the reader's own error alone: a number of 5000 digits, or lists without end, raise others.
        raise InputError(f'{path}: not valid TOML ({error}); a line looks like: voice = "piper"') from error
    for name in values:
        refuse_unknown(name, path)
    return {name: _placed(name, value, path.parent) for name, value in values.items()}


def refuse_unknown(name: str, path: Path) -> None:
    """Raises InputError if a file cannot contain a setting of that name."""
    if name == ONLY_IN_ENVIRONMENT:
        raise InputError(f"{path}: {name}: a key is not read from a file; set {variable(name)} in the environment")
    if name not in Settings.model_fields:
        names = sorted(set(Settings.model_fields) - {ONLY_IN_ENVIRONMENT})
        fix = did_you_mean(name, names) or f"remove it, or use one of: {', '.join(names)}"
        raise InputError(f"{path}: {name}: no such setting; {fix}")


def variable(name: str) -> str:
    """The environment variable that has the setting, or the one to use if none has."""
    names = variables(name)
    return next((found for found in names if os.environ.get(found)), names[0])


def _placed(name: str, value: Any, folder: Path) -> Any:
    if name in ("rubrics", "data_dir") and isinstance(value, str) and value.strip():
        # Not Path.expanduser(), which raises RuntimeError for a user that there is not.
        return folder / os.path.expanduser(value)
    return value


def _by_name(found: Mapping[str, Any]) -> dict[str, Any]:
    """The values in the environment by the names of the settings, not of their variables."""
    names = {variable: name for name in Settings.model_fields for variable in variables(name)}
    return {names.get(key, key): value for key, value in found.items()}


def _overruled(found: Mapping[str, Any]) -> list[str]:
    chosen = [name for name in _EXCLUSIVE if found.get(name) not in (None, False)]
    return [name for name in _EXCLUSIVE if chosen and name not in chosen]


def _wrong(error: ErrorDetails, origins: Mapping[str, Origin], path: Path) -> str:
    if not error["loc"]:
        return f"{path}: {error['msg'].removeprefix('Value error, ')}"
    key = str(error["loc"][0])
    name = _by_name({key: None}).popitem()[0]
    place = {
        Origin.FILE: f"{path}: {name}",
        Origin.ENVIRONMENT: f"the environment variable {variable(name)}",
    }.get(origins.get(name, Origin.FILE), name)
    value = str(error["input"]) if isinstance(error["input"], Path) else error["input"]
    given = "that" if name == ONLY_IN_ENVIRONMENT else repr(value)[:80]
    return f"{place}: {given} cannot be used; give {takes(name)}"
