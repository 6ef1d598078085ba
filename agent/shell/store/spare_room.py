"""Space reserved in the folder of sessions, since on a full disk SQLite can neither read nor delete."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path

SPARE_BYTES = 1 << 20
_PLENTY = 8 * SPARE_BYTES


def use_or_keep(folder: Path) -> None:
    """Releases the space if the disk is full, and reserves it if there is plenty.

    Failures are ignored: whatever needs the space reports them.
    """
    spare = folder / "spare"
    with suppress(OSError):
        free = shutil.disk_usage(folder).free
        if free < SPARE_BYTES:
            spare.unlink(missing_ok=True)
        elif free > _PLENTY and not spare.exists():
            spare.write_bytes(b"\0" * SPARE_BYTES)
