"""Shows a batch's progress: one line that changes on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys

from agent.logic.batch.progress import BatchProgress

_EVERY_S = 30.0
"""Seconds between lines in a file or a pipe."""


class ProgressLine:
    """Writes to standard error."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._next_s = 0.0
        self._shown = False

    def __call__(self, progress: BatchProgress) -> None:
        """Shows the state of the run, if it is time."""
        if not progress.done:
            if progress.before:
                print(progress.start_text, file=sys.stderr, flush=True)
        elif self._is_terminal:
            print(f"\r\x1b[K{progress.text}", end="", file=sys.stderr, flush=True)
            self._shown = True
        elif progress.seconds >= self._next_s or not progress.rest:
            print(progress.text, file=sys.stderr, flush=True)
            self._next_s = progress.seconds + _EVERY_S

    def end(self) -> None:
        """Ends the line, so that later output begins on a new one."""
        if self._shown:
            print(file=sys.stderr)
            self._shown = False
