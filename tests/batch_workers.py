"""Workers for the tests of `batch`: real ones but for Whisper and the grader, and recordings that do harm.

Everything is a function of a module, since workers are pickled.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
import time
import wave
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import numpy as np

from agent.adapters.rubric_file import load_questions
from agent.compose.batch import BatchPlan, given_up, graded
from agent.compose.library import AnswerGrader, RecordingOptions
from agent.compose.settings import Settings
from agent.logic.batch.dispatch import Done, Event, WorkerPool, WorkerReady
from agent.logic.batch.keys import KeySet, Recipe
from agent.shell.batch.manifest import Manifest
from agent.shell.batch.run import BatchJob, BatchRun, Engine, Summary
from agent.values.audio import WHISPER_RATE, Clip
from agent.values.batch import BatchTask, Outcome
from agent.values.errors import ModelError
from agent.values.grade import Claim, Verdict
from agent.values.provenance import ModelId
from agent.values.rubric import Question
from agent.values.transcript import Transcript, Word

ROOT = Path(__file__).parent.parent
QUESTIONS = load_questions([ROOT / "rubrics" / "recsys-5-refresh.yaml", ROOT / "rubrics" / "recsys-4-metrics.yaml"])
RECIPE = Recipe(program="test", transcriber=ModelId(name="stub"), grader="stub")
Worker = Callable[[BatchTask], Outcome]
NO_KEYS = KeySet()


class StubTranscriber:
    """Says the reference answer whose level the sound's first sample picks; costs nothing."""

    def warm(self) -> None:
        """Nothing to load."""

    def transcribe(self, clip: Clip, glossary: Sequence[str] = ()) -> Transcript:
        digest = hashlib.sha256(clip.samples.tobytes()).hexdigest()
        texts = [f"I would watch the accuracy over time and retrain when it drops, case {digest[:6]}"]
        words = [Word(text=text, start_s=at / 2, end_s=at / 2 + 0.4) for at, text in enumerate(texts[0].split())]
        return Transcript(words=tuple(words), duration_s=clip.seconds)


class StubGrader:
    """Claims points by the answer's last word, so that different recordings have different grades."""

    def prepare(self, question: Question) -> None:
        """Nothing to prepare."""

    def claim(self, question: Question, transcript: Transcript) -> Verdict:
        seed = int(transcript.words[-1].text, 16)
        made = [point for at, point in enumerate(question.points) if seed >> at & 1]
        quote = " ".join(word.text for word in transcript.words[:8])
        claims = tuple(Claim(target=point.id, quote=quote, confidence=0.6 + seed % 40 / 100) for point in made)
        return Verdict(claims=claims, grader="stub")


def plan(known: KeySet = NO_KEYS) -> BatchPlan:
    return BatchPlan(Settings(), QUESTIONS, RECIPE, RecordingOptions(one_voice=True), known)


def stub_worker(known: KeySet = NO_KEYS, folder: Path | None = None) -> Worker:
    """As a real worker, without models."""
    grader = AnswerGrader(Settings(), grader=StubGrader(), transcriber=StubTranscriber())
    shared = plan(known)
    return lambda task: graded(shared, grader, task)


def harmful_worker(known: KeySet = NO_KEYS, folder: Path | None = None) -> Worker:
    """A recording named crash kills its process, one named hang never ends; others take a moment."""
    work = stub_worker(known)

    def harmed(task: BatchTask) -> Outcome:
        name = Path(task.item.recording).name
        if "crash" in name:
            os.kill(os.getpid(), signal.SIGSEGV)
        if "hang" in name:
            time.sleep(600)
        return work(task)

    return harmed


def slow_worker(marks: str, known: KeySet = NO_KEYS, folder: Path | None = None) -> Worker:
    """Leaves a file with its process id in `marks` for each piece of work that it begins, and takes 0.05 s for it."""
    work = harmful_worker(known)

    def marked(task: BatchTask) -> Outcome:
        Path(marks, f"{os.getpid()}-{task.work}").touch()
        time.sleep(0.05)
        return work(task)

    return marked


def masked_worker() -> Callable[[object], bool]:
    """Says whether Ctrl-C was blocked before any of our code ran."""
    return lambda _: signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def locking_worker() -> Callable[[object], bool]:
    """Holds a lock between processes, as libraries do when they are imported."""
    lock = multiprocessing.RLock()
    return lambda _: lock is not None


def without_models(folder: Path | None = None) -> Worker:
    """Cannot start."""
    raise ModelError("The model is damaged; install it again.", "whisper-model")


def dies_at_once(folder: Path | None = None) -> Worker:
    os._exit(3)


class InProcess:
    """A WorkerPool of one worker, in this process; raises `interrupts` before that piece of work, counted from 1."""

    def __init__(self, work: Worker, interrupts: int | None = None) -> None:
        self._work = work
        self._interrupts = interrupts
        self._given: list[BatchTask] = []
        self._events: list[Event] = [WorkerReady(0)]
        self.asked: list[str] = []

    def send(self, worker: int, task: BatchTask) -> None:
        self._given.append(task)

    def events(self) -> list[Event]:
        if self._events:
            return [self._events.pop()]
        task = self._given.pop()
        self.asked.append(Path(task.item.recording).name)
        if len(self.asked) == self._interrupts:
            raise KeyboardInterrupt
        return [Done(0, self._work(task))]


Pools = Callable[[KeySet], AbstractContextManager[WorkerPool[BatchTask]]]


def in_process(work: Callable[[KeySet], Worker] = stub_worker, interrupts: int | None = None) -> Pools:
    return lambda known: nullcontext(InProcess(work(known), interrupts))


def tone(path: Path, number: int) -> Path:
    """A second of sound, another for each number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = np.sin(np.arange(WHISPER_RATE) * (0.05 + number / 50_000)) * 8000
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(WHISPER_RATE)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def cohort_of(folder: Path, names: Sequence[str]) -> Path:
    """A manifest of recordings with these names, and the recordings."""
    lines = ["recording,question_id,candidate,group"]
    for number, name in enumerate(names):
        tone(folder / "sound" / name, number)
        lines.append(f"sound/{name},recsys-refresh,candidate {number % 7},group {number % 2}")
    manifest = folder / "manifest.csv"
    manifest.write_text("\n".join(lines), "utf-8")
    return manifest


def names(count: int) -> list[str]:
    return [f"{number:04}.wav" for number in range(count)]


def run(manifest: Path, out: Path, pools: Pools, *, again: bool = False, recipe: Recipe = RECIPE) -> Summary:
    read = Manifest(str(manifest), QUESTIONS)
    cohort = BatchJob(read, read.checked(), QUESTIONS, recipe, again)
    return BatchRun(cohort, out).run(Engine(pools, given_up), lambda progress: None)


def each(events: Sequence[Event]) -> Iterator[Event]:
    yield from events
