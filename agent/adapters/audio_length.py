"""How long a recording says that it is, as far as that can be relied on, so that one cut short is noticed.

Relied on is what was counted when the file was written. Not relied on: lengths that are estimated from the bit rate,
headers that were written before the length was known, and a length that is that of the pictures.
"""

from __future__ import annotations

import re
from typing import Any, BinaryIO, NamedTuple

from agent.adapters.audio_source import OpenSource
from agent.values.errors import AudioError

MISSING_S = 0.5
"""Seconds that a file may fall short of its own length before it counts as cut short."""
MISSING_SHARE = 0.02
_OF_EACH_TRACK = {"mov", "mp4", "flac", "aiff", "caf", "au", "w64"}
"""Formats that count each track's samples."""
_OF_THE_WHOLE = {"matroska", "webm", "avi", "asf"}
"""Formats that state one length, which is that of the longest track."""
_UNKNOWN_SIZE = 0x7FFF0000
"""Bytes from which the size in a WAV header is a placeholder: programs that write to a pipe set it about here."""
_CHUNKS = 64
"""Chunks of a WAV file that are looked at, at most."""
_MP3_COUNTS = re.compile(rb"Xing|Info|VBRI")
_TAG = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)$")


class Length(NamedTuple):
    """A length that a file states."""

    seconds: float
    of_all: bool = False
    """It may be that of another track, so the file is whole if any track is as long."""


def falls_short(stated: float, seconds: float) -> bool:
    """Whether so much is missing that the file was not copied whole."""
    return stated - seconds > max(MISSING_S, MISSING_SHARE * stated)


def refuse_cut_wav(source: OpenSource) -> None:
    """Compares a WAV file's size with its header; FFmpeg quietly corrects the header. Raises AudioError."""
    sizes = _wav_sizes(source.file)
    source.file.seek(0)
    if sizes is None or sizes.stated == 0 or sizes.stated >= _UNKNOWN_SIZE:
        return
    there = max(0, source.size - sizes.offset)
    if falls_short(sizes.stated / sizes.bytes_per_s, there / sizes.bytes_per_s):
        raise AudioError(
            f"{source.name}: cut short, only {there / sizes.stated:.0%} of the sound is there; copy or record it again"
        )


def stated_length(source: OpenSource, container: Any, track: Any) -> Length | None:
    """The length of an audio track that the file counted; None when there is none to rely on."""
    names = set(container.format.name.split(","))
    if names & _OF_EACH_TRACK or ("mp3" in names and _mp3_is_counted(source.file)):
        return Length(float(track.duration * track.time_base)) if track.duration else None
    if not names & _OF_THE_WHOLE:
        return None
    tagged = _TAG.match(track.metadata.get("DURATION", "").strip())
    if tagged:
        hours, minutes, seconds = tagged.groups()
        return Length(int(hours) * 3600 + int(minutes) * 60 + float(seconds), of_all=True)
    return Length(container.duration / 1_000_000, of_all=True) if container.duration else None


class _WavSizes(NamedTuple):
    offset: int
    """Of the samples in the file."""
    stated: int
    """Bytes of samples, as the header has it."""
    bytes_per_s: int


def _wav_sizes(file: BinaryIO) -> _WavSizes | None:
    head = file.read(12)
    if not head.startswith(b"RIFF") or head[8:] != b"WAVE":
        return None
    bytes_per_s, offset = 0, 12
    for _ in range(_CHUNKS):
        file.seek(offset)
        chunk = file.read(24)
        if len(chunk) < 8:
            return None
        size = int.from_bytes(chunk[4:8], "little")
        if chunk.startswith(b"data"):
            return _WavSizes(offset + 8, size, bytes_per_s) if bytes_per_s else None
        if chunk.startswith(b"fmt "):
            bytes_per_s = int.from_bytes(chunk[16:20], "little")
        offset += 8 + size + size % 2
    return None


def _mp3_is_counted(file: BinaryIO) -> bool:
    """Whether the first frame counts the others; without that FFmpeg guesses the length from the bit rate."""
    position = file.tell()
    try:
        file.seek(0)
        head = file.read(10)
        tag = 0
        if head.startswith(b"ID3"):
            for byte in head[6:10]:
                tag = tag << 7 | byte & 0x7F
            tag += 10
        file.seek(tag)
        return _MP3_COUNTS.search(file.read(4096)) is not None
    finally:
        file.seek(position)
