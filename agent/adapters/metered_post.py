"""Counts the requests and tokens of an LLM endpoint, and limits the rate of requests."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from agent.adapters.deadline import Deadline
from agent.adapters.http_post import HttpReply, HttpRequest, Post, post
from agent.logic.ports import Clock
from agent.values.errors import NoReplyError

Result = TypeVar("Result")


class Bill(NamedTuple):
    """Number of requests and tokens so far."""

    requests: int = 0
    """Number of requests, retries and repairs included."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    uncounted: int = 0
    """Number of replies that did not report their tokens."""


class RateLimit:
    """Limits requests to a number per minute, evenly spaced. May be used from several threads."""

    def __init__(self, per_minute: float | None, clock: Clock) -> None:
        """`per_minute` None sets no limit."""
        self._gap_s = 60.0 / per_minute if per_minute else 0.0
        self._clock = clock
        self._next_s = 0.0
        self._lock = threading.Lock()

    def admit(self, within_s: float | None = None) -> bool:
        """Waits until it is the caller's turn. Returns False at once if that would take longer than the given time."""
        with self._lock:
            now_s = self._clock.now()
            turn_s = max(now_s, self._next_s)
            if within_s is not None and turn_s - now_s >= within_s:
                return False
            self._next_s = turn_s + self._gap_s
        if turn_s > now_s:
            self._clock.sleep(turn_s - now_s)
        return True


class MeteredPost:
    """Sends as `send` does, within a rate, and keeps the bill."""

    def __init__(self, limit: RateLimit, send: Post = post) -> None:
        self._limit = limit
        self._send = send
        self._lock = threading.Lock()
        self._admitted = threading.local()
        self.bill = Bill()

    def admitted(self, call: Callable[[], Result]) -> Result:
        """Calls the function when it is this thread's turn, so that waiting does not use up its first request's time
        limit.
        """
        self._limit.admit()
        self._admitted.now = True
        try:
            return call()
        finally:
            self._admitted.now = False

    def __call__(self, request: HttpRequest, deadline: Deadline) -> HttpReply:
        """The reply. Raises what `send` raises, and NoReplyError when the next turn comes too late."""
        if getattr(self._admitted, "now", False):
            self._admitted.now = False
        elif not self._limit.admit(deadline.left_s):
            raise NoReplyError("The limit on requests a minute left no time for another attempt")
        reply = self._send(request, deadline)
        self._count(reply)
        return reply

    def _count(self, reply: HttpReply) -> None:
        used = _usage(reply.body)
        with self._lock:
            before = self.bill
            self.bill = Bill(
                before.requests + 1,
                before.prompt_tokens + used.get("prompt_tokens", 0),
                before.completion_tokens + used.get("completion_tokens", 0),
                before.uncounted + (0 if used else 1),
            )


def _usage(body: bytes) -> dict[str, int]:
    try:
        usage = json.loads(body).get("usage") or {}
        return {name: count for name, count in usage.items() if type(count) is int and count >= 0}
    except (ValueError, AttributeError, RecursionError):
        return {}
