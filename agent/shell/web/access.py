"""Who may use the page: this computer's user alone. Every request, sockets included, passes here first.

Binding to loopback keeps no web page out: any site can send requests there, and its name may even point there. So the
Host must be ours, the Origin must be ours wherever something is changed or a socket is opened, and a secret that only
the opened address carried must come back as a cookie.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import NamedTuple
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BODY = 256 * 1024
"""Maximum bytes of one request, which may contain everything that was understood of a long CV."""
MOST_DOCUMENT = 20 << 20
"""Maximum bytes of a CV or job description, as on the command line."""
DOCUMENT = "/api/document"
PER_SECOND, BURST = 50.0, 400.0
"""Requests that each kind of visitor may make."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; media-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "microphone=(self), speaker-selection=(self), screen-wake-lock=(self), camera=(), "
    "geolocation=(), display-capture=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
CLOSED = "Open the address that the program printed when it started; it carries the key to this page."
ENTER = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Mock interview</title>
<meta http-equiv="refresh" content="0; url=/"></head><body><p><a href="/">Go on</a></p></body></html>"""
"""A page rather than a redirect: after one the browser withholds a strict cookie if another program led here."""


class Address(NamedTuple):
    """Where the page is served."""

    host: str
    port: int
    secure: bool = False

    @property
    def hosts(self) -> frozenset[str]:
        """Every Host header that a browser of this computer's user may send."""
        names = {"127.0.0.1", "localhost"} if self.host == "127.0.0.1" else {self.name}
        usual = 443 if self.secure else 80
        return frozenset(f"{name}:{self.port}" for name in names) | (names if self.port == usual else frozenset())

    @property
    def origins(self) -> frozenset[str]:
        """Every Origin of our own page."""
        return frozenset(f"{self.scheme}://{host}" for host in self.hosts)

    @property
    def name(self) -> str:
        """The host as addresses have it."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def scheme(self) -> str:
        """https or http."""
        return "https" if self.secure else "http"

    @property
    def url(self) -> str:
        """The page's address, without the key."""
        return f"{self.scheme}://{self.name}:{self.port}/"


@dataclass
class Bucket:
    """Limits requests: a number at once, and a number per second."""

    now: Callable[[], float] = time.monotonic
    per_second: float = PER_SECOND
    burst: float = BURST
    _left: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        self._left, self._at = self.burst, self.now()

    def take(self) -> bool:
        """Whether one more request is allowed."""
        at = self.now()
        self._left = min(self.burst, self._left + (at - self._at) * self.per_second)
        self._at = at
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Access:
    """The rules, for one address and one run of the program."""

    def __init__(self, address: Address, now: Callable[[], float] = time.monotonic) -> None:
        self.address = address
        self.token = secrets.token_urlsafe(32)
        """Part of the address that is opened."""
        self._secret = secrets.token_urlsafe(32)
        self._users, self._strangers = Bucket(now), Bucket(now)

    @property
    def cookie(self) -> str:
        """The cookie's name.

        It contains the port, since cookies ignore ports and other programs' pages set cookies, too.
        """
        return f"mock_interview_{self.address.port}"

    @property
    def entry(self) -> str:
        """The address to open."""
        return f"{self.address.url}?token={self.token}"

    def refusal(self, scope: Scope) -> Response | None:
        """Says why a request is refused; None if it is allowed."""
        headers = Headers(scope=scope)
        if headers.getlist("host") != headers.getlist("host")[:1] or headers.get("host") not in self.address.hosts:
            return _refused(HTTPStatus.MISDIRECTED_REQUEST, "This is not an address of this page.")
        if not self._may_come_from(headers, scope):
            return _refused(HTTPStatus.FORBIDDEN, "Another page may not use this one.")
        is_user = self._has_cookie(headers)
        if not (self._users if is_user else self._strangers).take():
            return _refused(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests; wait a moment.")
        if is_user:
            return _too_large(headers, MOST_DOCUMENT if scope["path"] == DOCUMENT else MOST_BODY)
        if self._has_token(scope):
            return self._welcome()
        return _refused(HTTPStatus.UNAUTHORIZED, CLOSED)

    def _may_come_from(self, headers: Headers, scope: Scope) -> bool:
        """Whether the Origin is acceptable.

        Reading needs none, since a typed address has none; but a given one must be ours.
        """
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        reads = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        if origin is not None or not reads:
            return origin in self.address.origins and site in (None, "same-origin")
        # A link or the address bar may lead here from anywhere; pictures, scripts and frames of others may not.
        return site in (None, "same-origin", "none") or headers.get("sec-fetch-dest") == "document"

    def _has_cookie(self, headers: Headers) -> bool:
        jar = SimpleCookie()
        try:
            jar.load(headers.get("cookie", ""))
        except CookieError:
            return False
        found = jar.get(self.cookie)
        return found is not None and hmac.compare_digest(found.value.encode(), self._secret.encode())

    def _has_token(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] != "/":
            return False
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        return hmac.compare_digest(given.encode(), self.token.encode())

    def _welcome(self) -> Response:
        response = Response(ENTER, media_type="text/html", headers={"cache-control": "no-store"})
        response.set_cookie(
            self.cookie, self._secret, httponly=True, samesite="strict", path="/", secure=self.address.secure
        )
        return response


class Gate:
    """The application behind these rules, with our headers on every response."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request or socket."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refusal = self._access.refusal(scope)
        if scope["type"] == "websocket":
            await self._socket(refusal, scope, receive, send)
        else:
            await (refusal or self._app)(scope, receive, _with_headers(send))

    async def _socket(self, refusal: Response | None, scope: Scope, receive: Receive, send: Send) -> None:
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            # Before it was accepted: the browser gets a 403.
            await receive()
            await send({"type": "websocket.close", "code": 1008})


def _with_headers(send: Send) -> Send:
    async def sends(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message["headers"]}
            more = [(name.encode(), value.encode()) for name, value in HEADERS.items() if name.encode() not in given]
            if b"cache-control" not in given:
                more.append((b"cache-control", b"no-store"))
            message["headers"] = [*message["headers"], *more]
        await send(message)

    return sends


def _too_large(headers: Headers, most: int) -> Response | None:
    if "transfer-encoding" in headers:
        return _refused(HTTPStatus.LENGTH_REQUIRED, "The length must be given.")
    length = headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > most:
        return _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"That is more than {most >> 10} kB at once.")
    return None


def _refused(status: HTTPStatus, why: str) -> Response:
    return PlainTextResponse(why, status_code=status)
