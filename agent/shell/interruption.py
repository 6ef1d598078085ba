"""Ctrl-C, a closed terminal, and a request to terminate: the first one
ends the program cleanly, later ones are ignored.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

INTERRUPTED = 130
"""Exit status after a signal, following shells."""
SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def end_in_order() -> None:
    """From now on the first signal raises KeyboardInterrupt, wherever the
    program is; while it saves, signals have no effect.
    """
    for number in SIGNALS:
        signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def leave(status: int) -> NoReturn:
    """Ends the process at once, without waiting for threads that still transcribe or synthesize for an answer that is
    over.

    Everything has been saved by now.
    """
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            # The disk is full or the reader is gone: nothing more can be written.
            status = status or 1
    os._exit(status)
