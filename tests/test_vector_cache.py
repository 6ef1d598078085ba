"""Vectors of rubric texts are found once, and a cache that is damaged or cannot be written changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from agent.adapters import vector_cache
from agent.adapters.text_model import Matrix, SentenceEncoder
from agent.adapters.vector_cache import VectorCache

TEXTS = ["the labels arrive late", "split by time"]


class Counting(SentenceEncoder):
    """The real encoder, which counts the texts it read."""

    def __init__(self) -> None:
        super().__init__()
        self.read = 0

    def embed(self, texts: Sequence[str]) -> Matrix:
        self.read += len(texts)
        return super().embed(texts)


@pytest.fixture(scope="module")
def encoder() -> Counting:
    return Counting()


def test_a_text_is_embedded_once(encoder: Counting, tmp_path: Path) -> None:
    before = encoder.read
    first = VectorCache(encoder, tmp_path / "new" / "vectors").embed(TEXTS)
    again = VectorCache(encoder, tmp_path / "new" / "vectors").embed(TEXTS)
    assert np.array_equal(first, again)
    assert encoder.read - before == len(TEXTS)
    assert np.array_equal(first, encoder.embed(TEXTS))


def test_other_texts_never_meet_these_vectors(encoder: Counting, tmp_path: Path) -> None:
    cache = VectorCache(encoder, tmp_path)
    cache.embed(TEXTS)
    assert np.allclose(cache.embed(TEXTS[::-1]), encoder.embed(TEXTS[::-1]))
    assert np.allclose(cache.embed(["".join(TEXTS)]), encoder.embed(["".join(TEXTS)]))


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY", b"not an array"])
def test_a_damaged_file_is_replaced(content: bytes, encoder: Counting, tmp_path: Path) -> None:
    cache = VectorCache(encoder, tmp_path)
    right = cache.embed(TEXTS)
    [file] = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(content)
    assert np.array_equal(cache.embed(TEXTS), right)
    assert file.read_bytes() == whole


def test_an_array_of_another_shape_is_not_believed(encoder: Counting, tmp_path: Path) -> None:
    cache = VectorCache(encoder, tmp_path)
    right = cache.embed(TEXTS)
    [file] = tmp_path.iterdir()
    np.save(file, right[:1])
    assert np.array_equal(cache.embed(TEXTS), right)


def test_a_folder_that_cannot_be_written_costs_only_time(encoder: Counting, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert np.array_equal(VectorCache(encoder, tmp_path / "file" / "vectors").embed(TEXTS), encoder.embed(TEXTS))


def test_the_oldest_go_when_there_are_too_many(
    encoder: Counting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vector_cache, "MOST_FILES", 2)
    cache = VectorCache(encoder, tmp_path)
    for text in ("one", "two", "three"):
        cache.embed([text])
    assert len(list(tmp_path.iterdir())) == 2
