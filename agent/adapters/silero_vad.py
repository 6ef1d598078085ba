"""Silero's speech detector, frame by frame, from the file inside faster-whisper (MIT)."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from agent.values.audio import FRAME, Clip

_CONTEXT = 64


class SileroDetector:
    """Tells speech from other sound in frames of 512 samples at 16 kHz; remembers what came before."""

    def __init__(self) -> None:
        self.reset()

    @cached_property
    def _session(self) -> Any:
        from faster_whisper.vad import get_vad_model

        return get_vad_model().session

    def reset(self) -> None:
        """Forgets what was heard."""
        self._h = np.zeros((1, 1, 128), np.float32)
        self._c = np.zeros((1, 1, 128), np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)

    def probability(self, frame: Clip) -> float:
        """Probability, 0 to 1, of speech in the frame; a shorter frame is filled up with silence."""
        samples = np.zeros(FRAME, np.float32)
        samples[: min(FRAME, len(frame.samples))] = frame.samples[:FRAME]
        feeds = {"input": np.concatenate([self._context, samples])[None, :], "h": self._h, "c": self._c}
        output, self._h, self._c = self._session.run(None, feeds)
        self._context = samples[-_CONTEXT:]
        return float(np.asarray(output).reshape(-1)[0])
