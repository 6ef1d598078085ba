"""Feeds the audio reader with mutated recordings of every container, and with random bytes.

`python -m tests.fuzz_audio SECONDS` runs for that long and prints how many inputs were tried and what came of them.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from agent.adapters.audio_file import frames, read_recording
from agent.values.errors import AudioError

CONTAINERS = (
    ("wav", "pcm_s16le", "mono"), ("wav", "pcm_f32le", "stereo"), ("wav", "pcm_mulaw", "mono"),
    ("w64", "pcm_s16le", "mono"), ("aiff", "pcm_s16be", "stereo"), ("au", "pcm_s16be", "mono"),
    ("caf", "pcm_s16be", "mono"), ("flac", "flac", "stereo"), ("ogg", "libopus", "mono"),
    ("ogg", "libopus", "stereo"), ("webm", "libopus", "stereo"), ("matroska", "aac", "mono"),
    ("mp4", "aac", "stereo"), ("mov", "alac", "mono"), ("adts", "aac", "mono"), ("mp3", "libmp3lame", "stereo"),
    ("mpegts", "aac", "mono"), ("avi", "mp3", "mono"), ("asf", "aac", "mono"), ("flv", "aac", "mono"),
)  # fmt: skip


SLOW_S = 5.0
"""CPU seconds from which an input is kept, to be looked at."""


@cache
def seed_file(form: str, codec: str, layout: str) -> bytes:
    """A recording of half a second, to be mutated."""
    out = BytesIO()
    rate = 48_000 if codec == "libopus" else 44_100 if codec in ("libmp3lame", "mp3") else 16_000
    with av.open(out, "w", format=form) as container:
        stream: Any = container.add_stream(codec, rate=rate, layout=layout)
        tone = (0.4 * np.sin(np.arange(rate // 2) / 9)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(np.tile(tone, (1 + (layout == "stereo"), 1)), format="fltp", layout=layout)
        frame.sample_rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return out.getvalue()


@st.composite
def recordings(draw: st.DrawFn) -> bytes:
    """A recording with a few bytes changed, cut out, put in or cut off; now and then random bytes."""
    if draw(st.integers(0, 15)) == 0:
        return draw(st.sampled_from([b"", b"RIFF", b"ID3", b"OggS", b"fLaC"])) + draw(st.binary(max_size=4096))
    data = bytearray(seed_file(*draw(st.sampled_from(CONTAINERS))))
    for _ in range(draw(st.integers(1, 4))):
        # Headers, where mistakes tell most, lie at the beginning.
        last = draw(st.sampled_from([64, 512, len(data), len(data), len(data)]))
        at = draw(st.integers(0, min(last, max(0, len(data) - 1))))
        kind = draw(st.sampled_from(["set", "set", "set", "word", "cut", "put", "end"]))
        if kind == "set":
            data[at : at + 1] = bytes([draw(st.integers(0, 255))])
        elif kind == "word":
            data[at : at + 4] = draw(
                st.sampled_from([b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\1"])
            )
        elif kind == "cut":
            del data[at : at + draw(st.integers(1, 512))]
        elif kind == "put":
            data[at:at] = draw(st.binary(min_size=1, max_size=64))
        else:
            del data[at:]
    return bytes(data)


def outcome(data: bytes) -> str:
    """What became of an input: the first words of our own error, or that it was read. Anything else is a fault."""
    try:
        clip = read_recording(data).clip
        assert np.isfinite(clip.samples).all()
        assert sum(frame.seconds for frame in frames(data)) >= clip.seconds
    except AudioError as error:
        message = str(error)
        assert "\n" not in message
        assert ";" in message, f"does not say what to do: {message}"
        return " ".join(message.split(": ", 1)[1].split(";")[0].split("(")[0].split(",")[0].split()[:3])
    return "read"


def main(seconds: float) -> None:
    """Prints the counts."""
    found: Counter[str] = Counter()
    faults: dict[str, bytes] = {}
    slowest, ends, round_ = (0.0, b""), time.monotonic() + seconds, 0
    while time.monotonic() < ends:
        round_ += 1

        @seed(round_)
        @settings(max_examples=500, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(recordings())
        def tried(data: bytes) -> None:
            nonlocal slowest
            started = time.process_time()
            try:
                found[outcome(data)] += 1
            except Exception as error:
                faults[f"{type(error).__name__}: {error}"[:200]] = data
            slowest = max(slowest, (time.process_time() - started, data))

        tried()
    print(f"{found.total()} inputs, the slowest took {slowest[0]:.2f} s of CPU")
    for what, count in found.most_common():
        print(f"{count:8}  {what}")
    _report({**faults, **({"slow": slowest[1]} if slowest[0] > SLOW_S else {})})


def _report(faults: dict[str, bytes]) -> None:
    """Each kind of fault, with a file that shows it."""
    for number, (what, data) in enumerate(faults.items()):
        path = Path(tempfile.gettempdir()) / f"fuzz-audio-{number}"
        path.write_bytes(data)
        print(f"FAULT {what} ({path})")


if __name__ == "__main__":
    main(float(sys.argv[1]))
