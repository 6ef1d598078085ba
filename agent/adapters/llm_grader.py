"""Asks a language model behind an OpenAI-compatible endpoint which points an answer makes; knows nothing of ratings.

Servers differ in what they take: a strict schema, JSON without a schema, or plain text. Whether a reply is valid, not
the HTTP status, decides what works, and the instance remembers it.
"""

from __future__ import annotations

import email.utils
import json
import re
import secrets
import time
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from agent.logic.grading.evidence import find_quote
from agent.logic.grading.judge_prompt import Prompt, ReplyError, judge_prompt, parse_reply, read_reply
from agent.logic.ports import Grader
from agent.values.errors import EndpointError, InputError
from agent.values.grade import Verdict
from agent.values.rubric import Question
from agent.values.transcript import Transcript

OPENAI = "https://api.openai.com/v1"
NO_KEY = "none"
"""Sent to local servers, which ask for no key; the client insists on one."""
RUNGS = ("json_schema", "json_object", "text")
"""How the form of the reply is asked for, strictest first."""
RETRY_BUDGET_S = 20.0
"""Seconds that failed attempts and waits together may take; a candidate is waiting."""
_ATTEMPTS = 4
_TOKENS_PER_TARGET, _TOKENS_FREE = 120, 1200
_OPTIONAL = ("temperature", "seed", "max_tokens", "max_completion_tokens")
"""Parameters that some models refuse; each is given up when an error names it."""
_TO_GRADER = "Part of the answer spoke to the grader; that part counts for nothing."

_NO_MODEL = re.compile(r"model_not_found|model\b.{0,80}\bnot (?:found|exist)|(?:unknown|invalid|no such) model")
Message = dict[str, str]


class _NoReplyError(Exception):
    """The endpoint gave no usable reply this time; the message says why, in plain words."""


class _Choice(NamedTuple):
    text: str
    cut: bool
    """The reply ended because its tokens ran out."""


def configured(environ: Mapping[str, str]) -> str | None:
    """Host of the endpoint that answers would be sent to; None when none is configured, so that nothing is sent.

    Raises InputError when what is configured is no address.
    """
    url = environ.get("OPENAI_BASE_URL", "").strip()
    if url or environ.get("OPENAI_API_KEY", "").strip():
        return _host(url or OPENAI)
    return None


def from_environment(environ: Mapping[str, str], fallback: Grader | None = None, timeout_s: float = 60.0) -> LlmGrader:
    """The judge that OPENAI_BASE_URL, OPENAI_API_KEY and MOCK_INTERVIEW_MODEL describe. Raises InputError."""
    if configured(environ) is None:
        raise InputError("no LLM endpoint is configured; set OPENAI_BASE_URL (and OPENAI_API_KEY if it asks for a key)")
    model = environ.get("MOCK_INTERVIEW_MODEL", "").strip()
    if not model:
        raise InputError("no model is named; set MOCK_INTERVIEW_MODEL to a model that the LLM endpoint serves")
    url = environ.get("OPENAI_BASE_URL", "").strip() or OPENAI
    key = environ.get("OPENAI_API_KEY", "").strip() or NO_KEY
    if not key.isascii():
        raise InputError("OPENAI_API_KEY holds characters that no key has, such as curly quotes; copy it again")
    return LlmGrader(base_url=url, api_key=key, model=model, timeout_s=timeout_s, fallback=fallback)


class LlmGrader:
    """A grader behind an endpoint; when it fails for good, `fallback` grades and the verdict says so."""

    def __init__(
        self, base_url: str, model: str, api_key: str = NO_KEY, timeout_s: float = 60.0, fallback: Grader | None = None
    ) -> None:
        self._base_url = base_url
        self._key = api_key
        self._model = model
        self._timeout_s = timeout_s
        self._fallback = fallback
        self._rung = 0
        self._extras: dict[str, Any] = {"temperature": 0, "seed": 7}
        self._tokens_key: str | None = "max_tokens"
        self._spent_s = 0.0

    @property
    def name(self) -> str:
        """What verdicts carry as their grader."""
        return f"llm:{self._model}"

    @property
    def rung(self) -> str:
        """How replies are asked for, as learnt so far: one of RUNGS."""
        return RUNGS[self._rung]

    def prepare(self, question: Question) -> None:
        """Nothing: a request is only made for an answer."""

    def claim(self, question: Question, transcript: Transcript) -> Verdict:
        """The model's claims, or the fallback's with a note. Raises EndpointError when the endpoint fails for good."""
        if not transcript.words:
            return Verdict(ungraded_reason="no answer was heard", grader=self.name)
        try:
            return self._judge(question, transcript)
        except (EndpointError, _NoReplyError) as error:
            if self._fallback is not None:
                verdict = self._fallback.claim(question, transcript)
                note = f"{error}; {verdict.grader} graded this answer instead."
                return verdict.model_copy(update={"notes": (*verdict.notes, note)})
            if isinstance(error, EndpointError):
                raise
            return Verdict(ungraded_reason=str(error), grader=self.name)

    def _judge(self, question: Question, transcript: Transcript) -> Verdict:
        import openai

        prompt = judge_prompt(question, transcript, secrets.token_hex(8))
        learnt, self._spent_s = self._rung, 0.0
        client = openai.OpenAI(base_url=self._base_url, api_key=self._key, timeout=self._timeout_s, max_retries=0)
        with client:
            try:
                text = self._valid_reply(client, prompt, question, transcript)
            except (EndpointError, _NoReplyError):
                self._rung = learnt
                raise
        notes = (_TO_GRADER,) if read_reply(text, question).addressed_to_grader else ()
        return Verdict(claims=parse_reply(text, question), grader=self.name, notes=notes)

    def _valid_reply(self, client: Any, prompt: Prompt, question: Question, transcript: Transcript) -> str:
        """A reply that follows the schema, after one repair at most; the repair is asked for one rung lower."""
        tokens = _TOKENS_FREE + _TOKENS_PER_TARGET * (len(question.points) + len(question.misconceptions))
        talk: list[Message] = [{"role": "user", "content": prompt.user}]
        choice = self._uncut(client, prompt, talk, tokens)
        fault = _fault(choice.text, question, transcript)
        if fault is None:
            return choice.text
        self._rung = min(self._rung + 1, len(RUNGS) - 1)
        repair = f"Your reply cannot be used: {fault}. Write the whole reply again as one JSON object and nothing else."
        talk += [{"role": "assistant", "content": choice.text or "(empty)"}, {"role": "user", "content": repair}]
        choice = self._uncut(client, prompt, talk, tokens)
        fault = _fault(choice.text, question, transcript)
        if fault is not None:
            raise _NoReplyError(f"The model {self._model} gave no usable reply, twice ({fault[:200]})")
        return choice.text

    def _uncut(self, client: Any, prompt: Prompt, talk: list[Message], tokens: int) -> _Choice:
        """A reply that was not cut short; twice the tokens are allowed once."""
        choice = self._sent(client, prompt, talk, tokens)
        if choice.cut and self._tokens_key is not None:
            choice = self._sent(client, prompt, talk, 2 * tokens)
        if choice.cut:
            raise _NoReplyError(f"The reply of the model {self._model} was cut short even at {2 * tokens} tokens")
        return choice

    def _sent(self, client: Any, prompt: Prompt, talk: list[Message], tokens: int) -> _Choice:
        """One reply, on the highest rung and with all parameters that the server takes."""
        import openai

        while True:
            try:
                return self._choice(self._patiently(client, self._request(prompt, talk, tokens)))
            except openai.APIStatusError as error:
                if not self._gave_way(error):
                    raise self._refused(error) from error

    def _request(self, prompt: Prompt, talk: list[Message], tokens: int) -> dict[str, Any]:
        system = prompt.system
        form: dict[str, Any] = {}
        if self.rung == "json_schema":
            schema = {"name": "claims", "strict": True, "schema": prompt.schema}
            form = {"response_format": {"type": "json_schema", "json_schema": schema}}
        else:
            system += "\n\nThe JSON object must follow this JSON Schema:\n" + json.dumps(prompt.schema)
        if self.rung == "json_object":
            form = {"response_format": {"type": "json_object"}}
        limit = {} if self._tokens_key is None else {self._tokens_key: tokens}
        messages = [{"role": "system", "content": system}, *talk]
        return {"model": self._model, "messages": messages, **form, **limit, **self._extras}

    def _patiently(self, client: Any, request: dict[str, Any]) -> Any:
        """The completion, with retries while the server is busy. Status errors that no retry mends pass through."""
        import openai

        for attempt in range(_ATTEMPTS):
            started = time.monotonic()
            try:
                return client.chat.completions.create(**request)
            except openai.APIConnectionError as error:
                wait, why = self._unreachable(error, attempt)
            except openai.APIStatusError as error:
                if error.status_code not in (408, 409, 429) and error.status_code < 500:
                    raise
                wait, why = _wait_s(error.response.headers, attempt), f"answered with HTTP {error.status_code}"
            except ValueError as error:
                raise self._not_chat() from error
            self._spent_s += time.monotonic() - started + wait
            if attempt == _ATTEMPTS - 1 or self._spent_s > RETRY_BUDGET_S:
                break
            time.sleep(wait)
        raise _NoReplyError(f"The endpoint {_host(self._base_url)} {why}")

    def _unreachable(self, error: Exception, attempt: int) -> tuple[float, str]:
        """Seconds to wait and what happened. Raises EndpointError when nothing listens there: waiting is vain."""
        import openai

        if isinstance(error, openai.APITimeoutError):
            return _wait_s({}, attempt), f"did not answer within {self._timeout_s:g} s"
        if type(error.__cause__).__name__ in ("ConnectError", "UnsupportedProtocol", "InvalidURL"):
            raise EndpointError(
                f"Nothing answers at {_host(self._base_url)}; start the server there or correct OPENAI_BASE_URL"
            ) from error
        return _wait_s({}, attempt), "broke off the connection"

    def _gave_way(self, error: Any) -> bool:
        """Drops what the server complains of, a parameter or the rung; False when nothing is left to drop."""
        if error.status_code not in (400, 404, 422) or _unknown_model(error):
            return False
        named = self._complained_of(error)
        if named in self._extras:
            del self._extras[named]
        elif named is not None:
            self._tokens_key = "max_completion_tokens" if named == "max_tokens" else None
        elif self._rung < len(RUNGS) - 1:
            self._rung += 1
        else:
            return False
        return True

    def _complained_of(self, error: Any) -> str | None:
        """The optional parameter that an error names and that was sent."""
        sent = {*self._extras, self._tokens_key}
        param = getattr(error, "param", None)
        if param in sent:
            return str(param)
        if re.search(r"response_format|json_schema|json_object|grammar", str(error)):
            return None
        return next((name for name in _OPTIONAL if name in sent and re.search(rf"\b{name}\b", str(error))), None)

    def _refused(self, error: Any) -> EndpointError:
        host, status = _host(self._base_url), error.status_code
        if status in (401, 403):
            return EndpointError(f"The endpoint {host} refused the key (HTTP {status}); set a valid OPENAI_API_KEY")
        if _unknown_model(error):
            return EndpointError(
                f"The endpoint {host} has no model '{self._model}'; set MOCK_INTERVIEW_MODEL to one that it serves"
            )
        if status == 404:
            return self._not_chat()
        said = str(error.message) if self._key == NO_KEY else str(error.message).replace(self._key, "...")
        return EndpointError(f"The endpoint {host} refused the request (HTTP {status}: {said[:200]}); check the model")

    def _not_chat(self) -> EndpointError:
        return EndpointError(
            f"The endpoint {_host(self._base_url)} does not serve chat completions at this address; "
            "OPENAI_BASE_URL mostly ends in /v1"
        )

    def _choice(self, completion: Any) -> _Choice:
        choices = getattr(completion, "choices", None)
        if not choices:
            raise self._not_chat()
        message, finish = choices[0].message, choices[0].finish_reason
        if getattr(message, "refusal", None) or finish == "content_filter":
            why = (getattr(message, "refusal", None) or "content filter")[:200]
            raise _NoReplyError(f"The model {self._model} refused to judge this answer ({why})")
        return _Choice(text=message.content or "", cut=finish == "length")


def _fault(text: str, question: Question, transcript: Transcript) -> str | None:
    """What is wrong with a reply; None when it follows the schema and most of its quotes were really spoken."""
    try:
        claims = parse_reply(text, question)
    except ReplyError as error:
        return str(error)
    # Invented quotes make no evidence, so a model that only invents them would pass for a very weak answer.
    invented = [claim.quote for claim in claims if find_quote(claim.quote, transcript) is None]
    if 2 * len(invented) <= len(claims):
        return None
    return f"{len(invented)} of {len(claims)} quotes are not in the transcript, such as {invented[0][:80]!r}"


def _unknown_model(error: Any) -> bool:
    """Whether the server knows no model of that name, as opposed to no such address."""
    said = f"{getattr(error, 'code', '')} {error}".lower()
    return error.status_code in (400, 404) and _NO_MODEL.search(said) is not None


def _wait_s(headers: Mapping[str, str], attempt: int) -> float:
    """Seconds to wait before the next attempt: as the server asks, else 0.5, 1, 2."""
    asked = headers.get("retry-after", "")
    try:
        return max(0.0, float(asked))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(asked).timestamp() - time.time())
    except ValueError:
        return 0.5 * 2.0**attempt


def _host(url: str) -> str:
    """Host and port alone: an address may carry a password. Raises InputError."""
    try:
        parts = urlsplit(url if "//" in url else f"//{url}")
        port = parts.port
    except ValueError as error:
        raise InputError(f"the address of the LLM endpoint is none ({error}); it looks like {OPENAI}") from error
    if not parts.hostname or parts.scheme not in ("http", "https"):
        raise InputError(f"the address of the LLM endpoint must begin with http:// or https://, as in {OPENAI}")
    return parts.hostname + (f":{port}" if port else "")
