"""Writes the agent's speech as WAV files, in addition to a loudspeaker or instead of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.adapters.sound_file import save
from agent.logic.ports import Speaker
from agent.values.audio import Clip
from agent.values.errors import DeviceError


class WavSpeaker:
    """Saves the agent's speech as 001.wav, 002.wav, ... in a folder; what is there is never overwritten."""

    def __init__(self, folder: Path, aloud: Speaker | None = None) -> None:
        """`aloud` plays it as well. Raises DeviceError if the folder cannot be created."""
        self._folder, self._aloud = folder, aloud
        with _translated(folder):
            folder.mkdir(parents=True, exist_ok=True)
            # They may even be the recordings that are replayed.
            earlier = [int(path.stem) for path in folder.glob("*.wav") if path.stem.isdecimal()]
        self._before = max(earlier, default=0)
        self.paths: list[Path] = []
        """Files written so far, in the order of speaking."""

    def play(self, clip: Clip, until: Callable[[], bool] | None = None) -> bool:
        """Returns when the complete file is on disk, and was played. Speech
        that only goes to a file cannot be interrupted.
        """
        path = self._folder / f"{self._before + len(self.paths) + 1:03d}.wav"
        write_wav(path, clip)
        self.paths.append(path)
        return self._aloud is None or self._aloud.play(clip, until)


def write_wav(path: Path, clip: Clip) -> None:
    """Writes a 16-bit mono WAV file, completely or not at all; creates the
    folder if it is missing. Raises DeviceError.
    """
    with _translated(path):
        save(path, clip, "WAV")


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DeviceError(f"Cannot write {path}: {error.strerror or error}. Choose another folder.") from error
