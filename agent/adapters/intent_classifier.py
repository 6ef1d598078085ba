"""Recognizes commands and clarifying questions from the meaning of whole utterances, with the sentence encoder."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from agent.adapters.text_model import WEIGHTS, SentenceEncoder, checked
from agent.logic.dialogue import commands
from agent.logic.dialogue.clarifications import LONGEST, Likeness, QuestionModel, answering, asks, means_a_question
from agent.logic.speech.endpointing import before_closing
from agent.logic.speech.tokens import tokens
from agent.values.dialogue import Intent, Moment
from agent.values.rubric import Clarification, Question

COMMANDS_SHA256 = "94b8ab6d0d41dce1b353cfad30a7be82fd8e2940200f543911bff49c99bc0eb5"
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
    def _fitted(self) -> Mapping[str, Any]:
        with np.load(io.BytesIO(checked(WEIGHTS / "commands.npz", COMMANDS_SHA256))) as fitted:
            return dict(fitted)

    @cached_property
    def _commands(self) -> Mapping[Moment, commands.CommandModel]:
        return {moment: _model(self._fitted, moment) for moment in Moment}

    @cached_property
    def _questions(self) -> QuestionModel:
        return QuestionModel(self._fitted["question_weights"].astype(np.float32), float(self._fitted["question_bias"]))

    def warm(self) -> None:
        """Loads the encoder now. Raises ModelError."""
        _ = self._commands
        self._encoder.warm()

    def command(self, text: str, moment: Moment = Moment.ANSWERING) -> Intent | None:
        """Returns the command that the whole utterance means at that moment, or None."""
        plain = commands.plain_command(text, moment)
        if plain is not None:
            return plain
        # "..., that's my answer" says that the rest is one; whether "skip it, that's all" is, the rest tells.
        said = before_closing(text)
        return (
            commands.likely_command(self._read(said), self._commands[moment]) if commands.may_be_command(said) else None
        )

    def is_question(self, text: str) -> bool:
        """Whether the whole utterance, said while answering, is a question to the interviewer."""
        if asks(text) or not 2 < len(tokens(text)) <= LONGEST:
            return asks(text)
        return means_a_question(self._read(text), self._questions)

    def _read(self, text: str) -> commands.Matrix:
        said = commands.core(text)
        return commands.features(said, self._encoder.embed([said])[0])

    def asks(self, question: Question, text: str) -> Clarification | None:
        """The clarification of the question that the utterance asks for, or None."""
        if not question.clarifications or not self.is_question(text):
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


def _model(fitted: Mapping[str, Any], moment: Moment) -> commands.CommandModel:
    classes = tuple(Intent(name) if name else None for name in fitted[f"{moment}_classes"].tolist())
    return commands.CommandModel(fitted[f"{moment}_weights"].astype(np.float32), fitted[f"{moment}_bias"], classes)
