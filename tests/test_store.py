"""The store of sessions: what is written is read back, regraded, found and deleted. With real files and recordings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from agent.adapters.recordings import Recordings
from agent.logic.grading.grading import ungraded
from agent.logic.grading.overall import first_tries
from agent.logic.speech.pause_habit import PauseHabit
from agent.shell.cli import main
from agent.shell.store.rows import INTERRUPTED
from agent.shell.store.store import Store
from agent.values.errors import InputError
from agent.values.rubric import Rating
from agent.values.session import Session
from tests.sessions import SOUND, answered, as_written, joined, question, sound


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "data")


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
