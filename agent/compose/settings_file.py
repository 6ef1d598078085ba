"""Changes the user's settings file; keeps comments and order."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import tomlkit

from agent.compose.settings_sources import checked, config_file, read_file, refuse_unknown
from agent.values.errors import InputError


def change(name: str, value: str | None, file: Path | None = None) -> Path:
    """Writes one setting to the file, or removes it; returns the file.

    Raises InputError if there is no such setting, the value is not valid, or the file cannot be written.
    """
    path = file or config_file()
    refuse_unknown(name, path)
    before = read_file(path)
    document = tomlkit.parse(path.read_text("utf-8-sig") if path.exists() else "")
    if value is None:
        document.pop(name, None)
    else:
        document[name] = _plain(getattr(checked({**before, name: value}, path), name))
    _write(path, tomlkit.dumps(document))
    return path


def _plain(setting: object) -> str | int | float:
    """The value in TOML: numbers and truth values without quotes."""
    if isinstance(setting, bool | int | float):
        return setting
    # A relative path would start at the file's folder, not where the user is now.
    return str(setting.absolute()) if isinstance(setting, Path) else str(setting)


def _write(path: Path, text: str) -> None:
    """Writes in one step: another process sees either the old file or the new one."""
    new = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(text, "utf-8")
        os.replace(new, path)
    except OSError as error:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise InputError(f"{path}: cannot be written ({error.strerror}); make its folder writable") from error
