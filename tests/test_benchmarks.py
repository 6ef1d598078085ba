"""Every benchmark runs and prints its figures: a smoke run of each, on as little as it takes."""

from __future__ import annotations

import csv
import importlib
import shutil
import sys
from pathlib import Path

import pytest

from tests.conftest import FIXTURES, ROOT

JUDGED = ROOT / "benchmarks" / "judged"
RUNS: dict[str, tuple[list[str], str]] = {
    "batch": (["--count", "2", "--copies", "1", "--shell", "1", "--rows", "20", "--without-ray"], "rows a second"),
    "delivery": (["--recordings", "{recordings}"], "words a minute"),
    "exam_answers": (["{exam}"], "QWK"),
    "grader_cost": (["--every", "200"], "answers of 300 words"),
    "graders": (["{judged}"], "word count"),
    "hearing": (["--count", "2"], "plain"),
    "latency": (["--seconds", "6"], "median"),
    "long_session": (["--minutes", "4", "--speed", "40"], "MB"),
    "no_speech": (["--every", "40"], "all"),
    "pauses": (["--answers", "{judged}", "--count", "4"], "fixed 0.7 s"),
    "reference_answers": (["recsys-refresh"], "as meant"),
    "scale": ([], "bound by"),
    "second_voice": (["--recordings", "{recordings}"], "precision"),
    "stretches": (["--every", "12"], "contradicted yet earned"),
    "spoken_commands": ([], "commands understood"),
    "web_page": (["memory", "--minutes", "4"], "MB"),
}


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Small files of the kinds that the benchmarks read."""
    folder = tmp_path_factory.mktemp("inputs")
    judged = folder / "judged.jsonl"
    lines = (JUDGED / "recsys.jsonl").read_text("utf-8").splitlines()
    judged.write_text("\n".join(lines[:4]) + "\n", "utf-8")
    exam = folder / "exam.csv"
    with exam.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["question_id", "student", "answer", "grade"])
        table.writerow(["1", "a", "A network of simple units, joined by weights that are learned from examples.", "2"])
        table.writerow(["1", "b", "A computer.", "0"])
    recordings = folder / "recordings"
    (recordings / "interview").mkdir(parents=True)
    shutil.copy(FIXTURES / "metrics-strong.ogg", recordings / "interview" / "metrics-strong.ogg")
    return {"judged": judged, "exam": exam, "recordings": recordings}


def test_every_benchmark_has_a_smoke_run() -> None:
    known = {path.stem for path in (ROOT / "benchmarks").glob("*.py") if "def main()" in path.read_text("utf-8")}
    assert set(RUNS) == known


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNS)
def test_it_prints_its_figures(
    name: str, inputs: dict[str, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, says = RUNS[name]
    monkeypatch.setattr(sys, "argv", [name, *(argument.format(**inputs) for argument in arguments)])
    importlib.import_module(f"benchmarks.{name}").main()
    assert says in capsys.readouterr().out
