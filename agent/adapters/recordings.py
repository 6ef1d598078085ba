"""Recorded answers in place of a microphone: each time the interview listens, the next file is the answer."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

from agent.adapters.audio_file import frames
from agent.values.audio import Clip
from agent.values.errors import InputError


class Recordings:
    """A microphone that plays files, one an answer, as fast as they can be read."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = iter(files)

    def frames(self) -> Generator[Clip, None, None]:
        """The blocks of the next file. Raises InputError when there is none left, AudioError when it cannot be read."""
        file = next(self._files, None)
        if file is None:
            raise InputError("there are more questions than recordings; give one recording for each question")
        yield from frames(file)
