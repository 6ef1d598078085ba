"""How a machine is divided among a batch's workers: no more threads than cores, no more memory than there is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.adapters import machine, ray_pool
from agent.compose import batch_cluster
from agent.compose.batch import OWN_BYTES, WorkerCount, environments, worker_bytes, workers_for
from agent.compose.settings import Settings
from agent.logic.batch.keys import KeySet
from agent.shell.cli import parser
from agent.shell.commands.batch import _ray
from agent.values.errors import InputError
from tests.batch_workers import plan

WORKER = worker_bytes(Settings())


class FakePool:
    """A pool on Ray without Ray."""

    workers = 3

    def __enter__(self) -> FakePool:
        return self

    def __exit__(self, *error: object) -> None: ...


@pytest.mark.parametrize(
    ("address", "says"), [([], "Starting Ray on this machine"), (["--address", "auto"], "Ray cluster at auto")]
)
def test_the_start_of_ray_is_announced(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], address: list[str], says: str
) -> None:
    monkeypatch.setattr(batch_cluster, "ray_pool", lambda plan, limits, address: FakePool())
    args = parser().parse_args(["batch", "m.csv", "--out", "out", "--engine", "ray", *address])
    with _ray(args, plan(), 2, KeySet()):
        said = capsys.readouterr().err.splitlines()
    assert says in said[0]
    assert said[1].startswith("3 Ray workers load their models")


@pytest.mark.parametrize(("address", "niceness"), [(None, "0"), ("auto", None)])
def test_ray_started_here_does_not_put_its_workers_last(
    monkeypatch: pytest.MonkeyPatch, address: str | None, niceness: str | None
) -> None:
    ray = pytest.importorskip("ray")
    # Set first, so that it is taken back to what it was.
    monkeypatch.setenv(ray_pool.NICENESS, "")
    monkeypatch.delenv(ray_pool.NICENESS)
    seen = list[str | None]()
    monkeypatch.setattr(ray, "init", lambda **given: seen.append(os.environ.get(ray_pool.NICENESS)))
    ray_pool._connect(address)
    assert seen == [niceness]


@pytest.mark.parametrize(
    ("cores", "free", "cards", "expected"),
    [
        (2, None, 0, WorkerCount(2, 1, 0, "cores")),
        (16, 4 * WORKER, 0, WorkerCount(4, 4, 0, "memory")),
        (4, WORKER // 2, 0, WorkerCount(1, 4, 0, "memory")),
        (16, 100 * WORKER, 1, WorkerCount(4, 4, 1, "graphics cards")),
    ],
)
def test_a_machine_is_divided_without_oversubscribing(
    monkeypatch: pytest.MonkeyPatch, cores: int, free: int | None, cards: int, expected: WorkerCount
) -> None:
    monkeypatch.setattr(machine, "cores", lambda: cores)
    monkeypatch.setattr(machine, "free_memory", lambda: free)
    monkeypatch.setattr(machine, "graphics_cards", lambda: cards)
    assert workers_for(Settings()) == expected


def test_larger_models_need_more_memory(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"x" * 1000)
    assert worker_bytes(Settings(whisper_model=str(tmp_path))) == OWN_BYTES + 2000
    assert WORKER > OWN_BYTES + 200_000_000


def test_wishes_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "cores", lambda: 8)
    monkeypatch.setattr(machine, "graphics_cards", lambda: 1)
    monkeypatch.setattr(machine, "free_memory", lambda: None)
    assert workers_for(Settings(whisper_device="cpu"), 2) == WorkerCount(2, 4, 0, "you")
    assert workers_for(Settings(whisper_device="cpu", threads=4)) == WorkerCount(2, 4, 0, "cores")


def test_no_more_workers_than_recordings_and_none_that_fit_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "cores", lambda: 16)
    monkeypatch.setattr(machine, "graphics_cards", lambda: 0)
    monkeypatch.setattr(machine, "free_memory", lambda: 40 * WORKER)
    assert workers_for(Settings(), None, 3) == WorkerCount(3, 5, 0, "recordings")
    assert workers_for(Settings(), 20, 10) == WorkerCount(10, 1, 0, "recordings")
    assert workers_for(Settings(), 40, 1000).workers == 40
    with pytest.raises(InputError, match=r"no room for 999999 workers.*at most 40"):
        workers_for(Settings(), 999_999, 10)


def test_workers_take_turns_at_the_cards_and_keep_to_their_threads() -> None:
    assert [item["CUDA_VISIBLE_DEVICES"] for item in environments(WorkerCount(8, 2, 2))] == ["0", "1"]
    (only,) = environments(WorkerCount(8, 2))
    assert set(only.values()) == {"2"}


def test_this_machine_says_what_it_has() -> None:
    assert machine.cores() >= 1
    free = machine.free_memory()
    assert free is None or free > 0


ALLOCATING = """
import sys, threading
from agent.adapters.machine import share_freed_memory
if sys.argv[1] == "shared":
    share_freed_memory()
together, kept = threading.Barrier(8), []
def allocate():
    together.wait()
    kept.append([bytes(1000) for _ in range(2000)])
    together.wait()
threads = [threading.Thread(target=allocate) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
maps = [line.split() for line in open("/proc/self/maps")]
print(sum(len(fields) == 5 and fields[1].startswith("---p") for fields in maps))
"""
"""Prints how many address ranges are reserved: each pool of a thread has one."""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc alone has a pool of memory for each thread")
def test_threads_share_what_they_free() -> None:
    shared, apart = (
        int(subprocess.run([sys.executable, "-c", ALLOCATING, how], capture_output=True, text=True, check=True).stdout)
        for how in ("shared", "apart")
    )
    assert shared + 6 <= apart
