"""Whatever an endpoint sends, only our own errors come out: arbitrary bytes, JSON of any shape, spoilt good replies.

The suite tries some hundred inputs. FUZZ_SECONDS=600 python -m pytest tests/test_endpoint_fuzz.py -s goes on for so
long and prints how many were tried.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from agent.adapters.chat_endpoint import ChatAddress, ChatEndpoint
from agent.adapters.deadline import Deadline
from agent.adapters.http_post import HttpReply, HttpRequest
from agent.adapters.llm_grader import LlmGrader
from agent.logic.grading.evidence import CREDITED, gather
from agent.logic.ports import Grader
from agent.values.errors import EndpointError
from agent.values.rubric import Question
from tests.fake_endpoint import ANSWER, CLAIMS, GOOD, completion, llm_at, with_fallback

FUZZ_SECONDS = float(os.environ.get("FUZZ_SECONDS", "0"))
IN_SUITE, IN_ROUND = 150, 1000

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = (
    "choices message content error code type text finish_reason usage prompt_tokens claims target quote verdict kind "
    "confidence reason addressed_to_grader delta tool_calls function arguments refusal model detail metadata raw"
)
ODD = [GOOD, "<think>", "</think>", "stop", "length", "pca", "made", 2048, 429, 503, float("nan")]
NEAR_JSON = st.recursive(
    JSON
    | st.sampled_from([GOOD, "<think>", "</think>", "stop", "length", "pca", "made", 2048, 429, 503, float("nan")]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES.split()), inner, max_size=5),
    max_leaves=15,
)
"""JSON of any shape under the names that endpoints use."""


PUT_IN = ["", "<think>", "</think>", "{", '"', "\\", "\x00", "\ud800", ","]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to every value inside a JSON value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copied = dict(value) if isinstance(value, dict) else list(value)
    copied[path[0]] = replaced(copied[path[0]], path[1:], new)
    return copied


@st.composite
def spoilt(draw: st.DrawFn, good: Any) -> Any:
    """A good JSON value with a few values inside replaced."""
    for _ in range(draw(st.integers(0, 3))):
        good = replaced(good, draw(st.sampled_from(list(places(good)))), draw(NEAR_JSON))
    return good


@st.composite
def spoilt_text(draw: st.DrawFn, good: str) -> str:
    """A good text with pieces cut out, doubled or put in."""
    for _ in range(draw(st.integers(0, 3))):
        start, end = sorted((draw(st.integers(0, len(good))), draw(st.integers(0, len(good)))))
        put = draw(
            st.sampled_from(["", good[start:end] * 2, "<think>", "</think>", "{", '"', "\\", "\x00", "\ud800", ","])
        )
        good = good[:start] + put + good[end:]
    return good


def encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


CONTENTS = spoilt_text(GOOD) | spoilt(CLAIMS).map(json.dumps) | NEAR_JSON


def events(values: list[Any]) -> bytes:
    """Values as server-sent events."""
    return "".join(f"data: {json.dumps(value)}\n\n" for value in values).encode()


BODIES = st.one_of(
    st.binary(max_size=200),
    JSON.map(encoded),
    NEAR_JSON.map(encoded),
    CONTENTS.map(lambda content: encoded(completion(content))),
    spoilt(completion(GOOD) | {"usage": {"prompt_tokens": 3000}}).map(encoded),
    spoilt_text(json.dumps(completion(GOOD))).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.lists(NEAR_JSON, max_size=4).map(events),
)
FAILURES = st.sampled_from([201, 204, 302, 400, 401, 403, 404, 422, 429, 500, 503])
STATUSES = st.one_of(st.just(200), FAILURES, st.integers(0, 999))
REPLIES = st.builds(
    HttpReply,
    status=STATUSES,
    body=BODIES,
    media_type=st.sampled_from(["application/json", "text/event-stream", "text/html", ""]),
    retry_after=st.sampled_from(["", "0", "-1", "inf", "nan"]) | st.text(max_size=20),
    location=st.just(""),
)
HEADERS = st.sampled_from(
    b"Content-Encoding: gzip|Content-Encoding: br, odd|Transfer-Encoding: chunked|Content-Length: 5|Content-Length: -1|"
    b"Location: \xff|Location: http://[::1|Location: /other|Retry-After: 0|Content-Type: \x00|: :".split(b"|")
)
WIRE = st.one_of(
    st.binary(max_size=100),
    st.builds(
        lambda status, headers, body: b"HTTP/1.1 %d X\r\n%b\r\n\r\n%b" % (status, b"\r\n".join(headers), body),
        st.sampled_from([100, 101, 199, 200, 204, 301, 307, 400, 500, 999]),
        st.lists(HEADERS | st.binary(max_size=20), max_size=3),
        BODIES,
    ),
)
"""Bytes of a whole HTTP response, which may be none."""

TRIED: Counter[str] = Counter()


def rounds(name: str, trial: Callable[[Any], None], inputs: st.SearchStrategy[Any]) -> None:
    """Tries inputs: one round in the suite, else rounds of new ones until the time is up."""
    end = time.monotonic() + FUZZ_SECONDS / 2
    size = IN_ROUND if FUZZ_SECONDS else IN_SUITE

    @settings(
        max_examples=size,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(inputs)
    def one_round(value: Any) -> None:
        TRIED[name] += 1
        trial(value)

    one_round()
    while time.monotonic() < end:
        one_round()
    print(f"\n{TRIED[name]} inputs tried: {name}")


def ends_well(llm: Grader, question: Question) -> None:
    """A verdict or our own error, which can be printed and stored, and evidence that a rating can be made from."""
    try:
        verdict = llm.claim(question, ANSWER)
    except EndpointError as error:
        words = [str(error)]
    else:
        evidence = gather(verdict.claims, question, ANSWER)
        words = [verdict.ungraded_reason or "", *verdict.notes, *(item.model_dump_json() for item in evidence)]
        assert all(CREDITED <= item.confidence <= 1 for item in evidence)
    for text in words:
        text.encode()
        assert text.isprintable()


@pytest.mark.timeout(FUZZ_SECONDS + 400)
def test_replies_of_any_kind_end_in_a_verdict_or_our_error(questions: dict[str, Question]) -> None:
    question = questions["recsys-reduce-features"]

    def trial(replies: list[HttpReply]) -> None:
        def send(request: HttpRequest, deadline: Deadline) -> HttpReply:
            json.loads(request.body)
            return replies[0] if len(replies) == 1 else replies.pop(0)

        address = ChatAddress("http://127.0.0.1:9/v1", "m", "sk-secret")
        # Waits of half a second are too long for this budget; those that a server asks to be 0 are not.
        llm = LlmGrader(ChatEndpoint(address, retry_s=0.2, send=send))
        ends_well(llm, question)
        assert with_fallback(llm).claim(question, ANSWER).grader in ("llm:m", "embedded")

    rounds("replies", trial, st.lists(REPLIES, min_size=1, max_size=3))


@contextmanager
def speaking(answer: Callable[[], bytes]) -> Iterator[str]:
    """A server that answers each request with bytes and hangs up."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:

        def serve() -> None:
            while True:
                try:
                    connection = server.accept()[0]
                except OSError:
                    return
                with connection:
                    connection.settimeout(5.0)
                    try:
                        while (part := connection.recv(65_536)) and not part.endswith(b"}"):
                            pass
                        connection.sendall(answer())
                    except OSError:
                        continue

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.timeout(FUZZ_SECONDS + 400)
def test_bytes_of_any_kind_end_in_a_verdict_or_our_error(questions: dict[str, Question]) -> None:
    question, wire = questions["recsys-reduce-features"], [b""]
    with speaking(lambda: wire[0]) as url:

        def trial(data: bytes) -> None:
            wire[0] = data
            ends_well(llm_at(url, retry_s=0.0), question)

        rounds("bytes on the wire", trial, WIRE)
