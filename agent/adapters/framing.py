"""Turns audio from a device or a browser into frames of 32 ms at 16 kHz, and clips to a device's own rate."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import NamedTuple

import numpy as np

from agent.values.audio import FRAME, WHISPER_RATE, Clip, Samples


class Block(NamedTuple):
    """A piece of audio as the source delivers it."""

    samples: Samples
    """Mono, shape (n,), of any length."""
    after_gap: bool = False
    """Whether the source lost audio just before it."""


def framed(blocks: Iterable[Block], rate: int) -> Generator[Clip, None, None]:
    """Blocks at `rate` hertz as frames; the first frame after a gap is marked. An incomplete last frame is dropped."""
    import soxr

    resampler = soxr.ResampleStream(rate, WHISPER_RATE, 1, dtype="float32")
    rest: Samples = np.zeros(0, dtype=np.float32)
    gap = False
    for samples, after_gap in blocks:
        rest = np.concatenate([rest, samples if rate == WHISPER_RATE else resampler.resample_chunk(samples)])
        gap = gap or after_gap
        while len(rest) >= FRAME:
            yield Clip(samples=rest[:FRAME], rate=WHISPER_RATE, after_gap=gap)
            rest, gap = rest[FRAME:], False


def resampled(clip: Clip, rate: int) -> Samples:
    """The clip at `rate` hertz, within full scale."""
    import soxr

    samples = clip.samples if clip.rate == rate else soxr.resample(clip.samples, clip.rate, rate)
    return np.asarray(np.clip(samples, -1.0, 1.0), dtype=np.float32)


def padded(samples: Samples, rate: int, lead_s: float, tail_s: float) -> Samples:
    """The samples between two silences, given in seconds."""
    return np.pad(samples, (round(lead_s * rate), round(tail_s * rate)))
