"""How long a recording claims to be, as far as that is reliable, so that a truncated one is noticed.

A length is reliable if it was counted when the file was written. It is not reliable if it was estimated from the bit
rate, if the header was written before the length was known, or if it is the length of the pictures.
"""

from __future__ import annotations

import re
from typing import Any, BinaryIO, NamedTuple

from agent.adapters.audio_source import OpenSource
from agent.values.errors import AudioError

MISSING_S = 0.5
"""Seconds that a file may fall short of its own length before it counts as truncated."""
MISSING_SHARE = 0.02
_OF_EACH_TRACK = {"mov", "mp4", "flac", "aiff", "caf", "au", "w64"}
"""Formats that count the samples of each track."""
_OF_THE_WHOLE = {"matroska", "webm", "avi", "asf"}
"""Formats that state a single length, that of the longest track."""
_UNKNOWN_SIZE = 0x7FFF0000
"""From this number of bytes, the size in a WAV header is a placeholder: programs that write to a pipe set it near here.
"""
_CHUNKS = 64
"""Maximum number of chunks of a WAV file that are read."""
_MP3_COUNTS = re.compile(rb"Xing|Info|VBRI")
_TAG = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)$")


class Length(NamedTuple):
    """A length that a file states."""

    seconds: float
    of_all: bool = False
    """Whether it may be the length of another track, so that the file is complete if any track is that long."""


def falls_short(stated: float, seconds: float) -> bool:
    """Whether so much is missing that the file must be incomplete."""
    return stated - seconds > max(MISSING_S, MISSING_SHARE * stated)


def refuse_cut_wav(source: OpenSource) -> None:
    """Compares a WAV file's size with its header, which FFmpeg silently corrects. Raises AudioError."""
    sizes = _wav_sizes(source.file)
    source.file.seek(0)
    if sizes is None or sizes.stated == 0 or sizes.stated >= _UNKNOWN_SIZE:
        return
    there = max(0, source.size - sizes.offset)
    if falls_short(sizes.stated / sizes.bytes_per_s, there / sizes.bytes_per_s):
        raise AudioError(
            f"{source.name}: cut short, only {there / sizes.stated:.0%} of the audio is there; copy or record it again"
        )


def stated_length(source: OpenSource, container: Any, track: Any) -> Length | None:
    """The length of an audio track as counted in the file; None if there is no reliable one."""
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
    """Where the samples begin in the file."""
    stated: int
    """Bytes of samples according to the header."""
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
    """Whether the first frame counts the others; otherwise FFmpeg guesses the length from the bit rate."""
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
