"""The page's server: its addresses, and uvicorn in a thread of its own, so that Ctrl-C belongs to us."""

from __future__ import annotations

import socket as sockets
import threading
from pathlib import Path
from typing import NamedTuple

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket

from agent.logic.reporting.build import report
from agent.shell.advice import advised
from agent.shell.report.page import render_linked
from agent.shell.web import api, claims
from agent.shell.web.access import Access, Address, Gate
from agent.shell.web.files import files
from agent.shell.web.host import Opening
from agent.shell.web.socket import serve_socket
from agent.shell.withheld import rated_sessions
from agent.values.errors import InputError, MockInterviewError

MOST_MESSAGE = 1 << 17
MOST_AT_ONCE = 48
"""Maximum number of connections. A browser opens six, and sockets of reloaded pages linger for a moment."""
STOPS_WITHIN_S = 2


class Certificate(NamedTuple):
    """The certificate for an address other than loopback."""

    certificate: Path
    key: Path


def application(host: Opening, access: Access) -> ASGIApp:
    """Everything behind the gate."""

    async def on_socket(socket: WebSocket) -> None:
        await serve_socket(socket, lambda: host.running)

    return Gate(
        Starlette(
            routes=[
                Route("/", _file("index.html")),
                Route("/favicon.ico", _file("icon.svg")),
                Route("/static/{name}", _static),
                Route("/report/{session}", _report(host)),
                Route("/sound/now/{number:int}", _sound_now(host)),
                Route("/sound/{session}/{name}", _sound(host)),
                *api.routes(host),
                *claims.routes(host),
                WebSocketRoute("/ws", on_socket),
            ]
        ),
        access,
    )


def _file(name: str) -> api.Handler:
    async def handle(request: Request) -> Response:
        found = files()[name]
        return Response(found.content, media_type=found.media_type)

    return handle


async def _static(request: Request) -> Response:
    found = files().get(request.path_params["name"])
    if found is None:
        return PlainTextResponse("There is no such file.", status_code=404)
    return Response(found.content, media_type=found.media_type, headers={"cache-control": "no-cache"})


def _report(host: Opening) -> api.Handler:
    """Renders the report like the command `report`, but with style, script and sounds as separate files."""

    def made(name: str) -> str:
        there = host()
        record = rated_sessions(there.store)
        chosen = record if name == "all" else rated_sessions(there.store, name)
        return render_linked(report(chosen, there.questions, record, there.store.interviews.all()))

    async def handle(request: Request) -> Response:
        try:
            page = await run_in_threadpool(made, request.path_params["session"])
        except MockInterviewError as error:
            return PlainTextResponse(advised(error), status_code=404)
        return Response(page, media_type="text/html")

    return handle


def _sound(host: Opening) -> api.Handler:
    def path(session: str, name: str) -> Path | None:
        # Only what the store names: the request is compared, never joined to a path.
        saved = [turn.audio for turn in host().store.session(session).turns if turn.audio is not None]
        return next((audio for audio in saved if audio.name == name), None)

    async def handle(request: Request) -> Response:
        try:
            found = await run_in_threadpool(path, request.path_params["session"], request.path_params["name"])
        except MockInterviewError as error:
            return PlainTextResponse(advised(error), status_code=404)
        if found is None:
            return PlainTextResponse("The audio of this answer was not saved.", status_code=404)
        return FileResponse(found, media_type="audio/flac")

    return handle


def _sound_now(host: Opening) -> api.Handler:
    async def handle(request: Request) -> Response:
        from agent.adapters.sound_file import encoded

        session = host.session
        clip = None if session is None else session.stage.sound(request.path_params["number"])
        if clip is None:
            return PlainTextResponse("The audio of this answer is not there any more.", status_code=404)
        return Response(await run_in_threadpool(encoded, clip, "WAV"), media_type="audio/wav")

    return handle


class Server:
    """Serves from start() until stop(); the port answers once start() returns."""

    def __init__(self, address: Address, certificate: Certificate | None = None) -> None:
        """Opens the port. Raises InputError if that is not possible."""
        self._socket = _bound(address)
        # Port 0 takes any that is free.
        self.access = Access(address._replace(port=self._socket.getsockname()[1]))
        self._certificate = certificate
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self, host: Opening) -> None:
        """Serves from now on."""
        config = uvicorn.Config(
            application(host, self.access),
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            ws="websockets-sansio",
            ws_max_size=MOST_MESSAGE,
            ws_per_message_deflate=False,
            ws_ping_interval=5.0,
            ws_ping_timeout=15.0,
            limit_concurrency=MOST_AT_ONCE,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=STOPS_WITHIN_S,
            ssl_certfile=None if self._certificate is None else str(self._certificate.certificate),
            ssl_keyfile=None if self._certificate is None else str(self._certificate.key),
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name="server", daemon=True
        )
        self._thread.start()

    def wait(self) -> None:
        """Waits until the server ends; a signal interrupts."""
        while self._thread is not None and self._thread.is_alive():
            self._thread.join(0.5)

    def stop(self) -> None:
        """Closes every connection and the port."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            if not self._server.started:
                # It has no connection yet, and closes the port by itself once it has started.
                return
            self._thread.join(STOPS_WITHIN_S + 2)
        self._socket.close()


def _bound(address: Address) -> sockets.socket:
    family = sockets.AF_INET6 if ":" in address.host else sockets.AF_INET
    found = sockets.socket(family, sockets.SOCK_STREAM)
    found.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1)
    try:
        found.bind((address.host, address.port))
        # Connections wait in line from now on: the page can be opened before the server has begun to answer.
        found.listen(64)
    except OSError as error:
        found.close()
        raise InputError(f"{address.host} port {address.port} cannot be used ({error.strerror})", "port") from error
    return found
