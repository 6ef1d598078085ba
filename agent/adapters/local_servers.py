"""Finds language-model servers on this machine: asks the usual loopback ports for their models, and nothing else."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

HOST = "127.0.0.1"
PORTS: tuple[tuple[str, int], ...] = (("Ollama", 11434), ("LM Studio", 1234), ("llama.cpp", 8080), ("vLLM", 8000))
"""The servers and the ports on which they listen unless told otherwise."""
_CONNECT_S, _REPLY_S = 0.2, 2.0
_MOST_BYTES = 1 << 20
_NO_CHAT = ("embed", "rerank", "whisper", "bge-", "clip")
"""Parts of the names of models that cannot chat."""


class LocalServer(NamedTuple):
    """A server and its models."""

    name: str
    base_url: str
    models: tuple[str, ...]
    """The models that may be able to chat, as the server lists them."""

    @property
    def place(self) -> str:
        """The server's name and port, as shown to the user."""
        return f"{self.name} on this machine ({self.base_url.removeprefix('http://').removesuffix('/v1')})"


def running(ports: Sequence[tuple[str, int]] = PORTS) -> list[LocalServer]:
    """Returns the servers that answer and have a model, in the order of the ports. Raises nothing."""
    return [server for name, port in ports if (server := _server(name, port)) is not None]


def _server(name: str, port: int) -> LocalServer | None:
    if not _listens(port):
        return None
    models = _listed(port, "/v1/models", "data", "id") or _listed(port, "/api/tags", "models", "name")
    return LocalServer(name, f"http://{HOST}:{port}/v1", models) if models else None


def _listens(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=_CONNECT_S):
            return True
    except OSError:
        return False


def _listed(port: int, path: str, key: str, name: str) -> tuple[str, ...]:
    """Returns the names in a list of models; empty if the answer is not such a list, since any program may use the
    port.
    """
    data = _fetched(f"http://{HOST}:{port}{path}")
    rows = data.get(key) if isinstance(data, dict) else None
    return tuple(_names(rows, name)) if isinstance(rows, list) else ()


def _names(rows: list[Any], key: str) -> Iterator[str]:
    for row in rows[:1000]:
        found = row.get(key) if isinstance(row, dict) else None
        if isinstance(found, str) and found.isprintable() and not any(part in found.lower() for part in _NO_CHAT):
            yield found


def _fetched(url: str) -> Any:
    import httpx2

    try:
        # No proxy: what listens on this machine is asked on this machine. No redirect: it may lead elsewhere.
        client = httpx2.Client(transport=httpx2.HTTPTransport(verify=False), timeout=_REPLY_S)
        with client, client.stream("GET", url) as reply:
            body = b""
            for chunk in reply.iter_bytes():
                body += chunk
                if len(body) > _MOST_BYTES:
                    return None
            return json.loads(body) if reply.status_code == 200 else None
    except (httpx2.HTTPError, ValueError, RecursionError, OSError):
        return None
