"""What this machine has for work: cores, free memory, graphics cards."""

from __future__ import annotations

import ctypes
import os
from contextlib import suppress
from pathlib import Path

_CGROUPS = (("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),)
_M_ARENA_MAX = -8
"""Of glibc's mallopt()."""
_CPU_LIMIT = Path("/sys/fs/cgroup/cpu.max")


def cores() -> int:
    """Number of cores that this process may use, within a container's limit; at least 1."""
    try:
        count = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows have no affinity
        count = os.cpu_count() or 1
    with suppress(OSError, ValueError):
        quota, period = _CPU_LIMIT.read_text().split()
        count = min(count, max(1, int(quota) // int(period)))
    return count


def free_memory() -> int | None:
    """Bytes that new processes can use, within a container's limit; None if the system does not say."""
    found = []
    with suppress(OSError, ValueError):
        lines = Path("/proc/meminfo").read_text().splitlines()
        found += [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")]
    for limit, used in _CGROUPS:
        with suppress(OSError, ValueError):
            found.append(int(Path(limit).read_text()) - int(Path(used).read_text()))
    return min(found, default=None)


def share_freed_memory() -> None:
    """Lets all threads take memory from one pool, where the C library is glibc; does nothing elsewhere.

    By default each thread keeps a pool of its own, and what Whisper's thread frees is of no use to the grader's: the
    resident memory of an interview grows by a third. Speed is the same. Call it before the models are loaded.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").mallopt(_M_ARENA_MAX, 1)


def graphics_cards() -> int:
    """Number of graphics cards that Whisper can use."""
    import ctranslate2

    try:
        return int(ctranslate2.get_cuda_device_count())
    except RuntimeError:  # a driver that is too old
        return 0
