"""The encoders read what is there, and nothing else."""

from __future__ import annotations

import pytest

from agent.adapters.embedded_grader import EmbeddedGrader
from agent.adapters.text_model import SentenceEncoder, TextModel


@pytest.fixture(scope="module", params=["sentence encoder", "point model"])
def model(request: pytest.FixtureRequest) -> TextModel:
    return SentenceEncoder()._model if request.param == "sentence encoder" else EmbeddedGrader()._model


def test_a_text_is_read_with_its_own_tokens_alone(model: TextModel) -> None:
    """The tokenizer's file would fill each text up to 128 tokens, which costs five times as much."""
    pieces = ["drift", "the model drifts from week to week"]
    lengths = [len(mask) for _, mask in model.run([(text, text) for text in pieces])]
    assert lengths == [5, 19]


def test_a_text_is_read_alone(model: TextModel) -> None:
    text = ("split by time", "split the data by time, so that nothing leaks from the future into the past")
    alone, among = model.run([text])[0], model.run([("a", "b"), text, ("c", "d")])[1]
    assert (alone[0] == among[0]).all()
