"""What reaches an interview beside its microphone: buttons, typed words, and the request to stop. Thread-safe."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

from agent.values.dialogue import Intent

Result = TypeVar("Result")
ASK_EVERY_S = 0.1
"""Seconds between two checks whether a wait must end."""


class InterviewStopped(Exception):  # noqa: N818 (a stop was asked for; nothing went wrong)
    """The interview was stopped from outside: the page was closed, or the process is being terminated."""


class Controls:
    """The controls of one interview."""

    def __init__(self) -> None:
        self._pressed: queue.SimpleQueue[Intent] = queue.SimpleQueue()
        self._typed: deque[str] = deque()
        self._in_hand: str | None = None
        self._stopped = threading.Event()

    def press(self, intent: Intent) -> None:
        """Presses a button, which does what the spoken command does and interrupts the agent."""
        self._pressed.put(intent)

    def write(self, text: str) -> None:
        """Types words, which count as if they were said before a pause and interrupt the agent."""
        self._typed.append(text)

    def stop(self) -> None:
        """Ends the interview at once and silently; the answers so far are saved."""
        self._stopped.set()

    @property
    def stopped(self) -> bool:
        """Whether a stop was asked for."""
        return self._stopped.is_set()

    @property
    def waiting(self) -> bool:
        """Whether there is something that the agent should not talk over. Raises InterviewStopped."""
        self.check()
        return not (self._pressed.empty() and not self._typed)

    def take(self) -> Intent | None:
        """The next button that was pressed, each one once. Raises InterviewStopped."""
        self.check()
        try:
            return self._pressed.get_nowait()
        except queue.Empty:
            return None

    def take_typed(self) -> str | None:
        """The words typed next, each once. Raises InterviewStopped."""
        self.check()
        self._in_hand = self._typed[0] if self._typed else None
        # Only now: at every moment it is in one place or the other.
        return self._typed.popleft() if self._typed else None

    def settle(self) -> None:
        """Marks the typed words as used: they are part of the answer by now, or were a command."""
        self._in_hand = None

    def unsettled(self) -> list[str]:
        """Typed words that were not used before the interview was stopped."""
        waiting = list(self._typed)
        in_hand = [] if self._in_hand is None or self._in_hand in waiting else [self._in_hand]
        return in_hand + waiting

    def check(self) -> None:
        """Raises InterviewStopped if a stop was requested."""
        if self._stopped.is_set():
            raise InterviewStopped

    def result(self, future: Future[Result]) -> Result:
        """The future's result. Raises InterviewStopped as soon as a stop is requested, else what the work raised."""
        while not wait([future], timeout=ASK_EVERY_S).done:
            self.check()
        return future.result()

    def until(self, interrupted: Callable[[], bool] | None) -> Callable[[], bool]:
        """Whether the agent must stop speaking: the candidate speaks, or a button was pressed."""
        return lambda: self.waiting or (interrupted is not None and interrupted())
