"""Who does what next in a batch, when workers die, and the progress that is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.logic.batch.dispatch import Died, Dispatch, Done, Event, WorkerReady
from agent.logic.batch.progress import BatchProgress, duration


class Script:
    """A WorkerPool that plays events; `given` is what was sent to whom."""

    def __init__(self, *events: Sequence[Event]) -> None:
        self._events: Iterator[Sequence[Event]] = iter(events)
        self.given: list[tuple[int, str]] = []

    def send(self, worker: int, task: str) -> None:
        self.given.append((worker, task))

    def events(self) -> Sequence[Event]:
        return next(self._events)


def dispatched(pool: Script, *tasks: str) -> list[tuple[str, object]]:
    return list(Dispatch[str, object](pool, lambda task, why: f"gave up: {why}").run(iter(tasks)))


def test_work_of_a_dead_worker_goes_to_another() -> None:
    pool = Script([WorkerReady(0)], [Died(0, "lost")], [WorkerReady(1)], [Done(1, "A")], [Done(1, "B")])
    assert dispatched(pool, "a", "b") == [("a", "A"), ("b", "B")]
    assert pool.given == [(0, "a"), (1, "a"), (1, "b")]


def test_work_that_takes_down_three_workers_is_given_up() -> None:
    pool = Script(
        *[[event] for _ in range(3) for event in (WorkerReady(0), Died(0, "bang"))], [WorkerReady(0)], [Done(0, "B")]
    )
    assert dispatched(pool, "a", "b") == [("a", "gave up: bang"), ("b", "B")]


def test_nothing_is_fetched_before_a_worker_is_free() -> None:
    fetched = list[str]()

    def tasks() -> Iterator[str]:
        for name in "abcdef":
            fetched.append(name)
            yield name

    pool = Script(
        [WorkerReady(0), WorkerReady(1)],
        [Done(0, 1)],
        [Done(1, 2)],
        [Done(0, 3)],
        [Done(1, 4)],
        [Done(0, 5)],
        [Done(1, 6)],
    )
    running = Dispatch[str, object](pool, lambda task, why: None).run(tasks())
    assert next(running) == ("a", 1)
    assert len(fetched) <= 3


def test_an_empty_run_needs_no_worker() -> None:
    assert dispatched(Script()) == []


def test_the_pace_of_a_run() -> None:
    progress = BatchProgress(total=100, before=20, done=20, failed=1, seconds=60.0)
    assert progress.text == "40 of 100, 20.0 a minute, 3 min left, 1 failed"
    assert BatchProgress(100, 20, 0, 0, 0.0).text == "20 of 100"
    assert BatchProgress(100, 20, 0, 0, 0.0).start_text == "20 of 100 are done already; 80 to do"
    assert BatchProgress(100, 20, 50, 0, 60.0, reused=40).text == "70 of 100, 10.0 a minute, 3 min left"
    assert BatchProgress(100, 20, 40, 0, 60.0, reused=40).text == "60 of 100"
    assert [duration(seconds) for seconds in (0.2, 59, 3600, 90_000, 10_000_000)] == [
        "1 s", "1 min", "1 h 0 min", "25 h 0 min", "116 days"
    ]  # fmt: skip
