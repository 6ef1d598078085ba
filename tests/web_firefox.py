"""A real Firefox, driven by WebDriver BiDi, which it speaks without any driver beside it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

FIREFOX = next((path for name in ("firefox-esr", "firefox") if (path := shutil.which(name))), "")
PREFERENCES = {
    # Sound and microphone without a person who allows them.
    "media.autoplay.default": 0,
    "media.navigator.permission.disabled": True,
    "browser.startup.page": 0,
    # No other machine is reached: all but this one go through a proxy that is not there.
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.no_proxies_on": "127.0.0.1",
}
_ADDRESS = re.compile(r"WebDriver BiDi listening on (ws://\S+)")


class FirefoxPage:
    """One tab. Errors that the page reports are noted."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._sent = 0
        self.errors: list[str] = []
        self._ask("session.new", capabilities={})
        self._ask("session.subscribe", events=["log.entryAdded"])
        # A tab of its own: the first one still opens the start page, which may undo a navigation.
        self._context = self._ask("browsingContext.create", type="tab")["context"]

    def _ask(self, method: str, **params: Any) -> Any:
        self._sent += 1
        self._connection.send(json.dumps({"id": self._sent, "method": method, "params": params}))
        while (reply := json.loads(self._connection.recv(timeout=120))).get("id") != self._sent:
            if reply.get("method") == "log.entryAdded" and reply["params"]["level"] == "error":
                self.errors.append(str(reply["params"]["text"]))
        assert reply["type"] == "success", reply
        return reply["result"]

    def open(self, address: str) -> None:
        """The page once it can be used."""
        self._ask("browsingContext.navigate", context=self._context, url=address, wait="complete")
        self.until("document.documentElement.classList.contains('ready')")

    def evaluate(self, expression: str) -> Any:
        """The value of an expression, as it is in JSON; it counts as a deed of the user."""
        target = {"context": self._context}
        wrapped = f"(async () => JSON.stringify((await ({expression})) ?? null))()"
        found = self._ask("script.evaluate", expression=wrapped, target=target, awaitPromise=True, userActivation=True)
        assert found["type"] == "success", found["exceptionDetails"]["text"]
        return json.loads(found["result"]["value"])

    def click(self, selector: str) -> None:
        """Presses what is there, or will soon be."""
        self.until(f"document.querySelector({json.dumps(selector)}) !== null")
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    def text(self, selector: str) -> str:
        """The words in an element."""
        return str(self.evaluate(f"document.querySelector({json.dumps(selector)}).textContent"))

    def until(self, expression: str, timeout_s: float = 60.0) -> Any:
        """Waits until the expression is true; its value."""
        ends = time.monotonic() + timeout_s
        while not (value := self.evaluate(expression)):
            assert time.monotonic() < ends, f"still not: {expression}"
            time.sleep(0.05)
        return value

    def state(self, wanted: str, timeout_s: float = 60.0) -> None:
        """Waits for a state of the interview."""
        self.until(f"document.getElementById('state').dataset.state === {json.dumps(wanted)}", timeout_s)


@contextmanager
def firefox(profile: Path, card: dict[str, str]) -> Iterator[FirefoxPage]:
    """A browser with a fresh profile in this folder and the sound card of this environment.

    The test is skipped where there is no Firefox.
    """
    if not FIREFOX:
        pytest.skip("no Firefox is installed")
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items()]
    profile.mkdir(parents=True)
    (profile / "user.js").write_text("".join(lines), "utf-8")
    words = [FIREFOX, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
    log = profile / "log"
    with log.open("w") as written, subprocess.Popen(words, env=card, stdout=written, stderr=written) as running:
        try:
            with connect(f"{_address(log)}/session", max_size=None) as connection:
                yield FirefoxPage(connection)
        finally:
            running.kill()


def _address(log: Path) -> str:
    """Where it listens, as it says once it has started."""
    ends = time.monotonic() + 60
    while (found := _ADDRESS.search(log.read_text("utf-8", "replace"))) is None:
        assert time.monotonic() < ends, log.read_text("utf-8", "replace")
        time.sleep(0.1)
    return found[1]
