"""What drafts questions, from settings. Drafts are checked and written by the caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from agent.compose.endpoint import model_address
from agent.compose.settings import Settings
from agent.values.rubric import Question

if TYPE_CHECKING:
    from agent.adapters.llm_drafter import Drafter, Model

PATIENT_S = 600.0
"""A whole question is long: small models on this machine write for minutes."""


def drafter(model: Model, template: str, known: Mapping[str, Question]) -> Drafter:
    """Writes questions like the template, with the signals and fields of those that are known."""
    from agent.adapters.llm_drafter import Drafter

    signals = sorted({question.signal for question in known.values()})
    fields = sorted({question.field for question in known.values()})
    return Drafter(model, template, signals, fields)


def endpoint_model(settings: Settings) -> Model:
    """The model at the endpoint. Raises InputError if the settings name none."""
    from agent.adapters.chat_endpoint import ChatEndpoint
    from agent.adapters.llm_drafter import EndpointModel

    return EndpointModel(ChatEndpoint(model_address(settings)), max(PATIENT_S, settings.llm_timeout))


def written_model(replies: Sequence[str]) -> Model:
    """A model whose replies are known, one after the other."""
    from agent.adapters.llm_drafter import WrittenReplies

    return WrittenReplies(replies)
