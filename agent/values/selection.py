"""Which track and channel of a recording is the candidate's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agent.values.audio import Clip

MIX: Literal["mix"] = "mix"
Channel = int | Literal["mix"]


@dataclass(frozen=True)
class Selection:
    """The track and channel to read; None lets the program choose by looking for speech."""

    track: int | None = None
    """From 1, among the audio tracks of a file."""
    channel: Channel | None = None
    """From 1, or the mean of all channels."""

    @property
    def settled(self) -> bool:
        """Whether both choices are made."""
        return self.track is not None and self.channel is not None


WHATEVER_SPEAKS = Selection()
"""Leaves both choices to the program."""


@dataclass(frozen=True, eq=False)
class Recording:
    """A recording that was read."""

    clip: Clip
    """Mono, 16 kHz."""
    selection: Selection
    """The track and channel that were used."""
    notes: tuple[str, ...] = ()
    """What the candidate should know: which of several channels was used, and why."""
