"""Writes a file whole or not at all: a full disk or Ctrl-C leaves the old file as it was."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def written_whole(path: Path, mode: int | None = None) -> Iterator[Path]:
    """Yields a temporary path, which replaces `path` if the block ends well and is removed otherwise.

    `mode` sets the permissions; None leaves the default ones. Raises OSError.
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
