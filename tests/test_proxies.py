"""Which proxy a request goes through."""

from __future__ import annotations

import pytest

from agent.adapters.http_post import proxy_host
from agent.adapters.proxies import is_loopback, proxy_for

PROXY = "http://proxy.corp:3128"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST", "localhost.", "api.localhost", "127.0.0.1", "127.8.9.1", "127.1", "0.0.0.0", "::1", "::",
     "::ffff:127.0.0.1", "2130706433", "0x7f.1", "ip6-localhost"],
)  # fmt: skip
def test_loopback_in_all_its_spellings(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", PROXY)
    assert is_loopback(host)
    assert proxy_for(f"http://{f'[{host}]' if ':' in host else host}:8080/v1") is None


@pytest.mark.parametrize("host", ["localhost.evil.com", "api.openai.com", "10.0.0.1", "128.0.0.1", "::2", "127", ""])
def test_other_hosts_are_not_loopback(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("name", "url", "proxied"),
    [
        ("HTTP_PROXY", "http://llm.corp/v1", True),
        ("HTTP_PROXY", "https://llm.corp/v1", False),
        ("HTTPS_PROXY", "https://llm.corp/v1", True),
        ("https_proxy", "https://llm.corp/v1", True),
        ("ALL_PROXY", "https://llm.corp/v1", True),
        ("ALL_PROXY", "http://llm.corp/v1", True),
    ],
)
def test_the_usual_variables_are_read(name: str, url: str, proxied: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, PROXY)
    assert proxy_for(url) == (PROXY if proxied else None)


def test_a_proxy_without_a_scheme_is_an_http_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "proxy.corp:3128")
    assert proxy_for("https://llm.corp/v1") == PROXY


@pytest.mark.parametrize(
    ("no_proxy", "url", "proxied"),
    [
        ("llm.corp", "https://llm.corp/v1", False),
        (".corp", "https://llm.corp/v1", False),
        ("*.corp", "https://llm.corp/v1", False),
        ("a.org, *", "https://llm.corp/v1", False),
        ("other.corp", "https://llm.corp/v1", True),
        ("192.168.0.0/16", "http://192.168.1.5:11434/v1", False),
        ("192.168.0.0/16", "http://192.169.1.5:11434/v1", True),
        ("fd00::/8", "http://[fd00::5]:11434/v1", False),
        ("llm.corp:8080", "http://llm.corp:8080/v1", False),
        ("/,//,[", "http://llm.corp:8080/v1", True),
    ],
)
def test_exceptions_are_kept(no_proxy: str, url: str, proxied: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert proxy_for(url) == (PROXY if proxied else None)


@pytest.mark.parametrize(
    ("proxy", "shown"),
    [
        ("http://user:secret@proxy.corp:3128", "proxy.corp:3128"),
        ("socks5h://127.0.0.1:1080", "127.0.0.1:1080"),
        ("http://[::1", "(an address that cannot be read)"),
        ("http://", "?"),
    ],
)
def test_a_proxy_is_shown_without_its_password(proxy: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert proxy_host("https://llm.corp/v1") is None
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    assert proxy_host("https://llm.corp/v1") == shown
