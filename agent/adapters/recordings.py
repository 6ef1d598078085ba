"""Recorded answers in place of a microphone: each time the interview listens, it gets the next file."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from itertools import chain, repeat

from agent.adapters.audio_file import frames
from agent.adapters.audio_source import Source
from agent.values.audio import Clip
from agent.values.errors import InputError
from agent.values.selection import WHATEVER_SPEAKS, Selection


class Recordings:
    """A microphone that plays recordings, one for each answer, as fast as they can be read."""

    def __init__(self, sources: Sequence[Source], selections: Sequence[Selection] = ()) -> None:
        """`selections` say which track and channel of each recording to read; without one, the program chooses."""
        self._sources = zip(sources, chain(selections, repeat(WHATEVER_SPEAKS)), strict=False)

    def frames(self) -> Generator[Clip, None, None]:
        """The blocks of the next file. Raises InputError if there is none left, AudioError if it cannot be read."""
        source, selection = next(self._sources, (None, WHATEVER_SPEAKS))
        if source is None:
            raise InputError("there are more questions than recordings; give one recording for each question")
        yield from frames(source, selection=selection)
