"""What onnxruntime raises comes out as our own error, in one line."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from faster_whisper.vad import get_vad_model

from agent.adapters.intent_classifier import EmbeddingIntentClassifier
from agent.adapters.onnx_session import session, translated
from agent.adapters.silero_vad import SileroDetector, speech_parts
from agent.adapters.smart_turn import FILE, SmartTurn
from agent.values.audio import FRAME, Clip
from agent.values.dialogue import Intent
from agent.values.errors import ModelError


def wrong_feeds(*_: Any) -> Any:
    """What onnxruntime itself raises for an input of the wrong shape."""
    return session(FILE).run(None, {"input_features": np.zeros((1, 2, 3), np.float32)})


def test_a_file_that_is_no_model_is_our_error() -> None:
    with pytest.raises(ModelError) as refused:
        session(b"no model")
    assert "\n" not in str(refused.value)


def test_a_detector_that_fails_is_our_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        session = type("Session", (), {"run": staticmethod(wrong_feeds)})()
        __call__ = staticmethod(wrong_feeds)

    get_vad_model()
    monkeypatch.setattr("faster_whisper.vad.get_vad_model", Broken)
    with pytest.raises(ModelError, match="speech detector failed"):
        SileroDetector().probability(Clip.silence(FRAME / 16_000))
    with pytest.raises(ModelError, match="speech detector failed"):
        speech_parts(Clip.silence(1.0))


def test_a_model_that_was_warmed_opens_nothing_more_in_the_first_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("a model was opened")

    turns, intents = SmartTurn(), EmbeddingIntentClassifier()
    turns.warm()
    intents.warm()
    monkeypatch.setattr("onnxruntime.InferenceSession", refused)
    assert 0 <= turns.finished(Clip.silence(1.0)) <= 1
    assert intents.command("Could I have a hint please?") is Intent.HINT


def test_our_own_errors_pass() -> None:
    with pytest.raises(KeyError), translated("A model"):
        raise KeyError("a fault of ours")
