"""File locks of the sessions folder, and OSError translated into StoreError."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from agent.values.errors import StoreError

WAITS_S = 5.0
"""How long to wait for another run that is opening the store, or beginning or ending a session."""


def lock_file(path: Path) -> FileLock:
    """A lock that the system releases when its owner dies, however it dies."""
    # Not thread-local: a session may be begun in one thread and ended in another.
    return FileLock(path, thread_local=False)


def is_free(path: Path) -> bool:
    """Whether no process holds this lock."""
    lock = lock_file(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return False
    lock.release()
    return True


def is_writable(folder: Path) -> bool:
    """Whether sessions can be saved in this folder; another run that holds its lock could write there."""
    try:
        with lock_file(folder / "lock").acquire(timeout=WAITS_S):
            return True
    except Timeout:
        return True
    except OSError:
        return False


@contextmanager
def translated(folder: Path) -> Iterator[None]:
    """Translates OSError into StoreError."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{folder}: sessions cannot be saved there ({error.strerror or error}); use another folder"
        ) from error
