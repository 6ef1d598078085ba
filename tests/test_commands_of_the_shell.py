"""Commands in this process: typed answers, lists of questions, what a session asks, the demo's recordings."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.adapters.rubric_file import load_questions
from agent.compose.question_bank import shipped
from agent.compose.settings import Settings
from agent.interview.interview import in_order
from agent.logic.grading.grading import grade
from agent.shell.cli import main, parser
from agent.shell.commands.demo import ANSWERS, program
from agent.shell.session_plan import SessionPlan, SessionRequest
from agent.shell.store.store import Store
from agent.values.errors import InputError
from agent.values.grade import Verdict
from agent.values.provenance import ModelId, Provenance
from agent.values.rubric import Question
from agent.values.session import Delivery, Turn
from agent.values.transcript import Transcript
from tests.conftest import ROOT

RUBRIC = ("--rubrics", str(ROOT / "rubrics" / "recsys-5-refresh.yaml"))
ANSWER = "I would watch precision on fresh purchases every week and retrain when it falls below a threshold."


def graded(capsys: pytest.CaptureFixture[str], text: str) -> str:
    assert main(["grade", "--text", text, "--question", "recsys-refresh", *RUBRIC, "--json"]) == 0
    return str(json.loads(capsys.readouterr().out)["transcript"])


def test_a_typed_answer_may_stand_on_the_command_line_and_a_file_of_that_name_wins(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert graded(capsys, ANSWER) == ANSWER
    assert graded(capsys, ANSWER * 30).startswith(ANSWER), "longer than a file's name may be"
    (tmp_path / "I would look").write_text(ANSWER, "utf-8")
    assert graded(capsys, "I would look") == ANSWER


def test_who_graded_and_what_leaves_the_machine_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["grade", "--text", ANSWER, "--question", "recsys-refresh", *RUBRIC]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Grader: embedded; nothing leaves this machine."
    nowhere = ("--grader", "llm", "--base-url", "http://127.0.0.1:9/v1", "--llm", "x")
    assert main(["grade", "--text", ANSWER, "--question", "recsys-refresh", *RUBRIC, *nowhere]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "Grader: embedded, in place of the endpoint."


@pytest.mark.parametrize(
    ("text", "told"),
    [("answer.txt", "answer.txt: no such file"), ("", "--text is empty"), (".", ".: cannot be read")],
)
def test_what_is_neither_a_file_nor_an_answer_gets_one_line(
    text: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["grade", "--text", text, "--question", "recsys-refresh", *RUBRIC]) == 2
    line = capsys.readouterr().err
    assert line.startswith(f"mock-interview: {told}")
    assert len(line.strip().splitlines()) == 1


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the questions of two topics; reading all of them takes seconds."""
    folder = tmp_path_factory.mktemp("few")
    for name in ("fraud.yaml", "recsys-5-refresh.yaml"):
        shutil.copy(ROOT / "rubrics" / name, folder / name)
    return folder


def listed(capsys: pytest.CaptureFixture[str], few: Path, *words: str) -> list[dict[str, str]]:
    assert main(["questions", *words, "--rubrics", str(few), "--json"]) == 0
    rows: list[dict[str, str]] = json.loads(capsys.readouterr().out)
    return rows


def test_questions_are_listed_by_signal_field_tag_and_words(capsys: pytest.CaptureFixture[str], few: Path) -> None:
    known = load_questions([few]).values()
    every = {question.id for question in known}
    assert {row["id"] for row in listed(capsys, few)} == {row["id"] for row in listed(capsys, few, "list")} == every
    fraud = {row["id"] for row in listed(capsys, few, "list", "--field", "fraud")}
    assert fraud == every - {"recsys-refresh"}
    tag = next(tag for question in known for tag in question.tags)
    tagged = {question.id for question in known if tag in question.tags}
    assert {row["id"] for row in listed(capsys, few, "--tag", tag)} == tagged
    assert "recsys-refresh" in {row["id"] for row in listed(capsys, few, "list", "--search", "REFRESH model")}
    assert {row["signal"] for row in listed(capsys, few, "list", "--signal", "evaluation")} == {"evaluation"}


def test_the_list_shows_the_question_as_it_is_asked(
    capsys: pytest.CaptureFixture[str], questions: dict[str, Question]
) -> None:
    assert main(["questions", "list", *RUBRIC]) == 0
    told = capsys.readouterr().out
    asked = questions["recsys-refresh"]
    assert asked.ask in " ".join(told.split())
    assert {asked.id, asked.signal, asked.seniority.value, asked.field} <= set(told.split())
    assert main(["questions", *RUBRIC]) == 0
    assert asked.ask not in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--field", "froud"), "no question has the field 'froud'; did you mean 'fraud'"),
        (("--tag", "qqqq"), "no question has the tag 'qqqq'; there are: "),
        (("--search", "zebra unicorn"), "no question matches all of these options"),
    ],
)
def test_a_filter_that_fits_nothing_says_what_would(
    words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str], few: Path
) -> None:
    assert main(["questions", "list", *words, "--rubrics", str(few)]) == 2
    assert told in capsys.readouterr().err


def test_a_session_asks_questions_of_the_fields_that_were_asked_for(questions: dict[str, Question]) -> None:
    choose, count = SessionPlan(SessionRequest(fields=["fraud"]), Settings(count=3), questions).chooser([])
    drawn = [choose([])]
    assert count == 3
    assert drawn[0] is not None
    assert drawn[0].field == "fraud"
    for wrong in (SessionRequest(fields=["froud"]), SessionRequest(signals=["charm"])):
        with pytest.raises(InputError, match=r"^no (field|signal) '"):
            SessionPlan(wrong, Settings(), questions)


def test_the_settings_say_how_many_questions_and_for_which_level(questions: dict[str, Question]) -> None:
    plan = SessionPlan(SessionRequest(seed=1), Settings.model_validate({"count": 2, "seniority": "senior"}), questions)
    choose, count = plan.chooser([])
    first = choose([])
    assert count == 2
    assert first is not None
    assert first.seniority.value == "senior"


def test_named_questions_are_asked_in_their_order(questions: dict[str, Question]) -> None:
    names = ["recsys-refresh", "recsys-metrics"]
    choose, count = SessionPlan(SessionRequest(names), Settings(), questions).chooser([])
    assert (choose([]), count) == (in_order([questions[name] for name in names])([]), 2)


def test_the_demo_has_a_recording_for_each_example_question(questions: dict[str, Question]) -> None:
    folder = shipped("audio_fixtures", ANSWERS["recsys-metrics"])
    assert [name for name in ANSWERS.values() if not (folder / name).is_file()] == []
    assert set(ANSWERS) <= set(questions)
    wheel = (ROOT / "pyproject.toml").read_text("utf-8")
    assert [name for name in ANSWERS.values() if f'"agent/audio_fixtures/{name}"' not in wheel] == []


def test_the_demo_holds_a_replay_with_all_that_a_replay_takes() -> None:
    words = ["replay", "a.wav", "--questions", "recsys-metrics", "--out", "said"]
    replay, demo = (set(vars(parser().parse_args(given))) for given in (words, ["demo"]))
    settings = set(Settings.model_fields)
    assert replay - demo - settings == {"audio", "questions"}, "what the demo itself fills in"


def test_the_demo_says_how_the_program_is_started_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / ".venv" / "bin"
    folder.mkdir(parents=True)
    script = folder / "mock-interview"
    script.touch(mode=0o755)
    monkeypatch.setattr("sys.executable", str(folder / "python"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/nowhere")
    assert program() == str(Path(".venv") / "bin" / "mock-interview")
    monkeypatch.setenv("PATH", str(folder))
    assert program() == "mock-interview"


def test_history_shows_what_produced_an_answer_and_nothing_for_old_sessions(
    questions: dict[str, Question], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = Transcript.from_text(ANSWER).model_copy(update={"transcriber": ModelId(name="base", sha256="905e5bf8336b")})
    verdict = Verdict(grader="embedded", models=(ModelId(name="point model", sha256="0123456789ab"),))
    made = grade(questions["recsys-refresh"], words, verdict)
    store = Store.open(tmp_path)
    for number, result in enumerate((made, made.model_copy(update={"provenance": Provenance()}))):
        turn = Turn(question_id="recsys-refresh", transcript=words, grade=result, delivery=Delivery())
        session = store.begin(datetime(2026, 1, 1 + number, tzinfo=UTC))
        store.save(session, turn)
        store.finish(session)
    shown = []
    for name in ("20260101", "20260102"):
        assert main(["history", "show", name, "--data-dir", str(tmp_path)]) == 0
        shown.append(capsys.readouterr().out)
    assert "Produced by mock-interview" in shown[0]
    assert "Whisper base 905e5bf8336b, grader embedded, point model 0123456789ab, question " in shown[0]
    assert "Produced by" not in shown[1]
