"""Every benchmark runs and prints its figures: a smoke run of each, on as little as it takes."""

from __future__ import annotations

import csv
import importlib
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from agent.adapters.audio_file import read_clip
from agent.values.audio import WHISPER_RATE
from tests.conftest import FIXTURES, ROOT

JUDGED = ROOT / "benchmarks" / "judged"
RUNS: dict[str, tuple[list[str], str]] = {
    "batch": (["--count", "2", "--copies", "1", "--shell", "1", "--rows", "20", "--without-ray"], "rows a second"),
    "claims": ([], "level: "),
    "delivery": (["--recordings", "{recordings}/interview"], "words a minute"),
    "exam_answers": (["{exam}"], "QWK"),
    "grader_cost": (["--every", "200"], "answers of 300 words"),
    "graders": (["{judged}"], "word count"),
    "hearing": (["--count", "2"], "plain"),
    "interruptions": (["--recordings", "{people}"], "noticed"),
    "latency": (["--seconds", "6"], "median"),
    "long_session": (["--minutes", "4", "--speed", "40"], "MB"),
    "no_speech": (["--every", "40"], "all"),
    "pauses": (["--answers", "{judged}", "--count", "4"], "fixed 0.7 s"),
    "real_hearing": (["--recordings", "{people}"], "invented"),
    "real_pauses": (["--recordings", "{people}", "--only", "metrics*", "*.jsonl"], "fixed 0.7 s"),
    "reference_answers": (["recsys-refresh"], "as meant"),
    "scale": (["--measure", "--count", "1", "--costs", "{costs}"], "bound by"),
    "second_voice": (["--recordings", "{recordings}"], "precision"),
    "stretches": (["--every", "12"], "contradicted yet earned"),
    "spoken_commands": ([], "commands understood"),
    "web_hours": (["--minutes", "0"], "server_mb"),
    "web_interruption": (["headphones", "--times", "1"], "median"),
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
    made = {"judged": judged, "exam": exam, "costs": folder / "costs.json", "recordings": recordings}
    return made | {"people": people(folder / "people")}


def people(folder: Path) -> Path:
    """A folder laid out as that of the real recordings, with synthetic ones."""
    for name in ("echo", "keys", "pauses", "read"):
        (folder / name).mkdir(parents=True)
    shutil.copy(FIXTURES / "metrics-strong.ogg", folder / "read" / "metrics-strong.ogg")
    (folder / "read" / "metrics-strong.txt").write_text("I would look at ranking metrics.", "utf-8")
    row = {"clip": "a", "at_s": 9.1, "silence_s": 0.5, "kind": "pause", "smart_turn": 0.1}
    end = {"clip": "a", "at_s": 30.0, "silence_s": None, "kind": "end", "smart_turn": 0.97}
    (folder / "pauses" / "measured.jsonl").write_text(f"{json.dumps(row)}\n{json.dumps(end)}\n", "utf-8")
    played = read_clip(FIXTURES / "metrics-strong.ogg").samples[: 8 * WHISPER_RATE]
    echo = np.pad(played * 0.3, (1600, 0))[: len(played)]
    noise = np.random.default_rng(0).standard_normal(len(played)) * 0.002
    soundfile.write(folder / "keys" / "noise.flac", noise, WHISPER_RATE)
    for kind, heard in (("farend_singletalk", echo), ("nearend_singletalk", played), ("doubletalk", played + echo)):
        soundfile.write(folder / "echo" / f"a_{kind}_mic.flac", heard + noise, WHISPER_RATE)
        soundfile.write(folder / "echo" / f"a_{kind}_lpb.flac", played, WHISPER_RATE)
    return folder


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
