"""The store of sessions: real files, real recordings, real processes that are killed at any moment."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta, timezone
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import numpy.typing as npt
import pytest
from sqlalchemy import update

import agent.shell.store.migrations
from agent.adapters.recordings import Recordings
from agent.adapters.rubric_file import load_questions
from agent.interview.barge_in import BargeInMicrophone
from agent.interview.events import (
    AgentSpeaks,
    AnswerCompleted,
    AnswerContinued,
    AttemptStarted,
    ListeningStarted,
    NothingAdded,
    PartialTranscript,
    PauseEnded,
    PauseStarted,
    QuestionAsked,
)
from agent.logic.grading.grading import grade, ungraded
from agent.logic.grading.overall import first_tries
from agent.logic.speech.delivery import delivery
from agent.logic.speech.pause_habit import PauseHabit
from agent.shell.cli import main
from agent.shell.store.answer_journal import AnswerJournal, found_answers
from agent.shell.store.recording import RecordingBargeIn, RecordingMicrophone
from agent.shell.store.rows import INTERRUPTED
from agent.shell.store.session_recorder import SessionRecorder
from agent.shell.store.store import Store
from agent.shell.store.tables import METADATA, SESSIONS, TURNS, VERSION
from agent.values.audio import FRAME, WHISPER_RATE, Clip
from agent.values.errors import InputError, StoreError
from agent.values.grade import Claim, Verdict
from agent.values.rubric import Question, Rating
from agent.values.session import Session, Turn
from agent.values.transcript import Transcript

ROOT = Path(__file__).parent.parent
SOUND = ROOT / "audio_fixtures" / "refresh-strong.ogg"
ANSWERS = 6
"""Answers that a child gives when it is not killed."""


@cache
def question() -> Question:
    return load_questions([ROOT / "rubrics" / "recsys-5-refresh.yaml"])["recsys-refresh"]


def answered(about: Question, attempt: int = 1) -> Turn:
    transcript = Transcript.from_text("I retrain the model every week because tastes change.")
    claim = Claim(target=about.points[0].id, quote="because tastes change")
    result = grade(about, transcript, Verdict(grader="by hand", claims=(claim,)))
    spoken = delivery(transcript)
    return Turn(question_id=about.id, transcript=transcript, grade=result, delivery=spoken, attempt=attempt)


def joined(frames: list[Clip]) -> Clip:
    return Clip(samples=np.concatenate([frame.samples for frame in frames]), rate=WHISPER_RATE)


def sound(path: Path) -> npt.NDArray[np.int16]:
    """The samples of a saved answer, bit by bit."""
    with av.open(str(path)) as container:
        blocks = [frame.to_ndarray().reshape(-1) for frame in container.decode(container.streams.audio[0])]
    return np.concatenate(blocks).astype(np.int16)


def as_written(clip: Clip) -> npt.NDArray[np.int16]:
    return (np.clip(clip.samples, -1, 1) * 32767).round().astype(np.int16)


def left_in(store: Store, session_id: str) -> npt.NDArray[np.int16] | None:
    """The samples in the journal of the running answer; None when there is none."""
    found = [item for _, item in found_answers(store.folder / "live", session_id) if item is not None]
    return as_written(found[-1].clip) if found else None


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "data")


# What is written is read back


def test_a_session_is_read_back_as_it_was_written(store: Store) -> None:
    turn, clip = answered(question()), joined(list(islice(Recordings([SOUND]).frames(), 100)))
    session_id = store.begin()
    store.save(session_id, turn, clip)
    store.save(session_id, turn.model_copy(update={"attempt": 2}))
    store.finish(session_id)
    [session] = Store.open(store.folder).sessions()
    assert [saved.turn for saved in session.turns] == [turn, turn.model_copy(update={"attempt": 2})]
    first, second = session.turns
    assert first.audio is not None
    assert second.audio is None
    assert np.array_equal(sound(first.audio), as_written(clip))
    assert first.at.tzinfo is not None
    assert not first.interrupted
    assert not list((store.folder / "live").iterdir())


def test_a_session_without_answers_leaves_nothing(store: Store) -> None:
    store.finish(store.begin())
    assert store.sessions() == []


def test_a_regrade_counts_and_loses_nothing(store: Store) -> None:
    about = question()
    turn, session_id = answered(about), store.begin()
    store.save(session_id, turn)
    store.save(session_id, turn.model_copy(update={"attempt": 2}))
    store.finish(session_id)
    better = turn.grade.model_copy(update={"rating": Rating.VERY_STRONG})
    unsure = turn.grade.model_copy(update={"rating": None, "ungraded_reason": "no reply"})
    store.regrade(session_id, {1: better})
    store.regrade(session_id, {1: better, 2: unsure})
    assert store.grades(session_id) == [[turn.grade, better, better], [turn.grade, unsure]]
    assert [saved.turn.grade for saved in store.session(session_id).turns] == [better, unsure]
    [past] = store.past_answers()
    assert (past.question_id, past.signal, past.rating) == (about.id, "production", Rating.VERY_STRONG)
    assert past.missed == tuple(hint.point_id for hint in better.hints)


def test_past_answers_come_in_the_order_of_their_time_whatever_its_zone(store: Store) -> None:
    now, session_id = datetime(2026, 3, 1, 12, tzinfo=UTC), store.begin()
    for attempt, hours in enumerate((0, 5, -3), start=1):
        store.save(session_id, answered(question(), attempt), at=(now + timedelta(hours=hours)).astimezone())
    store.finish(session_id)
    assert [past.at for past in store.past_answers()] == [now + timedelta(hours=hours) for hours in (-3, 0, 5)]


def test_an_answer_that_was_gone_on_with_counts_once_and_whole(store: Store) -> None:
    first, session_id = answered(question()), store.begin()
    whole = first.model_copy(update={"grade": first.grade.model_copy(update={"rating": Rating.VERY_STRONG})})
    broken_off = first.model_copy(update={"grade": ungraded(question(), INTERRUPTED, "none")})
    for turn in (first, whole, broken_off):
        store.save(session_id, turn)
    store.finish(session_id)
    assert [past.rating for past in store.past_answers()] == [Rating.VERY_STRONG]
    assert first_tries([first, whole, broken_off]) == [whole]
    again = first.model_copy(update={"attempt": 2})
    assert first_tries([broken_off, again]) == [again]
    assert first_tries([whole, again]) == [whole]


def test_deleting_removes_rows_and_sound_and_waits_for_the_end(store: Store) -> None:
    session_id = store.begin()
    saved = store.save(session_id, answered(question()), joined(list(islice(Recordings([SOUND]).frames(), 30))))
    for other in (store, Store.open(store.folder)):
        with pytest.raises(InputError, match="still running"):
            other.delete([session_id])
    store.finish(session_id)
    store.delete([session_id])
    assert saved.audio is not None
    assert not saved.audio.parent.exists()
    assert b"tastes change" not in (store.folder / "sessions.sqlite").read_bytes()
    with pytest.raises(InputError, match="no sessions are saved"):
        store.session(session_id)


def test_the_candidates_word_is_remembered(store: Store) -> None:
    assert store.consent.to_audio is None
    for agreed in (True, False):
        store.consent.remember(agreed)
        assert Store.open(store.folder).consent.to_audio is agreed


def test_how_long_the_candidate_pauses_is_remembered_until_all_answers_are_deleted(store: Store) -> None:
    assert store.habit.load() == PauseHabit()
    slow = PauseHabit(pauses=12, mean_log_s=0.5)
    first, second = store.begin(), store.begin()
    for session_id in (first, second):
        store.save(session_id, answered(question()))
        store.finish(session_id)
    store.habit.remember(slow)
    store.delete([first])
    assert Store.open(store.folder).habit.load() == slow
    store.delete([second])
    assert store.habit.load() == PauseHabit()


# The schema


def test_the_migrations_make_the_tables_that_the_code_uses(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from sqlalchemy import create_engine

    engine = create_engine(f"sqlite:///{store.folder / 'sessions.sqlite'}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    engine.dispose()
    folder = Path(agent.shell.store.migrations.__file__).parent
    assert ScriptDirectory(str(folder)).get_current_head() == VERSION


def test_a_newer_database_is_refused_and_left_as_it_is(store: Store) -> None:
    file = store.folder / "sessions.sqlite"
    connection = sqlite3.connect(file)
    connection.execute("UPDATE alembic_version SET version_num = '999'")
    connection.commit()
    connection.close()
    before = file.read_bytes()
    with pytest.raises(StoreError, match="newer version"):
        Store.open(store.folder)
    assert file.read_bytes() == before


@pytest.mark.parametrize("what", ["text", "database"])
def test_a_file_of_something_else_is_refused_and_left_as_it_is(tmp_path: Path, what: str) -> None:
    file = tmp_path / "sessions.sqlite"
    if what == "text":
        file.write_text("these are my notes, and no database at all " * 100, encoding="utf-8")
    else:
        connection = sqlite3.connect(file)
        connection.execute("CREATE TABLE recipes (name TEXT)")
        connection.close()
    before = file.read_bytes()
    with pytest.raises(StoreError) as told:
        Store.open(tmp_path)
    assert "\n" not in str(told.value)
    assert file.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_reported_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="another folder"):
        Store.open(tmp_path / "file" / "data")


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of Unix")
def test_a_folder_that_may_only_be_read_is_read() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = Store.open(folder)
        session_id = store.begin()
        store.save(session_id, answered(question()))
        store.finish(session_id)
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        root = os.geteuid() == 0
        try:
            if root:
                # Root may write everywhere.
                os.seteuid(65534)
            read_only = Store.open(folder)
            assert [len(session.turns) for session in read_only.sessions()] == [1]
            with pytest.raises(StoreError):
                read_only.begin()
            # It would be written into the copy that is read, and be gone.
            with pytest.raises(StoreError, match="may only be read"):
                read_only.consent.remember(True)
            with pytest.raises(StoreError, match="may only be read"):
                read_only.regrade(session_id, {1: answered(question()).grade})
        finally:
            if root:
                os.seteuid(0)
            for path in [folder, *folder.rglob("*")]:
                path.chmod(0o755)


def test_a_damaged_time_is_our_error_and_one_without_a_zone_is_read(store: Store) -> None:
    for _ in range(2):
        session_id = store.begin()
        store.save(session_id, answered(question()))
        store.finish(session_id)
    for started, readable in (("2026-11-30T05:30:05.822=49+00:00", False), ("2026-11-30T05:30:05", True)):
        with store._database.writing() as connection:
            connection.execute(update(SESSIONS).where(SESSIONS.c.id == session_id).values(started=started))
        with nullcontext() if readable else pytest.raises(StoreError, match="cannot be read"):
            assert len(store.sessions()) == 2


def test_a_session_is_shown_while_an_interview_adds_to_it(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    session_id = store.begin()
    store.save(session_id, answered(question()))
    read = Store.session

    def then_one_more(self: Store, name: str) -> Session:
        found = read(self, name)
        store.save(session_id, answered(question()))
        return found

    monkeypatch.setattr(Store, "session", then_one_more)
    assert main(["history", "show", "latest", "--data-dir", str(store.folder)]) == 0
    assert "answers: 1" in capsys.readouterr().out


def test_on_a_full_disk_the_room_set_aside_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        free: int

    spare = tmp_path / "spare"
    for left, there in ((1 << 30, True), (1 << 19, False), (1 << 21, False), (1 << 30, True), (1 << 21, True)):
        usage = Usage(left)
        monkeypatch.setattr("shutil.disk_usage", lambda _, usage=usage: usage)
        Store.open(tmp_path)
        assert spare.exists() == there


def test_deleting_is_all_or_nothing(store: Store) -> None:
    ids = [store.begin() for _ in range(3)]
    clip = joined(list(islice(Recordings([SOUND]).frames(), 30)))
    for session_id in ids:
        store.save(session_id, answered(question()), clip)
    for session_id in ids[:2]:
        store.finish(session_id)
    with pytest.raises(InputError, match="Nothing was deleted"):
        store.delete(ids)
    assert [len(session.turns) for session in store.sessions()] == [1, 1, 1]
    assert all(saved.audio for session in store.sessions() for saved in session.turns)
    store.finish(ids[2])
    assert store.delete(ids) == ids
    assert store.sessions() == []
    assert not list((store.folder / "audio").iterdir())


def test_what_was_being_deleted_when_the_program_was_killed_comes_back(store: Store) -> None:
    session_id = store.begin()
    saved = store.save(session_id, answered(question()), joined(list(islice(Recordings([SOUND]).frames(), 30))))
    store.finish(session_id)
    assert saved.audio is not None
    aside = store.folder / "deleted"
    aside.mkdir()
    saved.audio.parent.rename(aside / session_id)
    assert Store.open(store.folder).session(session_id).turns[0].audio == saved.audio
    assert not aside.exists()


def test_a_store_that_another_program_does_not_let_go_of_is_reported(store: Store) -> None:
    from filelock import FileLock

    with FileLock(store.folder / "lock"), pytest.raises(StoreError, match="another mock-interview is using"):
        store._alone(0.05).__enter__()


# The running answer


def test_only_answers_are_recorded(store: Store) -> None:
    about, journal = question(), AnswerJournal(keeps_audio=True)
    recorder, microphone = SessionRecorder(store, journal), RecordingMicrophone(Recordings([SOUND] * 4), journal)

    def listens() -> Clip:
        recorder.handle(ListeningStarted())
        return joined(list(islice(microphone.frames(), 40)))

    listens()
    assert left_in(store, recorder.session_id) is None
    recorder.handle(QuestionAsked(number=1, of=2, question=about))
    recorder.handle(AgentSpeaks(text=f"{about.scenario} {about.ask}"))
    first = listens()
    left = left_in(store, recorder.session_id)
    assert left is not None
    assert np.array_equal(left, as_written(first))
    recorder.handle(AnswerCompleted(turn=answered(about)), lambda: first)
    recorder.handle(AgentSpeaks(text="Thank you. On production I would call this answer weak."))
    listens()
    assert left_in(store, recorder.session_id) is None
    recorder.handle(AttemptStarted(question_id=about.id, attempt=2))
    second = listens()
    recorder.close(complete=False)
    saved = store.session(recorder.session_id).turns
    assert [(item.interrupted, item.turn.attempt) for item in saved] == [(False, 1), (True, 2)]
    assert saved[1].turn.grade.ungraded_reason == INTERRUPTED
    assert saved[1].audio is not None
    assert np.array_equal(sound(saved[1].audio), as_written(second))


def test_what_is_said_over_the_rating_is_recorded(store: Store) -> None:
    about, journal = question(), AnswerJournal(keeps_audio=True)
    recorder, microphone = SessionRecorder(store, journal), RecordingMicrophone(Recordings([SOUND] * 2), journal)
    recorder.handle(QuestionAsked(number=1, of=1, question=about))
    first = joined(list(islice(microphone.frames(), 40)))
    recorder.handle(AnswerCompleted(turn=answered(about)), lambda: first)
    recorder.handle(AgentSpeaks(text="On production I would call this answer weak."))
    recorder.handle(AnswerContinued())
    over = joined(list(islice(microphone.frames(), 30)))
    recorder.close(complete=False)
    saved = store.session(recorder.session_id).turns
    assert [(item.interrupted, item.turn.attempt) for item in saved] == [(False, 1), (True, 1)]
    assert saved[1].audio is not None
    assert np.array_equal(sound(saved[1].audio), as_written(over))


def test_nothing_of_a_pause_is_recorded_and_a_noise_over_the_rating_is_no_answer(store: Store) -> None:
    about, journal = question(), AnswerJournal(keeps_audio=True)
    recorder, microphone = SessionRecorder(store, journal), RecordingMicrophone(Recordings([SOUND] * 4), journal)
    recorder.handle(QuestionAsked(number=1, of=1, question=about))
    first = joined(list(islice(microphone.frames(), 40)))
    recorder.handle(PauseStarted())
    list(islice(microphone.frames(), 40))
    recorder.handle(PauseEnded())
    left = left_in(store, recorder.session_id)
    assert left is not None
    assert np.array_equal(left, as_written(first))
    recorder.handle(AnswerCompleted(turn=answered(about)), lambda: first)
    recorder.handle(AnswerContinued())
    list(islice(microphone.frames(), 10))
    recorder.handle(NothingAdded())
    list(islice(microphone.frames(), 10))
    assert left_in(store, recorder.session_id) is None
    recorder.close(complete=False)
    assert [item.interrupted for item in store.session(recorder.session_id).turns] == [False]


def test_a_session_is_found_by_its_date_at_least_and_the_latest_by_its_time(store: Store) -> None:
    summer, winter = (timezone(timedelta(hours=hours)) for hours in (2, 1))
    first = store.begin(datetime(2026, 10, 25, 2, 50, tzinfo=summer))
    second = store.begin(datetime(2026, 10, 25, 2, 10, tzinfo=winter))
    for session_id in (first, second):
        store.save(session_id, answered(question()))
        store.finish(session_id)
    assert store.find("latest") == second
    assert [item.id for item in store.sessions()] == [first, second]
    assert store.find(first[:12]) == first
    for name in ("", "2", "2026", "20261025"):
        with pytest.raises(InputError):
            store.find(name)


@pytest.mark.parametrize("complete", [True, False])
def test_a_question_passed_over_leaves_no_sound(store: Store, complete: bool) -> None:
    about, journal = question(), AnswerJournal(keeps_audio=True)
    recorder, microphone = SessionRecorder(store, journal), RecordingMicrophone(Recordings([SOUND]), journal)
    recorder.handle(QuestionAsked(number=1, of=2, question=about))
    list(islice(microphone.frames(), 10))
    if not complete:
        recorder.handle(QuestionAsked(number=2, of=2, question=about))
    recorder.close(complete)
    assert store.sessions() == []
    assert not list((store.folder / "audio").rglob("*.*"))


def test_without_agreement_no_sound_is_written(store: Store) -> None:
    recorder = SessionRecorder(store, AnswerJournal(keeps_audio=False))
    recorder.handle(QuestionAsked(number=1, of=1, question=question()))
    clip = joined(list(islice(Recordings([SOUND]).frames(), 40)))
    recorder.handle(AnswerCompleted(turn=answered(question())), lambda: clip)
    recorder.close(complete=True)
    assert store.session(recorder.session_id).turns[0].audio is None
    assert not list((store.folder / "audio").iterdir())
    assert not list((store.folder / "live").iterdir())


def test_the_microphone_for_interruptions_records_what_is_listened_to(store: Store) -> None:
    from agent.adapters.silero_vad import SileroDetector

    journal = AnswerJournal(keeps_audio=True)
    recorder, microphone = (
        SessionRecorder(store, journal),
        RecordingBargeIn(BargeInMicrophone(Recordings([SOUND]), SileroDetector()), journal),
    )
    recorder.handle(QuestionAsked(number=1, of=1, question=question()))
    clip = joined(list(islice(microphone.frames(), 50)))
    microphone.close()
    left = left_in(store, recorder.session_id)
    assert left is not None
    assert np.array_equal(left, as_written(clip))
    recorder.close(complete=True)


@pytest.mark.parametrize("left", [b"", b'{"session_id": "half', b"{}\n\0\0\0", b"\n"])
def test_a_recording_without_sound_or_label_is_passed_over(store: Store, left: bytes) -> None:
    session_id = store.begin()
    store.journal_files(session_id, 1).audio.write_bytes(left)
    store.finish(session_id)
    assert store.sessions() == []
    assert not list((store.folder / "live").iterdir())


def test_words_that_this_version_cannot_read_stay_in_the_folder(store: Store) -> None:
    session_id = store.begin()
    words = store.journal_files(session_id, 1).words
    words.write_text('{"label": {}, "of a newer version": 1}', encoding="utf-8")
    store.finish(session_id)
    assert words.with_suffix(".unreadable").read_text(encoding="utf-8") == '{"label": {}, "of a newer version": 1}'
    assert not words.exists()


def test_a_damaged_row_of_a_run_that_died_does_not_keep_the_store_shut(store: Store) -> None:
    journal = AnswerJournal(keeps_audio=False)
    recorder = SessionRecorder(store, journal)
    recorder.handle(QuestionAsked(number=1, of=1, question=question()))
    recorder.handle(PartialTranscript(transcript=Transcript.from_text("I would retrain"), running=""))
    store.save(recorder.session_id, answered(question()))
    with store._database.writing() as connection:
        connection.execute(update(TURNS).values(turn={"damaged": 1}))
    store._locks.clear()
    assert Store.open(store.folder).folder == store.folder
    assert store.journal_files(recorder.session_id, 1).words.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="limits of Unix")
def test_a_disk_that_fills_up_within_a_frame_leaves_no_noise(store: Store) -> None:
    import resource

    session_id = store.begin()
    files, journal = store.journal_files(session_id, 1), AnswerJournal(keeps_audio=True)
    journal.begin(files, store.label(session_id, 1, question(), 1))
    frame = Clip(samples=np.linspace(-0.5, 0.5, FRAME, dtype=np.float32), rate=WHISPER_RATE)
    journal.write(frame)
    limits, before = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (files.audio.stat().st_size + 333, limits[1]))
    try:
        journal.write(frame)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    journal.write(frame)
    journal.stop()
    left = left_in(store, session_id)
    assert left is not None
    assert np.array_equal(left, as_written(Clip(samples=np.tile(frame.samples, 2), rate=WHISPER_RATE)))
    store.finish(session_id)


# Killed at any instant, and two at once


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
        recorder.handle(AnswerCompleted(turn=answered(about)), partial(joined, frames))
        os.write(out, b"saved\n")
    recorder.close(complete=True)
    os.write(out, b"ended\n")


def whole_answer() -> npt.NDArray[np.int16]:
    return as_written(joined(list(islice(Recordings([SOUND]).frames(), 30 + 10 * ANSWERS))))


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
        samples, length = sound(item.audio), (30 + 10 * number) * 512
        assert np.array_equal(samples, said[: len(samples)])
        assert item.interrupted == (item.turn.grade.ungraded_reason == INTERRUPTED)
        assert number > saved or not item.interrupted
        assert len(samples) >= running * 512 if item.interrupted else len(samples) == length
    if "ended" in lines:
        return "end"
    return "answer" if turns and turns[-1].interrupted else "between"


@pytest.fixture(scope="module")
def children() -> multiprocessing.context.ForkServerContext:
    if "forkserver" not in multiprocessing.get_all_start_methods():
        pytest.skip("children are forked, so that hundreds start within seconds")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.test_store", "alembic.command", "sqlalchemy.dialects.sqlite"])
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
        # As long as this machine takes to be in the middle of an answer, and more.
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
    assert not any(saved.interrupted for session in store.sessions() for saved in session.turns)
