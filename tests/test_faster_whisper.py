"""What of faster-whisper is overridden or used beyond its documented interface; a new minor version may change it.

The version is pinned for that reason. That overriding works is seen in test_whisper.py, where sound is encoded once.
"""

from __future__ import annotations

import inspect
import tomllib
from importlib.metadata import version

import numpy as np
import pytest
from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.feature_extractor import FeatureExtractor
from faster_whisper.transcribe import Segment, TranscriptionInfo, Word
from faster_whisper.utils import download_model
from faster_whisper.vad import VadOptions, get_speech_timestamps, get_vad_model

from agent.adapters.smart_turn import HEARS_S
from agent.adapters.whisper import _without_padding
from agent.values.audio import WHISPER_RATE
from tests.conftest import ROOT

PASSED = {
    "language", "word_timestamps", "vad_filter", "vad_parameters", "condition_on_previous_text", "hotwords",
    "beam_size", "temperature",
}  # fmt: skip


def parameters(function: object) -> list[str]:
    assert callable(function)
    return list(inspect.signature(function).parameters)


def test_the_minor_version_is_pinned_and_installed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    [pinned] = [name for name in project["dependencies"] if name.startswith("faster-whisper")]
    assert pinned == "faster-whisper==1.2.*"
    assert version("faster-whisper").startswith("1.2.")


def test_the_methods_that_are_overridden_are_called_as_before() -> None:
    assert parameters(WhisperModel.encode) == ["self", "features"]
    assert parameters(WhisperModel.detect_language)[:3] == ["self", "audio", "features"]
    for name in ("encode", "detect_language"):
        assert name in vars(_without_padding()), name
    for caller in (WhisperModel.generate_segments, WhisperModel.detect_language):
        assert "self.encode(" in inspect.getsource(caller)
    assert "self.detect_language(" in inspect.getsource(WhisperModel.transcribe)


@pytest.mark.parametrize("transcribe", [WhisperModel.transcribe, BatchedInferencePipeline.transcribe])
def test_every_setting_that_is_passed_is_known(transcribe: object) -> None:
    assert set(parameters(transcribe)) >= PASSED
    assert (transcribe is WhisperModel.transcribe) or "batch_size" in parameters(transcribe)


def test_the_measures_that_are_read_are_there() -> None:
    assert set(parameters(Segment)) >= {"words", "no_speech_prob", "avg_logprob", "compression_ratio"}
    assert set(parameters(Word)) >= {"word", "start", "end", "probability"}
    assert set(parameters(TranscriptionInfo)) >= {"language", "language_probability"}
    assert set(parameters(VadOptions)) >= {"min_silence_duration_ms", "speech_pad_ms"}
    assert parameters(get_speech_timestamps)[:2] == ["audio", "vad_options"]
    assert "local_files_only" in parameters(download_model)


def test_the_speech_detector_takes_a_frame_and_its_state() -> None:
    model = get_vad_model().session
    assert {item.name: item.shape[-1] for item in model.get_inputs()} == {"input": 576, "h": 128, "c": 128}
    assert len(model.get_outputs()) == 3


def test_features_are_what_the_turn_detector_was_trained_on() -> None:
    features = FeatureExtractor(feature_size=80)(np.zeros(HEARS_S * WHISPER_RATE, np.float32), padding=0)
    assert features.shape[0] == 80
    assert features.shape[1] >= HEARS_S * 100
