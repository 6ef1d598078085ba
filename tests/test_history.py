"""Past sessions on the command line: replayed, listed, shown, exported, graded again, reviewed, deleted."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.adapters.audio_file import read_clip
from agent.adapters.rubric_file import load_questions
from agent.compose.settings import Settings
from agent.logic.grading.grading import grade
from agent.logic.speech.delivery import delivery
from agent.shell.cli import main
from agent.shell.session_plan import SessionPlan, SessionRequest
from agent.shell.store.store import Store
from agent.values.audio import WHISPER_RATE, Clip
from agent.values.grade import Claim, Verdict
from agent.values.interview_record import InterviewProgress, InterviewRecord
from agent.values.session import Turn
from agent.values.transcript import Transcript
from tests.conftest import FIXTURES, ROOT, Command, wait_until

RUBRIC = ROOT / "rubrics" / "recsys-5-refresh.yaml"
RECORDED = FIXTURES / "refresh-strong.ogg"
REPLAY = ("replay", RECORDED, "--questions", "recsys-refresh", "--rubrics", RUBRIC, "--quiet", "--json")


@pytest.fixture(scope="module")
def replayed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One real session, sound and all: its folder, id and turn."""
    folder = tmp_path_factory.mktemp("data")
    more = ("--out", folder / "said", "--save", "--keep-audio", "--data-dir", folder)
    words = [sys.executable, "-m", "agent", *map(str, (*REPLAY, *more))]
    done = subprocess.run(words, capture_output=True, text=True, timeout=240, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    [session] = Store.open(folder).sessions()
    return {"folder": folder, "id": session.id, "turn": json.loads(done.stdout)["turns"][0]}


def answered(rating_words: str = "because tastes change") -> Turn:
    about = load_questions([RUBRIC])["recsys-refresh"]
    transcript = Transcript.from_text("=SUM(A1) I retrain the model every week because tastes change.")
    claim = Claim(target=about.points[0].id, quote=rating_words)
    result = grade(about, transcript, Verdict(grader="by hand", claims=(claim,)))
    return Turn(question_id=about.id, transcript=transcript, grade=result, delivery=delivery(transcript))


def stored(folder: Path, at: datetime | None = None) -> str:
    store = Store.open(folder)
    session_id = store.begin(at)
    store.save(session_id, answered(), at=at)
    store.finish(session_id)
    return session_id


def test_a_replayed_session_is_on_record_with_its_sound(replayed: dict[str, Any]) -> None:
    [saved] = Store.open(replayed["folder"]).session(replayed["id"]).turns
    assert saved.turn.transcript.text == replayed["turn"]["transcript"]
    assert saved.turn.grade.rating == replayed["turn"]["rating"]
    assert saved.audio is not None
    assert abs(read_clip(saved.audio).seconds - read_clip(RECORDED).seconds) < 1.0


def test_history_lists_and_shows(replayed: dict[str, Any], command: Command) -> None:
    listed = command("history", "--data-dir", replayed["folder"])
    assert replayed["id"] in listed.stdout
    for words in (("--data-dir", replayed["folder"], "show", replayed["id"]), ("show", replayed["id"])):
        more = () if "--data-dir" in words else ("--data-dir", replayed["folder"])
        shown = command("history", *words, *more)
        assert shown.returncode == 0, shown.stderr
        assert replayed["turn"]["transcript"] in shown.stdout
        assert "recsys-refresh (production)" in shown.stdout
        assert "fitting metric on fresh data" in shown.stdout
        assert "metric-fit" not in shown.stdout
        assert "\x1b" not in shown.stdout


def test_an_unfinished_interview_keeps_its_ratings_for_the_debrief(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = stored(tmp_path)
    progress = InterviewProgress(minutes=30, stage="technical", used_s=300.0)
    Store.open(tmp_path).interviews.write(name, InterviewRecord(progress=progress))
    where = ("--data-dir", str(tmp_path))
    assert main(["history", *where]) == 0
    assert "interview not finished, 1 answer; 'practice --resume' goes on" in capsys.readouterr().out
    assert main(["history", *where, "show", name]) == 0
    shown = capsys.readouterr().out
    assert "because tastes change" in shown
    assert "Its ratings come in the debrief" in shown
    assert not [part for part in ("weak", "strong", "[x]", "[ ]", "-->") if part in shown]
    for words in (["report", name], ["regrade", name], ["history", "export", name, "--format", "csv"]):
        assert main([*words, *where]) == 2
        assert f"interview {name} is not finished" in capsys.readouterr().err
    assert main(["history", *where, "export", "all", "--format", "markdown"]) == 0
    left_out = capsys.readouterr()
    assert (left_out.out.strip(), "Left out: 1 unfinished interview" in left_out.err) == ("", True)
    assert main(["history", *where, "show", name, "--ratings"]) == 0
    assert "[x]" in capsys.readouterr().out
    Store.open(tmp_path).interviews.write(name, InterviewRecord(progress=progress.model_copy(update={"stage": "done"})))
    assert main(["history", *where]) == 0
    assert "production weak" in capsys.readouterr().out


@pytest.mark.slow
def test_replay_saves_nothing_unless_asked(command: Command, tmp_path: Path) -> None:
    data = tmp_path / "data"
    done = command(*REPLAY, "--out", tmp_path / "said", "--data-dir", data)
    assert done.returncode == 0, done.stderr
    assert not data.exists()


def test_a_killed_replay_leaves_its_answer(tmp_path: Path) -> None:
    """The whole program, killed while Whisper still writes down what was heard."""
    more = ("--out", tmp_path / "said", "--save", "--keep-audio", "--data-dir", tmp_path / "data")
    words = [sys.executable, "-m", "agent", *map(str, (*REPLAY, *more))]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT) as running:
        journals = (tmp_path / "data" / "live").glob
        wait_until(lambda: running.poll() is not None or any(path.stat().st_size for path in journals("*.audio")))
        assert running.poll() is None
        os.kill(running.pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    [session] = Store.open(tmp_path / "data").sessions()
    [saved] = session.turns
    assert saved.interrupted
    assert saved.audio is not None
    assert saved.audio.stat().st_size > 0


def test_regrade_shows_old_and_new_and_keeps_both(replayed: dict[str, Any], command: Command) -> None:
    words = ("regrade", replayed["id"], "--data-dir", replayed["folder"], "--rubrics", RUBRIC)
    done = command(*words)
    assert done.returncode == 0, done.stderr
    rating = replayed["turn"]["rating"].replace("_", " ")
    [line] = [line for line in done.stdout.splitlines() if "recsys-refresh" in line]
    assert line.count(rating) == 2
    assert "0 of 1 ratings changed" in done.stdout
    store = Store.open(replayed["folder"])
    assert len(store.grades(replayed["id"])[0]) == 1
    assert command(*words, "--keep").returncode == 0
    assert len(store.grades(replayed["id"])[0]) == 2
    shown = command("history", "show", replayed["id"], "--data-dir", replayed["folder"])
    assert f"before: {rating}" in shown.stdout


def test_export_writes_json_csv_and_markdown(command: Command, tmp_path: Path) -> None:
    session_id = stored(tmp_path)
    export = ("history", "export", session_id, "--data-dir", tmp_path)
    [session] = json.loads(command(*export).stdout)
    assert session["turns"][0]["turn"]["question_id"] == "recsys-refresh"
    out = tmp_path / "out.csv"
    assert command(*export, "--format", "csv", "--out", out).returncode == 0
    [row] = csv.DictReader(io.StringIO(out.read_text("utf-8")))
    assert row["session"] == session_id
    assert row["transcript"].startswith("'=SUM")
    shown = command("history", "export", "all", "--data-dir", tmp_path, "--format", "markdown").stdout
    assert f"# Session {session_id}" in shown
    assert "- [ ] inputs with a new meaning" in shown
    assert "concept-drift" not in shown
    assert command(*export, "--out", tmp_path / "no" / "folder.json").returncode == 2


def test_a_session_is_deleted_once(command: Command, tmp_path: Path) -> None:
    session_id = stored(tmp_path)
    assert command("history", "delete", session_id, "--data-dir", tmp_path).returncode == 0
    again = command("history", "delete", session_id, "--data-dir", tmp_path)
    assert again.returncode == 2
    assert "no sessions are saved" in again.stderr


@pytest.mark.parametrize("what", ["history show", "history delete", "history export", "regrade"])
def test_an_unknown_id_is_reported_in_one_line_with_near_ones(what: str, command: Command, tmp_path: Path) -> None:
    session_id = stored(tmp_path)
    done = command(*what.split(), session_id[:-1] + "Q", "--data-dir", tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert f"did you mean '{session_id}'?" in done.stderr


def test_sound_can_be_deleted_while_words_and_grades_stay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store, second = Store.open(tmp_path), Clip(samples=np.full(WHISPER_RATE, 0.1, np.float32), rate=WHISPER_RATE)
    ids = [store.begin(datetime(2026, 1, day, tzinfo=UTC)) for day in (1, 2)]
    for session_id in ids:
        store.save(session_id, answered(), second)
        store.finish(session_id)
    where = ("--data-dir", str(tmp_path))
    assert main(["history", "audio", "delete", ids[0][:8], *where]) == 0
    assert [store.session(name).turns[0].audio is None for name in ids] == [True, False]
    assert store.session(ids[0]).turns[0].turn == answered()
    assert main(["history", "sound", "keep", *where]) == main(["history", "sound", "drop", *where]) == 0
    assert store.consent.to_audio is False
    assert main(["history", "show", "latest", *where]) == 0
    assert ids[1] in capsys.readouterr().out
    assert main(["history", "show", "2026010", *where]) == 2
    told = capsys.readouterr().err
    assert all(name in told for name in ids)
    assert main(["history", "delete", "all", *where]) == 2
    assert len(store.sessions()) == 2
    assert main(["history", "delete", "all", "--yes", *where]) == 0
    assert store.sessions() == []


def test_a_newer_database_ends_in_one_line(command: Command, tmp_path: Path) -> None:
    import sqlite3

    stored(tmp_path)
    connection = sqlite3.connect(tmp_path / "sessions.sqlite")
    connection.execute("UPDATE alembic_version SET version_num = '999'")
    connection.commit()
    connection.close()
    done = command("history", "--data-dir", tmp_path)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "newer version" in done.stderr


def test_review_says_when_nothing_is_due(command: Command, tmp_path: Path) -> None:
    ask = ("practice", "--review", "--rubrics", RUBRIC, "--data-dir", tmp_path)
    assert "no graded answers are saved" in command(*ask).stdout
    stored(tmp_path)
    done = command(*ask)
    assert done.returncode == 0, done.stderr
    assert "Nothing is due. The next is recsys-refresh, on " in done.stdout


def test_review_asks_what_is_due(tmp_path: Path) -> None:
    stored(tmp_path, datetime.now(UTC) - timedelta(days=400))
    past, known = Store.open(tmp_path).past_answers(), load_questions([RUBRIC])
    choose, count = SessionPlan(SessionRequest(review=True), Settings(), known).chooser(past)
    first = choose([])
    assert count == 1
    assert first is not None
    assert first.id == "recsys-refresh"


def test_an_adaptive_interview_begins_with_what_went_badly_before(tmp_path: Path) -> None:
    stored(tmp_path)
    past = Store.open(tmp_path).past_answers()
    known = load_questions([RUBRIC, RUBRIC.with_name("recsys-4-metrics.yaml")])
    firsts = []
    for known_past in ([], past):
        choose, _ = SessionPlan(SessionRequest(adaptive=True, seed=1), Settings(), known).chooser(known_past)
        first = choose([])
        assert first is not None
        firsts.append(first.signal)
    assert firsts == ["evaluation", "production"]


@pytest.mark.skipif(sys.platform == "win32", reason="has no pseudo-terminal")
def test_the_candidate_is_asked_once_about_sound_and_only_on_a_terminal(tmp_path: Path) -> None:
    import pty

    script = (
        "from pathlib import Path; from agent.compose.settings import Settings; "
        "from agent.shell.saving import agrees_to_audio; from agent.shell.store.store import Store; "
        f"print('keeps', agrees_to_audio(Settings(), Store.open(Path({str(tmp_path)!r})), may_ask=True))"
    )

    def ask(typed: bytes | None) -> str:
        ours, theirs = pty.openpty()
        side: Any = {"stdin": theirs, "stdout": theirs} if typed is not None else {"stdout": theirs}
        os.write(ours, typed or b"")
        subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT, timeout=60, **side)
        told = os.read(ours, 10_000).decode()
        os.close(ours)
        os.close(theirs)
        return told

    silent = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=60, stdin=subprocess.DEVNULL
    )
    assert silent.stdout == "keeps False\n"
    first, second = ask(b"y\n"), ask(b"")
    assert "[y/N]" in first
    assert "keeps True" in first
    assert "[y/N]" not in second
    assert "keeps True" in second
