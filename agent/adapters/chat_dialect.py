"""What one chat-completion server accepts: how to ask for the form of a reply, and which parameters.

A request is built for what the server is known to accept; after an error, the next variant to try is derived. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from agent.adapters.chat_reply import Form, ServerError

Message = dict[str, str]
FORMS: tuple[Form, ...] = ("json_schema", "json_object", "text")
"""Ways of asking for the form of a reply, strictest first."""
_FIXED: dict[str, Any] = {"temperature": 0, "seed": 7}
_ABOUT_FORM = re.compile(r"response_format|json_schema|json_object|grammar|structured output")
TOO_LONG = re.compile(
    r"context.?(?:size|length|window)|exceed_context|maximum context|too many tokens|prompt is too long"
)
"""How servers report that a prompt does not fit."""


class Ask(NamedTuple):
    """A request to a model."""

    messages: Sequence[Message]
    """The first one is the system message."""
    schema: dict[str, Any]
    """JSON Schema of the reply."""
    tokens: int
    """Maximum tokens of the reply."""


class Dialect(NamedTuple):
    """What a server accepts, as far as it is known."""

    form: Form = "json_schema"
    limit: Literal["max_tokens", "max_completion_tokens"] | None = "max_tokens"
    """How the number of tokens is limited; None if the server accepts no limit."""
    extras: tuple[str, ...] = tuple(_FIXED)
    """Optional parameters that are sent."""

    def request(self, model: str, ask: Ask) -> dict[str, Any]:
        """The body of a request."""
        form: dict[str, Any] = {}
        sent = [dict(message) for message in ask.messages]
        if self.form == "json_schema":
            strict = {"name": "reply", "strict": True, "schema": ask.schema}
            form = {"response_format": {"type": "json_schema", "json_schema": strict}}
        else:
            sent[0]["content"] += "\n\nThe JSON object must follow this JSON Schema:\n" + json.dumps(ask.schema)
        if self.form == "json_object":
            form = {"response_format": {"type": "json_object"}}
        limit: dict[str, Any] = {} if self.limit is None else {self.limit: ask.tokens}
        return {"model": model, "messages": sent, **form, **limit, **{name: _FIXED[name] for name in self.extras}}

    def after(self, fault: ServerError) -> Dialect | None:
        """Returns the dialect to try after an error; None if there is nothing left to give up."""
        if fault.status not in (400, 404, 422) or not fault.chat:
            return None
        named = self._named(fault)
        if named in self.extras:
            return self._replace(extras=tuple(name for name in self.extras if name != named))
        if named is not None:
            return self._replace(limit="max_completion_tokens" if named == "max_tokens" else None)
        # A prompt that fits may still leave no room for the requested reply.
        if TOO_LONG.search(_message(fault)):
            return self._replace(limit=None) if self.limit else None
        return self._replace(form=weaker(self.form)) if self.form != FORMS[-1] else None

    def _named(self, fault: ServerError) -> str | None:
        """The optional parameter that was sent and that the server's error names."""
        sent = [name for name in (*self.extras, self.limit) if name]
        if fault.param in sent:
            return fault.param
        if _ABOUT_FORM.search(fault.words) or TOO_LONG.search(_message(fault)):
            return None
        return next((name for name in sent if re.search(rf"\b{name}\b", fault.words)), None)


def weaker(form: Form) -> Form:
    """The next weaker form; the last one stays."""
    return FORMS[min(FORMS.index(form) + 1, len(FORMS) - 1)]


def _message(fault: ServerError) -> str:
    return f"{fault.code} {fault.words}".lower()
