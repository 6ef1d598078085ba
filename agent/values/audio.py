"""Sound in memory; knows nothing of files or devices."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
WHISPER_RATE = 16_000
"""Hertz; the rate at which Whisper hears."""
FRAME = 512
"""Samples in a frame at WHISPER_RATE: 32 ms, what the speech detector hears at once."""


@dataclass(frozen=True, eq=False)
class Clip:
    """Mono sound. Two clips are equal only if they are the same object; compare their samples instead.

    A plain dataclass, since a frame arrives every 32 ms and validating each one would cost more than using it.
    """

    samples: Samples
    """Shape (n,), full scale -1 to 1."""
    rate: int
    """Hertz."""
    after_gap: bool = False
    """The machine could not keep up, and sound just before this clip was lost."""

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
