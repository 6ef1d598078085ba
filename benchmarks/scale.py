"""What large batches take: costs measured here by stage, and a simulation of fleets of machines with them.

    python -m benchmarks.scale --measure     # writes benchmarks/scale_costs.json, a few minutes
    python -m benchmarks.scale               # prints the tables of docs/scale.md

Costs are seconds of processor time with one thread, which other programs on the machine change little. The simulation
draws the length of each answer, lets machines start, fetch weights and recordings, and one program give out work and
write rows; LLM grading has its limits. It knows no failures; a lost worker costs its recording and a start-up.
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

import numpy as np

from agent.adapters.audio_file import read_recording
from agent.adapters.embedded_grader import EmbeddedGrader
from agent.adapters.rubric_file import load_questions
from agent.adapters.silero_vad import speech_parts
from agent.adapters.whisper import Whisper
from agent.adapters.whisper_model import model_path
from agent.compose.batch import given_up, worker_bytes
from agent.compose.settings import Settings
from agent.logic.batch.keys import work_id
from agent.logic.grading.grading import grade_answer
from agent.logic.speech.second_voice import second_voice
from agent.shell.batch.manifest import Manifest
from agent.shell.batch.run import BatchJob, BatchRun, Engine
from agent.values.batch import BatchItem, BatchTask
from agent.values.rubric import Question
from tests.batch_workers import QUESTIONS, RECIPE, InProcess, cohort_of, names, stub_worker

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "audio_fixtures"
COSTS = Path(__file__).parent / "scale_costs.json"
WORKER_GB = worker_bytes(Settings()) / 1e9
PROGRAM_BYTES = 600
"""Memory of the program that gives out work, for each recording: where its outcome is in the journal."""
MEAN_S, SPREAD = 90.0, 0.5
"""Length of an answer: mean in seconds, and standard deviation of its logarithm."""
MOST = 100_000
"""Recordings that are simulated; more go on at the rate of whatever is slowest: workers, program or LLM."""


class Costs(NamedTuple):
    """Measured here; seconds are of one core."""

    decode_s: float
    """For an hour of speech, as all stages."""
    voices_s: float
    whisper_s: float
    grade_s: float
    load_s: float
    """Start of a worker: imports, questions, Whisper, the grader's models."""
    question_s: float
    """For the rubric of one question, once on each machine, whose cache keeps it."""
    weights_bytes: float
    sound_bytes: float
    """Of an hour of speech, compressed as the fixtures are."""
    row_s: float
    """Of the program that gives out work and writes rows, for each recording."""
    row_bytes: float
    """Journal, JSON lines and Parquet together, for each recording of the stub."""

    @property
    def hour_s(self) -> float:
        """For an hour of speech, all stages."""
        return self.decode_s + self.voices_s + self.whisper_s + self.grade_s


class Fleet(NamedTuple):
    """Machines and what they share."""

    workers: int
    of_a_machine: int = 16
    machine_start_s: float = 60.0
    """Until a rented machine runs our program."""
    machine_bytes_s: float = 1.25e9
    """Network of a machine: 10 Gbit/s."""
    store_bytes_s: float = 5e9
    """Of the object store to all machines together: 40 Gbit/s."""
    store_wait_s: float = 0.1
    """Before a recording's first byte."""
    questions: int = 20
    """Different ones among the recordings."""
    llm_per_minute: float | None = None
    """Limit of an LLM endpoint; None grades with the embedded grader."""
    dollars_core_hour: float = 0.04

    @property
    def machines(self) -> int:
        """How many."""
        return -(-self.workers // self.of_a_machine)


class Outcome(NamedTuple):
    """What a fleet takes for a cohort."""

    hours: float
    core_hours: float
    used: float
    """Share of the workers' time in which they work."""
    bound_by: str

    def dollars(self, fleet: Fleet) -> float:
        """For the cores."""
        return self.core_hours * fleet.dollars_core_hour


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--measure", action="store_true")
    options.add_argument("--count", type=int, default=20, help="of the fixtures that are measured")
    options.add_argument("--costs", type=Path, default=COSTS, help="where the costs are kept")
    args = options.parse_args()
    if args.measure:
        args.costs.write_text(json.dumps(measured(args.count)._asdict(), indent=1) + "\n", "utf-8")
    elif not args.costs.exists():
        options.error(f"{args.costs} is not there; run this with --measure once")
    costs = Costs(**json.loads(args.costs.read_text("utf-8")))
    stages(costs)
    cohorts(costs)
    bends(costs)


def measured(count: int) -> Costs:
    """So many fixtures once, stage by stage, with one thread."""
    questions = load_questions([ROOT / "rubrics"])
    whisper, grader = Whisper(threads=1), EmbeddedGrader(threads=1)
    whisper.warm()
    load_s = time.process_time()  # of this process from its beginning, imports included
    grader.prepare(questions["recsys-metrics"])
    question_s = time.process_time() - load_s
    spent, speech_s, size = np.zeros(4), 0.0, 0
    for entry in json.loads((FIXTURES / "manifest.json").read_text("utf-8"))["recordings"][:count]:
        path = FIXTURES / entry["file"]
        took, seconds = stages_s(path, questions[entry["question_id"]], whisper, grader)
        spent, speech_s, size = spent + took, speech_s + seconds, size + path.stat().st_size
    row_s, row_bytes = written()
    weights = sum(path.stat().st_size for path in model_path("base").iterdir() if path.is_file())
    decode, voices, words, grade = (round(float(seconds) * 3600 / speech_s, 1) for seconds in spent)
    sound = round(size * 3600 / speech_s)
    return Costs(
        decode, voices, words, grade, round(load_s, 2), round(question_s, 2), weights, sound, round(row_s, 5),
        round(row_bytes),
    )  # fmt: skip


def stages_s(path: Path, question: Question, whisper: Whisper, grader: EmbeddedGrader) -> tuple[np.ndarray, float]:
    """Seconds for decoding, the second voice, Whisper and the grade; then the recording's own seconds."""
    grader.prepare(question)
    marks = [time.process_time()]
    clip = read_recording(path).clip
    marks.append(time.process_time())
    second_voice(clip, speech_parts(clip))
    marks.append(time.process_time())
    transcript = whisper.transcribe(clip, [term.term for term in question.glossary])
    marks.append(time.process_time())
    grade_answer(question, transcript, grader)
    return np.diff([*marks, time.process_time()]), clip.seconds


def written(rows: int = 300) -> tuple[float, float]:
    """Seconds of the program itself and bytes for a row: outcomes are made beforehand, so that only they are timed."""
    with tempfile.TemporaryDirectory() as folder:
        manifest = cohort_of(Path(folder), names(rows))
        work = stub_worker()
        read = Manifest(str(manifest), QUESTIONS)
        cohort = BatchJob(read, read.checked(), QUESTIONS, RECIPE)
        made = {task.work: work(task) for task in map(task_of(cohort), read.items())}
        started = time.process_time()
        last = BatchRun(cohort, Path(folder) / "out")
        last.run(
            Engine(lambda known: nullcontext(InProcess(lambda task: made[task.work])), given_up), lambda progress: None
        )
        seconds = time.process_time() - started
        size = sum(path.stat().st_size for path in (Path(folder) / "out").iterdir())
    return seconds / rows, size / rows


def task_of(cohort: BatchJob) -> Callable[[BatchItem], BatchTask]:
    def task(item: BatchItem) -> BatchTask:
        return BatchTask(work=work_id(item, cohort.questions[item.question_id], cohort.recipe), item=item)

    return task


def stages(costs: Costs) -> None:
    print("One hour of speech on one core")
    names = (("decode", costs.decode_s), ("second voice", costs.voices_s), ("Whisper base", costs.whisper_s))
    for name, seconds in (*names, ("embedded grader", costs.grade_s), ("all", costs.hour_s)):
        print(f"  {name:16} {seconds:7.0f} s  {seconds / costs.hour_s:5.0%}")
    print(f"  start of a worker {costs.load_s:.1f} s; a question's rubric, once on a machine, {costs.question_s:.1f} s")
    print(f"  giving out and writing a row {1000 * costs.row_s:.1f} ms")
    print(f"  {costs.sound_bytes / 1e6:.0f} MB of sound an hour, {costs.weights_bytes / 1e6:.0f} MB of weights")


def cohorts(costs: Costs) -> None:
    print(
        f"\n{'recordings':>12}{'workers':>9}{'GB':>7}{'GB sent':>9}{'hours':>9}{'core h':>9}{'in use':>8}{'$':>8}",
        end="",
    )
    print("  bound by")
    sizes = ((1_000, (2, 16, 64)), (100_000, (16, 256, 1024)), (10_000_000, (1024, 4096, 16384)))
    for count, workers in sizes:
        for number in workers:
            fleet = Fleet(number, of_a_machine=min(16, number), machine_start_s=0.0 if number <= 16 else 60.0)
            show(costs, fleet, count)


def bends(costs: Costs) -> None:
    print("\nWhere it bends: 100,000 recordings, 256 workers, one thing changed")
    base = Fleet(256)
    changes = {
        "as above": base,
        "an LLM with 500 requests a minute": base._replace(llm_per_minute=500),
        "an LLM with 5,000 requests a minute": base._replace(llm_per_minute=5000),
        "machines that start in 10 minutes": base._replace(machine_start_s=600.0),
        "a store of 100 MB/s": base._replace(store_bytes_s=1e8),
        "a store of 1 MB/s": base._replace(store_bytes_s=1e6),
        "a store that answers after 5 s": base._replace(store_wait_s=5.0),
    }
    for name, fleet in changes.items():
        found = simulated(costs, fleet, 100_000)
        print(f"  {name:38}{found.hours:8.2f} h{found.used:8.0%} in use, bound by {found.bound_by}")


def show(costs: Costs, fleet: Fleet, count: int) -> None:
    found, sent = simulated(costs, fleet, count), sent_gb(costs, fleet, count)
    memory = fleet.workers * WORKER_GB + count * PROGRAM_BYTES / 1e9
    print(
        f"{count:12,}{fleet.workers:9,}{memory:7.0f}{sent:9.1f}{found.hours:9.2f}{found.core_hours:9.0f}"
        f"{found.used:8.0%}{found.dollars(fleet):8.0f}  {found.bound_by}"
    )


def sent_gb(costs: Costs, fleet: Fleet, count: int) -> float:
    """Recordings to workers, weights to each machine, and rows to the program that writes them."""
    sound = count * MEAN_S / 3600 * costs.sound_bytes
    return (sound + fleet.machines * costs.weights_bytes + count * costs.row_bytes) / 1e9


def simulated(costs: Costs, fleet: Fleet, count: int) -> Outcome:
    """A run of the fleet: when each worker is free, when the program has written each row, when the LLM has a turn."""
    some = min(count, MOST)
    free = [ready_s(costs, fleet, number) for number in range(min(fleet.workers, some))]
    heapq.heapify(free)
    busy_s, program_s, llm_s, end_s = 0.0, 0.0, 0.0, 0.0
    gap_s = 60.0 / fleet.llm_per_minute if fleet.llm_per_minute else 0.0
    for work in work_s(costs, fleet, some):
        # The program gives out one recording after the other, and its time for a row comes before the worker's.
        program_s = max(program_s, heapq.heappop(free)) + costs.row_s
        done_s = program_s + work
        heapq.heappush(free, done_s)
        busy_s += work
        llm_s = max(llm_s, done_s) + gap_s if gap_s else 0.0
        end_s = max(end_s, done_s, llm_s)
    rest_s = (count - some) * max(busy_s / some / fleet.workers, costs.row_s, gap_s)
    busy_s *= count / some
    hours = (end_s + rest_s) / 3600
    core_hours = hours * fleet.workers
    return Outcome(hours, core_hours, busy_s / 3600 / core_hours, bound(costs, fleet, count))


def ready_s(costs: Costs, fleet: Fleet, number: int) -> float:
    """When a worker has its models: its machine starts, and weights spread from machine to machine.

    A new machine has no rubric in its cache. As manifests are often sorted by question, all of its workers then embed
    each of them at the same time.
    """
    rounds = 1 + math.log2(1 + number // fleet.of_a_machine)
    rubrics_s = 0.0 if fleet.llm_per_minute else fleet.questions * costs.question_s
    return fleet.machine_start_s + rounds * costs.weights_bytes / fleet.machine_bytes_s + costs.load_s + rubrics_s


def work_s(costs: Costs, fleet: Fleet, count: int) -> Iterator[float]:
    """Seconds of a worker for each recording: fetching and computing."""
    draw = random.Random(0)
    middle = math.log(MEAN_S) - SPREAD**2 / 2
    share = min(fleet.machine_bytes_s / fleet.of_a_machine, fleet.store_bytes_s / fleet.workers)
    each = costs.hour_s - (costs.grade_s if fleet.llm_per_minute else 0.0)
    for _ in range(count):
        hours = draw.lognormvariate(middle, SPREAD) / 3600
        yield fleet.store_wait_s + hours * (costs.sound_bytes / share + each)


def bound(costs: Costs, fleet: Fleet, count: int) -> str:
    """What would have to grow for the run to be shorter: the part that alone takes the longest."""
    work = count * MEAN_S / 3600
    takes = {
        "cores": work * costs.hour_s / fleet.workers / 3600,
        "start-up": ready_s(costs, fleet, fleet.workers - 1) / 3600,
        "the program that writes rows": count * costs.row_s / 3600,
        "the object store": work * costs.sound_bytes / fleet.store_bytes_s / 3600
        + count * fleet.store_wait_s / fleet.workers / 3600,
        "the LLM's limit": count / fleet.llm_per_minute / 60 if fleet.llm_per_minute else 0.0,
    }
    return max(takes, key=lambda name: takes[name])


if __name__ == "__main__":
    main()
