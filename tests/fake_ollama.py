"""A real HTTP server on loopback with the part of Ollama's API that is used; keeps what it was asked.

    python -m tests.fake_ollama MODEL http://127.0.0.1:8089/v1

serves on Ollama's own port, and has the server behind the address reply: Ollama in front of a model that is at hand.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.fake_endpoint import completion, served

PORT = 11434
Reply = Callable[[dict[str, Any]], str]


class Ollama:
    """What it lists, what it was asked, and what it replies to a chat."""

    def __init__(self, models: list[str], reply: Reply, has_v1: bool = True) -> None:
        self.models, self.reply, self.has_v1 = models, reply, has_v1
        self.asked: list[str] = []
        self.port = 0

    def listed(self, path: str) -> Mapping[str, Any] | None:
        if path == "/v1/models" and self.has_v1:
            return {"object": "list", "data": [{"id": name, "object": "model"} for name in self.models]}
        if path == "/api/tags":
            return {"models": [{"name": name, "size": 1} for name in self.models]}
        return {"version": "0.12.0"} if path == "/api/version" else None

    def chat(self, path: str, body: dict[str, Any]) -> Mapping[str, Any] | None:
        if path == "/v1/chat/completions" and self.has_v1:
            return completion(self.reply(body))
        if path == "/api/chat":
            message = {"role": "assistant", "content": self.reply(body)}
            return {"model": body.get("model"), "message": message, "done": True}
        return None


class Listing(Ollama):
    """Any other server: what it answers to each path, and nothing else."""

    def __init__(self, pages: Mapping[str, Mapping[str, Any]]) -> None:
        super().__init__([], lambda _: "")
        self._pages = pages

    def listed(self, path: str) -> Mapping[str, Any] | None:
        return self._pages.get(path)


@contextmanager
def ollama(models: list[str], reply: Reply, has_v1: bool = True) -> Iterator[Ollama]:
    with answering(Ollama(models, reply, has_v1)) as fake:
        yield fake


@contextmanager
def answering(fake: Ollama, port: int = 0) -> Iterator[Ollama]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fake.asked.append(f"GET {self.path}")
            self._send(fake.listed(self.path))

        def do_POST(self) -> None:
            fake.asked.append(f"POST {self.path}")
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._send(fake.chat(self.path, body))

        def _send(self, data: Mapping[str, Any] | None) -> None:
            body = json.dumps({"error": "not found"} if data is None else data).encode()
            self.send_response(404 if data is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with served(Handler, port) as fake.port:
        yield fake


def forwarding(base_url: str) -> Reply:
    """Has the server at an address reply."""
    import httpx2

    def reply(body: dict[str, Any]) -> str:
        answer = httpx2.post(f"{base_url}/chat/completions", json=body, timeout=600.0)
        answer.raise_for_status()
        return str(answer.json()["choices"][0]["message"]["content"])

    return reply


def main() -> None:
    """Until it is interrupted; then shows what it was asked."""
    model, base_url = sys.argv[1:]
    with answering(Ollama([model], forwarding(base_url)), PORT) as fake:
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            for asked in dict.fromkeys(fake.asked):
                print(f"{fake.asked.count(asked):3} {asked}", flush=True)


if __name__ == "__main__":
    main()
