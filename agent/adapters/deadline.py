"""One time limit for work with several steps."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

_Result = TypeVar("_Result")


class Deadline:
    """The point in time at which some work must be finished."""

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        """Seconds allowed in total."""
        self._end_s = time.monotonic() + limit_s

    @property
    def left_s(self) -> float:
        """Seconds left, 0 when the time is up."""
        return max(0.0, self._end_s - time.monotonic())


class _Work(threading.Thread, Generic[_Result]):
    """One call in its own thread; its exception is raised where the result is requested."""

    def __init__(self, call: Callable[[], _Result]) -> None:
        super().__init__(daemon=True)
        self._call = call
        self._results: list[_Result] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        """Calls."""
        try:
            self._results.append(self._call())
        except BaseException as error:
            self._error = error

    def result(self) -> _Result:
        """What the call returned, or its exception."""
        if self._error is not None:
            raise self._error
        return self._results[0]


def within(deadline: Deadline, call: Callable[[], _Result]) -> _Result:
    """The result of `call`. Raises TimeoutError when the time is up, whatever `call` is waiting for.

    No socket timeout covers a name that does not resolve, or a server that sends a byte now and then. An abandoned call
    continues in its daemon thread, which does not delay the exit; it should end itself by `deadline`.
    """
    work = _Work(call)
    work.start()
    work.join(deadline.left_s)
    if work.is_alive():
        raise TimeoutError(f"not done within {deadline.limit_s:g} s")
    return work.result()
