"""The commands on sessions that are on record, on a session that a real replay has written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import FIXTURES

Run = Callable[..., Any]


@pytest.fixture
def kept(command: Run, tmp_path: Path) -> tuple[Path, str]:
    """A data folder with one session, and the session's id."""
    folder = tmp_path / "data"
    done = command(
        "replay", FIXTURES / "refresh-strong.ogg", "--questions", "recsys-refresh", "--out", tmp_path / "said",
        "--voice", "system", "--save", "--keep-audio", "--data-dir", folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    listed = command("history", "--data-dir", folder).stdout
    return folder, listed.split()[0]


def test_a_session_is_listed_shown_exported_regraded_and_deleted(command: Run, kept: tuple[Path, str]) -> None:
    folder, name = kept
    shown = command("history", "--data-dir", folder, "show", name).stdout
    assert "recsys-refresh (production): strong" in shown
    assert "threshold" in shown
    exported = json.loads(command("history", "--data-dir", folder, "export", name, "--format", "json").stdout)
    assert "threshold" in json.dumps(exported)
    assert "recsys-refresh" in command("history", "--data-dir", folder, "export", "all", "--format", "csv").stdout
    assert "threshold" in command("history", "--data-dir", folder, "export", name, "--format", "markdown").stdout
    assert "0 of 1 ratings changed" in command("regrade", name, "--data-dir", folder).stdout
    assert list(folder.rglob("*.flac"))
    assert command("history", "--data-dir", folder, "delete", name).returncode == 0
    assert not list(folder.rglob("*.flac"))
    assert name not in command("history", "--data-dir", folder).stdout


@pytest.mark.parametrize(
    "words", [("history", "show", "nope"), ("history", "delete", "nope"), ("regrade", "nope"), ("report", "nope")]
)
def test_an_unknown_session_gets_one_line_and_status_two(command: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    done = command(words[0], "--data-dir", tmp_path, *words[1:])
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1


def test_with_nothing_on_record_nothing_is_due(command: Run, tmp_path: Path) -> None:
    done = command("practice", "--review", "--data-dir", tmp_path)
    assert done.returncode == 0
    assert "Nothing is due" in done.stdout
