"""Has a language model word a follow-up question so that it refers to what was said."""

from __future__ import annotations

import secrets
from typing import Any

from agent.adapters.chat_dialect import Message
from agent.adapters.chat_endpoint import ChatEndpoint
from agent.adapters.deadline import Deadline
from agent.logic.grading.follow_up import SCHEMA, follow_up_prompt, read_follow_up
from agent.logic.grading.judge_reply import ReplyError
from agent.values.errors import EndpointError
from agent.values.rubric import Question
from agent.values.transcript import Transcript

TIME_LIMIT_S = 6.0
"""Maximum seconds for the reply, since the candidate is waiting."""
_TOKENS = 200


class LlmFollowUp:
    """Implements FollowUp. Whatever goes wrong, the rubric's own question is asked."""

    def __init__(self, endpoint: ChatEndpoint, time_limit_s: float = TIME_LIMIT_S) -> None:
        self._endpoint, self._time_limit_s = endpoint, time_limit_s

    def word(self, question: Question, transcript: Transcript, nudge: str) -> str:
        """Returns the nudge as a question about what was said; unchanged if the model gives nothing usable in time."""
        system, user = follow_up_prompt(question, transcript, nudge, secrets.token_hex(8))
        talk: list[Message] = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        schema: dict[str, Any] = SCHEMA
        try:
            reply = self._endpoint.complete(talk, schema, _TOKENS, Deadline(self._time_limit_s)).content
            return read_follow_up(reply, question, transcript)
        except (EndpointError, ReplyError):
            return nudge
