"""Ctrl-C, a closed terminal, and a request to terminate: the first one
ends the program cleanly, later ones are ignored.

The program does not wait for what takes too long then, such as a library's computation or a blocked terminal. The next
start saves what this one could not.
"""

from __future__ import annotations

import _thread
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from socket import socket

INTERRUPTED = 130
"""Exit status after a signal, following shells."""
WITHIN_S = 1.5
"""Seconds from the first signal to the end of the process at the latest."""
_AGAIN_S = 0.05
"""Delay before an interrupt that Python dropped is sent again."""
SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def end_at_once() -> None:
    """From now on a signal ends the process silently, because there is nothing to save."""
    _listen(_exit)


def end_in_order() -> None:
    """From now on the first signal raises KeyboardInterrupt, wherever the program is; later ones have no effect.

    Call it in the main thread.
    """
    interrupt = _Interrupt()
    sys.unraisablehook = interrupt.was_ignored
    _watch()
    _listen(interrupt)


def leave(status: int) -> NoReturn:
    """Ends the process at once, without waiting for threads that still transcribe or synthesize for an answer that is
    over.

    Everything has been saved by now.
    """
    end_at_once()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            # The disk is full or the reader is gone: nothing more can be written.
            status = status or 1
    os._exit(status)


class _Interrupt:
    """The handler of a signal."""

    def __init__(self) -> None:
        self._raised = False

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        if not self._raised:
            self._raised = True
            raise KeyboardInterrupt

    def was_ignored(self, what: sys.UnraisableHookArgs) -> None:
        """Python drops what is raised during garbage collection, so a Ctrl-C that came then is sent once more."""
        if what.exc_type is KeyboardInterrupt:
            # Not from here, where it would be dropped again.
            threading.Timer(_AGAIN_S, self._again).start()
        else:
            sys.__unraisablehook__(what)

    def _again(self) -> None:
        self._raised = False
        if hasattr(signal, "pthread_kill"):
            # A real signal: it also wakes what sleeps or waits.
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        else:
            _thread.interrupt_main()


def _listen(handler: Callable[[int, FrameType | None], None]) -> None:
    for number in SIGNALS:
        if not _is_for_others(number):
            signal.signal(number, handler)


def _is_for_others(number: int) -> bool:
    """Whether the signal was ignored at the start: nohup ignores SIGHUP, so closing the terminal must not end the
    program.
    """
    return signal.Signals(number).name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN


def _exit(_number: int, _frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)


def _watch() -> None:
    """Starts a thread that can end the process.

    Python raises nothing while a library computes, and a terminal can block our output.
    """
    from socket import socketpair

    ours, theirs = socketpair()
    theirs.setblocking(False)
    signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    work = (ours, theirs, _terminal())
    threading.Thread(target=_end_late, args=work, name="signals", daemon=True).start()


def _end_late(ours: socket, _theirs: socket, restore_terminal: Callable[[], None]) -> None:
    """Waits for a signal and ends the process later.

    The thread holds both ends of the socket, so that they stay open.
    """
    while ours.recv(1)[0] not in SIGNALS:
        pass
    time.sleep(WITHIN_S)
    restore_terminal()
    with suppress(OSError, ValueError):
        # Only where it blocks nobody.
        if select.select([], [2], [], 0)[1]:
            os.write(2, b"mock-interview: stopped\n")
    os._exit(INTERRUPTED)


if sys.platform == "win32":

    def _terminal() -> Callable[[], None]:
        return lambda: None
else:
    import termios

    def _terminal() -> Callable[[], None]:
        """Returns a function that restores the terminal's present state, in which keys are shown and arrive line by
        line.
        """
        try:
            before = termios.tcgetattr(0)
        except termios.error:
            return lambda: None

        def restore() -> None:
            with suppress(termios.error):
                # A program in the background would be stopped for changing it.
                if termios.tcgetattr(0) != before:
                    termios.tcsetattr(0, termios.TCSANOW, before)

        return restore
