"""Writes what the agent says as WAV files, beside a loudspeaker or in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.adapters.sound_file import save
from agent.logic.ports import Speaker
from agent.values.audio import Clip
from agent.values.errors import DeviceError


class WavSpeaker:
    """Keeps what the agent says as 001.wav, 002.wav, ... in a folder."""

    def __init__(self, folder: Path, aloud: Speaker | None = None) -> None:
        """`aloud` plays it as well. Raises DeviceError when the folder cannot be made."""
        self._folder, self._aloud = folder, aloud
        with _translated(folder):
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
    """A 16-bit mono WAV file, whole or not at all; the folder is made when missing. Raises DeviceError."""
    with _translated(path):
        save(path, clip, "WAV")


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DeviceError(f"Cannot write {path}: {error.strerror or error}. Choose another folder.") from error
