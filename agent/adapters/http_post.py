"""Posts a body to an HTTP server within a time limit that covers the whole exchange.

Exceptions of the HTTP library are translated into ours here, class by class. Redirects are followed only to the same
server: the transcript goes where the user said, and nowhere else.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, urljoin, urlsplit

from agent.adapters.deadline import Deadline, within
from agent.adapters.proxies import proxy_for
from agent.values.errors import EndpointError, NoReplyError

if TYPE_CHECKING:
    import httpx2

MOST_BYTES = 8_000_000
"""Maximum size of a reply; a completion has about ten thousand bytes."""
_REDIRECTS = (301, 302, 307, 308)
_MOST_REDIRECTS = 3


class HttpRequest(NamedTuple):
    """A POST request."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class HttpReply(NamedTuple):
    """A whole reply, whatever its status."""

    status: int
    body: bytes
    media_type: str = ""
    retry_after: str = ""
    """The header Retry-After, or empty."""
    location: str = ""
    """The header Location, or empty."""


Post = Callable[[HttpRequest, Deadline], HttpReply]
"""Sends requests: post(), or a stand-in for it."""


def host_of(url: str) -> str:
    """Host and port only, since an address may contain a password. Raises
    ValueError if `url` is not an HTTP address.
    """
    parts = urlsplit(url)
    port = parts.port
    if not parts.hostname or parts.scheme not in ("http", "https"):
        raise ValueError("it must begin with http:// or https://")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return host + (f":{port}" if port else "")


def proxy_host(url: str) -> str | None:
    """Host and port of the proxy for a URL; None if the request goes directly."""
    proxy = proxy_for(url)
    if proxy is None:
        return None
    try:
        parts = urlsplit(proxy)
        return (parts.hostname or "?") + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return "(an address that cannot be read)"


def post(request: HttpRequest, deadline: Deadline) -> HttpReply:
    """The server's reply. Raises EndpointError, or NoReplyError if the same request may succeed later."""
    for _ in range(_MOST_REDIRECTS + 1):
        reply = _posted(request, deadline)
        if reply.status not in _REDIRECTS or not reply.location:
            return reply
        request = request._replace(url=_redirected(request.url, reply.location))
    raise EndpointError(f"The endpoint {host_of(request.url)} redirects in a loop; check the address", "address")


def _posted(request: HttpRequest, deadline: Deadline) -> HttpReply:
    try:
        return within(deadline, lambda: _exchanged(request, deadline))
    except EndpointError:
        raise
    except Exception as error:
        raise _translated(error, request.url, deadline) from error


def _exchanged(request: HttpRequest, deadline: Deadline) -> HttpReply:
    import httpx2

    client = httpx2.Client(transport=_transport(request.url), timeout=max(0.001, deadline.left_s))
    sending = client.stream("POST", request.url, headers=dict(request.headers), content=request.body)
    with client, sending as response:
        return HttpReply(
            status=response.status_code,
            body=b"".join(_chunks(response, deadline)),
            media_type=response.headers.get("content-type", "").split(";")[0].strip().lower(),
            retry_after=response.headers.get("retry-after", ""),
            location=response.headers.get("location", ""),
        )


def _transport(url: str) -> httpx2.HTTPTransport:
    """The connection to a server, through the proxy if there is one. Raises
    EndpointError if the proxy or the certificates fail.
    """
    import httpx2

    # A broken SSL_CERT_FILE must not matter where no certificate is checked.
    encrypted = url.startswith("https:")
    proxy = proxy_for(url)
    try:
        if proxy is not None and not urlsplit(proxy).hostname:
            raise ValueError("the address of the proxy names no host")
        return httpx2.HTTPTransport(proxy=proxy, verify=encrypted)
    except (OSError, ValueError, ImportError, httpx2.InvalidURL) as error:
        named = [f"the proxy {proxy_host(url)}"] * (proxy is not None) + ["SSL_CERT_FILE"] * encrypted
        raise EndpointError(
            f"The endpoint {host_of(url)} cannot be reached with the settings of this machine ({_why(error)}); "
            f"check {' and '.join(named)}",
            "network",
        ) from error


def _chunks(response: httpx2.Response, deadline: Deadline) -> Iterator[bytes]:
    size = 0
    for chunk in response.iter_bytes():
        size += len(chunk)
        if size > MOST_BYTES:
            raise EndpointError(f"The endpoint {response.url.host} sent more than {MOST_BYTES:,} bytes", "address")
        if not deadline.left_s:
            raise TimeoutError("the server sends too slowly")
        yield chunk


def _redirected(url: str, location: str) -> str:
    """The new address on the same server. Raises EndpointError for another server, or for an invalid address."""
    try:
        target = urljoin(url, location)
        old, new = urlsplit(url), urlsplit(target)
        host = host_of(target)
    except ValueError as error:
        raise EndpointError(f"The endpoint {host_of(url)} redirects to no valid address", "address") from error
    upgraded = (old.scheme, new.scheme) == ("http", "https") and old.hostname == new.hostname
    if _origin(old) != _origin(new) and not upgraded:
        raise EndpointError(
            f"The endpoint {host_of(url)} redirects to {new.scheme}://{host}, where nothing was sent; "
            "give that address if you trust it",
            "address",
        )
    return target


def _origin(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)


def _translated(error: Exception, url: str, deadline: Deadline) -> EndpointError:
    """What went wrong, in plain words: the first of our cases that matches the error or one of its causes."""
    host, proxy = host_of(url), proxy_host(url)
    causes = list(_causes(error))
    for kind, code, words in _cases(causes):
        cause = next((cause for cause in causes if isinstance(cause, kind)), None)
        if cause is not None:
            text = words.format(
                host=host,
                proxy=proxy,
                via=f"the proxy {proxy}" if proxy else host,
                limit=deadline.limit_s,
                why=_why(cause),
            )
            return NoReplyError(text) if code is None else EndpointError(text, code)
    return EndpointError(
        f"The endpoint {host} cannot be reached ({type(error).__name__}); check its address", "address"
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and its causes, outermost first."""
    seen: BaseException | None = error
    for _ in range(20):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__ or seen.__context__


def _why(error: BaseException) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split())[:200] or type(error).__name__


_Case = tuple[type[BaseException] | tuple[type[BaseException], ...], str | None, str]
"""Class of exception, what to change (None: nothing, a retry may succeed), and the message."""


def _cases(causes: Sequence[BaseException]) -> list[_Case]:
    import httpx2

    if any(isinstance(cause, httpx2.ConnectError) for cause in causes):
        return _WITHOUT_CONNECTION
    return [
        (
            httpx2.ProxyError,
            "network",
            "The proxy {proxy} does not forward requests to {host} ({why}); check its settings",
        ),
        ((TimeoutError, httpx2.TimeoutException), None, "The endpoint {host} did not answer within {limit:g} s"),
        ((httpx2.UnsupportedProtocol, httpx2.InvalidURL), "address", "The address of {host} cannot be used ({why})"),
        # A header that cannot be sent may contain the key, so it is not quoted.
        ((httpx2.LocalProtocolError, UnicodeEncodeError), "key", "The key for {host} cannot be sent; copy it again"),
        (httpx2.DecodingError, None, "The endpoint {host} sent a reply that cannot be decompressed"),
        (httpx2.TransportError, None, "The endpoint {host} closed the connection"),
    ]


_WITHOUT_CONNECTION: list[_Case] = [
    (
        ssl.SSLCertVerificationError,
        "network",
        "The certificate of {host} is not trusted ({why}); add its authority to those of this machine, or give a file "
        "with it in SSL_CERT_FILE",
    ),
    (
        ssl.SSLError,
        "address",
        "The endpoint {host} does not answer in TLS ({why}); perhaps its address begins with http://",
    ),
    (socket.gaierror, "address", "The name of {via} is not known ({why}); correct the address or check the network"),
    (Exception, "address", "Nothing answers at {via}; check that it runs and that its address is right"),
]
