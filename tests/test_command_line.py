"""The whole program as a subprocess: real recordings, real models, and one clear line for every bad input."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import pytest

from tests.conftest import FIXTURES, ROOT, Command

ONE = FIXTURES / "reduce-features-very-strong.ogg"
CONTRACT = {
    "question_id", "signal", "rating", "ungraded_reason", "confidence", "transcript", "points", "hints",
    "delivery", "grader", "timings_s",
}  # fmt: skip


def test_grade_prints_one_json_object_with_evidence_and_its_seconds(command: Command) -> None:
    done = command("grade", ONE, "--question", "recsys-reduce-features", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert set(result) >= CONTRACT
    assert result["signal"] == "data_handling"
    met = [point for point in result["points"] if point["met"]]
    assert met
    for point in met:
        assert point["quote"] in result["transcript"]
        assert 0 <= point["start_s"] < point["end_s"] <= 40
    assert result["delivery"]["words_per_minute"] > 80


def test_typed_answers_are_graded_too_and_have_no_seconds(command: Command, tmp_path: Path) -> None:
    typed = tmp_path / "answer.txt"
    typed.write_text("I would use PCA, which keeps the directions of largest variance.", encoding="utf-8")
    result = json.loads(command("grade", "--text", typed, "--question", "recsys-reduce-features", "--json").stdout)
    assert result["rating"] is not None
    assert all(point["start_s"] is None for point in result["points"])


def test_replay_asks_hears_grades_and_writes_what_it_says(command: Command, tmp_path: Path) -> None:
    files = [FIXTURES / "refresh-strong.ogg", FIXTURES / "metrics-weak.ogg"]
    done = command("replay", *files, "--questions", "recsys-refresh,recsys-metrics", "--out", tmp_path, "--json")
    assert done.returncode == 0, done.stderr
    turns = json.loads(done.stdout)["turns"]
    assert [turn["question_id"] for turn in turns] == ["recsys-refresh", "recsys-metrics"]
    assert all(turn["rating"] for turn in turns)
    spoken = sorted(tmp_path.glob("*.wav"))
    assert len(spoken) > 6
    with wave.open(str(spoken[0])) as sound:
        assert sound.getnframes() / sound.getframerate() > 1


def bad_inputs(folder: Path) -> list[tuple[str, ...]]:
    (folder / "empty.wav").write_bytes(b"")
    (folder / "text.wav").write_text("this is no sound", encoding="utf-8")
    (folder / "cut.ogg").write_bytes(ONE.read_bytes()[:200])
    with wave.open(str(folder / "silent.wav"), "wb") as silent:
        silent.setparams((1, 2, 16_000, 0, "NONE", ""))
        silent.writeframes(bytes(32_000))
    ask = ("--question", "recsys-refresh")
    names = ("empty.wav", "text.wav", "cut.ogg", "silent.wav", "missing.wav", ".")
    return [
        *(("grade", str(folder / name), *ask) for name in names),
        ("grade", str(ONE), "--question", "recsys-refreshing"),
        ("grade", *ask),
        ("grade", str(ONE), *ask, "--model", "no-such-model"),
        ("grade", str(ONE), *ask, "--grader", "llm"),
        ("replay", str(ONE), "--questions", "recsys-refresh,recsys-metrics", "--out", str(folder)),
        ("eval", str(folder / "text.wav")),
        ("questions", "check", str(folder / "text.wav")),
        ("questions", "check", str(folder / "nowhere")),
        ("practice", "--signal", "charm"),
        ("sing",),
    ]


def test_bad_input_gets_one_clear_line_and_status_two(command: Command, tmp_path: Path) -> None:
    for words in bad_inputs(tmp_path):
        done = command(*words)
        assert done.returncode == 2, (words, done.stderr)
        assert "Traceback" not in done.stderr, words
        assert len(done.stderr.strip().splitlines()) == 1, (words, done.stderr)
        assert not done.stdout.strip(), words


def test_eval_prints_the_figures_of_the_contract(
    command: Command, tmp_path: Path, questions: dict[str, object]
) -> None:
    answers = tmp_path / "answers.jsonl"
    rows = [
        {"id": "1", "question_id": "recsys-refresh", "answer": "I don't know.", "rating": "very_weak", "hints_used": 0},
        {"id": "2", "question_id": "recsys-refresh", "rating": "strong", "hints_used": 0,
         "answer": "Every week I compute precision on fresh purchases and retrain when it falls below a threshold."},
    ]  # fmt: skip
    answers.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    report = json.loads(command("eval", answers, "--json").stdout)
    wanted = {
        "n",
        "qwk",
        "exact",
        "within_one",
        "per_rating",
        "per_question",
        "length_only_qwk",
        "seconds_per_answer",
        "items",
    }
    assert set(report) >= wanted
    assert report["n"] == 2
    assert [item["label"] for item in report["items"]] == ["very_weak", "strong"]


def test_a_wrong_rubric_is_told_with_file_line_key_and_mend(command: Command, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    good = (ROOT / "agent" / "shell" / "template.yaml").read_text("utf-8")
    wrong.write_text(good.replace("  weight: standard", "  wieght: standard"), encoding="utf-8")
    line = 1 + next(i for i, text in enumerate(wrong.read_text("utf-8").splitlines()) if "wieght" in text)
    done = command("questions", "check", wrong)
    assert done.returncode == 2
    assert f"{wrong}:{line}: questions.1.wieght: unknown key 'wieght'; did you mean 'weight'?" in done.stderr
    assert "the key 'weight' is missing" in done.stderr


def test_the_template_is_a_valid_rubric_outside_machine_learning(command: Command, tmp_path: Path) -> None:
    own = tmp_path / "barista.yaml"
    assert command("questions", "new", own).returncode == 0
    assert command("questions", "check", own).returncode == 0
    typed = tmp_path / "answer.txt"
    typed.write_text(
        "It is under extracted since the water runs through too fast, so I would grind a bit finer.", encoding="utf-8"
    )
    done = command("grade", "--text", typed, "--question", "espresso-sour-shot", "--rubrics", own, "--json")
    assert json.loads(done.stdout)["rating"] in ("weak", "strong")


@pytest.mark.parametrize("how", ["questions", "questions show recsys-metrics", "questions schema", "--version"])
def test_looking_around_works(command: Command, how: str) -> None:
    done = command(*how.split())
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
