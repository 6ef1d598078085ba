"""Keys in addition to the voice: each does what a spoken command does. They need a terminal."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from agent.interview.controls import Controls
from agent.values.dialogue import Intent

KEYS = {
    " ": Intent.DONE,
    "h": Intent.HINT,
    "n": Intent.NEXT,
    "r": Intent.REPEAT,
    "p": Intent.PAUSE,
    "t": Intent.TRY_AGAIN,
    "e": Intent.EXPLAIN,
    "m": Intent.MODEL_ANSWER,
    "b": Intent.BACK,
    "?": Intent.OPTIONS,
    "q": Intent.STOP,
}
HELP = (
    "Keys: space done, h hint, n next, r repeat, p pause, t try again, e explain, m model answer, b back, ? help, "
    "q quit"
)
_LOOKS_EVERY_S = 0.2


@contextmanager
def keys_pressed(controls: Controls, stream: TextIO | None = None) -> Iterator[bool]:
    """Within this context, keys reach the interview. Yields whether there is a keyboard; restores the terminal."""
    source = stream or sys.stdin
    if not source.isatty():
        yield False
        return
    ended = threading.Event()
    with _unbuffered(source) as read:
        reader = threading.Thread(target=_read, args=(read, controls, ended), name="keyboard", daemon=True)
        reader.start()
        try:
            yield True
        finally:
            ended.set()
            reader.join(2 * _LOOKS_EVERY_S)


def _read(read: Callable[[float], str], controls: Controls, ended: threading.Event) -> None:
    while not ended.is_set():
        try:
            key = read(_LOOKS_EVERY_S)
        except (OSError, EOFError):
            # The terminal was closed. The voice is still there.
            return
        if key.lower() in KEYS:
            controls.press(KEYS[key.lower()])


if sys.platform == "win32":
    import msvcrt
    import time

    @contextmanager
    def _unbuffered(_source: TextIO) -> Iterator[Callable[[float], str]]:
        def read(seconds: float) -> str:
            if msvcrt.kbhit():
                return msvcrt.getwch()
            time.sleep(seconds)
            return ""

        yield read
else:
    import os
    import select
    import termios
    import tty

    @contextmanager
    def _unbuffered(source: TextIO) -> Iterator[Callable[[float], str]]:
        """Reads single keys without echo; Ctrl-C still interrupts."""
        number = source.fileno()
        before = termios.tcgetattr(number)

        def read(seconds: float) -> str:
            if not select.select([number], [], [], seconds)[0]:
                return ""
            pressed = os.read(number, 1)
            if not pressed:
                raise EOFError
            return pressed.decode("ascii", "ignore")

        try:
            tty.setcbreak(number)
            yield read
        finally:
            # A terminal that was closed needs nothing.
            with suppress(termios.error):
                # Not TCSADRAIN, which waits for a terminal that takes no more output.
                termios.tcsetattr(number, termios.TCSANOW, before)
