"""Room set aside in the folder of sessions: on a full disk SQLite can neither read nor delete."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

SPARE_BYTES = 1 << 20
_PLENTY = 8 * SPARE_BYTES


def use_or_keep(folder: Path) -> None:
    """Gives the room to this run if the disk is full, and sets it aside if there is plenty.

    Neither is worth an error: what needs the room reports that there is none.
    """
    spare = folder / "spare"
    with suppress(OSError):
        free = shutil.disk_usage(folder).free
        if free < SPARE_BYTES:
            spare.unlink(missing_ok=True)
        elif free > _PLENTY and not spare.exists():
            spare.write_bytes(b"\0" * SPARE_BYTES)
