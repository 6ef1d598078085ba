"""How a batch grades one recording, what its grades depend on, and how many workers a machine can have."""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agent import __version__
from agent.adapters import machine, stores
from agent.compose.library import AnswerGrader, RecordingOptions
from agent.compose.settings import Settings
from agent.logic.batch.keys import KeySet, Recipe, result_key
from agent.values.batch import BatchTask, Failure, Outcome, Stage, TranscribedRecording
from agent.values.errors import AudioError, EndpointError, InputError, ModelError, NoReplyError
from agent.values.rubric import Question

if TYPE_CHECKING:
    from agent.adapters.process_pool import ProcessPool

OWN_BYTES = 600_000_000
"""Memory of a worker besides Whisper's weights: libraries, the grader's models, an answer of some minutes."""
_OF_WEIGHTS = 2
"""Memory for loading Whisper, as a multiple of its file's size; it needs less later. docs/scale.md has both figures."""
WORKERS_PER_CARD = 4
"""Processes that share a graphics card: while one decodes words, another uses the card."""
_READS = 3
"""How many times a store is asked for a recording before it counts as failed."""


class BatchPlan(NamedTuple):
    """Everything that the workers share; it is pickled once for each."""

    settings: Settings
    questions: Mapping[str, Question]
    recipe: Recipe
    wanted: RecordingOptions = RecordingOptions()
    on_record: KeySet = KeySet()
    """Keys of saved grades, which are not made again."""
    transcribe_only: bool = False
    """Whether workers only transcribe, because an endpoint grades."""


class WorkerCount(NamedTuple):
    """How many workers a machine has room for."""

    workers: int
    threads: int
    """Threads for the models of each worker."""
    cards: int = 0
    """Graphics cards that the workers share."""
    limited_by: str = "cores"
    """What limits the number of workers."""


def workers_for(settings: Settings, requested: int | None = None, recordings: int | None = None) -> WorkerCount:
    """Returns how many workers to start, and their threads.

    Without a given number, there are as many as the machine has room for, but no more than recordings. Raises
    InputError if cores or memory do not allow the given number, and ModelError.
    """
    cores = machine.cores()
    cards = machine.graphics_cards() if settings.whisper_device != "cpu" else 0
    free, each = machine.free_memory(), worker_bytes(settings)
    room = max(1, free // each) if free is not None else cores
    # Whisper gains less from a second thread than from a second worker.
    limits = {"cores": max(1, cores // (settings.threads or 1)), "memory": room}
    if cards:
        limits = {"memory": room, "graphics cards": min(limits["cores"], cards * WORKERS_PER_CARD)}
    if requested is not None:
        _refuse_many(requested, max(cores, room, cards * WORKERS_PER_CARD), each)
        limits = {"you": requested}
    if recordings is not None:
        limits["recordings"] = max(1, recordings)
    limit = min(limits, key=lambda name: limits[name])
    return WorkerCount(limits[limit], settings.threads or max(1, cores // limits[limit]), cards, limit)


def _refuse_many(requested: int, most: int, each: int) -> None:
    if requested > most:
        raise InputError(
            f"this machine has no room for {requested} workers: each needs a core or {each / 1e9:.1f} GB of memory; "
            f"use at most {most}"
        )


def worker_bytes(settings: Settings) -> int:
    """Memory of one worker. Raises ModelError."""
    weights = sum(file.stat().st_size for file in whisper_folder(settings).iterdir() if file.is_file())
    return OWN_BYTES + _OF_WEIGHTS * weights


def environments(count: WorkerCount) -> list[dict[str, str]]:
    """Returns each worker's environment variables, which limit numerical libraries to its threads and to one card."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(count.threads))
    return [{**threads, "CUDA_VISIBLE_DEVICES": str(card)} for card in range(count.cards)] or [threads]


def recipe(settings: Settings, wanted: RecordingOptions) -> Recipe:
    """Returns everything in these settings that a grade depends on. Raises ModelError or InputError."""
    from agent.adapters.embedded_grader import EmbeddedGrader
    from agent.adapters.whisper_model import model_id, model_path
    from agent.compose.endpoint import settled
    from agent.logic.grading.judge_prompt import PROMPT_VERSION

    options = {
        "device": settings.whisper_device,
        "compute_type": settings.whisper_compute_type,
        "track": wanted.selection.track,
        "channel": wanted.selection.channel,
        "one_voice": wanted.one_voice,
    }
    whisper = model_id(settings.whisper_model, model_path(settings.whisper_model))
    base = Recipe(program=__version__, transcriber=whisper, grader="embedded", options=options)
    if settled(settings).grader == "embedded":
        return base.model_copy(update={"grader_models": EmbeddedGrader().models})
    from agent.compose.endpoint import model_address

    address = model_address(settings)
    return base.model_copy(
        update={"grader": f"llm:{address.model} at {address.base_url}", "prompt_version": PROMPT_VERSION}
    )


def whisper_folder(settings: Settings) -> Path:
    """The folder of Whisper's weights, to be shipped. Raises ModelError."""
    from agent.adapters.whisper_model import model_path

    return model_path(settings.whisper_model)


def worker(plan: BatchPlan, weights: Path | None = None) -> Callable[[BatchTask], Outcome]:
    """A worker with its models loaded; `weights` is where Whisper was shipped to. Raises ModelError."""
    settings = plan.settings
    if weights is not None:
        settings = settings.model_copy(update={"whisper_model": str(weights)})
    if plan.transcribe_only:
        settings = settings.model_copy(update={"grader": "embedded"})
    grader = AnswerGrader(settings)
    grader.warm()
    return partial(graded, plan, grader)


def process_pool(plan: BatchPlan, count: WorkerCount, limit_s: float) -> ProcessPool:
    """That many workers, as processes of this machine; each has `limit_s` seconds for a recording."""
    from agent.adapters.process_pool import ProcessPool, WorkerSetup

    settings = plan.settings.model_copy(update={"threads": count.threads})
    make = partial(worker, plan._replace(settings=settings))
    return ProcessPool(WorkerSetup(make, environments(count), limit_s), count.workers)


def graded(plan: BatchPlan, grader: AnswerGrader, task: BatchTask) -> Outcome:
    """Grades one recording from its bytes; whatever goes wrong becomes a failure with its stage."""
    begun = _Begun()
    try:
        return _graded(plan, grader, task, begun)
    except Exception as error:
        return Outcome(
            key=begun.key,
            stamp=begun.stamp,
            failure=_failure(error, begun.stage, task.item.recording),
            timings_s=begun.timings_s,
        )


class _Begun:
    """How far the work on a recording has come."""

    def __init__(self) -> None:
        self.stage: Stage = "read"
        self.stamp = ""
        self.key: str | None = None
        self.timings_s: dict[str, float] = {}
        self._since_s = time.monotonic()

    def next(self, done: str, stage: Stage) -> float:
        """Records the seconds of the finished stage and begins the next one."""
        now_s = time.monotonic()
        took_s, self._since_s, self.stage = round(now_s - self._since_s, 3), now_s, stage
        self.timings_s[done] = took_s
        return took_s


def _graded(plan: BatchPlan, grader: AnswerGrader, task: BatchTask, begun: _Begun) -> Outcome:
    item, question = task.item, plan.questions[task.item.question_id]
    begun.stamp = stores.stamp(item.recording)
    sound = _read(item.recording)
    begun.key = result_key(hashlib.sha256(sound).hexdigest(), question, item.hints_used, plan.recipe)
    begun.next("read", "transcribe")
    if bytes.fromhex(begun.key) in plan.on_record:
        return Outcome(key=begun.key, stamp=begun.stamp, timings_s=begun.timings_s)
    transcript, notes = grader.transcribe(_Named(sound, item.recording), question, plan.wanted)
    # Weights that were shipped lie in a folder of another name; the model is the same.
    transcript = transcript.model_copy(update={"transcriber": plan.recipe.transcriber})
    seconds = begun.next("transcribe", "grade")
    words = TranscribedRecording(transcript=transcript, notes=notes)
    if plan.transcribe_only:
        return Outcome(key=begun.key, stamp=begun.stamp, transcribed=words, timings_s=begun.timings_s)
    turn = grader.transcribed(words, question, item.hints_used, seconds)
    begun.next("grade", "grade")
    return Outcome(key=begun.key, stamp=begun.stamp, turn=turn, timings_s=begun.timings_s)


class _Named(io.BytesIO):
    """A recording in memory, with its name for messages."""

    def __init__(self, data: bytes, name: str) -> None:
        super().__init__(data)
        self.name = name


def _read(recording: str) -> bytes:
    for attempt in range(_READS):
        try:
            return stores.content(recording)
        except (FileNotFoundError, PermissionError, IsADirectoryError):
            raise
        except OSError:
            if attempt == _READS - 1:
                raise
            time.sleep(2.0**attempt)
    raise AssertionError


def _failure(error: Exception, stage: Stage, recording: str) -> Failure:
    if isinstance(error, AudioError):
        return Failure(stage="decode", reason=str(error), retry=False)
    if isinstance(error, MemoryError):
        return Failure(stage=stage, reason="memory ran out; use fewer workers", retry=True)
    if isinstance(error, OSError) and stage == "read":
        # Whatever it is, it can be mended outside this program, which then has nothing to go by but another try.
        return Failure(stage="read", reason=_unread(error, recording), retry=True)
    if isinstance(error, EndpointError | ModelError):
        return Failure(stage=stage, reason=str(error), retry=isinstance(error, NoReplyError))
    return Failure(stage=stage, reason=f"something unexpected ({type(error).__name__}: {error})", retry=False)


def _unread(error: OSError, recording: str) -> str:
    """Says why a recording was not read, and what to do."""
    why = error.strerror or str(error) or type(error).__name__
    fix = "run the same command again when its store answers"
    if isinstance(error, PermissionError):
        fix = "give yourself permission to read it, then run the same command again"
    elif isinstance(error, FileNotFoundError):
        fix = "put it there or correct the manifest, then run the same command again"
    elif isinstance(error, IsADirectoryError):
        fix = "name an audio file in the manifest, then run the same command again"
    return f"{recording}: cannot be read ({why.removeprefix(f'{recording}: ')}); {fix}"


def given_up(task: BatchTask, why: str) -> Outcome:
    """The outcome of a recording that made its worker die each time."""
    reason = f"the recording was given up after several tries: {why}"
    failure = Failure(stage="process", reason=reason, retry="memory" in why)
    return Outcome(stamp=stores.stamp(task.item.recording), failure=failure)
