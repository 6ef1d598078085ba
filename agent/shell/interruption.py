"""Ctrl-C, a closed terminal and a request to terminate: the first one ends the program in order, further ones wait."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

INTERRUPTED = 130
"""Exit status after a signal, as shells have it."""
SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def end_in_order() -> None:
    """From now on the first signal raises KeyboardInterrupt, wherever the program is; while it saves, none disturbs."""
    for number in SIGNALS:
        signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def leave(status: int) -> NoReturn:
    """Ends the process at once: threads that still transcribe or synthesize for an answer that is over are not awaited.

    Everything that is to be saved has been by now.
    """
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            # A full disk, or nobody who reads: whatever was written before was all that could be.
            status = status or 1
    os._exit(status)
