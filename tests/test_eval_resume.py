"""`eval` with an LLM: nothing that was graded, and paid for, is lost; and answers that cannot be graded end well."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from agent.shell.cli import main
from tests.fake_endpoint import Answer, fails, says, serving

EMPTY = '{"claims": [], "addressed_to_grader": false}'
SAID = "I would retrain the model every week because tastes change."


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: tmp_path / "cache")
    return tmp_path / "cache"


def answers(tmp_path: Path, said: Sequence[str]) -> Path:
    rows = [
        {"id": str(number), "question_id": "recsys-refresh", "answer": text, "rating": "weak"}
        for number, text in enumerate(said)
    ]
    path = tmp_path / "answers.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def evaluate(capsys: pytest.CaptureFixture[str], url: str, path: Path, *more: str) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of one run of the command."""
    capsys.readouterr()
    words = ["eval", str(path), "--grader", "llm", "--llm", "m", "--base-url", url, "--json", *more]
    status = main(words)
    shown = capsys.readouterr()
    return status, shown.out, shown.err


def test_a_refusal_loses_nothing_and_the_same_command_goes_on(
    tmp_path: Path, cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = answers(tmp_path, [SAID, f"{SAID} So yes.", f"{SAID} I think."])
    quota = fails(403, "quota exceeded", code="insufficient_quota")
    script = [says(EMPTY), says(EMPTY), quota, says(EMPTY)]
    with serving(script) as endpoint:
        status, out, err = evaluate(capsys, endpoint.url, path)
        assert (status, out) == (1, "")
        assert "HTTP 403: quota exceeded" in err
        assert "2 of 3 grades are saved in" in err
        assert len(err.strip().splitlines()) == 1
        [saved] = cache.iterdir()
        assert len(saved.read_text("utf-8").splitlines()) == 2
        status, out, err = evaluate(capsys, endpoint.url, path)
    assert status == 0
    assert f"2 grades are reused from {saved}" in err
    assert len(endpoint.asked) == 4
    report = json.loads(out)
    assert [item["rating"] for item in report["items"]] == ["very_weak"] * 3
    assert {item["grader"] for item in report["items"]} == {"llm:m"}
    assert report["seconds_per_answer"] > 0
    assert list(cache.iterdir()) == [], "a complete run leaves nothing behind"


def test_a_file_of_ones_own_is_kept_and_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, mine = answers(tmp_path, [SAID]), tmp_path / "new" / "grades.jsonl"
    with serving([says(EMPTY), says(EMPTY), says(EMPTY)]) as endpoint:
        for asked in (1, 1):
            assert evaluate(capsys, endpoint.url, path, "--save", str(mine))[0] == 0
            assert len(endpoint.asked) == asked
        # Half a line of a run that was killed, a changed answer, and another model.
        mine.write_text(mine.read_text("utf-8") + '{"key": "half', encoding="utf-8")
        answers(tmp_path, [f"{SAID} Or daily."])
        assert evaluate(capsys, endpoint.url, path, "--save", str(mine))[0] == 0
        assert len(endpoint.asked) == 2
        assert evaluate(capsys, endpoint.url, path, "--save", str(mine), "--llm", "other")[0] == 0
        assert len(endpoint.asked) == 3
    lines = [line for line in mine.read_text("utf-8").splitlines() if not line.endswith("half")]
    assert [json.loads(line)["grade"]["grader"] for line in lines] == ["llm:m", "llm:m", "llm:other"]


def test_an_answer_without_a_usable_reply_is_asked_again_next_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, mine = answers(tmp_path, [SAID, "Mhm."]), tmp_path / "grades.jsonl"
    with serving([says("Well."), says("Well, well."), says(EMPTY)]) as endpoint:
        ratings = []
        for _ in range(2):
            status, out, _ = evaluate(capsys, endpoint.url, path, "--save", str(mine))
            assert status == 0
            ratings.append([item["rating"] for item in json.loads(out)["items"]])
    assert ratings == [[None, None], ["very_weak", None]]
    assert len(endpoint.asked) == 3


def test_an_interruption_says_what_is_saved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from agent.adapters.llm_grader import LlmGrader

    whole, asked = LlmGrader.claim, []

    def interrupted(self: LlmGrader, *answer: Any) -> Any:
        asked.append(answer)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return whole(self, *answer)

    monkeypatch.setattr(LlmGrader, "claim", interrupted)
    with serving([says(EMPTY)]) as endpoint:
        status, out, err = evaluate(capsys, endpoint.url, answers(tmp_path, [SAID, f"{SAID} Or not."]))
    assert (status, out) == (130, "")
    assert "1 of 2 grades are saved in" in err


@pytest.mark.parametrize("grader", [("--grader", "embedded"), ("--replies-in", "replies.jsonl")])
def test_save_is_for_an_llm(grader: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", str(answers(tmp_path, [SAID])), *grader, "--save", str(tmp_path / "grades")]) == 2
    assert "--save works only with --grader llm" in capsys.readouterr().err


def test_a_file_of_something_else_is_not_written_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = answers(tmp_path, [SAID])
    before = path.read_text("utf-8")
    with serving([]) as endpoint:
        for wrong in (path, tmp_path, path / "below"):
            status, _, err = evaluate(capsys, endpoint.url, path, "--save", str(wrong))
            assert status == 2, err
            assert len(err.strip().splitlines()) == 1
    assert path.read_text("utf-8") == before
    assert endpoint.asked == []


@pytest.mark.parametrize("said", [[""], ["", "   ", "Mhm."], ["", SAID]])
@pytest.mark.parametrize("form", [["--json"], []])
def test_replies_to_answers_that_cannot_be_graded(
    said: list[str], form: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, replies = answers(tmp_path, said), tmp_path / "replies.jsonl"
    rows = [{"id": str(number), "reply": json.loads(EMPTY)} for number in range(len(said))]
    replies.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert main(["eval", str(path), "--replies-in", str(replies), *form]) == 0
    shown = capsys.readouterr().out
    if form:
        report = json.loads(shown)
        counts = (len(said), said.count(SAID))
        # Ungraded answers are not left out of any count.
        for part in (report, report["per_rating"]["weak"], report["per_question"]["recsys-refresh"]):
            assert (part["n"], part["graded"]) == counts
        assert report["ungraded"] == len(said) - said.count(SAID)
        assert [item["rating"] for item in report["items"]] == [None if t != SAID else "very_weak" for t in said]
    else:
        assert f"({len(said) - said.count(SAID)} ungraded" in shown


@pytest.mark.parametrize("line", ["[]", "7", '{"id": [], "reply": {}}', "[" * 100_000, "\udcff", '{"id": "0"}'])
def test_replies_that_are_none_get_one_line(line: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, replies = answers(tmp_path, [SAID]), tmp_path / "replies.jsonl"
    replies.write_bytes(line.encode("utf-8", "surrogateescape"))
    assert main(["eval", str(path), "--replies-in", str(replies)]) == 2
    assert "id and reply" in capsys.readouterr().err
    assert main(["eval", str(replies)]) == 2


def test_an_endpoint_that_is_not_there_ends_with_what_to_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(lambda _: Answer(200, None, page="<title>Welcome</title>")) as endpoint:
        status, _, err = evaluate(capsys, endpoint.url, answers(tmp_path, [SAID]))
    assert status == 1
    assert "Welcome" in err
    assert err.strip().endswith("(--base-url or OPENAI_BASE_URL)")
