"""The journal of the running answer: it holds the sound of answers, and of nothing else."""

from __future__ import annotations

import signal
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import update

from agent.adapters.recordings import Recordings
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
from agent.shell.store.answer_journal import AnswerJournal
from agent.shell.store.recording import RecordingBargeIn, RecordingMicrophone
from agent.shell.store.rows import INTERRUPTED
from agent.shell.store.session_recorder import SessionRecorder
from agent.shell.store.store import Store
from agent.shell.store.tables import TURNS
from agent.values.audio import FRAME, WHISPER_RATE, Clip
from agent.values.transcript import Transcript
from tests.sessions import SOUND, answered, as_written, joined, left_in, question, sound


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "data")


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
