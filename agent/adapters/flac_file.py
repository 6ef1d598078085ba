"""Writes the audio of answers as FLAC, lossless at about a third of the size."""

from __future__ import annotations

from pathlib import Path

from agent.adapters.sound_file import save
from agent.values.audio import Clip
from agent.values.errors import StoreError


def write_flac(path: Path, clip: Clip) -> None:
    """Writes a 16-bit mono FLAC file, completely or not at all; creates the folder if it is
    missing. Raises StoreError.
    """
    try:
        save(path, clip, "FLAC")
    except OSError as error:
        raise StoreError(
            f"{path}: the audio cannot be saved ({error.strerror or error}); free some space there"
        ) from error
