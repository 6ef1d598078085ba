"""Going on with a whole interview: what may be said on the command line, and where it was left."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from agent.interview.whole import LEFT_EARLY
from agent.shell.cli import main
from agent.shell.store.store import Store
from agent.shell.whole_session import GO_ON, Begun, how_far, left_last
from agent.values.errors import InputError
from agent.values.interview_record import InterviewProgress, InterviewRecord, PlannedQuestion
from agent.values.rubric import Question
from tests.conftest import ROOT
from tests.fake_endpoint import FakeGrader
from tests.interviews import ANSWER, STOP, Script
from tests.test_whole_interview import interviewed, run_in, said

RUBRIC = ("--rubrics", str(ROOT / "rubrics" / "fraud.yaml"))


@pytest.fixture(scope="module")
def known(questions: dict[str, Question]) -> dict[str, Question]:
    return {name: questions[name] for name in ("recsys-metrics", "recsys-refresh", "recsys-choose-model")}


@pytest.fixture
def begun(known: dict[str, Question]) -> Begun:
    plan = tuple(PlannedQuestion(question_id=name) for name in known)
    return Begun(InterviewRecord(plan=plan, progress=InterviewProgress(minutes=30)))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--real", "--count", "3"], "--real plans its questions itself; leave out --count"),
        (["--real", "--review", "--adaptive"], "leave out --adaptive and --review"),
        (["--minutes", "60"], "--minutes is the length of a --real interview; add --real"),
        (["--resume", "--minutes", "60"], "--resume goes on with what was planned; leave out --minutes"),
        (["--resume", "--cv", "cv.pdf", "--seed", "0"], "leave out --cv and --seed"),
        (["--resume", "--profile"], "leave out --profile"),
        (["--resume", "--no-save"], "--resume and --no-save contradict one another"),
        (["--resume"], "no --real interview waits to be finished"),
    ],
)
def test_options_that_would_have_no_effect_are_refused(
    words: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["practice", *words, *RUBRIC, "--data-dir", str(tmp_path)]) == 2
    error = capsys.readouterr().err.strip()
    assert says in error
    assert len(error.splitlines()) == 1


def test_what_is_not_on_record_is_not_promised(
    known: dict[str, Question], begun: Begun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, events = interviewed(Script(STOP), list(known.values()), FakeGrader())
    assert LEFT_EARLY in said(events)
    assert run_in(Store.open(tmp_path), begun, Script(STOP), known) == 0
    assert GO_ON not in capsys.readouterr().out
    with pytest.raises(InputError, match="waits to be finished"):
        left_last(Store.open(tmp_path), known)


def test_a_request_to_stop_is_no_answer(
    known: dict[str, Question], begun: Begun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_in(Store.open(tmp_path), begun, Script("Hello.", STOP), known) == 0
    assert Store.open(tmp_path).sessions() == []
    assert GO_ON not in capsys.readouterr().out


def test_left_at_the_second_question_it_goes_on_with_it(
    known: dict[str, Question], begun: Begun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_in(Store.open(tmp_path), begun, Script("Hello.", *[ANSWER] * 2, STOP), known) == 0
    assert GO_ON in capsys.readouterr().out
    again = left_last(Store.open(tmp_path), known)
    assert again.record.progress is not None
    assert again.record.progress.stage == "technical"
    assert again.session is not None
    assert [saved.turn.question_id for saved in again.session.turns] == [next(iter(known))]
    assert "1 of 3 questions answered" in how_far(again)


def test_progress_has_the_same_name_in_the_database_as_in_earlier_versions(begun: Begun, tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    name = store.begin()
    store.interviews.write(name, begun.record)
    with closing(sqlite3.connect(tmp_path / "sessions.sqlite")) as database:
        [(stored,)] = database.execute("SELECT record FROM interviews").fetchall()
    assert json.loads(stored)["pace"] == {"minutes": 30, "stage": "warm_up", "used_s": 0.0}
    assert "progress" not in json.loads(stored)
    assert store.interviews.of(name) == begun.record


def test_a_line_says_which_interview_goes_on(known: dict[str, Question], begun: Begun, tmp_path: Path) -> None:
    run_in(Store.open(tmp_path), begun, Script("Hello.", ANSWER, STOP), known)
    again = left_last(Store.open(tmp_path), known)
    assert "1 of 3 questions answered, about" in how_far(again)
    assert again.session is not None
    assert f"{again.session.started:%B}" in how_far(again)
