"""A real HTTP server on loopback with the part of Ollama's API that is used; keeps what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.fake_endpoint import completion, served


class Ollama:
    """What it lists, what it was asked, and what it replies to a chat."""

    def __init__(self, models: list[str], reply: Callable[[dict[str, Any]], str], has_v1: bool = True) -> None:
        self.models, self.reply, self.has_v1 = models, reply, has_v1
        self.asked: list[str] = []
        self.port = 0

    def listed(self, path: str) -> dict[str, Any] | None:
        if path == "/v1/models" and self.has_v1:
            return {"object": "list", "data": [{"id": name, "object": "model"} for name in self.models]}
        if path == "/api/tags":
            return {"models": [{"name": name, "size": 1} for name in self.models]}
        return None


@contextmanager
def ollama(models: list[str], reply: Callable[[dict[str, Any]], str], has_v1: bool = True) -> Iterator[Ollama]:
    fake = Ollama(models, reply, has_v1)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fake.asked.append(f"GET {self.path}")
            data = fake.listed(self.path)
            self._send(404 if data is None else 200, data or {"error": "not found"})

        def do_POST(self) -> None:
            fake.asked.append(f"POST {self.path}")
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._send(200, completion(fake.reply(body)))

        def _send(self, status: int, data: dict[str, Any]) -> None:
            body = json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with served(Handler) as fake.port:
        yield fake
