"""Reads the replies of chat-completion servers in the known shapes; sends nothing.

Any bytes may arrive: read() returns a Completion or raises ServerError, and nothing else.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from agent.adapters.http_post import HttpReply

Form = Literal["json_schema", "json_object", "text"]
"""Ways of asking a server for the form of a reply."""
EMPTY = "empty"
"""Code of a reply that is a chat completion but has no text."""
_MOST_WORDS = 2000
"""Maximum characters read from a server's message."""
_CUT = {"length", "max_tokens", "model_length"}
_FILTERED = {"content_filter", "safety", "prohibited_content"}
_TEXT_PARTS = {"text", "output_text", None}
"""Types of content parts that contain the answer; the others are thoughts, pictures or audio."""
_BUSY = re.compile(r"rate.?limit|too many|overload|unavailable|time.?out|timed out|try again|internal|server_error")
_SAID_IN = ("message", "msg", "detail", "error", "description", "title", "reason")


class Completion(NamedTuple):
    """One reply of a model."""

    content: str
    finish: str = "stop"
    """Why it ended: `stop`, `length` if the tokens ran out, `content_filter`, or the server's own word."""
    refusal: str | None = None
    """The model's message if it declines, else None."""
    model: str = ""
    """The server's name for the model."""
    prompt_tokens: int | None = None
    """Maximum tokens of the prompt that the server may have read; None if it does not say."""
    form: Form = "json_schema"
    """Which form was requested for the reply."""


class ServerError(Exception):
    """The server reports a failure, or its reply is not a completion."""

    def __init__(self, status: int, words: str, code: str = "", param: str | None = None, *, chat: bool = True) -> None:
        super().__init__(words)
        self.status = status
        """HTTP status, or the status inside the reply; 0 if there is none."""
        self.words = words
        """The server's message on one line; may be empty."""
        self.code = code
        """The server's code for the kind of error; may be empty."""
        self.param = param
        """The parameter that the server's error names."""
        self.chat = chat
        """False if the sender does not look like a chat-completion server."""


def read(reply: HttpReply) -> Completion:
    """The completion in a reply. Raises ServerError."""
    data = _data(reply)
    if not 200 <= reply.status < 300:
        raise _fault(reply.status, data, reply.body)
    if isinstance(data, dict) and (data.get("error") or data.get("object") == "error"):
        raise _fault(0, data, reply.body)
    if not isinstance(data, dict) or "choices" not in data:
        raise ServerError(0, _page(data, reply.body), chat=False)
    choices = data["choices"]
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, dict):
        raise ServerError(0, "it sent no choices", code=EMPTY)
    if choice.get("error") or choice.get("finish_reason") == "error":
        raise _fault(0, choice, b"")
    return _completion(choice, data)


def one_line(text: str) -> str:
    """A server's message made safe for a terminal: one line, no control characters, not too long."""
    plain = "".join(char if char.isprintable() else " " for char in _sound(text))
    short = " ".join(plain.split())
    return short if len(short) <= _MOST_WORDS else short[: _MOST_WORDS - 3] + "..."


def _sound(text: str) -> str:
    """Removes lone surrogates, which cannot be printed or stored."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _data(reply: HttpReply) -> Any:
    """The reply's JSON; None if it is not JSON."""
    if reply.media_type == "text/event-stream" or reply.body.lstrip().startswith((b"data:", b"event:")):
        return _streamed(reply.body)
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        return None


def _completion(choice: Mapping[str, Any], data: Mapping[str, Any]) -> Completion:
    message = choice.get("message")
    message = message if isinstance(message, dict) else {}
    finish = choice.get("finish_reason")
    finish = finish.lower() if isinstance(finish, str) else "stop"
    refusal, model = message.get("refusal"), data.get("model")
    return Completion(
        content=_sound(_text(message.get("content")) or _called(message)),
        finish="length" if finish in _CUT else "content_filter" if finish in _FILTERED else one_line(finish),
        refusal=one_line(refusal) if isinstance(refusal, str) and refusal.strip() else None,
        model=one_line(model) if isinstance(model, str) else "",
        prompt_tokens=_prompt_tokens(data.get("usage")),
    )


def _text(content: Any) -> str:
    """Content as text; of a list of parts, only the text parts."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else [content]
    return "".join(_part(part) for part in parts)


def _part(part: Any) -> str:
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        return ""
    kind, text = part.get("type"), part.get("text")
    return text if isinstance(text, str) and (kind is None or isinstance(kind, str)) and kind in _TEXT_PARTS else ""


def _called(message: Mapping[str, Any]) -> str:
    """The arguments of a function call: some servers answer a schema with a call of a function of that form."""
    calls = message.get("tool_calls")
    call = calls[0] if isinstance(calls, list) and calls else {}
    function = call.get("function") if isinstance(call, dict) else None
    function = function or message.get("function_call")
    arguments = function.get("arguments") if isinstance(function, dict) else None
    if isinstance(arguments, dict):
        return json.dumps(arguments)
    return arguments if isinstance(arguments, str) else ""


def _prompt_tokens(usage: Any) -> int | None:
    if not isinstance(usage, dict):
        return None
    details = usage.get("prompt_tokens_details")
    # Some servers do not count the tokens in their cache among those of the prompt.
    cached = _count(details.get("cached_tokens")) if isinstance(details, dict) else None
    counted = _count(usage.get("prompt_tokens"))
    return None if counted is None else counted + (cached or 0)


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _streamed(body: bytes) -> Any:
    """Joins a reply that came as server-sent events, although no stream was requested."""
    text, whole, choice = "", dict[str, Any](), dict[str, Any]()
    for event in _events(body):
        if event.get("error"):
            return event
        whole.update({key: event[key] for key in ("model", "usage") if event.get(key)})
        choices = event.get("choices")
        part = choices[0] if isinstance(choices, list) and choices else {}
        if not isinstance(part, dict):
            continue
        choice.update({key: part[key] for key in ("finish_reason", "error") if part.get(key)})
        delta = part.get("delta") or part.get("message")
        text += _text(delta.get("content")) if isinstance(delta, dict) else ""
    return {**whole, "choices": [{**choice, "message": {"content": text}}]} if text or choice else None


def _events(body: bytes) -> Iterator[dict[str, Any]]:
    for line in body.decode("utf-8", "replace").splitlines():
        try:
            event = json.loads(line.removeprefix("data:"))
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict):
            yield event


def _fault(status: int, data: Any, body: bytes) -> ServerError:
    """A server's report of its failure, which comes in many shapes."""
    item = data[0] if isinstance(data, list) and data else data
    error = item.get("error", item) if isinstance(item, dict) else item
    fields = error if isinstance(error, dict) else {}
    words = _words(item) if item is not None else _page(None, body)
    names = [str(fields.get(key)) for key in ("code", "type", "status") if isinstance(fields.get(key), str | int)]
    inner = next((int(name) for name in names if re.fullmatch(r"[45]\d\d", name)), 0)
    if not status and not inner:
        inner = 503 if _BUSY.search(" ".join([words, *names]).lower()) else 400
    param = fields.get("param")
    return ServerError(status or inner, words, one_line(" ".join(names)), param if isinstance(param, str) else None)


def _words(item: Any, depth: int = 3) -> str:
    """The message in a JSON error: the first text under a usual name, and what
    a gateway passes on from the server behind it.
    """
    if isinstance(item, str):
        return one_line(item)
    if isinstance(item, list):
        return "; ".join(filter(None, (_words(part, depth - 1) for part in item[:3]))) if depth else ""
    if not isinstance(item, dict) or not depth:
        return ""
    found = next(filter(None, (_words(item.get(name), depth - 1) for name in _SAID_IN)), "")
    metadata = item.get("metadata")
    raw = metadata.get("raw") if isinstance(metadata, dict) else None
    return f"{found}: {one_line(raw)}" if found and isinstance(raw, str) and raw.strip() else found


def _page(data: Any, body: bytes) -> str:
    """The content of a reply that is not a chat completion: its message, or the title or visible words of a page."""
    if data is not None:
        return _words(data) or one_line(json.dumps(data)[:100])
    text = body[:4000].decode("utf-8", "replace")
    title = re.search(r"(?is)<title[^>]*>(.*?)</title", text)
    visible = title[1] if title else re.sub(r"(?is)<(script|style|head)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", " ", text)
    return one_line(html.unescape(visible))[:100]
