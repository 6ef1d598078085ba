"""A language model behind an OpenAI-compatible endpoint, with one verb: complete().

Servers differ in what they accept and in how they fail. The class learns what this server accepts and remembers it, and
it quotes the server's own words in errors. No call takes longer than the caller's deadline.
"""

from __future__ import annotations

import email.utils
import json
import re
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from agent.adapters.chat_dialect import TOO_LONG, Ask, Dialect, Message
from agent.adapters.chat_reply import EMPTY, Completion, Form, ServerError, read
from agent.adapters.deadline import Deadline
from agent.adapters.http_post import HttpReply, HttpRequest, Post, host_of, post
from agent.values.errors import EndpointError, InputError, NoReplyError

NO_KEY = "none"
"""Sent to local servers, which do not require a key."""
RETRY_S = 20.0
"""Seconds that failed attempts and waits together may take while a candidate is waiting."""
_ATTEMPTS = 8
_LONGEST_WAIT_S = 8.0
_RETRIED = (408, 409, 425, 429)
_NO_MODEL = re.compile(r"model_not_found|model\b.{0,80}\bnot (?:found|exist)|(?:unknown|invalid|no such) model")
_NO_MONEY = re.compile(r"insufficient_quota|billing_hard_limit|insufficient (?:balance|credits|funds)")
_MOST_WORDS = 300
"""Maximum characters quoted from a server's message."""
_PATH = "/chat/completions"
_CHARS_PER_TOKEN, _CHARS_PER_TOKEN_ROUND = 5.2, 4.8
"""Maximum characters of a prompt per token. Measured on our prompts: 4.0 to 4.4 (GPT-2), 4.3 to 4.73 (cl100k, o200k,
Voyage).

A count that is a multiple of 1,024 is most likely the size of a context.
"""
_FEWEST_TOKENS = 256
"""A smaller count is not the size of a context but the tokens that a server counted outside its cache."""


class ChatAddress(NamedTuple):
    """Where a model is served."""

    base_url: str
    """Base address, such as http://127.0.0.1:8080/v1; a query in it is preserved."""
    model: str
    key: str = NO_KEY

    @property
    def url(self) -> str:
        """The address that requests go to."""
        parts = urlsplit(self.base_url)
        path = parts.path.rstrip("/")
        return urlunsplit(parts._replace(path=path if path.endswith(_PATH) else path + _PATH))


class ChatEndpoint:
    """One verb: complete(). May be used from several threads."""

    def __init__(self, address: ChatAddress, retry_s: float = RETRY_S, send: Post = post) -> None:
        """`retry_s` limits failed attempts and the waits between them.
        Raises InputError if the address is not valid.
        """
        try:
            self._host = host_of(address.base_url)
        except ValueError as error:
            raise InputError(f"the address of the LLM endpoint cannot be used ({error})", "address") from error
        self._address = address
        self._retry_s = retry_s
        self._send = send
        self._dialect = Dialect()

    @property
    def model(self) -> str:
        """The name of the model."""
        return self._address.model

    @property
    def form(self) -> Form:
        """How replies are requested, as learned so far."""
        return self._dialect.form

    def prefer(self, form: Form) -> None:
        """Requests replies in this form from now on, since they proved usable."""
        self._dialect = self._dialect._replace(form=form)

    def complete(
        self,
        messages: Sequence[Message],
        schema: dict[str, Any],
        tokens: int,
        deadline: Deadline,
        form: Form | None = None,
    ) -> Completion:
        """The model's next message, which should follow `schema`; the first of `messages` is the system message.

        A reply that is cut off at `tokens` is requested once more with twice as many, and returned even if it is cut
        off again. `form` starts with a form other than the learned one. Raises EndpointError if the user must change
        something, NoReplyError if the same request may succeed later.
        """
        dialect = self._dialect if form is None else self._dialect._replace(form=form)
        for allowed in (tokens, 2 * tokens):
            completion, dialect = self._negotiated(Ask(messages, schema, allowed), dialect, deadline)
            if completion.finish != "length" or dialect.limit is None:
                break
        self._dialect = dialect if form is None else dialect._replace(form=self._dialect.form)
        self._check_length(completion, messages)
        return completion

    def _negotiated(self, ask: Ask, dialect: Dialect, deadline: Deadline) -> tuple[Completion, Dialect]:
        """A completion, and the dialect that the server accepted."""
        while True:
            try:
                completion = self._patiently(dialect.request(self.model, ask), deadline)
                return completion._replace(form=dialect.form), dialect
            except ServerError as fault:
                following = None if self._is_final(fault) else dialect.after(fault)
                if following is None:
                    raise self._refused(fault) from fault
                dialect = following

    def _patiently(self, request: dict[str, Any], deadline: Deadline) -> Completion:
        """A completion, with retries while the server is busy. Raises ServerError if a retry cannot help."""
        spent = Deadline(self._retry_s)
        for attempt in range(_ATTEMPTS):
            reply = HttpReply(0, b"")
            try:
                reply = self._sent(request, deadline)
                return read(reply)
            except ServerError as fault:
                if not _is_passing(fault):
                    raise
                error = self._failed(fault)
            except NoReplyError as broken:
                error = broken
            wait = wait_s(reply.retry_after, attempt, time.time())
            if attempt == _ATTEMPTS - 1 or wait >= min(spent.left_s, deadline.left_s):
                break
            time.sleep(wait)
        asked = f"; it asks to wait {wait:.0f} s" if reply.retry_after and wait > self._retry_s else ""
        raise NoReplyError(f"{error}{asked}", error.code)

    def _sent(self, request: dict[str, Any], deadline: Deadline) -> HttpReply:
        if not deadline.left_s:
            raise NoReplyError(f"The endpoint {self._host} did not answer within {deadline.limit_s:g} s")
        headers = {
            "Authorization": f"Bearer {self._address.key}",
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "mock-interview",
        }
        return self._send(HttpRequest(self._address.url, headers, json.dumps(request).encode()), deadline)

    def _is_final(self, fault: ServerError) -> bool:
        return not fault.chat or _unknown_model(fault)

    def _failed(self, fault: ServerError) -> NoReplyError:
        if fault.code == EMPTY:
            return NoReplyError(f"The endpoint {self._host} sent an empty reply")
        return NoReplyError(f"The endpoint {self._host} answered with {self._quoted(fault)}")

    def _refused(self, fault: ServerError) -> EndpointError:
        """What the user must change, with the server's own words: a status alone has many causes."""
        code, words = next((code, words) for holds, code, words in _REFUSALS if holds(fault))
        return EndpointError(
            words.format(host=self._host, model=self.model, said=self._quoted(fault), bigger=_BIGGER), code
        )

    def _quoted(self, fault: ServerError) -> str:
        """Status and message of the server, without the key in case the server repeats it."""
        key = self._address.key
        words = fault.words if key in ("", NO_KEY) else fault.words.replace(key, "...")
        status = f"HTTP {fault.status}" if fault.status else ""
        return ": ".join(filter(None, (status, words[:_MOST_WORDS]))) or "it sent nothing"

    def _check_length(self, completion: Completion, messages: Sequence[Message]) -> None:
        """Raises NoReplyError if the server counted fewer tokens than the prompt has, and so read only part of it."""
        counted = completion.prompt_tokens
        size = sum(len(message["content"]) for message in messages)
        if counted is not None and was_cut(counted, size):
            cut = f"The model {self.model} read only {counted:,} tokens of a request of about {size / 4.5:,.0f}"
            raise NoReplyError(f"{cut}; {_BIGGER}", "context")


_BIGGER = "start the server with a larger context, or choose a model that has one"


def was_cut(tokens: int, characters: int) -> bool:
    """Tells whether the token count is too small for the whole prompt, which must then have been cut."""
    most = _CHARS_PER_TOKEN_ROUND if tokens % 1024 == 0 else _CHARS_PER_TOKEN
    return _FEWEST_TOKENS <= tokens < characters / most


def wait_s(asked: str, attempt: int, now_s: float) -> float:
    """Seconds to wait before the next attempt: what the header Retry-After asks for, else 0.5, 1, 2, 4, 8, 8 ...

    `now_s` is the time in seconds since 1970, for headers that give a date.
    """
    try:
        return max(0.0, float(asked))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(asked).timestamp() - now_s)
    except (ValueError, TypeError, OverflowError, IndexError):
        return float(min(_LONGEST_WAIT_S, 0.5 * 2.0**attempt))


def _is_passing(fault: ServerError) -> bool:
    """Whether the same request may succeed in a moment."""
    if fault.code == EMPTY:
        return True
    return (fault.status in _RETRIED or fault.status >= 500) and not _no_money(fault)


def _no_money(fault: ServerError) -> bool:
    said = f"{fault.code} {fault.words}".lower()
    return fault.status == 402 or (fault.status == 429 and _NO_MONEY.search(said) is not None)


def _unknown_model(fault: ServerError) -> bool:
    """Whether the server does not know the model, as opposed to the address."""
    said = f"{fault.code} {fault.words}".lower()
    return fault.status in (400, 404) and _NO_MODEL.search(said) is not None


def _too_long(fault: ServerError) -> bool:
    return fault.status == 413 or TOO_LONG.search(f"{fault.code} {fault.words}".lower()) is not None


_REFUSALS: tuple[tuple[Callable[[ServerError], bool], str, str], ...] = (
    (
        lambda fault: fault.status == 407,
        "network",
        "The proxy for {host} requires a user name and password ({said}); put them into the address of the proxy",
    ),
    (lambda fault: fault.status == 401, "key", "The endpoint {host} did not accept the key ({said}); give a valid one"),
    (_no_money, "account", "The account at {host} has no credit left ({said}); check it there"),
    (_unknown_model, "model", "The endpoint {host} has no model '{model}' ({said}); name one that it serves"),
    (_too_long, "context", "The request is too long for the model {model} ({said}); {bigger}"),
    (
        lambda fault: fault.status == 403,
        "key",
        "The endpoint {host} refused ({said}); check what the key may use, its quota and your region",
    ),
    (
        lambda fault: not fault.chat or fault.status in (404, 405) or 300 <= fault.status < 400,
        "address",
        "The endpoint {host} does not serve chat completions at this address ({said}); addresses usually end in /v1",
    ),
    (lambda fault: True, "model", "The endpoint {host} refused the request ({said}); try another model"),
)
"""When each one applies, what to change, and the message; the first that applies is used."""
