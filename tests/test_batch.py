"""A batch: its rows, what is done again and what is not, interruptions, faults of workers and of the disk."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from agent.adapters import stores
from agent.adapters.process_pool import ProcessPool, WorkerSetup
from agent.compose.batch import given_up
from agent.logic.batch.dispatch import Done, WorkerReady
from agent.logic.batch.keys import KeySet
from agent.logic.batch.progress import BatchProgress
from agent.shell.batch.journal import OutcomeJournal
from agent.shell.batch.manifest import Manifest
from agent.shell.batch.progress import ProgressLine
from agent.shell.batch.rows import row_from_json, row_json
from agent.shell.batch.run import JOURNAL, BatchJob, BatchRun, Engine
from agent.shell.cli import parser
from agent.shell.commands.batch import _show as show
from agent.shell.commands.batch import prepared
from agent.shell.commands.batch import run as run_batch
from agent.values.batch import BatchTask, Failure, Outcome
from agent.values.errors import EngineError, InputError, StoreError
from tests.batch_workers import (
    QUESTIONS,
    RECIPE,
    ROOT,
    InProcess,
    Pools,
    Worker,
    cohort_of,
    dies_at_once,
    harmful_worker,
    in_process,
    masked_worker,
    names,
    run,
    stub_worker,
    tone,
    without_models,
)


def rows(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "answers.jsonl").read_text("utf-8").splitlines()]


def but_timings(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for row in found:
        row.pop("timings_s")
        (row["turn"] or {}).pop("timings_s", None)
    return found


def by_name(out: Path) -> dict[str, dict[str, Any]]:
    return {Path(row["recording"]).name: row for row in rows(out)}


class Counting:
    """Pools that remember what they were asked."""

    def __init__(self, work: Callable[[KeySet], Worker] = stub_worker, interrupts: int | None = None) -> None:
        self._make = in_process(work, interrupts)
        self.pools: list[InProcess] = []

    def __call__(self, known: KeySet) -> Any:
        made: Any = self._make(known)
        self.pools.append(made.enter_result)
        return made

    @property
    def asked(self) -> list[str]:
        return [name for pool in self.pools for name in pool.asked]


def processes(work: Callable[[], Worker], workers: int = 2, limit_s: float | None = None) -> Pools:
    return lambda known: ProcessPool(WorkerSetup(work, limit_s=limit_s), workers)


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    return cohort_of(tmp_path, names(8))


def test_one_row_for_each_answer_in_the_manifests_order(tmp_path: Path, manifest: Path) -> None:
    summary = run(manifest, tmp_path / "out", in_process())
    found = rows(tmp_path / "out")
    assert [Path(row["recording"]).name for row in found] == names(8)
    assert [row["line"] for row in found] == list(range(2, 10))
    assert (summary.counts["graded"], summary.computed) == (8, 8)
    first = found[0]
    assert first["candidate"] == "candidate 0"
    assert first["group"] == "group 0"
    assert first["transcript"].startswith("I would watch the accuracy")
    assert first["rating"] in ("very_weak", "weak", "strong", "very_strong")
    assert first["delivery"]["words"] == len(first["transcript"].split())
    assert first["provenance"]["rubric"]
    assert {"read", "transcribe", "grade"} == set(first["timings_s"])


def test_parquet_holds_the_same_rows(tmp_path: Path, manifest: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    run(manifest, tmp_path / "out", in_process())
    table = pq.read_table(tmp_path / "out" / "answers.parquet").to_pylist()
    for packed, row in zip(table, rows(tmp_path / "out"), strict=True):
        assert {**packed, "turn": json.loads(packed["turn"]), "provenance": json.loads(packed["provenance"])} == row


def test_a_row_is_read_back_as_it_was(tmp_path: Path, manifest: Path) -> None:
    run(manifest, tmp_path / "out", in_process())
    for data in rows(tmp_path / "out"):
        assert json.loads(json.dumps(row_json(row_from_json(data)))) == data


def test_a_second_run_computes_nothing(tmp_path: Path, manifest: Path) -> None:
    run(manifest, tmp_path / "out", in_process())
    before = rows(tmp_path / "out")
    again = Counting()
    assert run(manifest, tmp_path / "out", again).computed == 0
    assert again.asked == []
    assert rows(tmp_path / "out") == before


@pytest.mark.parametrize("interrupts", range(1, 9))
def test_interrupted_anywhere_the_rest_is_done_and_nothing_twice(
    tmp_path: Path, manifest: Path, interrupts: int
) -> None:
    first, second = Counting(interrupts=interrupts), Counting()
    with pytest.raises(KeyboardInterrupt):
        run(manifest, tmp_path / "out", first)
    run(manifest, tmp_path / "out", second)
    assert sorted([*first.asked[:-1], *second.asked]) == names(8)
    run(manifest, tmp_path / "whole", in_process())
    assert but_timings(rows(tmp_path / "out")) == but_timings(rows(tmp_path / "whole"))


def test_ctrl_c_does_not_reach_a_worker_that_is_only_starting() -> None:
    with ProcessPool(WorkerSetup(masked_worker), 1) as pool:
        assert pool.events() == [WorkerReady(0)]
        pool.send(0, None)
        assert pool.events() == [Done(0, True)]
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


INTERRUPTED = """
from agent.adapters.process_pool import ProcessPool, WorkerSetup
from tests.batch_workers import locking_worker

if __name__ == "__main__":
    try:
        with ProcessPool(WorkerSetup(locking_worker), 1) as pool:
            pool.events()
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        print("stopped")
"""


def test_workers_that_are_killed_leave_no_warning(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(INTERRUPTED, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, env=environment, timeout=120)
    assert (done.stdout, done.stderr) == ("stopped\n", "")


def moments(manifest: Path, out: Path) -> list[BatchProgress]:
    shown = list[BatchProgress]()
    read = Manifest(str(manifest), QUESTIONS)
    job = BatchJob(read, read.checked(), QUESTIONS, RECIPE)
    BatchRun(job, out).run(Engine(in_process(), given_up), shown.append)
    return shown


def test_a_resumed_run_counts_only_what_it_has_to_do(
    tmp_path: Path, manifest: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    run(manifest, out, in_process())
    tone(tmp_path / "sound" / "0000.wav", 77)
    (tmp_path / "sound" / "0001.wav").touch()
    tone(tmp_path / "sound" / "new.wav", 78)
    both = [(name, who) for name in ("new.wav", "0000.wav", "0003.wav") for who in ("Eve", "Fay")]
    more = [f"sound/{name},recsys-refresh,{who},x" for name, who in both]
    manifest.write_text("\n".join([manifest.read_text("utf-8"), *more]), "utf-8")
    shown = moments(manifest, out)
    assert [moment.total for moment in shown] == [14] * 4
    assert (shown[0].before, shown[0].done) == (12, 0), "two of them turn out to be changed, one is counted by now"
    assert (shown[-1].before, shown[-1].done, shown[-1].reused, shown[-1].rest) == (11, 3, 1, 0)
    capsys.readouterr()
    line = ProgressLine()
    for moment in shown:
        line(moment)
    said = capsys.readouterr().err.splitlines()
    assert "are done already" in said[0]
    assert said[-1].startswith("14 of 14")
    assert moments(manifest, out) == []


@pytest.mark.parametrize("cut", [1, 7, 200])
def test_half_a_line_of_a_killed_run_is_done_again(tmp_path: Path, manifest: Path, cut: int) -> None:
    run(manifest, tmp_path / "out", in_process())
    journal = tmp_path / "out" / JOURNAL
    journal.write_bytes(journal.read_bytes()[:-cut])
    again = Counting()
    run(manifest, tmp_path / "out", again)
    assert len(again.asked) == 1
    assert len({row["key"] for row in rows(tmp_path / "out")}) == 8


def test_a_line_of_zeros_after_a_power_cut_is_done_again(tmp_path: Path, manifest: Path) -> None:
    run(manifest, tmp_path / "out", in_process())
    journal = tmp_path / "out" / JOURNAL
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[3] = b"\0" * (len(lines[3]) - 1) + b"\n"
    journal.write_bytes(b"".join(lines))
    again = Counting()
    run(manifest, tmp_path / "out", again)
    assert len(again.asked) == 1


def test_what_a_grade_depends_on_decides_what_is_done_again(tmp_path: Path, manifest: Path) -> None:
    run(manifest, tmp_path / "out", in_process())
    other_version, other_hints, other_group = Counting(), Counting(), Counting()
    manifest.write_text(manifest.read_text("utf-8").replace("group 0", "group 9"), "utf-8")
    run(manifest, tmp_path / "out", other_group)
    assert other_group.asked == []
    assert rows(tmp_path / "out")[0]["group"] == "group 9"
    run(manifest, tmp_path / "out", other_version, recipe=RECIPE.model_copy(update={"program": "next"}))
    assert len(other_version.asked) == 8
    lines = manifest.read_text("utf-8").splitlines()
    hints = [f"{line},{'hints_used' if at == 0 else 1 if at == 2 else 0}" for at, line in enumerate(lines)]
    manifest.write_text("\n".join(hints), "utf-8")
    run(manifest, tmp_path / "out", other_hints)
    assert other_hints.asked == ["0001.wav"]


def test_a_changed_recording_is_done_again_and_a_touched_or_renamed_one_is_only_read(
    tmp_path: Path, manifest: Path
) -> None:
    run(manifest, tmp_path / "out", in_process())
    tone(tmp_path / "sound" / "0002.wav", 77)
    (tmp_path / "sound" / "0003.wav").touch()
    (tmp_path / "sound" / "0004.wav").rename(tmp_path / "sound" / "renamed.wav")
    manifest.write_text(manifest.read_text("utf-8").replace("0004.wav", "renamed.wav"), "utf-8")
    before, again = by_name(tmp_path / "out"), Counting()
    run(manifest, tmp_path / "out", again)
    after = by_name(tmp_path / "out")
    assert again.asked == ["0002.wav", "0003.wav", "renamed.wav"]
    assert after["0002.wav"]["key"] != before["0002.wav"]["key"]
    assert after["0003.wav"] == before["0003.wav"]
    assert after["renamed.wav"]["turn"] == before["0004.wav"]["turn"]


def test_two_candidates_with_the_same_recording_have_a_row_each(tmp_path: Path, manifest: Path) -> None:
    with manifest.open("a", encoding="utf-8") as file:
        file.write("\nsound/0000.wav,recsys-refresh,somebody else,group 2")
    pools = Counting()
    run(manifest, tmp_path / "out", pools)
    found = rows(tmp_path / "out")
    assert len(pools.asked) == 8
    assert (found[-1]["candidate"], found[-1]["key"]) == ("somebody else", found[0]["key"])


def test_failures_are_rows_with_stage_reason_and_whether_to_retry(tmp_path: Path, manifest: Path) -> None:
    (tmp_path / "sound" / "0001.wav").write_bytes(b"no sound at all")
    (tmp_path / "sound" / "0002.wav").write_bytes(b"")
    manifest.write_text(manifest.read_text("utf-8") + "\nmemory://nowhere/a.wav,recsys-refresh,Eve,group 1", "utf-8")
    summary = run(manifest, tmp_path / "out", in_process())
    found = by_name(tmp_path / "out")
    assert summary.counts["failed"] == 3
    assert (found["0001.wav"]["failure_stage"], found["0001.wav"]["failure_retry"]) == ("decode", False)
    assert "0001.wav" in found["0001.wav"]["failure_reason"]
    assert "empty" in found["0002.wav"]["failure_reason"]
    assert (found["a.wav"]["failure_stage"], found["a.wav"]["status"]) == ("read", "failed")


def test_the_end_of_a_run_lists_what_failed_and_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = names(12)
    manifest = cohort_of(tmp_path, [*broken, "whole.wav"])
    for name in broken:
        (tmp_path / "sound" / name).write_bytes(b"no sound at all")
    summary = run(manifest, tmp_path / "out", in_process())
    show(parser().parse_args(["batch", str(manifest), "--out", str(tmp_path / "out")]), summary, None)
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == ["1 graded, 0 ungraded, 12 failed", "Failed: 12 at stage decode"]
    assert len([line for line in said if "Replace the recording" in line]) == 10
    assert str(tmp_path / "sound" / "0000.wav") in said[2]
    assert said[12] == "  and 2 more: failure_reason in their rows says why"
    assert said[-1] == f"Next: mock-interview report --batch {tmp_path / 'out'}"


class Unsteady(MemoryFileSystem):  # type: ignore[misc]  # it comes without types
    """A store that fails at every first request for a file, and always for one named never."""

    protocol = "unsteady"
    asked: ClassVar[list[str]] = []

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return "/" + path.removeprefix("unsteady://").strip("/")

    def _open(self, path: str, mode: str = "rb", *args: Any, **more: Any) -> Any:
        if mode == "rb":
            self.asked.append(path)
            if "never" in path or self.asked.count(path) == 1:
                raise TimeoutError(f"{path} took too long")
        return super()._open(path, mode, *args, **more)


def test_a_slow_store_is_asked_again_and_then_is_a_failure_that_may_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsspec.register_implementation("unsteady", Unsteady, clobber=True)
    waits = list[float]()
    monkeypatch.setattr("agent.compose.batch.time.sleep", waits.append)
    manifest = tmp_path / "manifest.csv"
    stored = ["a.wav", "never.wav", "b.wav"]
    for number, name in enumerate(stored):
        Unsteady().pipe(f"/sound/{name}", tone(tmp_path / name, number).read_bytes())
    lines = [f"unsteady:///sound/{name},recsys-refresh" for name in stored]
    manifest.write_text("\n".join(["recording,question_id", *lines]), "utf-8")
    run(manifest, tmp_path / "out", in_process())
    found = by_name(tmp_path / "out")
    assert [row["status"] for row in found.values()] == ["graded", "failed", "graded"]
    assert (found["never.wav"]["failure_stage"], found["never.wav"]["failure_retry"]) == ("read", True)
    assert "took too long" in found["never.wav"]["failure_reason"]
    assert waits == [1.0, 1.0, 2.0, 1.0]


@pytest.mark.parametrize(
    ("error", "fix"),
    [
        (PermissionError(13, "Permission denied"), "give yourself permission to read it"),
        (FileNotFoundError(2, "No such file or directory"), "put it there"),
    ],
)
def test_what_the_user_can_mend_is_tried_again_by_the_same_command(
    tmp_path: Path, manifest: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, fix: str
) -> None:
    content = stores.content

    def refuses(place: str) -> bytes:
        if place.endswith("0001.wav"):
            raise error
        return content(place)

    monkeypatch.setattr(stores, "content", refuses)
    run(manifest, tmp_path / "out", in_process())
    row = by_name(tmp_path / "out")["0001.wav"]
    assert row["failure_reason"].startswith(f"{tmp_path / 'sound' / '0001.wav'}: cannot be read ({error.strerror}); ")
    assert fix in row["failure_reason"]
    assert row["failure_reason"].endswith("then run the same command again")
    monkeypatch.undo()
    again = Counting()
    assert run(manifest, tmp_path / "out", again).counts["failed"] == 0
    assert again.asked == ["0001.wav"]


def test_only_what_may_succeed_is_tried_again_unless_asked(tmp_path: Path, manifest: Path) -> None:
    def failing(known: KeySet) -> Worker:
        work = stub_worker(known)

        def fails(task: BatchTask) -> Outcome:
            done, name = work(task), Path(task.item.recording).stem
            retry = name == "0001"
            if name in ("0001", "0002"):
                failure = Failure(stage="grade", reason="no", retry=retry)
                return done.model_copy(update={"turn": None, "failure": failure})
            return done

        return fails

    run(manifest, tmp_path / "out", in_process(failing))
    again, forced = Counting(failing), Counting()
    assert run(manifest, tmp_path / "out", again).counts["failed"] == 2
    assert again.asked == ["0001.wav"]
    assert run(manifest, tmp_path / "out", forced, again=True).counts["graded"] == 8
    assert sorted(forced.asked) == ["0001.wav", "0002.wav"]


def test_a_full_disk_ends_the_run_and_the_next_one_completes_it(tmp_path: Path, manifest: Path) -> None:
    run(manifest, tmp_path / "whole", in_process())
    most = (tmp_path / "whole" / JOURNAL).stat().st_size // 2
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, limits[1]))
        with pytest.raises(StoreError, match="make room"):
            run(manifest, tmp_path / "out", in_process())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    saved, second = (tmp_path / "out" / JOURNAL).read_bytes(), Counting()
    assert saved.endswith(b"\n")
    run(manifest, tmp_path / "out", second)
    assert len(second.asked) == 8 - saved.count(b"\n")
    assert but_timings(rows(tmp_path / "out")) == but_timings(rows(tmp_path / "whole"))


def test_a_refused_run_leaves_no_folder(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "mine").mkdir()
    for out in ("new/deep", "mine"):
        with pytest.raises(InputError, match="nothing was computed"):
            run_batch(parser().parse_args(["batch", str(tmp_path / "empty"), "--out", str(tmp_path / out)]))
    assert not (tmp_path / "new").exists()
    assert (tmp_path / "mine").is_dir()


def test_a_run_refused_before_its_first_recording_does_not_say_that_it_saved_any(
    tmp_path: Path, manifest: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new"
    with pytest.raises(InputError, match="no room for"):
        run_batch(parser().parse_args(["batch", str(manifest), "--out", str(out), "--workers", "90000"]))
    assert "is saved" not in capsys.readouterr().err
    assert not out.exists()


def test_the_command_warns_of_further_tries(tmp_path: Path, manifest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prepared(parser().parse_args(["batch", str(manifest), "--out", str(tmp_path / "out")]))
    assert "1 recording is a candidate's further try" in capsys.readouterr().err


def test_the_model_that_auto_stands_for_is_settled_before_workers_start(tmp_path: Path, manifest: Path) -> None:
    args = parser().parse_args(["batch", str(manifest), "--out", str(tmp_path / "out"), "--model", "auto"])
    cohort, plan = prepared(args)
    assert plan.settings.whisper_model != "auto"
    assert cohort.recipe.transcriber.name == plan.settings.whisper_model


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("only root can mount a file system")
    place = tmp_path / "small"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", place], check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield place
    subprocess.run(["umount", place], check=True)


def test_on_a_disk_that_is_full_what_was_saved_stays_and_room_completes_it(tmp_path: Path, small_disk: Path) -> None:
    manifest = cohort_of(tmp_path, names(12))
    run(manifest, tmp_path / "whole", in_process())
    with pytest.raises(StoreError, match="make room"):
        run(manifest, small_disk / "out", in_process())
    lines = (small_disk / "out" / JOURNAL).read_bytes()
    assert lines.endswith(b"\n")
    with pytest.raises(StoreError, match="make room"):  # there is still no room
        run(manifest, small_disk / "out", in_process())
    assert (small_disk / "out" / JOURNAL).read_bytes() == lines
    assert not [path for path in (small_disk / "out").iterdir() if path.name.endswith(".half")]
    subprocess.run(["mount", "-o", "remount,size=8m", small_disk], check=True)
    second = Counting()
    run(manifest, small_disk / "out", second)
    assert len(second.asked) == 12 - lines.count(b"\n")
    assert but_timings(rows(small_disk / "out")) == but_timings(rows(tmp_path / "whole"))


PROGRAM = """
import os, signal, sys
from functools import partial
from pathlib import Path
from agent.adapters.process_pool import ProcessPool, WorkerSetup
from agent.compose.batch import given_up
from agent.shell.batch.manifest import Manifest
from agent.shell.batch.run import BatchJob, BatchRun, Engine
from tests.batch_workers import QUESTIONS, RECIPE, slow_worker

def show(progress):
    if progress.done == int(sys.argv[4]):
        os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    marks, manifest, out = map(Path, sys.argv[1:4])
    read = Manifest(str(manifest), QUESTIONS)
    run = BatchRun(BatchJob(read, read.checked(), QUESTIONS, RECIPE), out)
    work = partial(slow_worker, str(marks))
    run.run(Engine(lambda known: ProcessPool(WorkerSetup(partial(work, known)), 2), given_up), show)
"""


def test_a_killed_program_ends_its_workers_and_the_next_run_does_only_the_rest(tmp_path: Path) -> None:
    manifest, out, marks = cohort_of(tmp_path, names(30)), tmp_path / "out", tmp_path / "marks"
    marks.mkdir()
    (tmp_path / "program.py").write_text(PROGRAM)
    command = [sys.executable, str(tmp_path / "program.py"), str(marks), str(manifest), str(out)]
    for most in ("1", "7", "9"):
        # Workers have the same standard error, so this returns when the last of them has ended.
        ended = subprocess.run(
            [*command, most], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False
        )
        assert (ended.returncode, ended.stderr) == (-signal.SIGKILL, b"")
    saved, last = (out / JOURNAL).read_bytes().count(b"\n"), Counting()
    assert saved == 17
    assert len([*marks.iterdir()]) - saved <= 3 * 2, "what two workers had in hand, each time"
    run(manifest, out, last)
    assert len(last.asked) == 30 - saved
    run(manifest, tmp_path / "whole", in_process())
    assert but_timings(rows(out)) == but_timings(rows(tmp_path / "whole"))


def test_keys_on_record_are_found_and_no_others() -> None:
    keys = [hashlib.sha256(bytes([number])).digest()[:16] for number in range(100)]
    found = pickle.loads(pickle.dumps(KeySet(keys[:50])))
    assert (len(found), len(KeySet())) == (50, 0)
    assert [key in found for key in keys] == [True] * 50 + [False] * 50
    assert keys[0] not in KeySet()


def test_a_journal_that_is_a_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).mkdir()
    with pytest.raises(StoreError, match="give another folder"):
        OutcomeJournal(tmp_path / JOURNAL)


def test_processes_give_the_rows_of_a_serial_run(tmp_path: Path, manifest: Path) -> None:
    run(manifest, tmp_path / "serial", in_process())
    run(manifest, tmp_path / "processes", processes(stub_worker))
    assert but_timings(rows(tmp_path / "processes")) == but_timings(rows(tmp_path / "serial"))


def test_recordings_that_crash_or_hang_their_process_fail_alone(tmp_path: Path) -> None:
    manifest = cohort_of(tmp_path, ["a.wav", "crash.wav", "b.wav", "hang.wav", "c.wav"])
    run(manifest, tmp_path / "out", processes(harmful_worker, limit_s=3.0))
    found = by_name(tmp_path / "out")
    assert [row["status"] for row in found.values()] == ["graded", "failed", "graded", "failed", "graded"]
    assert (found["crash.wav"]["failure_stage"], found["crash.wav"]["failure_retry"]) == ("process", False)
    assert "SIGSEGV" in found["crash.wav"]["failure_reason"]
    assert "longer than 3 s" in found["hang.wav"]["failure_reason"]
    again = Counting()
    run(manifest, tmp_path / "out", again)
    assert again.asked == []


def test_workers_that_cannot_load_their_models_say_why(tmp_path: Path, manifest: Path) -> None:
    with pytest.raises(EngineError, match="The model is damaged") as error:
        run(manifest, tmp_path / "out", processes(without_models, workers=1))
    assert error.value.code == "whisper-model"


def test_workers_that_never_start_end_the_run(tmp_path: Path, manifest: Path) -> None:
    with pytest.raises(EngineError, match="ended with status 3"):
        run(manifest, tmp_path / "out", processes(dies_at_once, workers=1))


def test_the_journal_holds_no_grades_in_memory(tmp_path: Path) -> None:
    journal = OutcomeJournal(tmp_path / JOURNAL)
    journal.add("ab" * 16, Outcome(key="cd" * 16, failure=Failure(stage="read", reason="x" * 10_000, retry=True)))
    entry = journal.entry("ab" * 16)
    assert entry is not None
    assert entry.retry
    assert len(repr(vars(journal))) < 1000
    failure = journal.outcome(entry).failure
    assert failure is not None
    assert len(failure.reason) == 10_000
    journal.close()
