"""Reads recordings of any format that PyAV knows as 16 kHz mono sound; knows nothing of speech.

Sound is decoded block by block: an hour needs no more memory than its samples once (230 MB), or none when streamed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from agent.values.audio import WHISPER_RATE, Clip, Samples
from agent.values.errors import AudioError

FRAME = 512
"""Samples in a streamed frame: 32 ms, what the speech detector reads at once."""
SILENT = 10 ** (-60 / 20)
"""Peak below which a whole recording counts as silence: 60 dB under full scale."""
_MISSING_S = 0.5
"""Seconds that a file may fall short of its own stated length before it counts as cut short."""


def read_clip(path: Path) -> Clip:
    """The whole recording. Raises AudioError when it is missing, empty, not audio, cut short or silent."""
    blocks = bytearray()
    for samples in _decoded(path):
        blocks += samples.tobytes()
    clip = Clip(samples=np.frombuffer(blocks, dtype=np.float32), rate=WHISPER_RATE)
    if clip.peak < SILENT:
        raise AudioError(f"{path}: the recording is silent; check the microphone that it was made with")
    return clip


def frames(path: Path) -> Iterator[Clip]:
    """The recording as frames of 32 ms, the last one filled up with silence. Raises AudioError as read_clip does."""
    rest = np.zeros(0, np.float32)
    for samples in _decoded(path):
        rest = np.concatenate([rest, samples])
        whole = len(rest) // FRAME * FRAME
        for start in range(0, whole, FRAME):
            yield Clip(samples=rest[start : start + FRAME], rate=WHISPER_RATE)
        rest = rest[whole:]
    if len(rest):
        yield Clip(samples=np.pad(rest, (0, FRAME - len(rest))), rate=WHISPER_RATE)


def _decoded(path: Path) -> Iterator[Samples]:
    """Mono samples at 16 kHz as they are decoded."""
    import av

    if not path.is_file():
        raise AudioError(f"{path}: no such recording; give the path of an audio file")
    if path.stat().st_size == 0:
        raise AudioError(f"{path}: the file is empty; record the answer again")
    _refuse_cut_wav(path)
    try:
        with av.open(str(path)) as container:
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
            for part in resampler.resample(frame):
                samples = part.to_ndarray().reshape(-1).astype(np.float32, copy=False)
                count += len(samples)
                yield samples
    except av.error.FFmpegError as error:
        raise AudioError(f"{path}: damaged after {count / WHISPER_RATE:.0f} s; copy or record it again") from error
    for part in resampler.resample(None):
        samples = part.to_ndarray().reshape(-1).astype(np.float32, copy=False)
        count += len(samples)
        yield samples
    _refuse_short(path, container, stream, count / WHISPER_RATE)


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
