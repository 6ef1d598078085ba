"""Workers that are Ray actors, on this machine or on a cluster; Ray is an optional extra.

What all workers need goes into the object store once, and from there to each machine once. Each actor has one piece of
work at a time, so nothing piles up in the cluster.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from agent import __version__
from agent.adapters.quiet_stderr import quiet_stderr
from agent.logic.batch.dispatch import Died, Done, Event, WorkerReady
from agent.values.errors import EngineError, InputError, MockInterviewError

Work = Callable[[Any], Any]
NO_WORKER_S = 300.0
"""If a cluster starts no worker within this many seconds, the program gives up."""
NICENESS = "RAY_worker_niceness"
"""Ray's environment variable for the niceness of its workers on a machine on which Ray is started."""


class RaySetup(NamedTuple):
    """How actors begin, and what each takes of a machine."""

    make: Callable[[Path | None], Work]
    """Loads models and returns the function that does one piece of work; it is given the folder of `files`."""
    files: Path | None = None
    """A folder that every machine needs, such as models. It keeps its name there."""
    cpus: float = 1
    gpus: float = 0
    environment: Mapping[str, str] = {}
    address: str | None = None
    """Address of a running cluster, or auto; None starts Ray on this machine."""
    limit_s: float | None = None
    """Seconds for one piece of work; None for no limit."""
    most: int | None = None
    """Maximum number of actors, since there is no work for more."""


class RayPool:
    """Implements WorkerPool. A context manager: leaving it ends all actors, and Ray if it was started here."""

    def __init__(self, setup: RaySetup, workers: int | None, no_worker_s: float = NO_WORKER_S) -> None:
        """`workers` None uses every core of the cluster. Raises InputError when Ray is not installed."""
        if find_spec("ray") is None:
            raise InputError("Ray is not installed; install it, or use processes of this machine", "ray")
        self._setup = setup
        self._count = workers
        self._no_worker_s = no_worker_s
        self._asked: dict[Any, int] = {}
        """The actor for each reference that is awaited: its start or its work."""
        self._starting: set[int] = set()
        self._actors: dict[int, Any] = {}
        self._ends_s: dict[int, float] = {}
        """When an actor's work must be done, by the monotonic clock."""
        self._late: set[int] = set()
        self._ours = False

    def __enter__(self) -> RayPool:
        import ray

        if not ray.is_initialized():
            self._ours = True
            _connect(self._setup.address)
        shipped = {path.name: path.read_bytes() for path in _files(self._setup.files)}
        folder = self._setup.files.name if self._setup.files is not None else None
        self._shared = [ray.put(self._setup.make), ray.put(_Shipped(folder, shipped)), __version__]
        self._class = ray.remote(_Actor).options(
            num_cpus=self._setup.cpus,
            num_gpus=self._setup.gpus,
            max_restarts=0,
            runtime_env={"env_vars": dict(self._setup.environment)} if self._setup.environment else None,
        )
        for number in range(min(self._count or self._room(), self._setup.most or sys.maxsize)):
            self._start(number)
        return self

    def _room(self) -> int:
        """Number of workers for which the cluster has cores and cards."""
        import ray

        setup = self._setup
        has: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
        room = has.get("CPU", 1) // setup.cpus
        return max(1, int(min(room, has.get("GPU", 0) // setup.gpus) if setup.gpus else room))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        import ray

        for actor in self._actors.values():
            with contextlib.suppress(Exception):  # whatever the state of the cluster, we are leaving
                ray.kill(actor)
        self._actors, self._asked, self._shared = {}, {}, []
        if self._ours:
            ray.shutdown()

    @property
    def workers(self) -> int:
        """Number of actors requested."""
        return len(self._actors)

    @property
    def nodes(self) -> int:
        """Number of machines of the cluster that are alive."""
        import ray

        return sum(bool(node["Alive"]) for node in ray.nodes())  # type: ignore[no-untyped-call]

    def send(self, worker: int, task: object) -> None:
        """Gives a piece of work to an idle actor."""
        if self._setup.limit_s is not None:
            self._ends_s[worker] = time.monotonic() + self._setup.limit_s
        self._asked[self._actors[worker].work.remote(task)] = worker

    def events(self) -> list[Event]:
        """Waits for something to happen and returns it.

        Raises the error that kept an actor from starting, or EngineError if none starts in time.
        """
        while not (ready := self._ready()):
            if not self._ends_s:
                raise EngineError(
                    f"No worker could be started within {self._no_worker_s:g} s: each needs {self._setup.cpus:g} cores"
                    f"{f' and {self._setup.gpus:g} GPUs' if self._setup.gpus else ''} of one machine; use fewer threads"
                )
            self._kill_late()
        return [self._event(reference) for reference in ready]

    def _ready(self) -> list[Any]:
        """Returns what has happened; empty if an actor is late, or if none starts in time."""
        import ray

        timeout = max(0.0, min(self._ends_s.values()) - time.monotonic()) if self._ends_s else None
        if len(self._starting) == len(self._actors):
            timeout = self._no_worker_s
        return list(ray.wait(list(self._asked), timeout=timeout)[0])

    def _kill_late(self) -> None:
        import ray

        now_s = time.monotonic()
        for worker in [worker for worker, end_s in self._ends_s.items() if end_s <= now_s]:
            del self._ends_s[worker]
            self._late.add(worker)
            ray.kill(self._actors[worker])

    def _event(self, reference: Any) -> Event:
        import ray

        number = self._asked.pop(reference)
        self._ends_s.pop(number, None)
        late = number in self._late
        self._late.discard(number)
        try:
            answer = ray.get(reference)
        except ray.exceptions.RayError as error:
            with contextlib.suppress(Exception):  # it is gone, or about to be
                ray.kill(self._actors[number])
            self._start(number)
            return Died(number, f"it took longer than {self._setup.limit_s:g} s" if late else _why(error))
        if number not in self._starting:
            return Done(number, answer)
        self._starting.discard(number)
        if isinstance(answer, MockInterviewError):
            raise answer
        return WorkerReady(number)

    def _start(self, number: int) -> None:
        self._actors[number] = self._class.remote(*self._shared)
        self._starting.add(number)
        self._asked[self._actors[number].start.remote()] = number


class _Shipped(NamedTuple):
    """Files on their way to other machines."""

    folder: str | None
    files: Mapping[str, bytes]


class _Actor:
    """One worker in the cluster."""

    def __init__(self, make: Callable[[Path | None], Work], shipped: _Shipped, version: str) -> None:
        self._make, self._shipped, self._version = make, shipped, version

    def start(self) -> MockInterviewError | None:
        """Loads the models; returns the error that keeps them from loading."""
        if self._version != __version__:
            return EngineError(
                f"a machine of the cluster has version {__version__} of this program, and this one {self._version}; "
                "install the same on all"
            )
        try:
            self._work = self._make(_unpacked(self._shipped))
        except MockInterviewError as error:
            return EngineError(str(error), error.code)
        del self._shipped, self._make
        return None

    def work(self, task: object) -> object:
        """Does one piece of work."""
        return self._work(task)


def _unpacked(shipped: _Shipped) -> Path | None:
    """Returns the folder with the files on this machine. The first worker there writes them."""
    import hashlib

    if shipped.folder is None:
        return None
    known = hashlib.sha256(repr([(name, len(data)) for name, data in sorted(shipped.files.items())]).encode())
    for data in shipped.files.values():
        known.update(data)
    home = Path(tempfile.gettempdir()) / f"mock-interview-{os.getuid() if hasattr(os, 'getuid') else 0}"
    target = home / known.hexdigest()[:16] / shipped.folder
    if not target.exists():
        home.mkdir(mode=0o700, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home) as half:
            for name, data in shipped.files.items():
                (Path(half) / name).write_bytes(data)
            target.parent.mkdir(exist_ok=True)
            # Where another worker was quicker, its folder is as good.
            with contextlib.suppress(OSError):
                os.rename(half, target)
            Path(half).mkdir(exist_ok=True)
    return target


def _files(folder: Path | None) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file()) if folder is not None else []


def _connect(address: str | None) -> None:
    import ray

    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    if address is None:
        # Ray puts its workers 15 steps behind all else; here they are all that there is to do.
        os.environ.setdefault(NICENESS, "0")
    try:
        # Its native part prints a warning a second while it tries to connect.
        with quiet_stderr():
            if address is None:
                ray.init(address="local", log_to_driver=False, logging_level=logging.ERROR, include_dashboard=False)
            else:
                ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        where = f"the cluster at {address}" if address else "Ray on this machine"
        raise EngineError(f"{where} cannot be used ({first}); check that it runs, and its address") from error


def _why(error: Exception) -> str:
    if (raised := getattr(error, "cause", None)) is not None:
        return f"the worker failed ({type(raised).__name__}: {str(raised)[:160]})"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    cause = next((line for line in lines if line.startswith(("The actor died", "The actor is dead"))), "")
    return f"the worker was lost ({(cause or (lines or [type(error).__name__])[0])[:160]})"
