"""Ctrl-C, a closed terminal, and a request to terminate: the first one
ends the program cleanly, later ones are ignored.
"""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
from types import FrameType
from typing import NoReturn

INTERRUPTED = 130
"""Exit status after a signal, following shells."""
_AGAIN_S = 0.05
"""Delay before an interrupt that Python dropped is sent again."""
SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def end_in_order() -> None:
    """From now on the first signal raises KeyboardInterrupt, wherever the
    program is; while it saves, signals have no effect.
    """
    sys.unraisablehook = _raise_again
    _listen()


def _listen() -> None:
    for number in SIGNALS:
        signal.signal(number, _interrupt)


def _raise_again(ignored: sys.UnraisableHookArgs) -> None:
    """Python drops an exception that is raised while it collects garbage: interrupts again if it was ours."""
    if ignored.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(ignored)
        return
    _listen()
    # Not from here, where it would be dropped again.
    threading.Timer(_AGAIN_S, _wake).start()


def _wake() -> None:
    """Interrupts the main thread, even while it waits for something."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        _thread.interrupt_main()


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
