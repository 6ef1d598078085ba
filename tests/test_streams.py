"""A program of its own whose streams are closed, full or read by nobody: a line at most, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

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
