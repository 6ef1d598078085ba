"""Recognizes commands and clarifying questions from the meaning of whole utterances, with the sentence encoder."""

from __future__ import annotations

import io
from functools import cached_property

import numpy as np

from agent.adapters.text_model import WEIGHTS, SentenceEncoder, checked
from agent.logic.dialogue import commands
from agent.logic.dialogue.clarifications import Likeness, answering, asks
from agent.values.dialogue import Intent
from agent.values.rubric import Clarification, Question

COMMANDS_SHA256 = "3cac5383a582278bcbad210649da30da3ccaf58693de6f315e53c42aee45cbcc"
"""Sha256 of agent/weights/commands.npz, made by training/train_commands.py."""


class EmbeddingIntentClassifier:
    """Loads its model on first use."""

    def __init__(self, threads: int = 0) -> None:
        """`threads` 0 chooses for this machine."""
        self._threads = threads

    @cached_property
    def _encoder(self) -> SentenceEncoder:
        return SentenceEncoder(self._threads)

    @cached_property
    def _known(self) -> commands.Known:
        with np.load(io.BytesIO(checked(WEIGHTS / "commands.npz", COMMANDS_SHA256))) as fitted:
            classes = tuple(Intent(name) if name else None for name in fitted["classes"].tolist())
            return commands.Known(fitted["weights"].astype(np.float32), fitted["bias"], classes)

    def warm(self) -> None:
        """Loads the encoder now. Raises ModelError."""
        _ = self._known
        self._encoder.warm()

    def command(self, text: str) -> Intent | None:
        """The command that the whole utterance is, or None."""
        if not commands.may_be_command(text):
            return commands.long_command(text)
        return commands.command(text, self._encoder.embed([commands.core(text)])[0], self._known)

    def asks(self, question: Question, text: str) -> Clarification | None:
        """The clarification of the question that the utterance asks for, or None."""
        if not asks(text) or not question.clarifications:
            return None
        index = answering(self.likenesses(question, text))
        return None if index is None else question.clarifications[index]

    def likenesses(self, question: Question, text: str) -> list[Likeness]:
        """How similar the utterance is to each clarification of the question."""
        said, topic = self._encoder.embed([text, f"{question.scenario} {question.ask}"])
        found = []
        for item in question.clarifications:
            fact, together, *asked = self._encoder.embed([item.fact, " ".join([*item.asks, item.fact]), *item.asks])
            mean = float(np.mean([one @ said for one in asked]))
            found.append(Likeness(mean, float(fact @ said), float(together @ said), float(topic @ said)))
        return found
