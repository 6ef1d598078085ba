"""Reads recordings from wherever fsspec reads: this machine, object stores, web servers.

Local paths do not go through fsspec: they need none of it, and it is slower.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent.values.errors import InputError

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+::?//")
_CHANGES = ("ETag", "etag", "mtime", "LastModified", "last_modified", "updated", "generation", "md5Hash", "content_md5")
"""Properties that a store reports and that change with a file's content; the size alone may stay the same."""
_SUFFIXES = {
    ".wav", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".wma", ".aif", ".aiff", ".amr", ".caf",
    ".webm", ".mp4", ".mov", ".mkv", ".3gp", ".avi",
}  # fmt: skip


def is_url(place: str) -> bool:
    """Tells whether the text is a URL; a Windows path with its drive is not."""
    return _URL.match(place) is not None or "::" in place


def absolute(place: str, base: str) -> str:
    """Returns the absolute path or URL of a recording; `base` is the folder or URL of its manifest."""
    if is_url(place):
        return place
    if is_url(base):
        return place if os.path.isabs(place) else f"{base.rstrip('/')}/{place}"
    return os.path.abspath(os.path.join(base, os.path.expanduser(place)))


def problem(place: str) -> str | None:
    """Says why the recording cannot be read, without asking a store; None if no reason is known."""
    if not is_url(place):
        if os.path.isdir(place):
            return f"{place}: a folder, not a recording; give the path of an audio file"
        return None if os.path.isfile(place) else f"{place}: no such recording; give the path of an audio file"
    import fsspec

    protocol, path = fsspec.core.split_protocol(place)
    if protocol in ("file", "local"):
        return problem(os.path.abspath(path))
    try:
        fsspec.get_filesystem_class(protocol or "file")
    except (ValueError, ImportError) as error:
        return f"{place}: no such store can be read here ({error}); check the address, or install its package"
    return None


def content(place: str) -> bytes:
    """Returns the whole recording. Raises OSError if it cannot be read, FileNotFoundError if it does not exist."""
    if not is_url(place):
        return Path(place).read_bytes()
    import fsspec

    try:
        with fsspec.open(place, "rb") as file:
            data: bytes = file.read()
    except OSError:
        raise
    except Exception as error:  # every store has exceptions of its own
        raise OSError(f"{type(error).__name__}: {error}") from error
    return data


def stamp(place: str) -> str:
    """Returns a short text that changes with the recording, without reading it; empty if the store has none."""
    try:
        if not is_url(place):
            found = os.stat(place)
            return _short(found.st_size, found.st_mtime_ns)
        import fsspec

        files, path = fsspec.core.url_to_fs(place)
        info: dict[str, Any] = files.info(path)
    except Exception:  # a store that does not answer now is asked for the recording itself, and that error is reported
        return ""
    tells = [(name, info[name]) for name in _CHANGES if info.get(name)]
    return _short(info.get("size"), *tells) if tells else ""


def open_text(place: str) -> Any:
    """A text file with \\n, \\r\\n or \\r as they are; bytes that are no UTF-8 become lone surrogates.

    Raises InputError when it cannot be opened.
    """
    import fsspec

    try:
        return fsspec.open(place, "rt", encoding="utf-8-sig", errors="surrogateescape", newline="").open()
    except Exception as error:  # as in content()
        raise InputError(f"{place}: cannot be read ({_reason(error)}); give a file that you may read") from error


def open_binary(place: str) -> Any:
    """A binary file that can be sought. Raises InputError when it cannot be opened."""
    import fsspec

    try:
        return fsspec.open(place, "rb").open()
    except Exception as error:  # as in content()
        raise InputError(f"{place}: cannot be read ({_reason(error)}); give a file that you may read") from error


def recordings_in(folder: str) -> Iterator[str]:
    """Names of the recordings in a folder or below it, relative to it, in order."""
    import fsspec

    files, root = fsspec.core.url_to_fs(folder)
    root = root.rstrip("/")
    for path in sorted(files.find(root)):
        name = path[len(root) + 1 :]
        if os.path.splitext(name)[1].lower() in _SUFFIXES and not name.rsplit("/", 1)[-1].startswith("."):
            yield name


def is_folder(place: str) -> bool:
    """Tells whether the path is a folder. Raises InputError if it is neither a folder nor a file."""
    import fsspec

    try:
        files, path = fsspec.core.url_to_fs(place)
        if files.isdir(path):
            return True
        found = bool(files.exists(path))
    except Exception as error:  # as in content()
        raise InputError(f"{place}: cannot be read ({_reason(error)}); check the address") from error
    if not found:
        raise InputError(f"{place}: no such manifest; give a CSV, JSONL or Parquet file, or a folder of recordings")
    return False


def folder_of(place: str) -> str:
    """Returns the folder to which a manifest's paths are relative."""
    return place.rsplit("/", 1)[0] if is_url(place) else os.path.dirname(os.path.abspath(place))


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _short(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
