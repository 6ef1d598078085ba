"""The page's socket, at /ws: sound both ways, buttons and typed words in, what is to be seen out.

Sending never waits: each socket has a queue and one task that empties it, and a page that does not read is dropped and
comes back to a fresh start. Receiving never waits for the interview either, which has a thread of its own.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, TypeAdapter, ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from agent.adapters.browser_audio import RATES
from agent.shell.web.access import Bucket
from agent.shell.web.session import WebSession
from agent.values.base import Value
from agent.values.dialogue import Intent
from agent.values.errors import InputError

NO_SESSION, BUSY, MOVED, TOO_SLOW, WRONG = 4000, 4001, 4002, 4003, 4004
"""Why the server closes a socket; the page shows something else for each."""
MOST_QUEUED = 4 << 20
"""Maximum bytes that wait for a page; a sentence has less than a million."""
PER_SECOND, BURST = 200.0, 1500.0
"""Messages that a page may send: 50 blocks of sound a second, and after a break all unconfirmed ones."""
CONFIRM_EVERY = 25
"""Blocks of sound after which the page learns what has arrived."""
LONGEST_TEXT = 10_000
HELLO_WITHIN_S = 10.0


class Hello(Value):
    """The first message of a page."""

    type: Literal["hello"]
    tab: Annotated[str, StringConstraints(min_length=8, max_length=64)]
    """Chosen by the tab, and the same after a reload."""
    take: bool = False
    """Whether to take the interview over from another tab."""


class SoundReady(Value):
    """The page can play sound."""

    type: Literal["ready"]
    rate: Annotated[int, Field(ge=RATES.start, lt=RATES.stop)]


class Press(Value):
    """A button or key, which does what the spoken command does."""

    type: Literal["press"]
    intent: Intent


class Say(Value):
    """Typed words."""

    type: Literal["say"]
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT)]
    id: Annotated[str, StringConstraints(min_length=8, max_length=64)] | None = None
    """The page sends its words again until this comes back."""


class Muted(Value):
    """Says whether the candidate is typing or muted, so that the microphone is ignored."""

    type: Literal["hold"]
    held: bool


class Playback(Value):
    """How much of a clip was audible."""

    type: Literal["played"]
    clip: Annotated[int, Field(ge=0, le=2**32)]
    frames: Annotated[int, Field(ge=0, le=2**40)]
    state: Literal["playing", "done", "stopped"]


class Stop(Value):
    """Ends the interview at once."""

    type: Literal["stop"]


Message = Annotated[SoundReady | Press | Say | Muted | Playback | Stop, Field(discriminator="type")]
_HELLO: TypeAdapter[Hello] = TypeAdapter(Hello)
_MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)


class SocketPage:
    """Implements Page."""

    def __init__(self, socket: WebSocket, tab: str) -> None:
        self.tab = tab
        self._socket = socket
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[str | bytes | int] = asyncio.Queue()
        self._queued = 0

    def send(self, message: Mapping[str, Any] | bytes) -> None:
        """Sends values as JSON, or sound; disconnects a page that does not read."""
        item = message if isinstance(message, bytes) else json.dumps(message)
        self._put(item)

    def leave(self, code: int) -> None:
        """Closes the connection once everything was sent."""
        self._put(code)

    def _put(self, item: str | bytes | int) -> None:
        # The loop has been closed when the program ends.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._queue_up, item)

    def _queue_up(self, item: str | bytes | int) -> None:
        self._queued += _size(item)
        if self._queued > MOST_QUEUED:
            while not self._queue.empty():
                self._queue.get_nowait()
            self._queued, item = 0, TOO_SLOW
        self._queue.put_nowait(item)

    async def deliver(self) -> None:
        """Sends what is queued, one after the other, until the connection is closed."""
        # A page that has gone raises one or the other; receiving reports it.
        with suppress(RuntimeError, WebSocketDisconnect):
            while True:
                item = await self._queue.get()
                self._queued = max(0, self._queued - _size(item))
                if isinstance(item, int):
                    await self._socket.close(item)
                    return
                await (self._socket.send_text(item) if isinstance(item, str) else self._socket.send_bytes(item))


def _size(item: str | bytes | int) -> int:
    return 0 if isinstance(item, int) else len(item)


class Connection:
    """The connection between one page and the interview."""

    def __init__(self, socket: WebSocket, session: WebSession, page: SocketPage) -> None:
        self._socket, self._session, self._page = socket, session, page
        self._allowed = Bucket(per_second=PER_SECOND, burst=BURST)
        self._blocks = 0

    async def serve(self) -> None:
        """Handles messages until the page goes. Raises WebSocketDisconnect, or InputError for an unknown message."""
        self._confirm()
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", 1006))
            if not self._allowed.take():
                raise InputError("the page sends too much at once; reload it")
            if message.get("bytes") is not None:
                self._sound(message["bytes"])
            else:
                self._obey(_read(_MESSAGE, message["text"]))

    def _sound(self, block: bytes) -> None:
        self._session.microphone.receive(block)
        self._blocks += 1
        if self._blocks % CONFIRM_EVERY == 0:
            self._confirm()

    def _confirm(self) -> None:
        position = self._session.microphone.position
        stream, following = position or (0, 0)
        self._page.send({"type": "heard", "stream": stream, "next": following})

    def _obey(self, message: Message) -> None:
        session = self._session
        match message:
            case SoundReady(rate=rate):
                session.ready(self._page, rate)
            case Press(intent=intent):
                session.controls.press(intent)
            case Say(text=text, id=name):
                session.write(text, name)
                self._page.send({"type": "said", "id": name})
            case Muted(held=muted):
                session.microphone.mute(muted)
            case Playback(clip=clip, frames=frames, state=state):
                session.speaker.report(clip, frames, state)
            case Stop():
                session.stop()


async def serve_socket(socket: WebSocket, session_now: Callable[[], WebSession | None]) -> None:
    """Handles one socket from its first message to its end."""
    await socket.accept()
    try:
        hello = _read(_HELLO, await asyncio.wait_for(socket.receive_text(), HELLO_WITHIN_S))
        session = session_now()
        refusal = _refusal(session, hello)
        if session is None or refusal is not None:
            await socket.close(refusal or NO_SESSION)
            return
        await _join(socket, session, hello)
    except (WebSocketDisconnect, RuntimeError, KeyError):
        return
    except (InputError, TimeoutError):
        with suppress(RuntimeError):
            await socket.close(WRONG)


def _refusal(session: WebSession | None, hello: Hello) -> int | None:
    if session is None:
        return NO_SESSION
    there = session.page
    same = isinstance(there, SocketPage) and there.tab == hello.tab
    return BUSY if there is not None and not (same or hello.take) else None


async def _join(socket: WebSocket, session: WebSession, hello: Hello) -> None:
    page, before = SocketPage(socket, hello.tab), session.page
    delivery = asyncio.create_task(page.deliver())
    session.join(page)
    if before is not None:
        before.leave(MOVED)
    try:
        await Connection(socket, session, page).serve()
    finally:
        session.leave(page)
        delivery.cancel()


def _read(adapter: TypeAdapter[Any], text: str) -> Any:
    try:
        return adapter.validate_json(text)
    except ValidationError as error:
        raise InputError("the page sent a message that is none of ours; reload it") from error
