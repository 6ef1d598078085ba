"""`batch`: grades a cohort's recordings, on this machine or on a Ray cluster.

MANIFEST is a CSV, JSONL or Parquet file with the columns recording (a path, or a URL that fsspec reads) and
question_id, and, if there are any, candidate, hints_used and label; other columns are passed through. Or it is a folder
of recordings whose names hold a question's id. A run that was interrupted does only what is missing when it is started
again.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.shell import options, recording_options
from agent.shell.output import print_json
from agent.values.errors import InputError

if TYPE_CHECKING:
    from agent.adapters.metered_post import Bill
    from agent.compose.batch import BatchPlan, WorkerCount
    from agent.compose.endpoint_batch import EndpointStage
    from agent.logic.batch.dispatch import WorkerPool
    from agent.logic.batch.keys import KeySet
    from agent.shell.batch.run import BatchJob, BatchRun, Engine, Summary
    from agent.values.batch import BatchTask

LIMIT_S = 3600.0


def add(commands: options.Commands) -> None:
    """Declares the command."""
    parser = options.add_command(
        commands,
        "batch",
        "grade a cohort's recordings",
        "batch recordings.csv --out graded",
        description=__doc__,
    )
    parser.add_argument("manifest", metavar="MANIFEST", help="a CSV, JSONL or Parquet file, or a folder of recordings")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="write the rows into this folder")
    _engine_options(parser)
    parser.add_argument("--again", action="store_true", help="also retry recordings that failed for good")
    parser.add_argument("--json", action="store_true", help="print the summary as one JSON object")
    _endpoint_options(parser)
    for share in (options.rubric_options, options.grader_options, options.whisper_options):
        share(parser)
    recording_options.recording_options(parser)
    parser.set_defaults(run=run)


def _engine_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--engine", choices=("local", "ray"), default="local", help="processes here (default), or Ray")
    parser.add_argument(
        "--workers", type=options.count, metavar="N", help="how many (default: what cores and memory allow)"
    )
    parser.add_argument("--address", metavar="ADDRESS", help="a running Ray cluster, or auto (default: Ray here)")
    parser.add_argument(
        "--limit",
        type=options.seconds,
        default=LIMIT_S,
        metavar="SECONDS",
        help=f"give up a recording that takes longer (default {LIMIT_S:.0f})",
    )


def _endpoint_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--llm-at-once", type=options.count, metavar="N", help="requests to the LLM endpoint at once (default 4)"
    )
    parser.add_argument(
        "--llm-per-minute", type=options.count, metavar="N", help="requests to it a minute (default: no limit)"
    )


def run(args: argparse.Namespace) -> int:
    """Checks everything, computes what is missing, writes the rows and says what became of them."""
    from agent.shell.batch.progress import ProgressLine

    _check(args)
    progress = ProgressLine()
    with _only_one(args.out):
        job, plan = prepared(args)
        behind = _endpoint(args, plan)
        run = _opened(job, args.out)
        try:
            summary = run.run(_engine(args, plan, job.checked.rows, behind), progress)
        except BaseException:
            progress.end()
            if _has_saved(args.out):
                print(f"What was done is saved in {args.out}; the same command does the rest", file=sys.stderr)
            if behind is not None:
                print(_bill(behind.bill), file=sys.stderr)
            raise
        progress.end()
    _show(args, summary, behind)
    return 0


def _check(args: argparse.Namespace) -> None:
    if args.address and args.engine != "ray":
        raise InputError("--address is for --engine ray; add that, or leave it out")
    if (args.llm_at_once or args.llm_per_minute) and options.settings(args).grader != "llm":
        raise InputError("--llm-at-once and --llm-per-minute are for --grader llm; add that, or leave them out")


def prepared(args: argparse.Namespace) -> tuple[BatchJob, BatchPlan]:
    """Returns the job and how it is graded. Prints every fault of the manifest, then raises InputError."""
    from agent.compose import question_bank
    from agent.compose.batch import BatchPlan, recipe
    from agent.compose.library import RecordingOptions
    from agent.compose.whisper_choice import whisper_name
    from agent.shell.batch.manifest import Manifest
    from agent.shell.batch.run import BatchJob
    from agent.shell.weights import ensure_whisper

    settings = options.settings(args)
    questions = question_bank.questions(settings)
    manifest = Manifest(args.manifest, questions)
    known = manifest.checked()
    if known.warning:
        print(known.warning, file=sys.stderr)
    ensure_whisper(settings, args)
    settings = settings.model_copy(update={"whisper_model": whisper_name(settings)})
    wanted = RecordingOptions(recording_options.selection(args), args.one_voice)
    how = recipe(settings, wanted)
    return BatchJob(manifest, known, questions, how, args.again), BatchPlan(settings, questions, how, wanted)


def _endpoint(args: argparse.Namespace, plan: BatchPlan) -> EndpointStage | None:
    if plan.settings.grader != "llm":
        return None
    from agent.compose.endpoint_batch import AT_ONCE, EndpointLimits, EndpointStage

    limits = EndpointLimits(args.llm_at_once or AT_ONCE, args.llm_per_minute)
    return EndpointStage(plan.settings, plan.questions, limits)


def _engine(args: argparse.Namespace, plan: BatchPlan, recordings: int, behind: EndpointStage | None) -> Engine:
    from agent.compose.batch import given_up
    from agent.shell.batch.run import Engine

    if behind is not None:
        # No key leaves this process.
        without_key = plan.settings.model_copy(update={"api_key": None})
        plan = plan._replace(transcribe_only=True, settings=without_key)
    engine = Engine(partial(_ray if args.engine == "ray" else _local, args, plan, recordings), given_up)
    return engine if behind is None else engine._replace(behind=behind.graded)


def _local(
    args: argparse.Namespace, plan: BatchPlan, recordings: int, known: KeySet
) -> AbstractContextManager[WorkerPool[BatchTask]]:
    from agent.compose.batch import process_pool, workers_for

    count = workers_for(plan.settings, args.workers, recordings)
    _say(count)
    return process_pool(plan._replace(on_record=known), count, args.limit)


@contextmanager
def _ray(args: argparse.Namespace, plan: BatchPlan, recordings: int, known: KeySet) -> Iterator[WorkerPool[BatchTask]]:
    from agent.compose.batch_cluster import ClusterLimits, ray_pool

    limits = ClusterLimits(args.workers, recordings, args.limit)
    pool = ray_pool(plan._replace(on_record=known), limits, args.address)
    doing = f"Connecting to the Ray cluster at {args.address}" if args.address else "Starting Ray on this machine"
    print(f"{doing}; this may take a minute", file=sys.stderr, flush=True)
    with pool:
        workers = "1 Ray worker loads its" if pool.workers == 1 else f"{pool.workers} Ray workers load their"
        print(f"{workers} models; this may take another", file=sys.stderr, flush=True)
        yield pool


def _say(count: WorkerCount) -> None:
    workers = "1 worker" if count.workers == 1 else f"{count.workers} workers"
    threads = "1 thread" if count.threads == 1 else f"{count.threads} threads"
    print(f"{workers} with {threads} each, limited by {count.limited_by}", file=sys.stderr)


def _opened(job: BatchJob, folder: Path) -> BatchRun:
    from agent.shell.batch.run import BatchRun

    return BatchRun(job, folder)


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Refuses a second run in the same folder, which would do the same work. Raises InputError."""
    from filelock import FileLock, Timeout

    made = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock", timeout=0)
        lock.acquire()
    except Timeout as error:
        raise InputError(f"{folder}: another batch is running in it; wait for it, or give another folder") from error
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror}); give a folder of yours") from error
    try:
        yield
    except BaseException:
        _without_trace(folder, made)
        raise
    finally:
        lock.release()


def _without_trace(folder: Path, made: list[Path]) -> None:
    """Removes the folders that a refused run has made, unless something is in them."""
    if not made or _has_saved(folder):
        return
    # A folder with anything else in it stays.
    with suppress(OSError):
        for file in (_journal(folder), folder / ".lock"):
            file.unlink(missing_ok=True)
        for place in made:
            place.rmdir()


def _has_saved(folder: Path) -> bool:
    return _journal(folder).is_file() and _journal(folder).stat().st_size > 0


def _journal(folder: Path) -> Path:
    from agent.shell.batch.run import JOURNAL

    return folder / JOURNAL


def _bill(bill: Bill) -> str:
    text = f"LLM: {bill.requests} requests, {bill.prompt_tokens:,} tokens sent, {bill.completion_tokens:,} received"
    return text + (f"; {bill.uncounted} replies did not say how many" if bill.uncounted else "")


def _show_failures(summary: Summary) -> None:
    from agent.shell.batch.failures import failure_line, more_failures

    if not summary.stages:
        return
    print("Failed: " + ", ".join(f"{count} at stage {stage}" for stage, count in summary.stages.items()))
    for row in summary.failed:
        print(f"  {failure_line(row)}")
    if more := more_failures(summary.counts["failed"]):
        print(f"  {more}")


def _show(args: argparse.Namespace, summary: Summary, behind: EndpointStage | None) -> None:
    data: dict[str, Any] = {
        **{str(status): count for status, count in summary.counts.items()},
        "failed_at": dict(summary.stages),
        "computed": summary.computed,
        "seconds": round(summary.seconds, 1),
        "files": [str(file) for file in summary.files],
        "tokens": behind.bill._asdict() if behind is not None else None,
    }
    if args.json:
        print_json(data)
        return
    counts = summary.counts
    print(f"{counts['graded']} graded, {counts['ungraded']} ungraded, {counts['failed']} failed")
    _show_failures(summary)
    others = sum(counts.values()) - summary.computed
    print(f"{summary.computed} computed in {data['seconds']} s{f'; {others} needed nothing new' if others else ''}")
    if behind is not None:
        print(_bill(behind.bill))
    for file in summary.files:
        print(f"Wrote {file}")
    if len(summary.files) == 1:
        print("Parquet is written where pyarrow is installed: pip install 'mock-interview[batch]'")
    print(f"Next: mock-interview report --batch {shlex.quote(str(args.out))}")
