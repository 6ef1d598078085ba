"""How sound is written on a web page's socket, in both directions: a header of 16 bytes, then 16-bit mono samples."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from agent.values.audio import Clip
from agent.values.errors import InputError

MICROPHONE, SPEECH = 1, 2
"""The first byte of each message, which says what it holds."""
_FROM_PAGE = struct.Struct("<B3xIII")
_TO_PAGE = struct.Struct("<BB2xIII")
RATES = range(8_000, 192_001)
"""Sample rates, in hertz, that a page's audio may have."""
MOST_BYTES = 1 << 17
"""Maximum size of one message from the page. Its blocks last 20 ms; blocks that are sent again are larger."""
_MOST_SAMPLES = 1 << 16
"""Maximum samples in one message to the page. A sentence takes a few messages."""


class MicrophoneBlock(NamedTuple):
    """One block of a page's microphone."""

    stream: int
    """Number of the recording. The page chooses a new one for each microphone that it opens."""
    rate: int
    """Hertz."""
    first: int
    """Number of the first sample within the recording, which reveals repeated and missing blocks."""
    pcm: bytes
    """16-bit little-endian mono samples."""

    @property
    def samples(self) -> int:
        """Number of samples."""
        return len(self.pcm) // 2


class SpokenSentence(NamedTuple):
    """One clip on its way to a page."""

    number: int
    """Number of the transmission."""
    sentence: int
    """Number of the sentence within the interview, from 1; the same when it is sent again."""
    clip: Clip


def read_block(message: bytes) -> MicrophoneBlock:
    """Reads a block that a page sent. Raises InputError if the bytes are not a valid block."""
    if not _FROM_PAGE.size < len(message) <= MOST_BYTES or message[0] != MICROPHONE or len(message) % 2:
        raise InputError("the page sent sound that cannot be read; reload it")
    _, stream, rate, first = _FROM_PAGE.unpack_from(message)
    if rate not in RATES:
        raise InputError(f"the page records at {rate} Hz; choose another microphone")
    return MicrophoneBlock(stream, rate, first, message[_FROM_PAGE.size :])


def written(block: MicrophoneBlock) -> bytes:
    """Writes the message that read_block() reads."""
    return _FROM_PAGE.pack(MICROPHONE, block.stream, block.rate, block.first) + block.pcm


def messages(item: SpokenSentence) -> Iterator[bytes]:
    """The clip as messages; the last of them says so, even when the clip is empty."""
    pcm, step = item.clip.pcm().tobytes(), 2 * _MOST_SAMPLES
    starts = range(0, max(1, len(pcm)), step)
    for start in starts:
        head = _TO_PAGE.pack(SPEECH, start == starts[-1], item.number, item.sentence, item.clip.rate)
        yield head + pcm[start : start + step]
