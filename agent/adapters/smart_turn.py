"""Whether a speaker sounds finished, from the audio alone: Smart Turn v3.2 by Daily (BSD 2-Clause), run by onnxruntime.

It judges how the voice falls, slows and trails off; it does not know the words.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from agent.adapters.onnx_session import session, translated
from agent.adapters.text_model import WEIGHTS, checked
from agent.values.audio import WHISPER_RATE, Clip, Samples

FILE = WEIGHTS / "smart-turn.onnx"
SHA256 = "2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f"
HEARS_S = 8
"""Seconds of audio that the model reads, the latest ones."""


class SmartTurn:
    """Gives the probability that the speaker has finished; loads its model on first use."""

    def __init__(self, threads: int = 0) -> None:
        """`threads` 0 chooses for this machine."""
        self._threads = threads

    @cached_property
    def _session(self) -> Any:
        return session(checked(FILE, SHA256), self._threads)

    @cached_property
    def _mel(self) -> Any:
        from faster_whisper.feature_extractor import FeatureExtractor

        return FeatureExtractor(feature_size=80)

    def warm(self) -> None:
        """Loads the model now."""
        _ = self._session, self._mel

    def finished(self, clip: Clip) -> float:
        """Probability, 0 to 1, that the speech in the 16 kHz clip is complete. Raises ModelError."""
        features = self._mel(_level(_latest(clip.samples)), padding=0)[:, : HEARS_S * 100]
        feeds = {self._session.get_inputs()[0].name: features[None].astype(np.float32)}
        with translated("The turn detector"):
            return float(np.asarray(self._session.run(None, feeds)[0]).reshape(-1)[0])


def _latest(samples: Samples) -> Samples:
    """The last eight seconds, padded with silence at the front."""
    wanted = HEARS_S * WHISPER_RATE
    return np.pad(samples[-wanted:], (max(0, wanted - len(samples)), 0))


def _level(samples: Samples) -> Samples:
    """Zero mean and unit variance, as in training."""
    return np.asarray((samples - samples.mean()) / np.sqrt(samples.var() + 1e-7), dtype=np.float32)
