"""The whole program as a subprocess: real recordings, real models, and one clear line for every bad input."""

from __future__ import annotations

import json
import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from agent.adapters.audio_file import read_clip
from agent.adapters.wav_file import write_wav
from agent.logic.grading.grading import grade, ungraded
from agent.shell.cli import main
from agent.shell.screen import Screen
from agent.values.audio import Clip
from agent.values.company import Company
from agent.values.grade import Verdict
from agent.values.rubric import Question
from agent.values.session import Delivery, Turn
from agent.values.transcript import Transcript
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


@pytest.mark.slow
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
    (folder / "blank.txt").write_text(" \n", encoding="utf-8")
    answer = {"id": "1", "question_id": "recsys-refresh", "answer": "I don't know.", "rating": "very_weak"}
    (folder / "answers.jsonl").write_text(json.dumps(answer), encoding="utf-8-sig")
    signals = ("data_handling", "model_selection", "optimization", "evaluation", "production")
    none = ", ".join(f"{signal}: 0" for signal in signals)
    (folder / "closed.yaml").write_text(
        f"company: Closed\nabout: Asks nothing.\nsignals: {{{none}}}\n", encoding="utf-8"
    )
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
        ("grade", str(ONE), *ask, "--device", "gpu"),
        ("grade", str(ONE), *ask, "--model", "./typo"),
        ("grade", str(ONE), *ask, "--hints-used", "-1"),
        ("grade", str(ONE), *ask, "--llm", "some-model"),
        ("grade", "--text", str(folder / "blank.txt"), *ask),
        *(("grade", str(ONE), *ask, "--grader", "llm", "--llm", "x", "--base-url", url) for url in NO_ADDRESSES),
        ("replay", str(ONE), str(ONE), "--questions", "recsys-refresh,recsys-refresh", "--out", str(folder)),
        ("replay", str(ONE), "--questions", "recsys-refresh", "--out", str(folder / "text.wav" / "below")),
        ("replay", str(ONE), "--questions", "recsys-refresh", "--out", str(folder), "--keep-audio"),
        ("eval", str(folder / "answers.jsonl"), "--prompts-out", str(folder / "nowhere" / "prompts.jsonl")),
        ("practice", "--question", "recsys-refresh", "--question", "recsys-refresh"),
        ("practice", "--end-silence", "-1"),
        ("practice", "--count", "0"),
        ("practice", "--company", "nosuch", "--question", "recsys-refresh"),
        ("practice", "--company", str(folder / "closed.yaml"), "--adaptive"),
        ("practice", "--keep-audio", "--no-save"),
    ]


NO_ADDRESSES = ("http://[::1", "http://127.0.0.1:port/v1", "ftp://127.0.0.1/v1")


def test_bad_input_gets_one_clear_line_and_status_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY", "MOCK_INTERVIEW_LLM_MODEL", "MOCK_INTERVIEW_MODEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for words in bad_inputs(tmp_path):
        try:
            status = main(words)
        except SystemExit as refused:
            status = int(str(refused.code))
        told = capsys.readouterr()
        assert status == 2, (words, told.err)
        assert len(told.err.strip().splitlines()) == 1, (words, told.err)
        assert not told.out.strip(), words


def test_a_program_of_its_own_ends_with_status_two_and_no_traceback(command: Command) -> None:
    done = command("grade", "nowhere.wav", "--question", "recsys-refresh")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nowhere.wav: no such recording" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_recording_whose_title_is_in_no_known_encoding_is_heard(tmp_path: Path) -> None:
    path, title = tmp_path / "titled.wav", b"INAM" + (12).to_bytes(4, "little") + b"Antwort \xfcber"
    write_wav(path, Clip(samples=np.full(16_000, 0.1, np.float32), rate=16_000))
    info = b"LIST" + (4 + len(title)).to_bytes(4, "little") + b"INFO" + title
    plain = path.read_bytes()
    size = len(plain) + len(info) - 8
    path.write_bytes(b"RIFF" + size.to_bytes(4, "little") + plain[8:12] + info + plain[12:])
    assert read_clip(path).seconds == pytest.approx(1.0, abs=0.01)


def test_what_an_endpoint_says_cannot_break_the_terminal(
    questions: dict[str, Question], capsys: pytest.CaptureFixture[str]
) -> None:
    asked = questions["recsys-refresh"]
    note = "The endpoint refused the request (HTTP 400: [INST] no [/INST] [bold]); check the model"
    refused = ungraded(asked, note, "llm:x")
    transcript = Transcript.from_text("I would look at the numbers.")
    noted = grade(asked, transcript, Verdict(grader="embedded", notes=(note,)))
    for result in (refused, noted):
        Screen().turn(asked, Turn(question_id=asked.id, transcript=transcript, grade=result, delivery=Delivery()))
    assert capsys.readouterr().out.count("[/INST]") == 2


def test_replies_of_a_capable_model_agree_with_the_labels(capsys: pytest.CaptureFixture[str]) -> None:
    judged = ROOT / "benchmarks" / "judged"
    files = ("--rubrics", judged / "unseen.yaml", "--replies-in", judged / "unseen.replies.jsonl")
    assert main(["eval", *map(str, (judged / "unseen.jsonl", *files)), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["qwk"] >= 0.95
    assert report["exact"] >= 0.9
    assert {item["grader"] for item in report["items"]} == {"llm:replies"}


def test_doctor_tells_of_each_part_and_gives_no_secret_away(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://user:password@127.0.0.1:9/v1")
    assert main(["doctor", "--json", "--listen", "0.1", "--data-dir", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    report = json.loads(told)
    assert {"devices", "microphone", "speaker", "voice", "Whisper", "questions", "grader", "data"} < set(report)
    unused = "127.0.0.1:9 is configured, but unused without --grader llm; answers would go there without a proxy"
    assert report["endpoint"]["says"] == unused
    assert "0 sessions in" in report["data"]["says"]
    assert not {word for word in ("sk-secret", "password") if word in told}
    unreachable = ["--grader", "llm", "--llm", "x", "--json", "--listen", "0.1", "--data-dir", str(tmp_path)]
    assert main(["doctor", *unreachable]) == 1
    assert "Nothing answers at 127.0.0.1:9" in json.loads(capsys.readouterr().out)["grader"]["says"]


def test_a_recording_is_graded_without_the_network(tmp_path: Path) -> None:
    script = (
        "import socket, sys\n"
        "def refuse(*args, **more): raise AssertionError(f'asked for {args}')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from agent.shell.cli import main\n"
        f"sys.exit(main(['grade', {str(ONE)!r}, '--question', 'recsys-reduce-features', '--json']))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rating"] is not None


def test_a_profile_tells_which_of_its_names_fit_no_question(questions: dict[str, Question]) -> None:
    mine = Company(company="Mine", about="Ours.", signals={"evalution": 2, "production": 3}, fields={"frod": 5})
    assert mine.idle(questions.values()) == ["evalution", "frod"]


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


def test_a_wrong_rubric_is_reported_with_file_line_key_and_fix(command: Command, tmp_path: Path) -> None:
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


@pytest.mark.parametrize(
    "how",
    [
        "questions",
        "questions show recsys-metrics",
        "questions show recsys-metrics --json",
        "questions schema",
        "questions companies",
        "--version",
        f"grade --text {ROOT / 'LICENSE'} --question recsys-metrics --print-prompt",
    ],
)
def test_looking_around_works(command: Command, how: str) -> None:
    done = command(*how.split())
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
