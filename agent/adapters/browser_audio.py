"""How sound is written on a web page's socket, in both directions: a header of 16 bytes, then 16-bit mono samples.

Knows nothing of sockets.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from agent.values.audio import Clip
from agent.values.errors import InputError

MICROPHONE, SPEECH = 1, 2
"""The first byte of each message: what it holds."""
_FROM_PAGE = struct.Struct("<B3xIII")
_TO_PAGE = struct.Struct("<BB2xIII")
RATES = range(8_000, 192_001)
"""Hertz that a page's audio may have."""
MOST_BYTES = 1 << 17
"""Of one message from the page; its blocks last 20 ms, and what is sent again comes in larger ones."""
_MOST_SAMPLES = 1 << 16
"""Of one message to the page: a sentence comes in a few."""


class MicrophoneBlock(NamedTuple):
    """One block of a page's microphone."""

    stream: int
    """Number of the recording, chosen by the page: another one for each microphone that it opens."""
    rate: int
    """Hertz."""
    first: int
    """Number of the first sample within the recording: blocks that come twice or not at all are noticed by it."""
    pcm: bytes
    """16-bit little-endian mono samples."""

    @property
    def samples(self) -> int:
        """How many."""
        return len(self.pcm) // 2


class SpokenSentence(NamedTuple):
    """One clip on its way to a page."""

    number: int
    """Of the transmission."""
    sentence: int
    """Number of the sentence within the interview, from 1; the same when it is sent again."""
    clip: Clip


def read_block(message: bytes) -> MicrophoneBlock:
    """A block that a page sent. Raises InputError when it is none."""
    if not _FROM_PAGE.size < len(message) <= MOST_BYTES or message[0] != MICROPHONE or len(message) % 2:
        raise InputError("the page sent sound that cannot be read; reload it")
    _, stream, rate, first = _FROM_PAGE.unpack_from(message)
    if rate not in RATES:
        raise InputError(f"the page records at {rate} Hz; choose another microphone")
    return MicrophoneBlock(stream, rate, first, message[_FROM_PAGE.size :])


def written(block: MicrophoneBlock) -> bytes:
    """The message that read_block() reads."""
    return _FROM_PAGE.pack(MICROPHONE, block.stream, block.rate, block.first) + block.pcm


def messages(item: SpokenSentence) -> Iterator[bytes]:
    """The clip as messages; the last of them says so, even when the clip is empty."""
    pcm, step = item.clip.pcm().tobytes(), 2 * _MOST_SAMPLES
    starts = range(0, max(1, len(pcm)), step)
    for start in starts:
        head = _TO_PAGE.pack(SPEECH, start == starts[-1], item.number, item.sentence, item.clip.rate)
        yield head + pcm[start : start + step]
