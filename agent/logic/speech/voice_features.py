"""Features that tell voices apart, frame by frame: pitch and spectral shape of voiced sound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from agent.values.audio import WHISPER_RATE, Samples

Floats = npt.NDArray[np.float64]
HOP_S = 0.02
_HOP = round(HOP_S * WHISPER_RATE)
_WINDOW = 1024
"""Samples (64 ms): three periods of a low voice."""
_FFT = 2048
_PITCHES = (65.0, 400.0)
"""Hertz."""
_PITCH_BAND = (60.0, 1500.0)
"""Hertz in which a voice's period is searched; above it, noise dominates."""
_VOICED = 0.6
"""Minimum correlation of a voiced frame with itself one period later."""
_SHORTEST = 0.9
"""Share of the best correlation above which a shorter period is preferred; otherwise voices would drop by an octave."""
_BELOW_LOUDEST_DB = 25.0
"""Voiced frames that are this much quieter than the loudest belong to someone far away or are the ends of words."""
_BANDS = 24
_BAND = (100.0, 3800.0)
"""Hertz of the spectrum that is compared: the range that a telephone transmits."""
_SHAPE = 12
"""Number of coefficients of the spectral shape; its level is left out."""
_AT_ONCE = 2000


class Voiced(NamedTuple):
    """The voiced frames of a recording."""

    at_s: Floats
    """Seconds, ascending, shape (n,)."""
    features: Floats
    """Spectral shape, then pitch in semitones, shape (n, 13)."""


def voiced_frames(samples: Samples, speech: Sequence[tuple[float, float]]) -> Voiced:
    """The voiced frames of 16 kHz audio within its speech, given as (start, end) in seconds."""
    starts = [at for start, end in speech for at in range(int(start * WHISPER_RATE), int(end * WHISPER_RATE), _HOP)]
    starts = [at for at in starts if at + _WINDOW <= len(samples)]
    parts = [_measured(samples, np.array(starts[at : at + _AT_ONCE])) for at in range(0, len(starts), _AT_ONCE)]
    if not parts:
        return Voiced(np.zeros(0), np.zeros((0, _SHAPE + 1)))
    shape, pitch, periodic, level = (np.concatenate(column) for column in zip(*parts, strict=True))
    used = periodic > _VOICED
    if used.any():
        used &= level > np.percentile(level[used], 95) - _BELOW_LOUDEST_DB
    return Voiced(np.array(starts)[used] / WHISPER_RATE, np.column_stack([shape[used], pitch[used]]))


def _measured(samples: Samples, starts: npt.NDArray[np.int64]) -> tuple[Floats, Floats, Floats, Floats]:
    """Measures each frame: spectral shape, pitch (semitones), periodicity (0 to 1) and level (dB)."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[starts].astype(np.float64)
    power = np.abs(np.fft.rfft((windows - windows.mean(axis=1, keepdims=True)) * np.hanning(_WINDOW), _FFT)) ** 2
    shape = np.log(power @ _mel_bands().T + 1e-8) @ _cosines().T
    pitch, periodic = _pitch(power)
    level = 10 * np.log10(np.square(windows).mean(axis=1) + 1e-12)
    return shape, pitch, periodic, level


def _pitch(power: Floats) -> tuple[Floats, Floats]:
    """Pitch and periodicity by autocorrelation, corrected for the window's own."""
    hertz = np.arange(power.shape[1]) * WHISPER_RATE / _FFT
    banded = np.where((hertz >= _PITCH_BAND[0]) & (hertz <= _PITCH_BAND[1]), power, 0.0)
    own = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(_WINDOW), _FFT)) ** 2)
    first, last = (int(WHISPER_RATE / limit) for limit in reversed(_PITCHES))
    correlation = np.fft.irfft(banded)[:, : last + 1]
    correlation /= (correlation[:, :1] + 1e-12) * (own[: last + 1] / own[0])
    inner = correlation[:, first - 1 :]
    peak = (inner[:, 1:-1] >= inner[:, :-2]) & (inner[:, 1:-1] >= inner[:, 2:])
    heights = np.where(peak, inner[:, 1:-1], 0.0)
    best = heights.max(axis=1)
    lag = first + np.argmax(heights >= _SHORTEST * best[:, np.newaxis], axis=1)
    return 12 * np.log2(WHISPER_RATE / lag), np.where(best > 0, np.minimum(best, 1.0), 0.0)


def _mel_bands() -> Floats:
    """Triangular filters on the mel scale, shape (bands, bins)."""
    low, high = (1127 * np.log(1 + limit / 700) for limit in _BAND)
    edges = 700 * (np.exp(np.linspace(low, high, _BANDS + 2) / 1127) - 1)
    hertz = np.arange(_FFT // 2 + 1) * WHISPER_RATE / _FFT
    rising = (hertz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - hertz) / (edges[2:] - edges[1:-1])[:, None]
    bands: Floats = np.maximum(0.0, np.minimum(rising, falling))
    return bands


def _cosines() -> Floats:
    """The cosine transform that turns band levels into shape, shape (_SHAPE, bands)."""
    angles = np.outer(np.arange(1, _SHAPE + 1), np.arange(_BANDS) + 0.5) * np.pi / _BANDS
    cosines: Floats = np.cos(angles) * np.sqrt(2 / _BANDS)
    return cosines
