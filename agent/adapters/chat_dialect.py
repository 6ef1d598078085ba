"""What one chat-completion server takes of the API: how the form of a reply is asked for, and which parameters.

A request is written as the server is known to take it; after a complaint the next thing to try is worked out. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from agent.adapters.chat_reply import Form, ServerError

Message = dict[str, str]
FORMS: tuple[Form, ...] = ("json_schema", "json_object", "text")
"""How the form of a reply is asked for, strictest first."""
_FIXED: dict[str, Any] = {"temperature": 0, "seed": 7}
_ABOUT_FORM = re.compile(r"response_format|json_schema|json_object|grammar|structured output")
TOO_LONG = re.compile(
    r"context.?(?:size|length|window)|exceed_context|maximum context|too many tokens|prompt is too long"
)
"""How servers say that a prompt does not fit."""


class Ask(NamedTuple):
    """What a model is asked."""

    messages: Sequence[Message]
    """The first is the system's."""
    schema: dict[str, Any]
    """JSON Schema of the reply."""
    tokens: int
    """Most tokens of the reply."""


class Dialect(NamedTuple):
    """What a server takes, as far as it is known."""

    form: Form = "json_schema"
    limit: Literal["max_tokens", "max_completion_tokens"] | None = "max_tokens"
    """How the number of tokens is limited; None when the server wants no limit."""
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
        """What to try after a complaint; None when nothing is left to give up."""
        if fault.status not in (400, 404, 422) or not fault.chat:
            return None
        named = self._named(fault)
        if named in self.extras:
            return self._replace(extras=tuple(name for name in self.extras if name != named))
        if named is not None:
            return self._replace(limit="max_completion_tokens" if named == "max_tokens" else None)
        # A prompt that fits may still leave no room for the reply that is asked for.
        if TOO_LONG.search(_said(fault)):
            return self._replace(limit=None) if self.limit else None
        return self._replace(form=weaker(self.form)) if self.form != FORMS[-1] else None

    def _named(self, fault: ServerError) -> str | None:
        """The optional parameter that the server complains of and that was sent."""
        sent = [name for name in (*self.extras, self.limit) if name]
        if fault.param in sent:
            return fault.param
        if _ABOUT_FORM.search(fault.words) or TOO_LONG.search(_said(fault)):
            return None
        return next((name for name in sent if re.search(rf"\b{name}\b", fault.words)), None)


def weaker(form: Form) -> Form:
    """The next form down; the last stays."""
    return FORMS[min(FORMS.index(form) + 1, len(FORMS) - 1)]


def _said(fault: ServerError) -> str:
    return f"{fault.code} {fault.words}".lower()
