"""Writes a file whole or not at all: a full disk, or Ctrl-C, takes nothing from what was there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def written_whole(path: Path, mode: int | None = None) -> Iterator[Path]:
    """The path to write to. It takes the place of `path` when the block ends well, else nothing remains of it.

    `mode` has the permissions, else they are the usual ones. Raises OSError.
    """
    if path.exists() and not path.is_file():
        # A device or a pipe cannot be replaced.
        yield path
        return
    # The file that a link leads to, not the link.
    target = path.resolve()
    part = target.with_name(f".{os.getpid()}.part")
    try:
        if mode is not None:
            part.touch(mode)
        yield part
        os.replace(part, target)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
