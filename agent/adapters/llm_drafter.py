"""Has a language model write questions, and sends the faults back until they are valid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from agent.adapters.chat_dialect import Message
from agent.adapters.chat_endpoint import ChatEndpoint
from agent.adapters.deadline import Deadline
from agent.logic.grading.judge_reply import ReplyError
from agent.logic.rubrics.drafting import (
    JOB_SCHEMA,
    draft_prompt,
    draft_schema,
    fault_prompt,
    job_prompt,
    read_draft,
    read_questions,
)
from agent.values.errors import EndpointError, InputError

ROUNDS = 4
"""How many times a draft is sent back before the program gives up."""
_TOKENS = 12_000
Check = Callable[[dict[str, Any]], list[str]]
"""Returns the faults of a draft, one line each; an empty list if it is valid."""


class Model(Protocol):
    """Something that replies to a conversation."""

    def reply(self, talk: Sequence[Message], schema: dict[str, Any]) -> str:
        """The next message. Raises EndpointError."""
        ...


class EndpointModel:
    """A model behind an endpoint."""

    def __init__(self, endpoint: ChatEndpoint, time_limit_s: float) -> None:
        self._endpoint, self._time_limit_s = endpoint, time_limit_s

    def reply(self, talk: Sequence[Message], schema: dict[str, Any]) -> str:
        """The next message. Raises EndpointError."""
        return self._endpoint.complete(talk, schema, _TOKENS, Deadline(self._time_limit_s)).content


class WrittenReplies:
    """Replies read from a file, one after the other."""

    def __init__(self, replies: Sequence[str]) -> None:
        self._replies = list(replies)

    def reply(self, talk: Sequence[Message], schema: dict[str, Any]) -> str:
        """Returns the next reply. Raises InputError if none is left."""
        if not self._replies:
            raise InputError("the file of replies has none left; add one for each question, and for each repair")
        return self._replies.pop(0)


class Draft(NamedTuple):
    """A question as the model wrote it."""

    data: dict[str, Any]
    rounds: int
    """Number of replies that it took."""


class Drafter:
    """Writes questions with one model."""

    def __init__(self, model: Model, template: str, signals: Sequence[str], fields: Sequence[str]) -> None:
        self._model, self._template, self._signals, self._fields = model, template, signals, fields

    def draft(self, text: str, check: Check) -> Draft:
        """A valid question. Raises EndpointError with the last faults when there is none after ROUNDS replies."""
        system, user = draft_prompt(text, self._template, self._signals, self._fields)
        talk: list[Message] = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        faults: list[str] = []
        for number in range(1, ROUNDS + 1):
            reply = self._model.reply(talk, draft_schema())
            try:
                data = read_draft(reply)
                faults = check(data)
            except ReplyError as error:
                data, faults = {}, [str(error)]
            if not faults:
                return Draft(data, number)
            # Only the latest draft: all of them would fill the context of a small model.
            talk = [*talk[:2], {"role": "assistant", "content": reply or "(empty)"}]
            talk.append({"role": "user", "content": fault_prompt(faults)})
        raise EndpointError(f"the model wrote no valid question in {ROUNDS} tries; the last one: {faults[0]}", "model")

    def questions_for(self, job: str, count: int) -> list[str]:
        """The questions that a job description calls for. Raises EndpointError."""
        system, user = job_prompt(job, count)
        talk: list[Message] = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        try:
            return read_questions(self._model.reply(talk, JOB_SCHEMA), count)
        except ReplyError as error:
            raise EndpointError(f"the model named no questions for this job ({error})", "model") from error
