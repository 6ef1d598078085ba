"""A real Chromium with a microphone that tests speak into (tests/web_microphone.js)."""

from __future__ import annotations

import base64
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from agent.adapters.sound_file import encoded
from agent.values.audio import Clip

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)
MICROPHONE = Path(__file__).with_name("web_microphone.js")
OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
"""A browser that knows no other machine."""


@contextmanager
def chromium(*flags: str, card: dict[str, str] | None = None) -> Iterator[Browser]:
    """A browser; the test is skipped where there is none.

    `card` is the environment of a sound server on which it plays; without it the browser is mute.
    """
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM:
        pytest.skip("no Chromium is installed")
    # Chromium's sandbox refuses to run as root, as in containers.
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=CHROMIUM,
            args=[OFFLINE, *root, *flags],
            env=None if card is None else {**card},
            ignore_default_args=None if card is None else ["--mute-audio"],
        )
        yield browser
        browser.close()


class Watched:
    """A page whose requests, errors and refusals are noted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.bytes: dict[str, int] = {}
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        page.on("response", self._count)

    def _count(self, response: Any) -> None:
        length = response.headers.get("content-length")
        if length is not None:
            self.bytes[response.url] = int(length)

    def choose(self, *questions: str) -> None:
        """Chooses single questions of the list, by their ids."""
        self.page.get_by_text("Single questions").click()
        for name in questions:
            self.page.fill("#pick-search", name)
            self.page.locator(f'#picks input[value="{name}"]').check()

    def block_microphone(self) -> None:
        """From now on the browser refuses the microphone."""
        self.page.evaluate(
            "() => { navigator.mediaDevices.getUserMedia ="
            " async () => { throw new DOMException('', 'NotAllowedError') } }"
        )

    def state(self, wanted: str, timeout_s: float = 60.0) -> None:
        """Waits for a state of the interview."""
        self.page.wait_for_selector(f'#state[data-state="{wanted}"]', timeout=1000 * timeout_s)

    def until(self, expression: str, timeout_s: float = 60.0) -> Any:
        """Waits until the expression is true; its value. Playwright's own way needs eval, which the page forbids."""
        ends = time.monotonic() + timeout_s
        while not (value := self.page.evaluate(expression)):
            assert time.monotonic() < ends, f"still not: {expression}"
            self.page.wait_for_timeout(30)
        return value

    def speak(self, clip: Clip) -> None:
        """Says this into the page's microphone; returns when it has begun."""
        sound = base64.b64encode(encoded(clip, "WAV")).decode()
        self.page.evaluate("sound => { rig.saidAt = 0; rig.say(sound); }", sound)
        # Decoding takes a moment; from now on the time at which the sound began is known.
        self.until("rig.saidAt")

    def played(self) -> Clip:
        """All that the page has played since rig.keep was set."""
        return Clip.from_pcm(base64.b64decode(self.page.evaluate("rig.take()")), int(self.page.evaluate("rig.rate")))


def opened(browser: Browser, entry: str, microphone: Path | None = MICROPHONE, **options: Any) -> Watched:
    """The page in a fresh profile, once it can be used; without `microphone` it has that of the machine."""
    context = browser.new_context(**options)
    if microphone is not None:
        context.add_init_script(path=microphone)
    watched = Watched(context.new_page())
    watched.page.goto(entry)
    watched.page.wait_for_selector("html.ready", timeout=60_000)
    return watched
