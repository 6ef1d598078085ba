"""The endpoint and its failures: in the server's own words, within the time limit, and never as a traceback."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agent.adapters.chat_endpoint import ChatAddress, ChatEndpoint, wait_s, was_cut
from agent.adapters.deadline import Deadline
from agent.adapters.http_post import HttpReply, HttpRequest, host_of
from agent.adapters.llm_grader import LlmGrader
from agent.adapters.rubric_file import load_questions
from agent.values.errors import EndpointError, InputError
from agent.values.grade import Verdict
from tests.fake_endpoint import (
    ANSWER,
    CLAIM,
    GOOD,
    KEY,
    Answer,
    Rule,
    completion,
    fails,
    llm_at,
    says,
    serving,
    with_fallback,
)

QUESTION = load_questions([Path(__file__).parent.parent / "rubrics"])["recsys-reduce-features"]
AT_ONCE = {"Retry-After": "0"}


def verdict_of(replies: list[Answer] | Rule, **more: Any) -> tuple[Verdict, int]:
    """The verdict, and how often the server was asked."""
    with serving(replies) as endpoint:
        return llm_at(endpoint.url, **more).claim(QUESTION, ANSWER), len(endpoint.asked)


def reason_of(replies: list[Answer] | Rule, **more: Any) -> str:
    return verdict_of(replies, **more)[0].ungraded_reason or ""


@pytest.mark.parametrize(
    "busy",
    [
        fails(429, headers=AT_ONCE),
        fails(503, "Loading model", headers=AT_ONCE),
        Answer(200, {"error": {"message": "Provider returned error", "code": 502}}, AT_ONCE),
        Answer(200, {"error": "the model is overloaded, try again"}, AT_ONCE),
        Answer(200, {"choices": [{"finish_reason": "error", "error": {"code": 502, "message": "died"}}]}, AT_ONCE),
        Answer(200, {"choices": []}, AT_ONCE),
    ],
)
def test_a_busy_server_is_asked_again(busy: Answer) -> None:
    verdict, asked = verdict_of([busy, says(GOOD)])
    assert verdict.claims == (CLAIM,)
    assert asked == 2


def test_a_server_busy_for_long_is_not_waited_for() -> None:
    verdict, asked = verdict_of([fails(429, "Slow down", headers={"Retry-After": "3600"})])
    assert asked == 1
    assert "HTTP 429: Slow down; it asks to wait 3600 s" in (verdict.ungraded_reason or "")


def test_a_broken_server_is_given_up_after_a_few_attempts_in_its_own_words() -> None:
    with serving(lambda _: fails(500, "CUDA out of memory", headers=AT_ONCE)) as endpoint:
        verdict = with_fallback(llm_at(endpoint.url)).claim(QUESTION, ANSWER)
    assert verdict.grader == "embedded"
    assert "HTTP 500: CUDA out of memory" in verdict.notes[-1]
    assert 2 <= len(endpoint.asked) <= 8


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            Answer(200, {"error": {"message": "Provider returned error", "metadata": {"raw": "upstream overloaded"}}}),
            "Provider returned error: upstream overloaded",
        ),
        (
            Answer(200, {"choices": [{"finish_reason": "error", "error": {"code": 502, "message": "died"}}]}),
            "502: died",
        ),
        (Answer(503, [{"error": {"code": 503, "message": "busy", "status": "UNAVAILABLE"}}]), "503: busy"),
        (Answer(500, {"detail": [{"loc": ["body"], "msg": "first"}, {"msg": "second"}]}), "500: first; second"),
        (Answer(500, None, page="<html><title>Bad Gateway &amp; more</title></html>"), "500: Bad Gateway & more"),
        (Answer(500, {"error": "\x1b[31mred\x07 \ud800"}), "500: [31mred ?"),
    ],
)
def test_what_a_server_says_is_quoted(answer: Answer, words: str) -> None:
    assert words in reason_of([answer], retry_s=0)


@pytest.mark.parametrize(
    ("answer", "words", "code"),
    [
        (
            fails(401, f"Incorrect API key provided: {KEY}"),
            r"the key \(HTTP 401: Incorrect API key provided: ...\)",
            "key",
        ),
        (fails(403, "Country not supported"), "HTTP 403: Country not supported", "key"),
        (fails(402, "Payment required"), "account", "account"),
        (fails(429, "You exceeded your quota", code="insufficient_quota"), "account", "account"),
        (fails(404, "The model `m` does not exist", code="model_not_found"), "no model 'm'", "model"),
        (fails(404, 'model "m" not found, try pulling it first'), "no model 'm'", "model"),
        (fails(404, "Not Found"), "/v1", "address"),
        (fails(400, f"maximum context length is 2048, key {KEY}"), "larger context", "context"),
        (fails(400, "request (5321 tokens) exceeds the available context size (4096 tokens)"), "5321", "context"),
        (fails(400, "odd"), "HTTP 400: odd", "model"),
        (Answer(200, {}, page="<html><body>Sign in to WiFi</body></html>", kind="text/html"), "Sign in to", "address"),
        (Answer(200, {"message": "odd gateway"}), "odd gateway", "address"),
        (Answer(200, None), "/v1", "address"),
        (Answer(200, [1, 2]), "/v1", "address"),
        (Answer(200, {}, page=""), "/v1", "address"),
        (Answer(303, {}, {"Location": "/good"}), "HTTP 303", "address"),
        (fails(413, "too large"), "larger context", "context"),
        (fails(407, "Who are you?"), "proxy for 127.0.0.1", "network"),
    ],
)
def test_what_only_the_user_can_change_is_said_without_the_key(answer: Answer, words: str, code: str) -> None:
    with serving(lambda _: answer) as endpoint:
        with pytest.raises(EndpointError, match=words) as caught:
            llm_at(endpoint.url).claim(QUESTION, ANSWER)
        verdict = with_fallback(llm_at(endpoint.url)).claim(QUESTION, ANSWER)
    assert caught.value.code == code
    assert KEY not in str(caught.value)
    assert verdict.grader == "embedded"
    assert str(caught.value) in verdict.notes[-1]


def test_a_prompt_that_leaves_no_room_for_the_reply_is_sent_without_a_limit() -> None:
    def rule(request: dict[str, Any]) -> Answer:
        return fails(400, "maximum context length is 4096 tokens") if "max_tokens" in request else says(GOOD)

    verdict, asked = verdict_of(rule)
    assert (verdict.claims, asked) == ((CLAIM,), 2)


def counting(usage: Callable[[int], Any], content: str = GOOD) -> Rule:
    """A server that reports a usage worked out from the characters that it was sent."""

    def rule(request: dict[str, Any]) -> Answer:
        characters = sum(len(message["content"]) for message in request["messages"])
        return Answer(200, completion(content) | {"usage": usage(characters)})

    return rule


def test_a_prompt_that_was_cut_to_the_context_is_noticed() -> None:
    draft = '{"claims": [], "addressed_to_grader": false}'
    verdict, _ = verdict_of(counting(lambda characters: {"prompt_tokens": characters // 6}, draft))
    assert "tokens of a request of about" in (verdict.ungraded_reason or "")
    assert "larger context" in (verdict.ungraded_reason or "")


@pytest.mark.parametrize(
    "usage",
    [
        lambda characters: {"prompt_tokens": int(characters / 4.6)},
        lambda characters: {"prompt_tokens": characters},
        lambda characters: {"prompt_tokens": 12},
        lambda characters: {"prompt_tokens": None},
        lambda characters: {"prompt_tokens": True},
        lambda characters: {"prompt_tokens": "900"},
        lambda characters: {},
        lambda characters: 7,
        lambda characters: {
            "prompt_tokens": characters // 10,
            "prompt_tokens_details": {"cached_tokens": characters // 8},
        },
    ],
)
def test_a_prompt_that_was_read_whole_is_not_called_cut(usage: Callable[[int], Any]) -> None:
    assert verdict_of(counting(usage))[0].claims == (CLAIM,)


def test_a_count_of_tokens_tells_a_cut_prompt_from_a_whole_one() -> None:
    assert not was_cut(tokens=2541, characters=12_007)  # as o200k counts one of our prompts
    assert was_cut(tokens=2048, characters=12_007)
    assert was_cut(tokens=2048, characters=9_900)  # a round number is the size of a context
    assert not was_cut(tokens=2049, characters=9_900)
    assert not was_cut(tokens=20, characters=12_007)  # what was not in the server's cache


def test_server_sent_events_are_put_together() -> None:
    def chunk(**choice: Any) -> str:
        return f"data: {json.dumps({'model': 'm', 'choices': [{'index': 0, **choice}]})}\n\n"

    stream = chunk(delta={"role": "assistant", "content": GOOD[:40]}) + ": a comment\n\n"
    stream += chunk(delta={"content": GOOD[40:]}) + chunk(delta={}, finish_reason="stop") + "data: [DONE]\n\n"
    answer = Answer(200, None, page=stream, kind="text/event-stream")
    assert verdict_of([answer])[0].claims == (CLAIM,)
    failing = 'data: {"error": {"message": "upstream died", "code": 502}}\n\n'
    assert "502: upstream died" in reason_of([Answer(200, None, page=failing, kind="text/event-stream")], retry_s=0)


# Where requests go


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_the_same_server_is_followed(status: int) -> None:
    moved = Answer(status, None, {"Location": "/v2/chat/completions"})
    with serving([moved, says(GOOD)]) as endpoint:
        assert llm_at(endpoint.url).claim(QUESTION, ANSWER).claims == (CLAIM,)
    assert endpoint.paths == ["/v1/chat/completions", "/v2/chat/completions"]
    assert endpoint.asked[0] == endpoint.asked[1]


def test_a_redirect_to_another_server_is_not() -> None:
    with serving([]) as other:
        words = f"redirects to http://127.0.0.1:{other.port}, where nothing was sent"
        moved = Answer(307, None, {"Location": f"{other.url}/chat/completions"})
        with serving([moved]) as endpoint, pytest.raises(EndpointError, match=words):
            llm_at(endpoint.url).claim(QUESTION, ANSWER)
    assert other.asked == []


@pytest.mark.parametrize("location", ["/v1/chat/completions", "http://[::1", "ftp://127.0.0.1/", "//"])
def test_a_redirect_that_leads_nowhere_ends(location: str) -> None:
    moved = Answer(307, None, {"Location": location})
    with serving(lambda _: moved) as endpoint, pytest.raises(EndpointError, match="redirects"):
        llm_at(endpoint.url).claim(QUESTION, ANSWER)
    assert len(endpoint.asked) <= 4


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://h:1/v1", "http://h:1/v1/chat/completions"),
        ("http://h:1/v1/", "http://h:1/v1/chat/completions"),
        ("http://h:1/v1/chat/completions", "http://h:1/v1/chat/completions"),
        ("https://h/openai?api-version=1", "https://h/openai/chat/completions?api-version=1"),
        ("http://[::1]:8080", "http://[::1]:8080/chat/completions"),
    ],
)
def test_the_address_is_built_from_what_users_give(base: str, url: str) -> None:
    assert ChatAddress(base, "m").url == url


def test_the_host_is_named_without_the_password() -> None:
    assert host_of("http://user:pass@localhost:8080/v1") == "localhost:8080"
    assert host_of("http://[::1]:8080/v1") == "[::1]:8080"


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://h/v1", "http://", "http://[::1", "http://h:port/v1", "//h"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="address of the LLM endpoint"):
        ChatEndpoint(ChatAddress(url, "m"))


@pytest.mark.parametrize(
    "url", ["http://h ost/v1", "http://h\x00/v1", "http://\u2603.\ud800/v1", f"http://{'h' * 300}/v1"]
)
def test_an_address_that_cannot_be_reached_ends_in_the_fallback(url: str, proxied: Callable[[str], None]) -> None:
    assert with_fallback(llm_at(url, retry_s=0)).claim(QUESTION, ANSWER).grader == "embedded"


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)

    def use(proxy: str) -> None:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy)

    return use


def test_loopback_is_never_reached_through_a_proxy(proxied: Callable[[str], None]) -> None:
    with serving([]) as proxy, serving([says(GOOD), says(GOOD)]) as endpoint:
        proxied(f"http://127.0.0.1:{proxy.port}")
        for host in ("127.0.0.1", "localhost"):
            verdict = llm_at(f"http://{host}:{endpoint.port}/v1").claim(QUESTION, ANSWER)
            assert verdict.claims == (CLAIM,)
    assert proxy.asked == []


def test_other_hosts_are_reached_through_the_proxy(proxied: Callable[[str], None]) -> None:
    with serving([says(GOOD)]) as proxy:
        proxied(f"127.0.0.1:{proxy.port}")
        assert llm_at("http://llm.test/v1").claim(QUESTION, ANSWER).claims == (CLAIM,)
    assert proxy.paths == ["http://llm.test/v1/chat/completions"]


@pytest.mark.parametrize("proxy", ["foo://127.0.0.1:9", "http://[::1", "127.0.0.1:port", "http://", "socks5://[x]:1"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_setting_that_is_nonsense_ends_in_the_fallback(
    proxied: Callable[[str], None], proxy: str, scheme: str
) -> None:
    proxied(proxy)
    verdict = with_fallback(llm_at(f"{scheme}://llm.test/v1", retry_s=0)).claim(QUESTION, ANSWER)
    assert verdict.grader == "embedded"
    assert "llm.test" in verdict.notes[-1] or "127.0.0.1:9" in verdict.notes[-1]


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:{port}", "socks5://127.0.0.1:{port}"])
def test_a_proxy_that_is_not_there_is_named(proxied: Callable[[str], None], proxy: str) -> None:
    port = free_port()
    proxied(proxy.format(port=port))
    with pytest.raises(EndpointError, match=f"127.0.0.1:{port}"):
        llm_at("https://llm.test/v1", retry_s=0).claim(QUESTION, ANSWER)


def test_a_proxy_that_refuses_is_named(proxied: Callable[[str], None]) -> None:
    with serving(lambda _: fails(407, "Who are you?")) as proxy:
        proxied(f"http://user:secret@127.0.0.1:{proxy.port}")
        with pytest.raises(EndpointError, match=r"proxy for llm\.test"):
            llm_at("http://llm.test/v1").claim(QUESTION, ANSWER)
        with pytest.raises(EndpointError, match=rf"proxy 127\.0\.0\.1:{proxy.port}") as caught:
            llm_at("https://llm.test/v1").claim(QUESTION, ANSWER)
    assert "secret" not in str(caught.value)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_nothing_listening_is_said_at_once() -> None:
    port = free_port()
    with pytest.raises(EndpointError, match=rf"Nothing answers at 127\.0\.0\.1:{port}; check") as caught:
        llm_at(f"http://127.0.0.1:{port}/v1").claim(QUESTION, ANSWER)
    assert caught.value.code == "address"


def test_a_name_that_does_not_exist_is_said(proxied: Callable[[str], None]) -> None:
    with pytest.raises(EndpointError, match=r"nowhere\.invalid"):
        llm_at("http://nowhere.invalid/v1", retry_s=0).claim(QUESTION, ANSWER)


@pytest.mark.parametrize("key", ["sk-\u201cquoted\u201d", "sk-1\nX-Other: 2", "\ud800"])
def test_a_key_that_cannot_be_sent_is_not_quoted(key: str) -> None:
    with serving([]) as endpoint, pytest.raises(EndpointError, match="key") as caught:
        llm_at(endpoint.url, key=key).claim(QUESTION, ANSWER)
    assert key not in str(caught.value)
    assert endpoint.asked == []


# Certificates


@contextmanager
def encrypted() -> Iterator[int]:
    """A TLS server whose certificate nobody vouches for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(__file__).parent / "self_signed.pem")
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            connection = server.accept()[0]
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

        thread = threading.Thread(target=greet)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def test_a_certificate_that_is_not_trusted_is_said() -> None:
    with encrypted() as port, pytest.raises(EndpointError, match=r"is not trusted .*SSL_CERT_FILE") as caught:
        llm_at(f"https://127.0.0.1:{port}/v1").claim(QUESTION, ANSWER)
    assert "Nothing answers" not in str(caught.value)


def test_https_where_http_is_spoken_is_said() -> None:
    with serving([]) as endpoint, pytest.raises(EndpointError, match="http://"):
        llm_at(f"https://127.0.0.1:{endpoint.port}/v1").claim(QUESTION, ANSWER)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_broken_certificate_setting_matters_to_https_alone(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with pytest.raises(EndpointError, match="SSL_CERT_FILE"):
        llm_at("https://127.0.0.1:9/v1").claim(QUESTION, ANSWER)
    assert verdict_of([says(GOOD)])[0].claims == (CLAIM,)


# Time


@contextmanager
def raw_server(serve: Callable[[socket.socket, threading.Event], None]) -> Iterator[tuple[str, threading.Event]]:
    """A server that does as it likes with each connection, until the event is set."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.02)

        def accept() -> None:
            while not over.is_set():
                try:
                    connection = server.accept()[0]
                except TimeoutError:
                    continue
                with connection:
                    try:
                        connection.recv(65_536)
                        serve(connection, over)
                    except OSError:
                        continue

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/v1", over
        finally:
            over.set()
            thread.join()


def trickles(opening: bytes, drop: bytes) -> Callable[[socket.socket, threading.Event], None]:
    def serve(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(opening)
        while not over.wait(0.01):
            connection.sendall(drop)

    return serve


@pytest.mark.parametrize(
    ("opening", "drop"),
    [
        (b"", b""),
        (b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n", b" "),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    ],
)
def test_a_server_that_trickles_is_given_up_at_the_limit(opening: bytes, drop: bytes) -> None:
    with raw_server(trickles(opening, drop)) as (url, over):
        verdict = llm_at(url, limit_s=0.3).claim(QUESTION, ANSWER)
        assert not over.is_set()
    assert "did not answer within 0.3 s" in (verdict.ungraded_reason or "")


def test_one_limit_covers_negotiation_retries_and_the_repair() -> None:
    script = [(400, "no response_format"), (503, "busy"), (200, "Well."), (503, "busy"), (200, GOOD)]
    seen: list[Deadline] = []

    def send(request: HttpRequest, deadline: Deadline) -> HttpReply:
        seen.append(deadline)
        status, words = script.pop(0)
        body = completion(words) if status == 200 else {"error": words}
        return HttpReply(status, json.dumps(body).encode(), retry_after="0")

    llm = LlmGrader(ChatEndpoint(ChatAddress("http://h/v1", "m"), send=send), time_limit_s=60.0)
    assert llm.claim(QUESTION, ANSWER).claims == (CLAIM,)
    assert script == []
    assert {deadline.limit_s for deadline in seen} == {60.0}
    assert len({id(deadline) for deadline in seen}) == 1


def test_nothing_is_sent_when_the_time_is_up() -> None:
    with serving([]) as endpoint:
        verdict = llm_at(endpoint.url, limit_s=0.0).claim(QUESTION, ANSWER)
    assert "did not answer within 0 s" in (verdict.ungraded_reason or "")
    assert endpoint.asked == []


def test_an_endless_reply_is_not_read_to_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.adapters.http_post.MOST_BYTES", 10_000)
    with serving([says("x" * 20_000)]) as endpoint, pytest.raises(EndpointError, match="more than 10,000 bytes"):
        llm_at(endpoint.url).claim(QUESTION, ANSWER)


def test_a_connection_broken_off_is_tried_again() -> None:
    hung_up: list[int] = []

    def serve(connection: socket.socket, over: threading.Event) -> None:
        hung_up.append(1)
        if len(hung_up) == 2:
            body = json.dumps(completion(GOOD))
            connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())

    with raw_server(serve) as (url, _):
        assert llm_at(url).claim(QUESTION, ANSWER).claims == (CLAIM,)
        verdict = llm_at(url, retry_s=0).claim(QUESTION, ANSWER)
    assert "closed the connection" in (verdict.ungraded_reason or "")


@pytest.mark.parametrize(
    ("asked", "attempt", "seconds"),
    [
        ("", 0, 0.5),
        ("", 3, 4.0),
        ("", 9, 8.0),
        ("7", 0, 7.0),
        ("-3", 0, 0.0),
        ("nan", 0, 0.0),
        ("Thu, 01 Jan 1970 00:00:30 GMT", 0, 20.0),
        ("Mon, 99 Foo 0001 00:00:00 GMT", 1, 1.0),
        ("soon", 2, 2.0),
    ],
)
def test_the_wait_is_what_the_server_asks(asked: str, attempt: int, seconds: float) -> None:
    assert wait_s(asked, attempt, now_s=10.0) == seconds
