"""A batch's engines side by side, and its memory: serial, processes, Ray, and a shell loop over `grade`.

    python -m benchmarks.batch [--count 20] [--copies 2] [--shell 4] [--rows 10000]

The recordings of audio_fixtures, each several times, with the real Whisper and the embedded grader. Rate: recordings a
minute once the first is done, without start-up. Whole: with it. Cores: seconds of processor time for one recording,
which other programs on the machine change little; the shell loop starts a process for each of a few recordings. Then as
many rows with a stub in place of Whisper and grader, and the memory of the program and of its workers along the way.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from agent.adapters.process_pool import ProcessPool, WorkerSetup
from agent.compose import question_bank
from agent.compose.batch import BatchPlan, WorkerCount, environments, given_up, recipe, worker
from agent.compose.batch_cluster import ray_pool
from agent.compose.library import RecordingOptions
from agent.compose.settings import Settings
from agent.logic.batch.dispatch import WorkerPool
from agent.logic.batch.pace import BatchPace
from agent.shell.batch.manifest import Manifest
from agent.shell.batch.run import BatchJob, BatchRun, Engine
from agent.values.batch import BatchTask
from tests.batch_workers import QUESTIONS, RECIPE, stub_worker, tone

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "audio_fixtures"
Pools = Callable[[frozenset[bytes]], AbstractContextManager[WorkerPool[BatchTask]]]


class Measured(NamedTuple):
    """One way of grading all recordings."""

    name: str
    rate: float
    """Recordings a minute, without start-up."""
    whole_s: float
    """Seconds for a recording, start-up included."""
    cores_s: float | None
    """Seconds of processor time for a recording, start-up included; None where workers are no children of ours."""


class Stopwatch:
    """Takes the time of each finished recording, and the largest memory of a worker."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.worker_mb = 0.0

    def __call__(self, pace: BatchPace) -> None:
        """Called after each recording."""
        self.times.append(time.perf_counter())
        workers = [memory_mb(child.pid, "VmHWM") for child in multiprocessing.active_children()]
        self.worker_mb = max([self.worker_mb, *workers])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=20, help="of the fixtures")
    options.add_argument("--copies", type=int, default=2)
    options.add_argument("--shell", type=int, default=4)
    options.add_argument("--rows", type=int, default=10_000)
    options.add_argument("--without-ray", action="store_true")
    args = options.parse_args()
    print(f"{os.cpu_count()} cores, load {' '.join(f'{load:.1f}' for load in os.getloadavg())}")
    with tempfile.TemporaryDirectory() as folder:
        if args.copies:
            side_by_side(Path(folder), args)
        if args.rows:
            flat_memory(Path(folder) / "stub", args.rows)


def side_by_side(folder: Path, args: argparse.Namespace) -> None:
    manifest = recorded(folder, args.count, args.copies)
    found = [graded(folder, manifest, name, pools) for name, pools in engines(not args.without_ray)]
    rows = {name: but_timings(folder / folder_name(name)) for name in (item.name for item in found)}
    for item in found[1:]:
        print(f"rows of {item.name} equal those of {found[0].name}: {rows[item.name] == rows[found[0].name]}")
    if args.shell:
        found.append(shell_loop(args.shell))
    serial, last = found[0], found[-1]
    print(f"\n{'':24}{'a minute':>9}{'times':>7}{'whole s':>9}{'times':>7}{'cores s':>9}")
    for item in found:
        rate = f"{item.rate:9.1f}{item.rate / serial.rate:7.2f}" if item is not last or not args.shell else " " * 16
        whole = f"{item.whole_s:9.2f}{serial.whole_s / item.whole_s:7.2f}"
        cores = "        -" if item.cores_s is None else f"{item.cores_s:9.2f}"
        print(f"{item.name:24}{rate}{whole}{cores}")
    if args.shell:
        for item in found[:-1]:
            print(f"{item.name} against the shell loop: {last.whole_s / item.whole_s:.1f} times as fast")
    print(f"load {' '.join(f'{load:.1f}' for load in os.getloadavg())}")


def recorded(folder: Path, count: int, copies: int) -> Path:
    """A manifest of the fixtures, each as several files."""
    lines = ["recording,question_id,candidate"]
    for entry in json.loads((FIXTURES / "manifest.json").read_text("utf-8"))["recordings"][:count]:
        for copy in range(copies):
            path = folder / "sound" / f"{copy}-{entry['file']}"
            path.parent.mkdir(exist_ok=True)
            shutil.copyfile(FIXTURES / entry["file"], path)
            lines.append(f"{path},{entry['question_id']},candidate {copy}")
    (folder / "manifest.csv").write_text("\n".join(lines), "utf-8")
    return folder / "manifest.csv"


def plan(threads: int) -> BatchPlan:
    settings = Settings(threads=threads)
    return BatchPlan(settings, question_bank.questions(settings), recipe(settings, RecordingOptions()))


def engines(with_ray: bool) -> Iterator[tuple[str, Pools]]:
    """By name; the serial one with one thread is what the others are compared with."""

    def processes(workers: int, threads: int) -> Pools:
        environment = environments(WorkerCount(workers, threads))
        return lambda known: ProcessPool(WorkerSetup(partial(worker, plan(threads)), environment), workers)

    cores = os.cpu_count() or 1
    yield "serial, 1 thread", processes(1, 1)
    yield f"serial, {cores} threads", processes(1, cores)
    yield f"local, {cores} processes", processes(cores, 1)
    if with_ray:
        yield f"Ray, {cores} actors", lambda known: ray_pool(plan(1), cores, None)


def graded(folder: Path, manifest: Path, name: str, pools: Pools) -> Measured:
    """All recordings by one engine, into a folder of its own."""
    shared = plan(1)
    read = Manifest(str(manifest), shared.questions)
    cohort = BatchJob(read, read.checked(), shared.questions, shared.recipe)
    watch, cores, started = Stopwatch(), cores_s(), time.perf_counter()
    summary = BatchRun(cohort, folder / folder_name(name)).run(Engine(pools, given_up), watch)
    whole, count = time.perf_counter() - started, summary.computed
    rate = 60 * (count - 1) / (watch.times[-1] - watch.times[0])
    memory = f", largest worker {watch.worker_mb:.0f} MB" if watch.worker_mb else ""
    print(f"{name}: {dict(summary.counts)}{memory}", flush=True)
    ours = watch.worker_mb > 0
    return Measured(name, rate, whole / count, (cores_s() - cores) / count if ours else None)


def folder_name(engine: str) -> str:
    return engine.replace(" ", "-").replace(",", "")


def but_timings(folder: Path) -> list[Any]:
    """The rows that a run wrote, without what differs between any two runs."""
    rows = [json.loads(line) for line in (folder / "answers.jsonl").read_text("utf-8").splitlines()]
    for row in rows:
        del row["timings_s"], row["turn"]["timings_s"]
    return rows


def shell_loop(count: int) -> Measured:
    """`grade` for a few recordings, a process each."""
    entries = json.loads((FIXTURES / "manifest.json").read_text("utf-8"))["recordings"]
    some = entries[:: max(1, len(entries) // count)][:count]
    cores, started = cores_s(), time.perf_counter()
    for entry in some:
        command = ["grade", str(FIXTURES / entry["file"]), "--question", entry["question_id"], "--json"]
        subprocess.run([sys.executable, "-m", "agent", *command], check=True, capture_output=True, cwd=ROOT)
    whole = time.perf_counter() - started
    return Measured("shell loop over grade", 60 * count / whole, whole / count, (cores_s() - cores) / count)


def flat_memory(folder: Path, rows: int) -> None:
    """A stubbed run of many rows; prints memory at each tenth."""
    lines = ["recording,question_id,candidate"]
    for number in range(rows):
        path = tone(folder / "sound" / f"{number:06}.wav", number)
        lines.append(f"{path},recsys-refresh,candidate {number % 300}")
    (folder / "manifest.csv").write_text("\n".join(lines), "utf-8")
    read = Manifest(str(folder / "manifest.csv"), QUESTIONS)
    cohort = BatchJob(read, read.checked(), QUESTIONS, RECIPE)
    started = time.perf_counter()

    def show(pace: BatchPace) -> None:
        if pace.done % max(1, rows // 10) == 0:
            workers = [memory_mb(child.pid) for child in multiprocessing.active_children()]
            workers_mb = " ".join(f"{size:.0f}" for size in workers)
            print(f"{pace.done:7} rows: {memory_mb(os.getpid()):.0f} MB, workers {workers_mb} MB", flush=True)

    print(f"\n{rows} rows with a stub:")
    engine = Engine(lambda known: ProcessPool(WorkerSetup(partial(stub_worker, known)), 2), given_up)
    BatchRun(cohort, folder / "out").run(engine, show)
    print(f"written: {memory_mb(os.getpid()):.0f} MB; {rows / (time.perf_counter() - started):.0f} rows a second")


def cores_s() -> float:
    """Seconds of processor time of this process and of all its children that have ended."""
    uses = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in uses)


def memory_mb(pid: int | None, what: str = "VmRSS") -> float:
    """Resident memory of a process, now or (VmHWM) at its largest; 0 where there is no /proc."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(what))
    except (OSError, StopIteration):
        return 0.0


if __name__ == "__main__":
    main()
