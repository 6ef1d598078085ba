"""Attacks on the page's server: each is refused before anything behind the gate sees it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from agent.shell.web.access import BURST, DOCUMENT, MOST_BODY, MOST_DOCUMENT, Access, Address, Bucket, Gate

HERE = "127.0.0.1:8765"
OURS = f"http://{HERE}"


class Probe:
    """The application behind the gate; it should see only what may pass."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.seen.append(scope["path"])
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"secret"})


class Visitor:
    """Sends requests to a gate as a browser, or an attacker, would."""

    def __init__(self, now: float = 0.0) -> None:
        self.probe = Probe()
        self.access = Access(Address("127.0.0.1", 8765), lambda: now)
        self.gate = Gate(self.probe, self.access)
        _, headers, _ = self.ask(query=f"token={self.access.token}", cookie="")
        self.cookie = dict(headers)[b"set-cookie"].decode().split(";")[0]
        self.given = dict(headers)[b"set-cookie"].decode()

    def ask(self, path: str = "/api/status", **more: Any) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Status, headers and body of the answer to a request with these headers."""
        query, method, kind = more.pop("query", ""), more.pop("method", "GET"), more.pop("type", "http")
        if query:
            path = "/"
        headers = {"host": HERE, "cookie": getattr(self, "cookie", ""), **more}
        raw = [
            (name.replace("_", "-").encode(), value.encode()) for name, value in headers.items() if value is not None
        ]
        scope = {"type": kind, "method": method, "path": path, "query_string": query.encode(), "headers": raw}
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "websocket.connect"}

        async def send(message: Message) -> None:
            sent.append(message)

        asyncio.run(self.gate(scope, receive, send))
        first = sent[0]
        if kind == "websocket":
            return (403 if first["type"] == "websocket.close" else 101), [], b""
        return first["status"], first["headers"], sent[1]["body"]


def test_the_users_own_page_passes() -> None:
    visitor = Visitor()
    assert visitor.ask(DOCUMENT, method="POST", origin=OURS, content_length=str(MOST_BODY + 1))[0] == 200
    assert visitor.ask()[0] == 200
    assert visitor.ask(origin=OURS, method="POST", sec_fetch_site="same-origin")[0] == 200
    assert visitor.ask("/ws", type="websocket", origin=OURS)[0] == 101
    assert visitor.ask("/ws", type="websocket", origin="http://localhost:8765", host="localhost:8765")[0] == 101


ATTACKS: list[tuple[str, int, dict[str, Any]]] = [
    ("another name that points here (DNS rebinding)", 421, {"host": "evil.example:8765"}),
    ("rebinding with a matching Origin", 421, {"host": "evil.example:8765", "origin": "http://evil.example:8765"}),
    ("our name with another port", 421, {"host": "127.0.0.1:80"}),
    ("a name that ends like ours", 421, {"host": "127.0.0.1:8765.evil.example"}),
    ("a user name in front of ours", 421, {"host": "evil.example@127.0.0.1:8765"}),
    ("every network's address", 421, {"host": "0.0.0.0:8765"}),
    ("no Host", 421, {"host": None}),
    ("a form of another page", 403, {"method": "POST", "origin": "https://evil.example"}),
    ("a form without Origin", 403, {"method": "POST"}),
    ("a sandboxed frame", 403, {"method": "POST", "origin": "null"}),
    ("another program's page on this machine", 403, {"method": "POST", "origin": "http://127.0.0.1:3000"}),
    ("https in place of http", 403, {"method": "POST", "origin": "https://127.0.0.1:8765"}),
    ("our Origin from elsewhere", 403, {"method": "POST", "origin": OURS, "sec_fetch_site": "cross-site"}),
    ("a script tag of another page", 403, {"sec_fetch_site": "cross-site", "sec_fetch_dest": "script"}),
    ("a picture of another local page", 403, {"sec_fetch_site": "same-site", "sec_fetch_dest": "image"}),
    ("a frame around our page", 403, {"sec_fetch_site": "cross-site", "sec_fetch_dest": "iframe"}),
    ("reading with a foreign Origin", 403, {"origin": "https://evil.example"}),
    ("a method that is neither reading nor ours", 403, {"method": "DELETE"}),
    ("no cookie", 401, {"cookie": ""}),
    ("a guessed cookie", 401, {"cookie": "mock_interview_8765=guess"}),
    ("a cookie of another port", 401, {"cookie": "mock_interview_8766=guess"}),
    ("an unreadable cookie", 401, {"cookie": '\x01="\\;;;=='}),
    ("a wrong token", 401, {"cookie": "", "query": "token=guess"}),
    ("an empty token", 401, {"cookie": "", "query": "token="}),
    ("a body that is too large", 413, {"method": "POST", "origin": OURS, "content_length": str(MOST_BODY + 1)}),
    (
        "a document that is too large",
        413,
        {"path": DOCUMENT, "method": "POST", "origin": OURS, "content_length": str(MOST_DOCUMENT + 1)},
    ),
    ("a document from another page", 403, {"path": DOCUMENT, "method": "POST", "origin": "https://evil.example"}),
    ("a length that is no number", 413, {"method": "POST", "origin": OURS, "content_length": "-1"}),
    ("a body without a length", 411, {"method": "POST", "origin": OURS, "transfer_encoding": "chunked"}),
]


@pytest.mark.parametrize(("status", "request_"), [item[1:] for item in ATTACKS], ids=[item[0] for item in ATTACKS])
def test_an_attack_by_request_is_refused(status: int, request_: dict[str, Any]) -> None:
    visitor = Visitor()
    answered, headers, body = visitor.ask(**request_)
    assert (answered, visitor.probe.seen) == (status, [])
    assert b"secret" not in body
    assert b"content-security-policy" in dict(headers)


SOCKET_ATTACKS: list[tuple[str, dict[str, Any]]] = [
    ("from another page", {"origin": "https://evil.example"}),
    ("from another program's page on this machine", {"origin": "http://127.0.0.1:3000"}),
    ("from a sandboxed frame", {"origin": "null"}),
    ("without Origin", {}),
    ("without cookie", {"origin": OURS, "cookie": ""}),
    ("with rebinding", {"origin": "http://evil.example:8765", "host": "evil.example:8765"}),
    ("from a page that the browser calls foreign", {"origin": OURS, "sec_fetch_site": "cross-site"}),
]


@pytest.mark.parametrize("request_", [item[1] for item in SOCKET_ATTACKS], ids=[item[0] for item in SOCKET_ATTACKS])
def test_an_attack_by_socket_is_refused(request_: dict[str, Any]) -> None:
    visitor = Visitor()
    assert visitor.ask("/ws", type="websocket", **request_)[0] == 403
    assert visitor.probe.seen == []


def test_the_key_becomes_a_cookie_that_no_script_and_no_other_site_can_use() -> None:
    given = Visitor().given
    assert "HttpOnly" in given
    assert "SameSite=strict" in given
    assert given.startswith("mock_interview_8765=")


def test_the_cookie_is_not_the_key_of_the_address() -> None:
    visitor = Visitor()
    assert visitor.access.token not in visitor.cookie


def test_over_https_the_cookie_stays_there() -> None:
    access = Access(Address("192.168.1.7", 8765, secure=True))
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "query_string": f"token={access.token}".encode(),
        "headers": [(b"host", b"192.168.1.7:8765")],
    }
    answer = access.refusal(scope)
    assert answer is not None
    assert "Secure" in answer.headers["set-cookie"]
    assert access.entry.startswith("https://192.168.1.7:8765/?token=")


def test_two_runs_have_different_keys() -> None:
    assert Access(Address("127.0.0.1", 1)).token != Access(Address("127.0.0.1", 1)).token


def test_too_many_requests_are_refused_and_strangers_do_not_lock_the_user_out() -> None:
    visitor = Visitor()
    answers = [visitor.ask(cookie="")[0] for _ in range(round(BURST) + 10)]
    assert answers[-1] == 429
    assert visitor.ask()[0] == 200
    assert 429 in [visitor.ask()[0] for _ in range(round(BURST) + 10)]


def test_a_bucket_fills_again() -> None:
    time = [0.0]
    bucket = Bucket(lambda: time[0], per_second=1.0, burst=2.0)
    assert [bucket.take() for _ in range(3)] == [True, True, False]
    time[0] = 1.0
    assert [bucket.take() for _ in range(2)] == [True, False]


def test_every_answer_forbids_what_the_page_does_not_need() -> None:
    _, raw, _ = Visitor().ask()
    headers = {name.decode(): value.decode() for name, value in raw}
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["permissions-policy"].startswith("microphone=(self)")
