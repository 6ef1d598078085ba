"""Silero's speech detector, frame by frame, from the file inside faster-whisper (MIT)."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from agent.adapters.onnx_session import translated
from agent.values.audio import FRAME, Clip, Samples

_CONTEXT = 64
_DETECTOR = "The speech detector"
_SPEECH = 0.5
"""Probability from which a frame counts as speech."""


class SileroDetector:
    """Tells speech from other sounds in frames of 512 samples at 16 kHz; keeps state between frames."""

    def __init__(self) -> None:
        self.reset()

    @cached_property
    def _session(self) -> Any:
        from faster_whisper.vad import get_vad_model

        return get_vad_model().session

    def reset(self) -> None:
        """Resets the state."""
        self._h = np.zeros((1, 1, 128), np.float32)
        self._c = np.zeros((1, 1, 128), np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)

    def probability(self, frame: Clip) -> float:
        """Probability, 0 to 1, of speech in the frame; a shorter frame is padded with silence. Raises ModelError."""
        samples = np.zeros(FRAME, np.float32)
        samples[: min(FRAME, len(frame.samples))] = frame.samples[:FRAME]
        feeds = {"input": np.concatenate([self._context, samples])[None, :], "h": self._h, "c": self._c}
        with translated(_DETECTOR):
            output, self._h, self._c = self._session.run(None, feeds)
        self._context = samples[-_CONTEXT:]
        return float(np.asarray(output).reshape(-1)[0])


def speech_frames(samples: Samples) -> npt.NDArray[np.bool_]:
    """Which frames of 16 kHz audio contain speech; the length must be a multiple
    of FRAME. Fast, since it reads all frames at once. Raises ModelError.
    """
    from faster_whisper.vad import get_vad_model

    # A copy, since the model overwrites the end of its input.
    with translated(_DETECTOR):
        heard = np.asarray(get_vad_model()(samples.copy())).reshape(-1)
    return heard >= _SPEECH


def speech_parts(clip: Clip) -> list[tuple[float, float]]:
    """Where a 16 kHz clip contains speech: (start, end) in seconds. Raises ModelError."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(min_silence_duration_ms=300, speech_pad_ms=0)
    with translated(_DETECTOR):
        found = get_speech_timestamps(clip.samples, options)
    return [(part["start"] / clip.rate, part["end"] / clip.rate) for part in found]
