"""The secret key behind pseudonyms: a file that only its user can read, made when first needed."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from agent.values.errors import InputError

_FEWEST = 32
"""Minimum characters of a key."""


def default_key_file() -> Path:
    """The key's default path: next to the settings and not to the pages, whose readers must not have it."""
    from platformdirs import user_config_path

    return user_config_path("mock-interview", appauthor=False) / "pseudonyms.key"


def read_key(path: Path) -> bytes:
    """Reads the key from a file, which is created if it is missing. Raises InputError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secrets.token_hex(32) + "\n")
        key = path.read_bytes().strip()
    except OSError as error:
        raise InputError(f"{path}: the key cannot be used ({error.strerror}); give another file") from error
    if len(key) < _FEWEST:
        raise InputError(f"{path}: no key; it needs {_FEWEST} characters, or remove it to have one made")
    return key
