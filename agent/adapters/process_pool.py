"""Workers that are processes on this machine, each started anew (spawn), with its own models.

One that dies is replaced; one that takes too long is killed. Nothing heavy is imported before a worker's environment is
set: numerical libraries read the number of their threads once, on import.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any, NamedTuple

from agent.logic.batch.dispatch import Died, Done, Event, WorkerReady
from agent.values.errors import EngineError, MockInterviewError

Work = Callable[[Any], Any]
_ENDING_S = 2.0
"""Seconds that an idle worker has to end before it is killed."""


class WorkerSetup(NamedTuple):
    """How a worker begins."""

    make: Callable[[], Work]
    """Loads models and returns the function that does one piece of work. It is pickled, as are work and answers."""
    environments: Sequence[Mapping[str, str]] = ({},)
    """Environment variables for the workers, in turn."""
    limit_s: float | None = None
    """Seconds for one piece of work; None for no limit."""


class _Worker:
    """One process and the pipe to it."""

    def __init__(self, setup: WorkerSetup, number: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        environment = dict(setup.environments[number % len(setup.environments)])
        self.process = context.Process(
            target=_serve, args=(theirs, pickle.dumps(setup.make), environment), daemon=True, name=f"worker {number}"
        )
        with _undisturbed():
            self.process.start()
        theirs.close()
        self.ends_s: float | None = None
        """When its work must be done, by the monotonic clock."""
        self.killed = ""
        """Why we killed the worker."""

    def why(self) -> str:
        """Says what ended the process."""
        self.process.join(_ENDING_S)
        code = self.process.exitcode
        if self.killed or code is None:
            return self.killed or "the process no longer answers"
        if code >= 0:
            return f"the process ended with status {code}"
        name = signal.Signals(-code).name if -code in {*signal.Signals} else f"signal {-code}"
        memory = "; often that means that memory ran out" if name == "SIGKILL" else ""
        return f"the process was ended by {name}{memory}"


class ProcessPool:
    """Implements WorkerPool. A context manager: leaving it ends all processes."""

    def __init__(self, setup: WorkerSetup, workers: int) -> None:
        self._setup = setup
        self._workers: dict[int, _Worker] = {}
        self._count = workers

    def __enter__(self) -> ProcessPool:
        try:
            for number in range(self._count):
                self._workers[number] = _Worker(self._setup, number)
        except BaseException as error:  # Ctrl-C too: those that have started must not outlive us
            self.__exit__(type(error), error, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        for worker in self._workers.values():
            worker.pipe.close()
        end_s = time.monotonic() + (_ENDING_S if kind is None else 0.0)
        for worker in self._workers.values():
            worker.process.join(max(0.0, end_s - time.monotonic()))
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()

    def send(self, worker: int, task: object) -> None:
        """Gives a piece of work to an idle worker. If the worker has just died, events() reports it."""
        its = self._workers[worker]
        if self._setup.limit_s is not None:
            its.ends_s = time.monotonic() + self._setup.limit_s
        try:
            its.pipe.send(task)
        except OSError:
            return

    def events(self) -> list[Event]:
        """Waits for something to happen and returns it.

        Raises the MockInterviewError that kept a worker from starting.
        """
        while True:
            pipes = {worker.pipe: number for number, worker in self._workers.items()}
            ready = wait(list(pipes), self._patience_s())
            if ready:
                return [self._event(pipes[pipe]) for pipe in ready if isinstance(pipe, Connection)]
            self._kill_late()

    def _event(self, number: int) -> Event:
        worker = self._workers[number]
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError):
            why = worker.why()
            worker.pipe.close()
            self._workers[number] = _Worker(self._setup, number)
            return Died(number, why)
        worker.ends_s = None
        if isinstance(message, MockInterviewError):
            raise message
        return WorkerReady(number) if message is None else Done(number, message)

    def _patience_s(self) -> float | None:
        ends = [worker.ends_s for worker in self._workers.values() if worker.ends_s is not None]
        return max(0.0, min(ends) - time.monotonic()) if ends else None

    def _kill_late(self) -> None:
        now_s = time.monotonic()
        for worker in self._workers.values():
            if worker.ends_s is not None and worker.ends_s <= now_s:
                worker.killed = f"it took longer than {self._setup.limit_s:g} s"
                worker.ends_s = None
                worker.process.kill()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl-C reaches every process of a terminal, and ours decides when a worker ends. One that has only begun to start
    cannot ignore it yet, so it begins with the signal blocked.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # It changes the mask itself when it starts.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(pipe: Connection, make: bytes, environment: Mapping[str, str]) -> None:
    """A worker's whole life: says that it is ready (None), or why not, then answers until nobody asks any more."""
    os.environ.update(environment)
    if hasattr(os, "fork"):
        # Locks of libraries then have no name. Those with one outlive a worker that is killed, which prints a warning.
        multiprocessing.set_start_method("fork", force=True)
    # Where no signal can be blocked before we start.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        work: Work = pickle.loads(make)()
    except MockInterviewError as error:
        _sent(pipe, EngineError(str(error), error.code))
        return
    going = _sent(pipe, None)
    while going:
        try:
            task = pipe.recv()
        except (EOFError, OSError):
            return
        going = _sent(pipe, work(task))


def _sent(pipe: Connection, message: object) -> bool:
    """Sends a message; returns False if the process has been killed meanwhile."""
    try:
        pipe.send(message)
    except OSError:
        return False
    return True
