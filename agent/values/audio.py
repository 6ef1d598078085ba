"""Sound in memory; knows nothing of files or devices."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from agent.values.base import Value

Samples = npt.NDArray[np.float32]
WHISPER_RATE = 16_000
"""Hertz; the rate at which Whisper hears."""
FRAME = 512
"""Samples in a frame at WHISPER_RATE: 32 ms, what the speech detector hears at once."""


class Clip(Value):
    """A stretch of mono sound."""

    samples: Samples
    """Shape (n,), full scale -1 to 1."""
    rate: int
    """Hertz."""
    after_gap: bool = False
    """Sound was lost just before it, for the machine could not keep up."""

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate

    @property
    def peak(self) -> float:
        """Largest magnitude, 0 to 1; 0 for an empty clip."""
        return float(np.max(np.abs(self.samples))) if len(self.samples) else 0.0
