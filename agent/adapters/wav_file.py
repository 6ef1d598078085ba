"""Writes sound as WAV files, beside a loudspeaker or in its place; knows nothing of devices."""

from __future__ import annotations

import os
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from agent.logic.ports import Speaker
from agent.values.audio import Clip
from agent.values.errors import DeviceError


class WavSpeaker:
    """Keeps what the agent says as 001.wav, 002.wav, ... in a folder."""

    def __init__(self, folder: Path, aloud: Speaker | None = None) -> None:
        """`aloud` plays it as well. Raises DeviceError when the folder cannot be made."""
        self._folder, self._aloud = folder, aloud
        with _told(folder):
            folder.mkdir(parents=True, exist_ok=True)
        self.paths: list[Path] = []
        """Files written so far, in the order in which they were said."""

    def play(self, clip: Clip, until: Callable[[], bool] | None = None) -> bool:
        """Returns when the file stands complete on disk, and was played. Nobody can interrupt a file alone."""
        path = self._folder / f"{len(self.paths) + 1:03d}.wav"
        write_wav(path, clip)
        self.paths.append(path)
        return self._aloud is None or self._aloud.play(clip, until)


def write_wav(path: Path, clip: Clip) -> None:
    """A 16-bit mono WAV file, whole or not at all; the folder is made when missing."""
    part = path.with_name(f".{path.name}.part")
    try:
        with _told(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as raw, wave.open(raw, "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(clip.rate)
                file.writeframes(_as_int16(clip))
            os.replace(part, path)
    finally:
        with suppress(OSError):
            part.unlink()


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DeviceError(f"Cannot write {path}: {error.strerror or error}. Choose another folder.") from error


def _as_int16(clip: Clip) -> bytes:
    return (np.clip(clip.samples, -1.0, 1.0) * 32767).round().astype("<i2").tobytes()
