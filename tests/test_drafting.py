"""Questions drafted by a language model: valid or given up, faults sent back, doubtful ratings marked, nothing lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.adapters.rubric_file import load_file
from agent.logic.rubrics.drafting import draft_schema
from agent.shell import drafting
from agent.shell.cli import main
from agent.shell.drafting import faults
from agent.values.rubric import Question
from tests.conftest import ROOT
from tests.fake_endpoint import says, serving

TEMPLATE = ROOT / "agent" / "shell" / "template.yaml"
RUBRIC = ("--rubrics", str(ROOT / "rubrics" / "recsys-5-refresh.yaml"))
ASK = "What do you do about a sour espresso?"
REPLIES = ROOT / "benchmarks" / "drafts" / "replies.jsonl"


@pytest.fixture
def agreeing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own grader takes seconds for each question; one test asks it."""
    monkeypatch.setattr(drafting, "rated_otherwise", lambda question, settings: [])


def question(**more: object) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(TEMPLATE.read_text("utf-8"))["questions"][0]
    return {**data, **more}


def reply(**more: object) -> str:
    return json.dumps({"question": question(**more)})


def draft(*words: str, replies: list[str], out: Path) -> tuple[int, list[dict[str, Any]]]:
    with serving([says(text) for text in replies]) as server:
        address = ("--grader", "llm", "--base-url", server.url, "--llm", "m")
        status = main(["questions", "draft", *words, "--out", str(out), *address, *RUBRIC])
    return status, server.asked


@pytest.mark.usefixtures("agreeing")
def test_faults_are_sent_back_until_the_question_is_valid(tmp_path: Path) -> None:
    broken = question(needs={**question()["needs"], "strong": [{"points": ["nowhere"]}]})
    del broken["rephrase"]
    replies = ["I think that is easy.", json.dumps({"question": broken}), reply()]
    status, asked = draft(ASK, replies=replies, out=tmp_path)
    assert status == 0
    assert "no complete JSON object with the key 'question'" in asked[1]["messages"][-1]["content"]
    assert "the key 'rephrase' is missing; add it" in asked[2]["messages"][-1]["content"]
    assert load_file(tmp_path / "espresso-sour-shot.yaml").questions[0].id == "espresso-sour-shot"
    assert ASK in asked[0]["messages"][1]["content"]


def test_a_model_that_never_gets_it_right_is_given_up_with_the_last_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, asked = draft(ASK, replies=[reply(minutes=90)] * 4, out=tmp_path)
    assert status == 1
    assert len(asked) == 4
    assert "no valid question in 4 tries" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("agreeing")
def test_what_is_there_is_never_overwritten(tmp_path: Path) -> None:
    mine = tmp_path / "espresso-sour-shot.yaml"
    mine.write_text("mine", "utf-8")
    assert draft(ASK, replies=[reply()], out=tmp_path)[0] == 0
    assert mine.read_text("utf-8") == "mine"
    assert load_file(tmp_path / "espresso-sour-shot-2.yaml").questions


def test_reference_answers_that_our_own_grader_rates_otherwise_are_marked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = {
        **question()["answers"],
        "very_strong": "I would wipe the counter and wait for the next customer to come.",
    }
    assert draft(ASK, replies=[reply(answers=answers)], out=tmp_path)[0] == 0
    told = "CHECK: the built-in grader rates the very strong answer very weak"
    assert told in capsys.readouterr().out
    assert f"# {told}" in (tmp_path / "espresso-sour-shot.yaml").read_text("utf-8")


@pytest.mark.usefixtures("agreeing")
def test_a_job_description_becomes_questions(tmp_path: Path) -> None:
    job = tmp_path / "job.txt"
    job.write_text("We look for a barista who knows our machine and is kind in the morning rush.", "utf-8")
    first = json.dumps({"questions": [ASK, "Another?"]})
    status, asked = draft("--job", str(job), "--count", "1", replies=[first, reply()], out=tmp_path / "out")
    assert status == 0
    assert "morning rush" in asked[0]["messages"][1]["content"]
    assert ASK in asked[1]["messages"][1]["content"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((ASK,), "'mock-interview questions new FILE' writes a template"),
        ((), "give a question, a file of questions, or --job FILE"),
        ((ASK, "--job", "x"), "give a question, a file of questions, or --job FILE"),
        (("--job", "gone.txt", "--replies-in", str(REPLIES)), "gone.txt: no such file"),
        ((ASK, "--replies-in", "gone.jsonl"), "gone.jsonl: cannot be read"),
    ],
)
def test_without_what_it_needs_there_is_one_line(
    words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["questions", "draft", *words, *RUBRIC]) == 2
    line = capsys.readouterr().err
    assert told in line
    assert len(line.strip().splitlines()) == 1


def test_the_replies_that_come_with_us_are_valid_but_for_the_one_that_is_repaired() -> None:
    rows = [json.loads(json.loads(line))["question"] for line in REPLIES.read_text("utf-8").splitlines()]
    found = [bool(faults(row)) for row in rows]
    assert found == [False, True, False, False]


def test_the_whole_command_drafts_three_questions_and_nothing_of_a_second_run_is_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the replies of a capable model, one of which is faulty at first, and our own grader."""
    replies = [json.loads(line) for line in REPLIES.read_text("utf-8").splitlines()]
    names = ["caption-cheap-judge", "loan-explain-decline", "sensor-silent-failure"]
    status, asked = draft(str(REPLIES.with_name("questions.txt")), replies=replies, out=tmp_path)
    shown = capsys.readouterr().out
    assert status == 0
    assert [len(talk["messages"]) for talk in asked] == [2, 2, 4, 2]
    assert "the key 'rephrase' is missing; add it" in asked[2]["messages"][-1]["content"]
    assert sorted(path.stem for path in tmp_path.iterdir()) == names
    assert main(["questions", "check", str(tmp_path)]) == 0
    assert "3 questions in 3 files are valid" in capsys.readouterr().out
    for path in tmp_path.iterdir():
        marks = [line for line in path.read_text("utf-8").splitlines() if line.startswith("# CHECK")]
        assert all(mark.removeprefix("# ") in shown for mark in marks)
        assert len(marks) <= 1, "most reference answers of a capable model are rated as they are meant"
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert main(["questions", "draft", ASK, "--replies-in", str(REPLIES), "--out", str(tmp_path), *RUBRIC]) == 0
    assert all(path.read_bytes() == data for path, data in before.items())
    assert (tmp_path / "sensor-silent-failure-2.yaml").exists()


def test_the_schema_is_that_of_a_question() -> None:
    schema = draft_schema()
    assert set(schema["properties"]["question"]["properties"]) == set(Question.model_fields)
    assert "Point" in schema["$defs"]
