"""Shows a batch's progress: one line that changes on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys

from agent.logic.batch.pace import BatchPace

_EVERY_S = 30.0
"""Seconds between lines in a file or a pipe."""


class Progress:
    """Writes to standard error."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._next_s = 0.0
        self._shown = False

    def __call__(self, pace: BatchPace) -> None:
        """Shows the state of the run, if it is time."""
        if not pace.done:
            if pace.before:
                print(pace.start_text, file=sys.stderr, flush=True)
        elif self._is_terminal:
            print(f"\r\x1b[K{pace.text}", end="", file=sys.stderr, flush=True)
            self._shown = True
        elif pace.seconds >= self._next_s or not pace.rest:
            print(pace.text, file=sys.stderr, flush=True)
            self._next_s = pace.seconds + _EVERY_S

    def end(self) -> None:
        """Ends the line, so that later output begins on a new one."""
        if self._shown:
            print(file=sys.stderr)
            self._shown = False
