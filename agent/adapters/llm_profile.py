"""Has a language model find the claims of a CV or job description."""

from __future__ import annotations

import secrets
from collections.abc import Collection

from agent.adapters.chat_dialect import Message
from agent.adapters.chat_endpoint import ChatEndpoint
from agent.adapters.deadline import Deadline
from agent.logic.grading.judge_reply import ReplyError
from agent.logic.profile.prompt import SCHEMA, profile_prompt, read_claims
from agent.values.errors import NoReplyError
from agent.values.profile import Profile, Source

_TOKENS = 4000


class LlmProfileReader:
    """A reader behind an endpoint. Claims whose words are not in the document are dropped."""

    def __init__(self, endpoint: ChatEndpoint, fields: Collection[str], time_limit_s: float) -> None:
        self._endpoint, self._fields, self._time_limit_s = endpoint, fields, time_limit_s

    def __call__(self, text: str, source: Source, this_year: int) -> Profile:
        """The claims of one document. Raises EndpointError."""
        system, user = profile_prompt(text, source, self._fields, secrets.token_hex(8))
        talk: list[Message] = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        deadline, fault = Deadline(self._time_limit_s), ""
        for _ in range(2):
            reply = self._endpoint.complete(talk, SCHEMA, _TOKENS, deadline).content
            try:
                return read_claims(reply, text, source, self._fields, self._endpoint.model)
            except ReplyError as error:
                fault = str(error)
                talk += [
                    {"role": "assistant", "content": reply or "(empty)"},
                    {"role": "user", "content": f"That reply cannot be used: {fault}. Send the whole JSON object."},
                ]
        raise NoReplyError(f"The model {self._endpoint.model} gave no usable reading, twice ({fault[:200]})", "model")
