"""Silero, frame by frame, says what it says of the whole, and tells a voice from noise."""

from __future__ import annotations

import numpy as np
import pytest
from faster_whisper.vad import get_vad_model

from agent.adapters.audio_file import frames, read_clip
from agent.adapters.silero_vad import SileroDetector
from agent.values.audio import FRAME, Clip, Samples
from tests.conftest import FIXTURES

ANSWER = FIXTURES / "metrics-weak.ogg"


def probabilities(detector: SileroDetector, samples: Samples) -> Samples:
    detector.reset()
    blocks = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    return np.array([detector.probability(Clip(samples=block, rate=16_000)) for block in blocks], np.float32)


def test_frame_by_frame_is_the_same_as_the_whole_at_once() -> None:
    samples = read_clip(ANSWER).samples
    # The last frame is left out: there faster-whisper blanks its own context.
    samples = samples[: len(samples) // FRAME * FRAME]
    streamed, whole = probabilities(SileroDetector(), samples), get_vad_model()(samples.copy()).reshape(-1)
    assert streamed[:-1] == pytest.approx(whole[:-1], abs=1e-4)


def test_reset_forgets_what_was_heard() -> None:
    detector, samples = SileroDetector(), read_clip(ANSWER).samples[: 16_000 * 3]
    assert np.array_equal(probabilities(detector, samples), probabilities(detector, samples))


def test_a_voice_is_speech_and_other_sound_is_not() -> None:
    draw, count = np.random.default_rng(0), 16_000 * 3
    detector = SileroDetector()
    others = {
        "silence": np.zeros(count),
        "noise": draw.standard_normal(count) * 0.1,
        "hum": 0.3 * np.sin(2 * np.pi * 50 * np.arange(count) / 16_000),
    }
    for name, samples in others.items():
        assert (probabilities(detector, samples.astype(np.float32)) >= 0.5).mean() < 0.02, name
    voice = [detector.probability(frame) for frame in frames(ANSWER)]
    assert np.mean(np.array(voice) >= 0.5) > 0.5


def test_a_shorter_frame_is_filled_up() -> None:
    assert 0 <= SileroDetector().probability(Clip(samples=np.zeros(100, np.float32), rate=16_000)) <= 1
