"""Keeps the vectors of a question's texts on disk, so that a text is embedded once and not by every command anew.

One file holds the vectors of one list of texts. Its name is a hash of the texts, the encoder and how it reads, so
that a changed rubric or model never meets old vectors. A cache that cannot be read or written costs time and nothing
else.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from agent.adapters.text_model import Matrix, SentenceEncoder

MOST_FILES = 1000
"""Maximum number of files of about 200 kB each; the oldest are deleted first."""


class VectorCache:
    """Returns sentences as unit vectors, and keeps them in a folder for later runs."""

    def __init__(self, encoder: SentenceEncoder, folder: Path | None) -> None:
        """`folder` None caches nothing."""
        self._encoder = encoder
        self._folder = folder

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Shape (len(texts), 384), rows of length one."""
        if self._folder is None:
            return self._encoder.embed(texts)
        file = self._folder / f"{self._key(texts)}.npy"
        known = _read(file, len(texts))
        if known is None:
            known = self._encoder.embed(texts)
            with suppress(OSError):
                _write(file, known)
        return known

    def _key(self, texts: Sequence[str]) -> str:
        digest = hashlib.sha256(f"{self._encoder.id} {self._encoder.reading}".encode())
        for text in texts:
            digest.update(f"{len(text)} {text}".encode())
        return digest.hexdigest()[:40]


def _read(file: Path, rows: int) -> Matrix | None:
    try:
        known = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    whole = known.dtype == np.float32 and known.ndim == 2 and len(known) == rows
    return np.asarray(known, dtype=np.float32) if whole else None


def _write(file: Path, vectors: Matrix) -> None:
    """Writes to a temporary name first, since another process may read at any time. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as part:
            np.save(part, vectors, allow_pickle=False)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _forget_oldest(file.parent)


def _forget_oldest(folder: Path) -> None:
    files = list(folder.glob("*.npy"))
    if len(files) > MOST_FILES:
        for old in sorted(files, key=lambda path: path.stat().st_mtime)[: len(files) - MOST_FILES]:
            old.unlink(missing_ok=True)
