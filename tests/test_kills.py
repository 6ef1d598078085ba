"""Sessions in real processes: killed at any instant, and two at once."""

from __future__ import annotations

import multiprocessing
import os
import random
import sqlite3
import time
from collections import Counter
from functools import partial
from itertools import islice
from multiprocessing.context import ForkServerContext
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

from agent.adapters.recordings import Recordings
from agent.interview.events import (
    AnswerCompleted,
    QuestionAsked,
)
from agent.shell.store.answer_journal import AnswerJournal
from agent.shell.store.recording import RecordingMicrophone
from agent.shell.store.rows import INTERRUPTED
from agent.shell.store.session_recorder import SessionRecorder
from agent.shell.store.store import Store
from agent.values.audio import FRAME, Clip
from agent.values.rubric import Question
from tests.conftest import wait_until
from tests.sessions import SOUND, answered, as_written, joined, question, sound

ANSWERS = 6
"""Answers that a child gives when it is not killed."""


def frames_of(number: int) -> int:
    """How many frames the answer with this number has."""
    return 30 + 10 * number


STEPS = 2 + ANSWERS + sum(map(frames_of, range(1, ANSWERS + 1)))
"""Lines in the log of a child that is not killed."""
LAST_FRAMES = [number + sum(map(frames_of, range(1, number + 1))) for number in range(1, ANSWERS + 1)]
"""Lines after which an answer is saved."""


class Halt(NamedTuple):
    """Where a child waits for its parent."""

    step: int
    """Lines that it has logged by then."""
    reached: Event
    go: Event


class Log:
    """What a child has done, line by line."""

    def __init__(self, path: Path, halt: Halt | None) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._halt, self._steps = halt, 0
        self._wait()

    def write(self, line: str) -> None:
        os.write(self._file, f"{line}\n".encode())
        self._steps += 1
        self._wait()

    def _wait(self) -> None:
        if self._halt is not None and self._halt.step == self._steps:
            self._halt.reached.set()
            self._halt.go.wait()


def answer_on_and_on(folder: Path, path: Path, about: Question, halt: Halt | None = None) -> None:
    """The child: a session of short answers; it logs each step after it is done."""
    log, journal = Log(path, halt), AnswerJournal(keeps_audio=True)
    recorder = SessionRecorder(Store.open(folder), journal)
    log.write(f"begun {recorder.session_id}")
    microphone = RecordingMicrophone(Recordings([SOUND] * ANSWERS), journal)
    for number in range(1, ANSWERS + 1):
        recorder.handle(QuestionAsked(number=number, of=ANSWERS, question=about))
        frames: list[Clip] = []
        for frame in islice(microphone.frames(), frames_of(number)):
            frames.append(frame)
            log.write("frame")
        recorder.handle(AnswerCompleted(turn=answered(about)), partial(joined, frames))
        log.write("saved")
    recorder.close(complete=True)
    log.write("ended")


def whole_answer() -> npt.NDArray[np.int16]:
    return as_written(joined(list(islice(Recordings([SOUND]).frames(), frames_of(ANSWERS)))))


def phase_after_checking(store: Store, log: Path, said: npt.NDArray[np.int16]) -> str:
    """Where the child was killed; fails when anything is missing that it had done by then."""
    lines = log.read_text("utf-8").split("\n")[:-1] if log.exists() else []
    if not lines:
        return "start"
    session_id = lines[0].split()[1]
    saved = lines.count("saved")
    running = "\n".join(lines).rpartition("saved")[2].count("frame")
    if saved == 0 and running == 0 and session_id not in [session.id for session in store.sessions()]:
        return "begun"
    turns = store.session(session_id).turns
    assert len(turns) in ({saved, saved + 1} if running == 0 else {saved + 1})
    for number, item in enumerate(turns, start=1):
        assert item.audio is not None
        samples, length = sound(item.audio), frames_of(number) * FRAME
        assert np.array_equal(samples, said[: len(samples)])
        assert item.interrupted == (item.turn.grade.ungraded_reason == INTERRUPTED)
        assert number > saved or not item.interrupted
        assert len(samples) >= running * FRAME if item.interrupted else len(samples) == length
    if "ended" in lines:
        return "end"
    return "answer" if turns and turns[-1].interrupted else "between"


@pytest.fixture(scope="module")
def children() -> ForkServerContext:
    if "forkserver" not in multiprocessing.get_all_start_methods():
        pytest.skip("children are forked, so that hundreds start within seconds")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.test_kills", "alembic.command", "sqlalchemy.dialects.sqlite"])
    return context


def killed_at(step: int, after_s: float | None, children: ForkServerContext, folder: Path, log: Path) -> None:
    """Starts a child, and kills it at a step: while it waits there, or so long after it went on."""
    halt = Halt(step, children.Event(), children.Event())
    child = children.Process(target=answer_on_and_on, args=(folder, log, question(), halt))
    child.start()
    assert halt.reached.wait(120)
    if after_s is not None:
        halt.go.set()
        time.sleep(after_s)
    child.kill()
    child.join()


@pytest.mark.parametrize("kills", [40, pytest.param(220, marks=pytest.mark.slow)])
def test_killed_at_any_instant_nothing_is_lost(children: ForkServerContext, tmp_path: Path, kills: int) -> None:
    draw, said, phases = random.Random(0), whole_answer(), Counter[str]()
    for number in range(kills):
        # Every fourth in a folder of its own, while the tables are made. Two of three are killed between two steps.
        fresh = number % 4 == 0
        folder, log = tmp_path / (str(number) if fresh else "shared"), tmp_path / f"{number}.log"
        saving = draw.choice(LAST_FRAMES)
        step = 0 if fresh else draw.choice([draw.randrange(STEPS), saving, saving + 1])
        after_s = draw.uniform(0, 0.3 if fresh else 0.03)
        killed_at(step, after_s if number % 3 else None, children, folder, log)
        store = Store.open(folder)
        phases[phase_after_checking(store, log, said)] += 1
        assert not list((folder / "live").iterdir())
        assert not list((folder / "audio").rglob("*.part"))
    print(f"{kills} kills: {dict(phases)}")
    connection = sqlite3.connect(tmp_path / "shared" / "sessions.sqlite")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    assert phases["answer"] > kills / 20
    assert phases["between"] > 0
    assert phases["start"] + phases["begun"] > 0


def test_two_runs_at_once_do_no_harm_and_a_third_takes_nothing_from_them(
    children: ForkServerContext, tmp_path: Path
) -> None:
    folder, said = tmp_path / "data", whole_answer()
    logs = [tmp_path / "a.log", tmp_path / "b.log"]
    running = [children.Process(target=answer_on_and_on, args=(folder, log, question())) for log in logs]
    for child in running:
        child.start()

    def are_done() -> bool:
        Store.open(folder).past_answers()
        return not any(child.is_alive() for child in running)

    wait_until(are_done)
    store = Store.open(folder)
    assert [phase_after_checking(store, log, said) for log in logs] == ["end", "end"]
    assert [len(session.turns) for session in store.sessions()] == [ANSWERS, ANSWERS]
    assert not any(saved.interrupted for session in store.sessions() for saved in session.turns)
