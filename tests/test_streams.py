"""A program of its own whose streams are closed, full or read by nobody: a line at most, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.adapters.anki_file import write_anki
from agent.logic.reporting.cards import Card
from agent.shell.output import write_text
from agent.shell.terminal import program
from agent.values.errors import InputError
from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="streams and signals of Unix")


def shell(line: str, tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a line of the shell in which MI is the program."""
    env = {
        **os.environ,
        "MI": f"{sys.executable} -m agent",
        "XDG_CONFIG_HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path),
        **environment,
    }
    return subprocess.run(["bash", "-c", line], cwd=ROOT, env=env, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("$MI history <&-", 0),
        ("$MI history >&-", 0),
        ("$MI history 2>&-", 0),
        ("$MI history <&- >&- 2>&-", 0),
        ("$MI nonsense >&- 2>&-", 2),
        ("$MI history show x 2>&-", 2),
        ("$MI completion bash | head -1 >/dev/null; exit ${PIPESTATUS[0]}", None),
        ("$MI --help | true; exit ${PIPESTATUS[0]}", None),
    ],
)
def test_closed_streams_end_in_no_traceback(line: str, status: int | None, tmp_path: Path) -> None:
    done = shell(line, tmp_path)
    assert "Traceback" not in done.stderr
    assert "went wrong" not in done.stderr
    assert "Exception ignored" not in done.stderr
    if status is not None:
        assert done.returncode == status, done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    done = shell("$MI history > /dev/full", tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "No space left" in done.stderr


def test_an_encoding_with_few_characters_is_enough(tmp_path: Path) -> None:
    done = shell(f"$MI history --data-dir '{tmp_path}/日本'", tmp_path, PYTHONIOENCODING="cp1252")
    assert (done.returncode, done.stderr) == (0, "")
    assert "??" in done.stdout


def cards(file: Path) -> None:
    write_anki([Card(key=str(n), front="x" * 99, back="y", sentences=(), tags=()) for n in range(99)], file)


@pytest.mark.parametrize("write", [lambda file: write_text(file, "x" * 5000), cards], ids=["text", "cards"])
@pytest.mark.parametrize("old", ["what was there", None])
def test_a_file_that_cannot_be_written_whole_leaves_what_was_there(
    old: str | None, write: Callable[[Path], None], tmp_path: Path
) -> None:
    import resource
    import signal

    file = tmp_path / "report.html"
    if old is not None:
        file.write_text(old)
    limits, before = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(InputError, match="cannot be written"):
            write(file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert [path.read_text() for path in tmp_path.iterdir()] == [old] * (old is not None)


def test_a_device_and_a_link_are_written_to_and_not_replaced(tmp_path: Path) -> None:
    write_text(Path(os.devnull), "x")
    assert not Path(os.devnull).is_file()
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    write_text(link, "new")
    assert (link.is_symlink(), target.read_text()) == (True, "new")


@pytest.mark.parametrize(
    ("found", "started", "says"),
    [
        ("/usr/bin/mock-interview", "mock-interview", "mock-interview"),
        (None, "here/mock-interview", "here/mock-interview"),
        (None, "agent/__main__.py", f"{Path(sys.executable).name} -m agent"),
    ],
)
def test_commands_in_closing_lines_work_as_typed(
    found: str | None, started: str, says: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("shutil.which", lambda _: found)
    monkeypatch.setattr(sys, "argv", [str(tmp_path / started)])
    assert program() == says
