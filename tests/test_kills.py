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
from pathlib import Path

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
from agent.values.audio import Clip
from agent.values.rubric import Question
from tests.sessions import SOUND, answered, as_written, heard, question, sound

ANSWERS = 6
"""Answers that a child gives when it is not killed."""


def answer_on_and_on(folder: Path, log: Path, about: Question) -> None:
    """The child: a session of short answers; it logs each step after it is done."""
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    journal = AnswerJournal(keeps_audio=True)
    recorder = SessionRecorder(Store.open(folder), journal)
    os.write(out, f"begun {recorder.session_id}\n".encode())
    microphone = RecordingMicrophone(Recordings([SOUND] * ANSWERS), journal)
    for number in range(1, ANSWERS + 1):
        recorder.handle(QuestionAsked(number=number, of=ANSWERS, question=about))
        frames: list[Clip] = []
        for frame in islice(microphone.frames(), 30 + 10 * number):
            frames.append(frame)
            os.write(out, b"frame\n")
        recorder.handle(AnswerCompleted(turn=answered(about)), partial(heard, frames))
        os.write(out, b"kept\n")
    recorder.close(complete=True)
    os.write(out, b"ended\n")


def whole_answer() -> npt.NDArray[np.int16]:
    return as_written(heard(list(islice(Recordings([SOUND]).frames(), 30 + 10 * ANSWERS))))


def phase_after_checking(store: Store, log: Path, said: npt.NDArray[np.int16]) -> str:
    """Where the child was killed; fails when anything is missing that it had done by then."""
    lines = log.read_text("utf-8").split("\n")[:-1] if log.exists() else []
    if not lines:
        return "start"
    session_id = lines[0].split()[1]
    kept = lines.count("kept")
    running = "\n".join(lines).rpartition("kept")[2].count("frame")
    if kept == 0 and running == 0 and session_id not in [session.id for session in store.sessions()]:
        return "begun"
    turns = store.session(session_id).turns
    assert len(turns) in ({kept, kept + 1} if running == 0 else {kept + 1})
    for number, item in enumerate(turns, start=1):
        assert item.audio is not None
        samples, length = sound(item.audio), (30 + 10 * number) * 512
        assert np.array_equal(samples, said[: len(samples)])
        assert item.interrupted == (item.turn.grade.ungraded_reason == INTERRUPTED)
        assert number > kept or not item.interrupted
        assert len(samples) >= running * 512 if item.interrupted else len(samples) == length
    if "ended" in lines:
        return "end"
    return "answer" if turns and turns[-1].interrupted else "between"


@pytest.fixture(scope="module")
def children() -> multiprocessing.context.ForkServerContext:
    if "forkserver" not in multiprocessing.get_all_start_methods():
        pytest.skip("children are forked, so that hundreds start within seconds")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.test_kills", "alembic.command", "sqlalchemy.dialects.sqlite"])
    return context


def time_to_first_frame(children: multiprocessing.context.ForkServerContext, folder: Path) -> float:
    """Seconds, the smallest of three, from starting a child until it has written sound."""
    taken = []
    for number in range(3):
        child = children.Process(
            target=answer_on_and_on, args=(folder, folder.with_name(f"{number}.first"), question())
        )
        started = time.monotonic()
        child.start()
        while not any(path.stat().st_size for path in (folder / "live").glob("*.audio")):
            time.sleep(0.002)
        taken.append(time.monotonic() - started)
        child.kill()
        child.join()
        Store.open(folder)
    return min(taken)


@pytest.mark.parametrize("kills", [40, pytest.param(220, marks=pytest.mark.slow)])
def test_killed_at_any_instant_nothing_is_lost(
    children: multiprocessing.context.ForkServerContext, tmp_path: Path, kills: int
) -> None:
    draw, said, phases = random.Random(0), whole_answer(), Counter[str]()
    begins_s = time_to_first_frame(children, tmp_path / "unkilled")
    for number in range(kills):
        # Every fourth in a folder of its own, where the tables are made first; killed early.
        fresh = number % 4 == 0
        folder, log = tmp_path / (str(number) if fresh else "shared"), tmp_path / f"{number}.log"
        child = children.Process(target=answer_on_and_on, args=(folder, log, question()))
        child.start()
        # As long as this machine takes to be in the midst of an answer, and more.
        time.sleep(draw.uniform(0, begins_s if fresh else 2 * begins_s))
        child.kill()
        child.join()
        store = Store.open(folder)
        phases[phase_after_checking(store, log, said)] += 1
        assert not list((folder / "live").iterdir())
        assert not list((folder / "audio").rglob("*.part"))
    print(f"{kills} kills: {dict(phases)}")
    connection = sqlite3.connect(tmp_path / "shared" / "sessions.sqlite")
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    assert phases["answer"] > kills / 20
    assert phases["start"] + phases["begun"] > 0


def test_two_runs_at_once_do_no_harm_and_a_third_takes_nothing_from_them(
    children: multiprocessing.context.ForkServerContext, tmp_path: Path
) -> None:
    folder, said = tmp_path / "data", whole_answer()
    logs = [tmp_path / "a.log", tmp_path / "b.log"]
    running = [children.Process(target=answer_on_and_on, args=(folder, log, question())) for log in logs]
    for child in running:
        child.start()
    while any(child.is_alive() for child in running):
        Store.open(folder).past_answers()
    store = Store.open(folder)
    assert [phase_after_checking(store, log, said) for log in logs] == ["end", "end"]
    assert [len(session.turns) for session in store.sessions()] == [ANSWERS, ANSWERS]
    assert not any(kept.interrupted for session in store.sessions() for kept in session.turns)
