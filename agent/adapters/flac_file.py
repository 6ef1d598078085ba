"""Writes the sound of answers as FLAC, lossless at about a third of its size."""

from __future__ import annotations

from pathlib import Path

from agent.adapters.sound_file import save
from agent.values.audio import Clip
from agent.values.errors import StoreError


def write_flac(path: Path, clip: Clip) -> None:
    """A 16-bit mono FLAC file, whole or not at all; the folder is made when missing. Raises StoreError."""
    try:
        save(path, clip, "FLAC")
    except OSError as error:
        raise StoreError(f"{path}: the sound cannot be kept ({error.strerror or error}); make room there") from error
