"""A batch's engines side by side, and its memory: serial, processes, Ray, and a shell loop over `grade`.

    python -m benchmarks.batch [--count 20] [--copies 2] [--recordings FOLDER] [--shell 4] [--rows 10000]

The recordings of audio_fixtures, each several times, or those of a folder, taken for answers to one question, with the
real Whisper and the embedded grader. Rate: recordings a minute once the first is done, without start-up. Whole: with
it. Cores: seconds of processor time for one recording, which other programs on the machine change little. The row
"programs apart" is the machine's own limit: as many serial programs as cores, which share nothing, each with its part
of the recordings. The shell loop starts a process for each of a few recordings. Then as many rows with a stub in place
of Whisper and grader, and the memory of the program and of its workers along the way.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
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

from agent.adapters import stores
from agent.adapters.embedded_grader import EmbeddedGrader
from agent.adapters.process_pool import ProcessPool, WorkerSetup
from agent.compose import question_bank
from agent.compose.batch import BatchPlan, WorkerCount, environments, given_up, recipe, worker
from agent.compose.batch_cluster import ClusterLimits, ray_pool
from agent.compose.build import vector_folder
from agent.compose.library import RecordingOptions
from agent.compose.settings import Settings
from agent.logic.batch.dispatch import WorkerPool
from agent.logic.batch.keys import KeySet
from agent.logic.batch.progress import BatchProgress
from agent.shell.batch.manifest import Manifest
from agent.shell.batch.run import BatchJob, BatchRun, Engine
from agent.values.batch import BatchTask
from tests.batch_workers import QUESTIONS, RECIPE, stub_worker, tone

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "audio_fixtures"
ANY_QUESTION = "recsys-metrics"
"""Of recordings that answer none."""
Pools = Callable[[KeySet], AbstractContextManager[WorkerPool[BatchTask]]]


class Measured(NamedTuple):
    """One way of grading all recordings."""

    name: str
    rate: float
    """Recordings a minute, without start-up."""
    whole_s: float
    """Seconds for a recording, start-up included."""
    cores_s: float | None
    """Seconds of processor time for a recording, start-up included; None where workers are no children of ours."""


class Recording(NamedTuple):
    """What is graded."""

    path: Path
    question: str


class Stopwatch:
    """Takes the time of each finished recording, and the largest memory of a worker."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.worker_mb = 0.0

    def __call__(self, progress: BatchProgress) -> None:
        """Called after each recording, and once before the first."""
        if not progress.done:
            return
        self.times.append(time.perf_counter())
        workers = [memory_mb(child.pid, "VmHWM") for child in multiprocessing.active_children()]
        self.worker_mb = max([self.worker_mb, *workers])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--count", type=int, default=20, help="of the fixtures")
    options.add_argument("--copies", type=int, default=2)
    options.add_argument("--recordings", type=Path, help="a folder; its recordings instead of the fixtures")
    options.add_argument("--shell", type=int, default=4)
    options.add_argument("--rows", type=int, default=10_000)
    options.add_argument("--without-ray", action="store_true")
    options.add_argument("--apart", type=Path, metavar="MANIFEST", help=argparse.SUPPRESS)
    args = options.parse_args()
    if args.apart:
        print(json.dumps(graded(args.apart.parent, args.apart, "apart", serial(1)).rate))
        return
    print(f"{os.cpu_count()} cores, load {' '.join(f'{load:.1f}' for load in os.getloadavg())}")
    with tempfile.TemporaryDirectory() as folder:
        if args.copies:
            side_by_side(Path(folder), args)
        if args.rows:
            flat_memory(Path(folder) / "stub", args.rows)


def side_by_side(folder: Path, args: argparse.Namespace) -> None:
    """Every engine over the same recordings, a table of them, and whether their rows are equal."""
    recordings = of_folder(args.recordings) if args.recordings else fixtures()
    recordings = recordings[: args.count]
    # Or whoever comes first would embed the rubrics for all.
    for question in {question for _, question in recordings}:
        EmbeddedGrader(cache=vector_folder()).prepare(plan(1).questions[question])
    manifest = recorded(folder, recordings, args.copies)
    found = [graded(folder, manifest, name, pools) for name, pools in engines(not args.without_ray)]
    rows = [but_timings(folder / folder_name(item.name)) for item in found]
    for item, its in zip(found[1:], rows[1:], strict=True):
        equal = sum(map(dict.__eq__, its, rows[0]))
        print(f"rows of {item.name} equal those of {found[0].name}: {equal} of {len(its)}")
    found.append(apart(folder, manifest))
    shell = [shell_loop(recordings, args.shell)] if args.shell else []
    table(found, shell)
    print(f"load {' '.join(f'{load:.1f}' for load in os.getloadavg())}")


def table(found: list[Measured], shell: list[Measured]) -> None:
    first = found[0]
    print(f"\n{'':24}{'a minute':>9}{'times':>7}{'whole s':>9}{'times':>7}{'cores s':>9}")
    for item in (*found, *shell):
        rate = " " * 16 if item in shell else f"{item.rate:9.1f}{item.rate / first.rate:7.2f}"
        cores = "        -" if item.cores_s is None else f"{item.cores_s:9.2f}"
        print(f"{item.name:24}{rate}{item.whole_s:9.2f}{first.whole_s / item.whole_s:7.2f}{cores}")
    for item in (item for _ in shell for item in found):
        print(f"{item.name} against the shell loop: {shell[0].whole_s / item.whole_s:.1f} times as fast")


def fixtures() -> list[Recording]:
    entries = json.loads((FIXTURES / "manifest.json").read_text("utf-8"))["recordings"]
    return [Recording(FIXTURES / entry["file"], entry["question_id"]) for entry in entries]


def of_folder(folder: Path) -> list[Recording]:
    return [Recording(folder / name, ANY_QUESTION) for name in stores.recordings_in(str(folder))]


def recorded(folder: Path, recordings: list[Recording], copies: int) -> Path:
    """A manifest of the recordings, each as several files."""
    lines = []
    for number, (source, question) in enumerate(recordings):
        for copy in range(copies):
            path = folder / "sound" / f"{number}-{copy}-{source.name}"
            path.parent.mkdir(exist_ok=True)
            shutil.copyfile(source, path)
            lines.append(f"{path},{question},candidate {copy}")
    # Copies in a row would find their words in the grader's memory, and a long one at the end leaves workers idle.
    random.Random(0).shuffle(lines)
    (folder / "manifest.csv").write_text("\n".join(["recording,question_id,candidate", *lines]), "utf-8")
    print(f"{len(lines)} recordings")
    return folder / "manifest.csv"


def plan(threads: int) -> BatchPlan:
    settings = Settings(threads=threads)
    return BatchPlan(settings, question_bank.questions(settings), recipe(settings, RecordingOptions()))


def processes(workers: int, threads: int) -> Pools:
    environment = environments(WorkerCount(workers, threads))
    return lambda known: ProcessPool(WorkerSetup(partial(worker, plan(threads)), environment), workers)


def serial(threads: int) -> Pools:
    return processes(1, threads)


def engines(with_ray: bool) -> Iterator[tuple[str, Pools]]:
    """By name; the serial one with one thread is what the others are compared with."""
    cores = os.cpu_count() or 1
    yield "serial, 1 thread", serial(1)
    yield f"serial, {cores} threads", serial(cores)
    yield f"local, {cores} processes", processes(cores, 1)
    if with_ray:
        yield f"Ray, {cores} actors", lambda known: ray_pool(plan(1), ClusterLimits(cores), None)


def apart(folder: Path, manifest: Path) -> Measured:
    """As many serial programs as cores, each with its part of the recordings: what the machine itself can do."""
    head, *lines = manifest.read_text("utf-8").splitlines()
    programs = os.cpu_count() or 1
    cores, started, running = cores_s(), time.perf_counter(), list[subprocess.Popen[str]]()
    for number in range(programs):
        part = folder / f"apart-{number}"
        part.mkdir()
        (part / "manifest.csv").write_text("\n".join([head, *lines[number::programs]]), "utf-8")
        command = [sys.executable, "-m", "benchmarks.batch", "--apart", str(part / "manifest.csv")]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT))
    rate = sum(float(program.communicate()[0].splitlines()[-1]) for program in running)
    whole = time.perf_counter() - started
    return Measured(f"{programs} programs apart", rate, whole / len(lines), (cores_s() - cores) / len(lines))


def graded(folder: Path, manifest: Path, name: str, pools: Pools) -> Measured:
    """All recordings by one engine, into a folder of its own."""
    shared = plan(1)
    read = Manifest(str(manifest), shared.questions)
    cohort = BatchJob(read, read.checked(), shared.questions, shared.recipe)
    watch, cores, started = Stopwatch(), cores_s(), time.perf_counter()
    summary = BatchRun(cohort, folder / folder_name(name)).run(Engine(pools, given_up), watch)
    whole, count = time.perf_counter() - started, summary.computed
    rate = 60 * (count - 1) / max(1e-3, watch.times[-1] - watch.times[0])
    memory = f", largest worker {watch.worker_mb:.0f} MB" if watch.worker_mb else ""
    print(f"{name}: {dict(summary.counts)}, {rate:.1f} a minute, {whole:.0f} s{memory}", flush=True)
    ours = watch.worker_mb > 0
    return Measured(name, rate, whole / count, (cores_s() - cores) / count if ours else None)


def folder_name(engine: str) -> str:
    return engine.replace(" ", "-").replace(",", "")


def but_timings(folder: Path) -> list[Any]:
    """The rows that a run wrote, without what differs between any two runs."""
    rows = [json.loads(line) for line in (folder / "answers.jsonl").read_text("utf-8").splitlines()]
    for row in rows:
        del row["timings_s"]
        (row["turn"] or {}).pop("timings_s", None)
    return rows


def shell_loop(recordings: list[Recording], count: int) -> Measured:
    """`grade` for a few of the recordings, a process each."""
    some = recordings[:: max(1, len(recordings) // count)][:count]
    cores, started = cores_s(), time.perf_counter()
    for path, question in some:
        command = ["grade", str(path), "--question", question, "--json"]
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

    def show(progress: BatchProgress) -> None:
        if progress.done and progress.done % max(1, rows // 10) == 0:
            workers = [memory_mb(child.pid) for child in multiprocessing.active_children()]
            workers_mb = " ".join(f"{size:.0f}" for size in workers)
            print(f"{progress.done:7} rows: {memory_mb(os.getpid()):.0f} MB, workers {workers_mb} MB", flush=True)

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
