"""A real HTTP server on loopback that plays many kinds of endpoint, and what tests ask of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any, NamedTuple

from agent.adapters.chat_endpoint import ChatAddress, ChatEndpoint
from agent.adapters.fallback_grader import FallbackGrader
from agent.adapters.llm_grader import LlmGrader
from agent.logic.ports import Grader
from agent.values.grade import Claim, Verdict
from agent.values.rubric import Question
from agent.values.transcript import Transcript

ANSWER = Transcript.from_text("I would start with PCA and keep the top few hundred components.")
KEY = "sk-secret-4711"
CLAIMS = {
    "claims": [
        {
            "target": "pca",
            "quote": "I would start with PCA",
            "reason": "proposes it",
            "verdict": "made",
            "kind": "none",
            "confidence": 0.9,
        }
    ],
    "addressed_to_grader": False,
}
GOOD = json.dumps(CLAIMS)
CLAIM = Claim(target="pca", quote="I would start with PCA", confidence=0.9)


class Answer(NamedTuple):
    """One scripted HTTP reply."""

    status: int
    body: Any
    headers: Mapping[str, str] = MappingProxyType({})
    page: str | None = None
    """Sent as it is in place of the JSON body."""
    kind: str = "application/json"


Rule = Callable[[dict[str, Any]], Answer]


def completion(content: Any, finish: str = "stop", **more: Any) -> dict[str, Any]:
    """A chat completion; `more` changes its message."""
    message = {"role": "assistant", "content": content, **more}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return {"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}


def says(content: Any, finish: str = "stop", **more: Any) -> Answer:
    return Answer(200, completion(content, finish, **more))


def fails(status: int, message: str = "no", headers: Mapping[str, str] | None = None, **more: str) -> Answer:
    return Answer(status, {"error": {"message": message, "type": "error"} | more}, headers or {})


class Endpoint:
    """A server that answers from a list (raising the alarm when empty) or by a rule, and keeps what it was asked."""

    def __init__(self, replies: list[Answer] | Rule) -> None:
        self._replies = replies
        self.asked: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.keys: list[str | None] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def reply(self, request: dict[str, Any]) -> Answer:
        self.asked.append(request)
        if callable(self._replies):
            return self._replies(request)
        return self._replies.pop(0) if self._replies else fails(418, "the script is empty")


@contextmanager
def serving(replies: list[Answer] | Rule) -> Iterator[Endpoint]:
    endpoint = Endpoint(replies)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            endpoint.paths.append(self.path)
            endpoint.keys.append(self.headers.get("Authorization"))
            answer = endpoint.reply(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            body = (answer.page if answer.page is not None else json.dumps(answer.body)).encode()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with served(Handler) as endpoint.port:
        yield endpoint


@contextmanager
def served(handler: type[BaseHTTPRequestHandler], port: int = 0) -> Iterator[int]:
    """A server on loopback that answers as the handler says; gives its port, a free one by default."""
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class FakeGrader:
    """A grader that always hears the same."""

    name = "embedded"

    def __init__(self) -> None:
        self.asked = 0
        self.prepared: list[str] = []

    def prepare(self, question: Question) -> None:
        self.prepared.append(question.id)

    def claim(self, question: Question, transcript: Transcript) -> Verdict:
        self.asked += 1
        return Verdict(claims=(CLAIM,), grader=self.name, notes=("kept",))


def llm_at(url: str, limit_s: float = 20.0, retry_s: float = 20.0, key: str = KEY) -> LlmGrader:
    """The LLM grader of an address."""
    return LlmGrader(ChatEndpoint(ChatAddress(url, "m", key), retry_s), limit_s)


def with_fallback(llm: LlmGrader, fallback: Grader | None = None) -> FallbackGrader:
    return FallbackGrader(llm, fallback or FakeGrader())
