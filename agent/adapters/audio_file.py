"""Reads recordings of any format that PyAV knows as 16 kHz mono sound; knows nothing of speech.

Sound is decoded block by block: an hour needs no more memory than its samples once (230 MB), or none when streamed.
Ogg states no length of its own, so a cut Ogg file is read as a shorter one.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from agent.values.audio import FRAME, WHISPER_RATE, Clip, Samples
from agent.values.errors import AudioError

SILENT = 10 ** (-60 / 20)
"""Peak below which a frame counts as silence: 60 dB under full scale."""
_LEAST_SOUND = 4
"""Frames of sound (0.13 s) that a recording needs: a click is over sooner, no word is."""
_MISSING_S = 0.5
"""Seconds that a file may fall short of its own stated length before it counts as cut short."""


def read_clip(path: Path) -> Clip:
    """The whole recording. Raises AudioError when it is missing, empty, not audio, cut short or silent."""
    blocks, active = bytearray(), 0
    for samples in _decoded(path):
        blocks += samples.tobytes()
        active += _active_frames(samples)
    if active < _LEAST_SOUND:
        raise AudioError(
            f"{path}: the recording is silent, or holds no more than a click; "
            "check the microphone that it was made with"
        )
    return Clip(samples=np.frombuffer(blocks, dtype=np.float32), rate=WHISPER_RATE)


def frames(path: Path, block_s: float = FRAME / WHISPER_RATE) -> Generator[Clip, None, None]:
    """The recording in blocks, the last one filled up with silence; the whole is never held.

    Raises AudioError as read_clip does, except for silence, which is known only at the end.
    """
    size = max(1, round(block_s * WHISPER_RATE))
    rest = np.zeros(0, np.float32)
    for samples in _decoded(path):
        rest = np.concatenate([rest, samples])
        whole = len(rest) // size * size
        for start in range(0, whole, size):
            yield Clip(samples=rest[start : start + size], rate=WHISPER_RATE)
        rest = rest[whole:]
    if len(rest):
        yield Clip(samples=np.pad(rest, (0, size - len(rest))), rate=WHISPER_RATE)


def _active_frames(samples: Samples) -> int:
    """How many stretches of 32 ms are louder than silence; counted by block, for an hour must not be copied."""
    if not len(samples):
        return 0
    peaks = np.maximum.reduceat(np.abs(samples), np.arange(0, len(samples), FRAME))
    return int(np.count_nonzero(peaks >= SILENT))


def _decoded(path: Path) -> Iterator[Samples]:
    """Mono samples at 16 kHz as they are decoded."""
    import av

    try:
        _refuse_unreadable(path)
        _refuse_cut_wav(path)
    except OSError as error:
        raise AudioError(f"{path}: cannot be opened ({error.strerror}); give a file that you may read") from error
    try:
        # Titles of old recorders are in no encoding that one could know, and nobody asks for them.
        with av.open(str(path), metadata_errors="ignore") as container:
            yield from _stream(path, container)
    except av.error.FFmpegError as error:
        reason = str(error.strerror or error)
        raise AudioError(
            f"{path}: not a recording that can be read ({reason}); give WAV, FLAC, MP3, Ogg or M4A"
        ) from error


def _stream(path: Path, container: Any) -> Iterator[Samples]:
    import av

    if not container.streams.audio:
        raise AudioError(f"{path}: there is no sound in this file; give an audio recording")
    stream = container.streams.audio[0]
    resampler = av.AudioResampler(format="flt", layout="mono", rate=WHISPER_RATE)
    count = 0
    try:
        for frame in container.decode(stream):
            for samples in map(_samples, resampler.resample(frame)):
                _refuse_broken(path, samples, count / WHISPER_RATE)
                count += len(samples)
                yield samples
    except av.error.FFmpegError as error:
        raise AudioError(f"{path}: damaged after {count / WHISPER_RATE:.0f} s; copy or record it again") from error
    for samples in map(_samples, resampler.resample(None)):
        _refuse_broken(path, samples, count / WHISPER_RATE)
        count += len(samples)
        yield samples
    _refuse_short(path, container, stream, count / WHISPER_RATE)


def _samples(frame: Any) -> Samples:
    samples: Samples = frame.to_ndarray().reshape(-1).astype(np.float32, copy=False)
    return samples


def _refuse_unreadable(path: Path) -> None:
    if path.is_dir():
        raise AudioError(f"{path}: a folder, not a recording; give the path of an audio file")
    if not path.is_file():
        raise AudioError(f"{path}: no such recording; give the path of an audio file")
    if path.stat().st_size == 0:
        raise AudioError(f"{path}: the file is empty; record the answer again")


def _refuse_broken(path: Path, samples: Samples, seconds: float) -> None:
    """One sample that is no number makes Whisper hear nothing at all, without an error."""
    if not np.isfinite(samples).all():
        raise AudioError(f"{path}: damaged after {seconds:.0f} s (not a number); copy or record it again")


def _refuse_cut_wav(path: Path) -> None:
    """A WAV file begins with its own size, which FFmpeg quietly corrects when the file ends before."""
    with path.open("rb") as file:
        header = file.read(8)
    stated = int.from_bytes(header[4:], "little") + 8
    streamed = stated >= 0xFFFFFFFF or stated == 8  # written to a pipe: the size was not known
    if header.startswith(b"RIFF") and not streamed and path.stat().st_size < stated - 1:
        share = path.stat().st_size / stated
        raise AudioError(f"{path}: cut short, only {share:.0%} of the file is there; copy or record it again")


def _refuse_short(path: Path, container: Any, stream: Any, seconds: float) -> None:
    """Some formats say how long they are: a file that ends before was not copied whole."""
    stated = 0.0
    with suppress(TypeError, ValueError):
        stated = float(stream.duration * stream.time_base) if stream.duration else (container.duration or 0) / 1_000_000
    if seconds == 0:
        raise AudioError(f"{path}: there is no sound in this file; record the answer again")
    if stated - seconds > max(_MISSING_S, 0.02 * stated):
        raise AudioError(f"{path}: cut short, {seconds:.0f} of {stated:.0f} s are there; copy or record it again")
