"""Audio in memory, and conversions between its forms: channels, blocks, 16-bit samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
Pcm = npt.NDArray[np.int16]
WHISPER_RATE = 16_000
"""Hertz; the sample rate that Whisper needs."""
FRAME = 512
"""Samples in a frame at WHISPER_RATE: 32 ms, the size that the speech detector reads."""
_FULL_SCALE = 32767
"""Full scale of 16-bit samples, the same in both directions, so that a round trip changes nothing."""


@dataclass(frozen=True, eq=False)
class Clip:
    """Mono audio. Two clips are equal only if they are the same object; compare their samples instead.

    A plain dataclass, since a frame arrives every 32 ms and validating each one would cost more than using it.
    """

    samples: Samples
    """Shape (n,), full scale -1 to 1."""
    rate: int
    """Hertz."""
    after_gap: bool = False
    """Whether the machine could not keep up and lost audio just before this clip."""

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate

    @cached_property
    def peak(self) -> float:
        """Largest magnitude, 0 to 1; 0 for an empty clip."""
        return float(np.max(np.abs(self.samples))) if len(self.samples) else 0.0

    @classmethod
    def silence(cls, seconds: float = 0.0) -> Clip:
        """Silence at WHISPER_RATE."""
        return cls(samples=np.zeros(round(seconds * WHISPER_RATE), dtype=np.float32), rate=WHISPER_RATE)

    @classmethod
    def joined(cls, blocks: Sequence[Samples], rate: int) -> Clip:
        """Joins mono blocks of shape (n,) into one clip, in order."""
        whole = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
        return cls(samples=whole.astype(np.float32, copy=False), rate=rate)

    @classmethod
    def from_channels(cls, block: Samples, rate: int) -> Clip:
        """The mean of the channels of a block of shape (n, channels), without values that are beyond full scale or not
        numbers.

        Broken drivers return uninitialized memory.
        """
        mono = np.nan_to_num(block.mean(axis=1, dtype=np.float32))
        return cls(samples=np.clip(mono, -1.0, 1.0), rate=rate)

    @classmethod
    def from_pcm(cls, pcm: bytes, rate: int) -> Clip:
        """A clip from 16-bit little-endian mono samples; half a sample at the end is dropped."""
        whole = np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2")
        return cls(samples=whole.astype(np.float32) / np.float32(_FULL_SCALE), rate=rate)

    def pcm(self) -> Pcm:
        """Shape (n,), 16-bit little-endian samples; values beyond full scale are clipped."""
        whole: Pcm = (np.clip(self.samples, -1.0, 1.0) * _FULL_SCALE).round().astype("<i2")
        return whole
