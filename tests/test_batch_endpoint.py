"""A batch whose words an LLM endpoint grades: limits, bill, failures that may pass, and refusals that end the run."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from agent.adapters.deadline import Deadline
from agent.adapters.http_post import HttpReply, HttpRequest
from agent.adapters.metered_post import Bill, MeteredPost, RateLimit
from agent.compose.batch import given_up, graded
from agent.compose.endpoint_batch import EndpointLimits, EndpointStage
from agent.compose.library import AnswerGrader
from agent.compose.settings import Settings
from agent.shell.batch.manifest import Manifest
from agent.shell.batch.run import BatchJob, BatchRun, Engine
from agent.values.batch import BatchTask, Outcome
from agent.values.errors import EndpointError, NoReplyError
from tests.batch_workers import QUESTIONS, RECIPE, InProcess, StubGrader, StubTranscriber, cohort_of, names, plan
from tests.fake_endpoint import Answer, completion, fails, serving

NOTHING = json.dumps({"claims": [], "addressed_to_grader": False})
USAGE = {"prompt_tokens": 5000, "completion_tokens": 20}


def counted(content: str = NOTHING) -> Answer:
    return Answer(200, completion(content) | {"usage": USAGE})


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.at = 100.0
        self._lock = threading.Lock()

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.at += seconds


def transcribing(task: BatchTask) -> Outcome:
    grader = AnswerGrader(Settings(), grader=StubGrader(), transcriber=StubTranscriber())
    return graded(plan()._replace(transcribe_only=True), grader, task)


def batch(folder: Path, url: str, count: int, limits: EndpointLimits | None = None) -> tuple[EndpointStage, Any]:
    settings = Settings(grader="llm", base_url=url, llm_model="m", api_key="sk-x", llm_timeout=60)
    stage = EndpointStage(settings, QUESTIONS, limits or EndpointLimits())
    read = Manifest(str(cohort_of(folder, names(count))), QUESTIONS)
    run = BatchRun(BatchJob(read, read.checked(), QUESTIONS, RECIPE), folder / "out")
    engine = Engine(lambda known: nullcontext(InProcess(transcribing)), given_up, stage.graded)
    return stage, lambda: run.run(engine, lambda progress: None)


def rows(folder: Path) -> Iterator[dict[str, Any]]:
    return map(json.loads, (folder / "out" / "answers.jsonl").read_text("utf-8").splitlines())


def test_every_answer_is_graded_and_billed(tmp_path: Path) -> None:
    with serving(lambda request: counted()) as endpoint:
        stage, run = batch(tmp_path, endpoint.url, 6)
        summary = run()
    assert (summary.counts["graded"], len(endpoint.asked)) == (6, 6)
    assert stage.bill == Bill(requests=6, prompt_tokens=30_000, completion_tokens=120, uncounted=0)
    assert {row["grader"] for row in rows(tmp_path)} == {"llm:m"}


def test_no_more_requests_at_once_than_allowed(tmp_path: Path) -> None:
    running, most, lock = [0], [0], threading.Lock()
    together = threading.Barrier(2)

    def rule(request: dict[str, Any]) -> Answer:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        together.wait(60)
        with lock:
            running[0] -= 1
        return counted()

    with serving(rule) as endpoint:
        _, run = batch(tmp_path, endpoint.url, 6, EndpointLimits(at_once=2))
        run()
    assert most == [2]


def test_an_answer_without_a_reply_is_a_failure_that_may_pass(tmp_path: Path) -> None:
    with serving(lambda request: counted("no JSON at all")) as endpoint:
        _, run = batch(tmp_path, endpoint.url, 2)
        assert run().counts["failed"] == 2
    assert {(row["failure_stage"], row["failure_retry"]) for row in rows(tmp_path)} == {("grade", True)}
    with serving(lambda request: counted()) as endpoint:
        _, again = batch(tmp_path, endpoint.url, 2)
        assert again().counts["graded"] == 2


def test_a_refused_key_ends_the_run(tmp_path: Path) -> None:
    with serving(lambda request: fails(401, "wrong key")) as endpoint:
        _, run = batch(tmp_path, endpoint.url, 20)
        with pytest.raises(EndpointError, match="did not accept the key"):
            run()
        assert len(endpoint.asked) < 20


def test_requests_are_evenly_spaced() -> None:
    clock = Clock()
    limit = RateLimit(30, clock)
    starts = []
    for _ in range(4):
        limit.admit()
        starts.append(clock.now())
    assert starts == [100.0, 102.0, 104.0, 106.0]
    assert not limit.admit(within_s=1.0)
    assert limit.admit(within_s=3.0)


def test_a_retry_that_would_come_too_late_is_not_sent() -> None:
    sent = list[str]()

    def send(request: HttpRequest, deadline: Deadline) -> HttpReply:
        sent.append(request.url)
        return HttpReply(200, b'{"usage": {"prompt_tokens": 3, "completion_tokens": true}}')

    metered = MeteredPost(RateLimit(1, Clock()), send)
    request = HttpRequest("http://x/", {}, b"")
    metered.admitted(lambda: metered(request, Deadline(5)))
    with pytest.raises(NoReplyError, match="a minute"):
        metered(request, Deadline(5))
    assert (len(sent), metered.bill) == (1, Bill(1, 3, 0, 0))
