"""Gives work to workers, one piece at a time each, and gives it to another when a worker dies.

Independent of what workers are: processes here, actors on a cluster. Work is fetched only when a worker is free, so
that a manifest of any length never fills the memory.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

from agent.values.errors import EngineError

Task = TypeVar("Task")
Answer = TypeVar("Answer")
TaskIn = TypeVar("TaskIn", contravariant=True)
TRIES = 3
"""How many workers may die during one piece of work before it is given up. One would be too few: machines die, too."""
_FAILED_STARTS = 3
"""After this many workers have died before their first work, with no success in between, the program stops trying."""


class WorkerReady(NamedTuple):
    """A worker has loaded its models."""

    worker: int


class Done(NamedTuple):
    """A worker has finished its work."""

    worker: int
    answer: object


class Died(NamedTuple):
    """A worker is gone; the pool starts another in its place."""

    worker: int
    why: str
    """The reason, in plain words."""


Event = WorkerReady | Done | Died


class WorkerPool(Protocol[TaskIn]):
    """Workers by number. A worker is not ready until it says so."""

    def send(self, worker: int, task: TaskIn) -> None:
        """Gives a piece of work to a worker that is idle."""
        ...

    def events(self) -> Sequence[Event]:
        """Waits until something happens. Raises the error that keeps workers from starting."""
        ...


class Dispatch(Generic[Task, Answer]):
    """One run over a pool."""

    def __init__(self, pool: WorkerPool[Task], given_up: Callable[[Task, str], Answer], tries: int = TRIES) -> None:
        """`given_up` makes the answer for work during which `tries` workers died."""
        self._pool = pool
        self._given_up = given_up
        self._tries = tries
        self._idle: set[int] = set()
        self._running: dict[int, tuple[Task, int]] = {}
        self._again: deque[tuple[Task, int]] = deque()
        self._failed_starts = 0

    def run(self, tasks: Iterator[Task]) -> Iterator[tuple[Task, Answer]]:
        """Yields each piece of work with its answer, in the order of completion.

        Raises EngineError if no worker can be started.
        """
        more = True
        while True:
            while self._idle and (more or self._again):
                following = self._again.popleft() if self._again else _next(tasks)
                more = more and following is not None
                if following is not None:
                    self._give(*following)
            if not self._running and not self._again and (not more or self._is_over(tasks)):
                return
            for event in self._pool.events():
                yield from self._happened(event)

    def _is_over(self, tasks: Iterator[Task]) -> bool:
        """Whether there is no work at all. Checked before a worker is ready, since an empty run needs none."""
        following = _next(tasks)
        if following is not None:
            self._again.append(following)
        return following is None

    def _give(self, task: Task, tried: int) -> None:
        worker = self._idle.pop()
        self._running[worker] = (task, tried)
        self._pool.send(worker, task)

    def _happened(self, event: Event) -> Iterator[tuple[Task, Answer]]:
        if isinstance(event, Died):
            yield from self._died(event)
            return
        self._failed_starts = 0
        self._idle.add(event.worker)
        if isinstance(event, Done):
            task, _ = self._running.pop(event.worker)
            yield task, event.answer  # type: ignore[misc]  # what the worker's function returns

    def _died(self, event: Died) -> Iterator[tuple[Task, Answer]]:
        self._idle.discard(event.worker)
        if event.worker not in self._running:
            self._failed_starts += 1
            if self._failed_starts >= _FAILED_STARTS:
                raise EngineError(f"No worker can be started ({event.why}); use fewer workers, or free some memory")
            return
        task, tried = self._running.pop(event.worker)
        if tried + 1 >= self._tries:
            yield task, self._given_up(task, event.why)
        else:
            self._again.append((task, tried + 1))


def _next(tasks: Iterator[Task]) -> tuple[Task, int] | None:
    for task in tasks:
        return task, 0
    return None
