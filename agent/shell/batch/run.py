"""One batch: what is missing goes to the workers, each outcome is saved as it comes, then all rows are written.

Independent of what the workers are and of what they do with a recording.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from agent.adapters import stores
from agent.compose.build import clock as system_clock
from agent.logic.batch.dispatch import Dispatch, WorkerPool
from agent.logic.batch.keys import KeySet, Recipe, work_id
from agent.logic.batch.progress import BatchProgress
from agent.logic.ports import Clock
from agent.shell.batch.journal import Entry, OutcomeJournal
from agent.shell.batch.manifest import CheckedManifest, Manifest
from agent.shell.batch.output import write_rows
from agent.values.batch import FAILURES_SHOWN, BatchItem, BatchRow, BatchTask, Outcome, Stage, Status
from agent.values.errors import InputError
from agent.values.rubric import Question

JOURNAL = "journal.jsonl"
_AHEAD = 256
"""Number of recordings that are checked for changes at the same time."""
_ASKED_AT_ONCE = 32

Outcomes = Iterator[tuple[BatchTask, Outcome]]


class Engine(NamedTuple):
    """The functions that do the work."""

    pool: Callable[[KeySet], AbstractContextManager[WorkerPool[BatchTask]]]
    """Returns the workers, which need not make the grades with these keys."""
    given_up: Callable[[BatchTask, str], Outcome]
    """Returns the outcome of a recording during which several workers died."""
    behind: Callable[[Outcomes], Outcomes] = lambda outcomes: outcomes
    """Processes outcomes after the workers."""


class BatchJob(NamedTuple):
    """What is to be done."""

    manifest: Manifest
    checked: CheckedManifest
    questions: Mapping[str, Question]
    recipe: Recipe
    again: bool = False
    """Whether to retry what failed for good, too."""


class Summary(NamedTuple):
    """The result of a batch."""

    counts: Mapping[Status, int]
    computed: int
    """Number computed by this run; the others were saved before."""
    seconds: float
    files: tuple[Path, ...]
    stages: Mapping[Stage, int] = {}
    """Number of failed recordings by stage."""
    failed: tuple[BatchRow, ...] = ()
    """The first failed recordings."""


class BatchRun:
    """One run in a folder, which another run may have left unfinished. Its journal is open until it has run."""

    def __init__(self, job: BatchJob, folder: Path, clock: Clock | None = None) -> None:
        """Raises InputError when the folder cannot be used, StoreError when its journal cannot."""
        self._job = job
        self._folder = folder
        self._clock = clock or system_clock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{folder}: cannot be used ({error.strerror}); give a folder of yours") from error
        self._journal = OutcomeJournal(folder / JOURNAL)
        self._todo: set[bytes] = set()
        """Work without a usable result that was not given out yet."""
        self._sent: set[bytes] = set()
        self._before = 0
        self._done, self._failed, self._reused = 0, 0, 0

    def run(self, engine: Engine, show: Callable[[BatchProgress], None]) -> Summary:
        """Computes what is missing and writes all rows; `show` is called at the start and after each recording.

        Raises EngineError, EndpointError, StoreError; what was done by then is saved.
        """
        with closing(self._journal):
            return self._run(engine, show)

    def _run(self, engine: Engine, show: Callable[[BatchProgress], None]) -> Summary:
        started = self._clock.now()
        self._count()
        # Before any worker loads its models: they may not be needed at all.
        missing = self._missing()
        first = next(missing, None)
        if first is not None:
            self._compute(engine, _chained(first, missing), show)
        counts: dict[Status, int] = {"graded": 0, "ungraded": 0, "failed": 0}
        stages, failed = Counter[Stage](), list[BatchRow]()
        rows = self._noted(self._rows(counts), stages, failed)
        files = write_rows(self._folder, rows, self._job.checked.columns)
        return Summary(counts, self._done, self._clock.now() - started, tuple(files), stages, tuple(failed))

    def _compute(self, engine: Engine, tasks: Iterator[BatchTask], show: Callable[[BatchProgress], None]) -> None:
        started = self._clock.now()
        show(self._progress(started))
        with engine.pool(self._journal.keys) as pool:
            dispatch = Dispatch[BatchTask, Outcome](pool, engine.given_up)
            for task, outcome in engine.behind(dispatch.run(tasks)):
                self._journal.add(task.work, outcome)
                self._done += 1
                self._failed += outcome.failure is not None
                self._reused += outcome.on_record
                show(self._progress(started))

    def _progress(self, started: float) -> BatchProgress:
        seconds = self._clock.now() - started
        return BatchProgress(self._job.checked.rows, self._before, self._done, self._failed, seconds, self._reused)

    def _count(self) -> None:
        """Counts the recordings that need no work according to the journal, without asking their stores."""
        for work in map(self._work, self._job.manifest.items()):
            plain = bytes.fromhex(work)
            if self._may_be_done(self._journal.entry(work)) or plain in self._todo:
                self._before += 1
            else:
                self._todo.add(plain)

    def _missing(self) -> Iterator[BatchTask]:
        """Yields each recording that has no usable result yet, once."""
        items = self._job.manifest.items()
        while chunk := list(islice(items, _AHEAD)):
            tasks = [BatchTask(work=self._work(item), item=item) for item in chunk]
            for task, is_done in zip(tasks, self._are_done(tasks), strict=True):
                work = bytes.fromhex(task.work)
                if work in self._sent or (is_done and work not in self._todo):
                    continue
                # What was counted as done, but has changed.
                self._before -= work not in self._todo
                self._todo.discard(work)
                self._sent.add(work)
                yield task

    def _work(self, item: BatchItem) -> str:
        return work_id(item, self._job.questions[item.question_id], self._job.recipe)

    def _are_done(self, tasks: list[BatchTask]) -> list[bool]:
        entries = [self._journal.entry(task.work) for task in tasks]
        if not any(entries):
            return [False] * len(tasks)
        with ThreadPoolExecutor(_ASKED_AT_ONCE) as threads:
            return list(threads.map(self._is_done, tasks, entries))

    def _is_done(self, task: BatchTask, entry: Entry | None) -> bool:
        return entry is not None and self._may_be_done(entry) and stores.stamp(task.item.recording) == entry.stamp

    def _may_be_done(self, entry: Entry | None) -> bool:
        """Whether an outcome is usable if its recording has not changed."""
        if entry is None or entry.retry or (entry.failed and self._job.again):
            return False
        # Without a stamp, only reading the recording tells; the worker compares its hash.
        return bool(entry.stamp)

    def _rows(self, counts: dict[Status, int]) -> Iterator[BatchRow]:
        for item in self._job.manifest.items():
            entry = self._journal.entry(self._work(item))
            if entry is not None:
                row = BatchRow(item=item, outcome=self._journal.outcome(entry))
                counts[row.status] += 1
                yield row

    def _noted(self, rows: Iterator[BatchRow], stages: Counter[Stage], failed: list[BatchRow]) -> Iterator[BatchRow]:
        """Passes the rows on, and counts failures by stage and collects the first ones."""
        for row in rows:
            if row.outcome.failure is not None:
                stages[row.outcome.failure.stage] += 1
                if len(failed) < FAILURES_SHOWN:
                    failed.append(row)
            yield row


def _chained(first: BatchTask, rest: Iterator[BatchTask]) -> Iterator[BatchTask]:
    yield first
    yield from rest
