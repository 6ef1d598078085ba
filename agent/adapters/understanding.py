"""Understands commands and clarifying questions by the meaning of whole utterances, with the sentence encoder."""

from __future__ import annotations

import io
from functools import cached_property

import numpy as np

from agent.adapters.text_model import WEIGHTS, SentenceEncoder, checked
from agent.steps import commands
from agent.steps.clarify import asks
from agent.values.dialogue import Intent
from agent.values.rubric import Clarification, Question

COMMANDS_SHA256 = "3cac5383a582278bcbad210649da30da3ccaf58693de6f315e53c42aee45cbcc"
"""Of agent/weights/commands.npz, made by training/train_commands.py."""
SAME_QUESTION = 0.38
"""Cosine from which two questions ask for the same."""


class Understood:
    """Loads on first use."""

    @cached_property
    def _encoder(self) -> SentenceEncoder:
        return SentenceEncoder()

    @cached_property
    def _known(self) -> commands.Known:
        with np.load(io.BytesIO(checked(WEIGHTS / "commands.npz", COMMANDS_SHA256))) as fitted:
            classes = tuple(Intent(name) if name else None for name in fitted["classes"].tolist())
            return commands.Known(fitted["weights"].astype(np.float32), fitted["bias"], classes)

    def warm(self) -> None:
        """Loads the encoder now."""
        _ = self._known, self._encoder

    def command(self, text: str) -> Intent | None:
        """The command that the whole utterance is, or None."""
        if not commands.may_be_command(text):
            return None
        return commands.command(text, self._encoder.embed([commands.core(text)])[0], self._known)

    def asks(self, question: Question, text: str) -> Clarification | None:
        """The clarification of the question that the utterance asks for, or None."""
        if not asks(text) or not question.clarifications:
            return None
        said = self._encoder.embed([text])[0]
        likeness = [float((self._encoder.embed(item.asks) @ said).max()) for item in question.clarifications]
        best = max(range(len(likeness)), key=likeness.__getitem__)
        return question.clarifications[best] if likeness[best] >= SAME_QUESTION else None
