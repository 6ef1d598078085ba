"""A batch on Ray: several nodes on one machine, of which workers and a whole node are killed in the middle."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from agent.adapters.ray_pool import RayPool, RaySetup
from agent.compose.batch import BatchPlan, given_up, recipe, worker
from agent.compose.batch_cluster import ClusterLimits, ray_pool
from agent.compose.library import RecordingOptions
from agent.compose.settings import Settings
from agent.logic.batch.dispatch import Dispatch
from agent.logic.batch.keys import KeySet
from agent.logic.batch.progress import BatchProgress
from agent.shell.batch.manifest import Manifest
from agent.shell.batch.run import BatchJob, BatchRun, Engine
from agent.values.errors import EngineError
from tests.batch_workers import (
    QUESTIONS,
    RECIPE,
    ROOT,
    InProcess,
    Pools,
    cohort_of,
    harmful_worker,
    in_process,
    names,
    run,
    slow_worker,
    stub_worker,
    without_models,
)
from tests.test_batch import but_timings, by_name, rows

ray = pytest.importorskip("ray")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.alone,
    # Ray leaves files and processes to the collector when it is shut down.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:Tip:FutureWarning", "ignore::DeprecationWarning"),
]


@pytest.fixture
def cluster() -> Iterator[Any]:
    """A head without cores, and two nodes with two each."""
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "object_store_memory": 100_000_000})
    for _ in range(2):
        made.add_node(num_cpus=2, object_store_memory=100_000_000)
    ray.init(address=made.address, log_to_driver=False)
    yield made
    ray.shutdown()
    made.shutdown()  # type: ignore[no-untyped-call]


class Assassin:
    """Kills a worker after some rows, and a node after some more."""

    def __init__(self, cluster: Any, marks: Path) -> None:
        self._cluster, self._marks = cluster, marks
        self.killed: list[str] = []

    def __call__(self, progress: BatchProgress) -> None:
        if progress.done == 6:
            os.kill(int(self._latest().split("-")[0]), signal.SIGKILL)
            self.killed.append("worker")
        if progress.done == 14:
            node = sorted(self._cluster.worker_nodes, key=lambda item: item.node_id)[0]
            self._cluster.remove_node(node, allow_graceful=False)
            self.killed.append("node")

    def _latest(self) -> str:
        return max(self._marks.iterdir(), key=lambda path: path.stat().st_mtime_ns).name


def test_a_killed_worker_and_a_killed_node_cost_no_row(cluster: Any, tmp_path: Path) -> None:
    manifest = cohort_of(tmp_path, [*names(40), "crash.wav"])
    marks = tmp_path / "marks"
    marks.mkdir()
    setup = RaySetup(make=partial(slow_worker, str(marks), KeySet()))
    assassin = Assassin(cluster, marks)
    read = Manifest(str(manifest), QUESTIONS)
    cohort = BatchJob(read, read.checked(), QUESTIONS, RECIPE)
    engine = Engine(lambda known: RayPool(setup, 4), given_up)
    summary = BatchRun(cohort, tmp_path / "ray").run(engine, assassin)
    assert assassin.killed == ["worker", "node"]
    assert (summary.counts["graded"], summary.counts["failed"]) == (40, 1)
    assert by_name(tmp_path / "ray")["crash.wav"]["failure_stage"] == "process"
    manifest.write_text("\n".join(manifest.read_text("utf-8").splitlines()[:-1]), "utf-8")
    run(manifest, tmp_path / "serial", in_process())
    found = [row for row in rows(tmp_path / "ray") if "crash" not in row["recording"]]
    assert but_timings(found) == but_timings(rows(tmp_path / "serial"))
    journal = (tmp_path / "ray" / "journal.jsonl").read_text("utf-8").splitlines()
    assert len(journal) == 41


def test_files_are_unpacked_once_and_errors_reach_the_user(tmp_path: Path) -> None:
    model = tmp_path / "base"
    model.mkdir()
    weights = os.urandom(1000)
    (model / "weights.bin").write_bytes(weights)
    with RayPool(RaySetup(make=folder_reader, files=model), 2) as pool:
        answers = [answer for _, answer in Dispatch[str, str](pool, lambda task, why: why).run(iter("abcd"))]
    assert len({*answers}) == 1
    assert (Path(answers[0]).name, Path(answers[0], "weights.bin").read_bytes()) == ("base", weights)
    with pytest.raises(EngineError, match="The model is damaged"), RayPool(RaySetup(make=without_models), 1) as pool:
        list(Dispatch[str, object](pool, lambda task, why: why).run(iter("a")))
    too_large = RayPool(RaySetup(make=partial(stub_worker, KeySet()), cpus=64), 1, no_worker_s=0.5)
    with pytest.raises(EngineError, match="No worker could be started"), too_large as pool:
        list(Dispatch[str, object](pool, lambda task, why: why).run(iter("a")))


def test_a_recording_that_never_ends_is_given_up(tmp_path: Path) -> None:
    manifest = cohort_of(tmp_path, ["a.wav", "hang.wav", "b.wav"])
    read = Manifest(str(manifest), QUESTIONS)
    cohort = BatchJob(read, read.checked(), QUESTIONS, RECIPE)
    setup = RaySetup(make=partial(harmful_worker, KeySet()), limit_s=2.0)
    engine = Engine(lambda known: RayPool(setup, 2), given_up)
    BatchRun(cohort, tmp_path / "out").run(engine, lambda progress: None)
    found = by_name(tmp_path / "out")
    assert [row["status"] for row in found.values()] == ["graded", "failed", "graded"]
    assert "longer than 2 s" in found["hang.wav"]["failure_reason"]


def test_whisper_in_actors_gives_the_rows_of_a_serial_run(tmp_path: Path) -> None:
    """The real models, and their weights shipped."""
    questions = {name: question for name, question in QUESTIONS.items() if name == "recsys-metrics"}
    settings, sound = Settings(threads=1), ROOT / "audio_fixtures"
    plan = BatchPlan(settings, questions, recipe(settings, RecordingOptions()))
    manifest = tmp_path / "manifest.csv"
    lines = [f"{sound / name}.ogg,recsys-metrics" for name in ("metrics-weak", "metrics-very-weak", "metrics-strong")]
    manifest.write_text("\n".join(["recording,question_id", *lines]), "utf-8")
    read = Manifest(str(manifest), questions)
    cohort = BatchJob(read, read.checked(), questions, plan.recipe)
    engines: dict[str, Pools] = {
        "serial": lambda known: nullcontext(InProcess(worker(plan))),
        "ray": lambda known: ray_pool(plan, ClusterLimits(2, 3, 600.0), None),
    }
    for name, pools in engines.items():
        summary = BatchRun(cohort, tmp_path / name).run(Engine(pools, given_up), lambda progress: None)
        assert summary.counts["graded"] == 3
    assert but_timings(rows(tmp_path / "ray")) == but_timings(rows(tmp_path / "serial"))


def folder_reader(folder: Path | None) -> Any:
    assert folder is not None
    return lambda task: str(folder)
