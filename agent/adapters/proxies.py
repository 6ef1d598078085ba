"""Which proxy a request goes through, according to the environment or the system; sends nothing itself.

Addresses of this machine are never reached through a proxy, whatever the settings say.
"""

from __future__ import annotations

import ipaddress
import socket
import urllib.request
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

_LOCAL_NAMES = {"localhost", "localhost6", "localhost.localdomain", "ip6-localhost", "ip6-loopback"}
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def proxy_for(url: str) -> str | None:
    """The address of the proxy for a URL, possibly with a password in it; None if the request goes directly.

    Reads HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY (also in lower case), and on macOS and Windows the system's
    settings too.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    settings = urllib.request.getproxies()
    proxy = settings.get(parts.scheme) or settings.get("all")
    if not proxy or is_loopback(host) or _excepted(host, settings.get("no", "")):
        return None
    if urllib.request.proxy_bypass(f"{host}:{parts.port}" if parts.port else host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine; judged by its name, without looking it up."""
    name = host.lower().rstrip(".")
    if name in _LOCAL_NAMES or name.endswith(".localhost"):
        return True
    address = _address(name)
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    # Connecting to 0.0.0.0 or :: reaches this machine.
    return address is not None and (address.is_loopback or address.is_unspecified)


def _address(host: str) -> _Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        # Short forms such as 127.1, which the system's resolver takes.
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def _excepted(host: str, no_proxy: str) -> bool:
    """Whether NO_PROXY lists the host as `*`, as `*.domain` or in a network such as 192.168.0.0/16.

    The standard library reads plain names and domains, but none of these.
    """
    parts = [part.strip() for part in no_proxy.split(",")]
    if "*" in parts or any(part.startswith("*.") and host.lower().endswith(part[1:].lower()) for part in parts):
        return True
    address = _address(host)
    return address is not None and any(address in network for network in _networks(parts))


def _networks(parts: Iterable[str]) -> Iterator[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    for part in parts:
        try:
            yield ipaddress.ip_network(part.strip("[]"), strict=False)
        except ValueError:
            continue
