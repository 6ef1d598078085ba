"""Makes recordings of the kinds that were refused or misread, from mono speech at 16 kHz."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from agent.values.audio import WHISPER_RATE, Samples


def write(path: Path, codec: str, tracks: Sequence[Samples], form: str | None = None, **options: str) -> Path:
    """A file of any format with one or more audio tracks, each of shape (channels, n) at 16 kHz."""
    with av.open(str(path), "w", format=form, options=options) as container:
        streams = [_stream(container, codec, track) for track in tracks]
        for stream, track in zip(streams, tracks, strict=True):
            for packet in [*_encoded(stream, track), *stream.encode(None)]:
                container.mux(packet)
    return path


def with_picture(path: Path, codec: str, track: Samples, picture_s: float) -> Path:
    """A video whose pictures go on after the sound."""
    with av.open(str(path), "w") as container:
        video: Any = container.add_stream("mpeg4", rate=5)
        video.width = video.height = 64
        video.pix_fmt, video.time_base = "yuv420p", Fraction(1, 5)
        sound = _stream(container, codec, track)
        for packet in [*_encoded(sound, track), *sound.encode(None)]:
            container.mux(packet)
        for number in range(round(picture_s * 5)):
            frame = av.VideoFrame(64, 64, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            frame.pts = number
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
    return path


def wav(path: Path, channels: Samples, *, data_size: int | None = None, riff_size: int | None = None) -> Path:
    """A 16-bit WAV file, shape (channels, n), whose header may state other sizes than there are."""
    pcm = (np.clip(channels.T, -1, 1) * 32767).astype("<i2").tobytes()
    count = len(channels)
    head = struct.pack("<IHHIIHH", 16, 1, count, WHISPER_RATE, WHISPER_RATE * 2 * count, 2 * count, 16)
    stated = len(pcm) if data_size is None else data_size
    whole = 36 + len(pcm) if riff_size is None else riff_size
    path.write_bytes(
        b"RIFF" + struct.pack("<I", whole) + b"WAVEfmt " + head + b"data" + struct.pack("<I", stated) + pcm
    )
    return path


def _stream(container: Any, codec: str, track: Samples) -> Any:
    layouts = {1: "mono", 2: "stereo", 8: "7.1"}
    return container.add_stream(codec, rate=WHISPER_RATE, layout=layouts[len(track)])


def _encoded(stream: Any, track: Samples) -> list[Any]:
    packets = []
    layout = stream.layout.name
    for at in range(0, track.shape[1], 1024):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(track[:, at : at + 1024]), "fltp", layout)
        frame.sample_rate, frame.pts, frame.time_base = WHISPER_RATE, at, Fraction(1, WHISPER_RATE)
        packets += stream.encode(frame)
    return packets
