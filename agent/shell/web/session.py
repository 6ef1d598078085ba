"""One interview for the page, in a thread of its own. It outlives sockets: a page comes back, or another takes over."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from agent.adapters.browser_speaker import Outlet
from agent.compose import devices
from agent.interview.controls import Controls
from agent.shell.advice import advised
from agent.shell.web.stage import Stage
from agent.values.errors import MockInterviewError
from agent.values.rubric import Question

if TYPE_CHECKING:
    from agent.adapters.browser_microphone import BrowserMicrophone
    from agent.adapters.browser_speaker import BrowserSpeaker

AWAY_S = 120.0
"""Seconds for which the interview waits for a page that has gone."""
ENDS_WITHIN_S = 5.0
MOST_NAMES = 100


class Page(Protocol):
    """A page that is connected; its functions may be called from any thread and return at once."""

    def send(self, message: Mapping[str, Any] | bytes) -> None:
        """Sends values as JSON, or sound."""
        ...

    def leave(self, code: int) -> None:
        """Closes the connection."""
        ...


class Devices(NamedTuple):
    """How an interview reaches the page."""

    microphone: BrowserMicrophone
    speaker: BrowserSpeaker
    controls: Controls


RunInterview = Callable[[Devices, Stage], None]
"""Runs an interview to its end; everything that takes time belongs here."""


class WebSession:
    """One interview, from start() until it has ended and is saved."""

    def __init__(self, run: RunInterview, known: Mapping[str, Question], away_s: float = AWAY_S) -> None:
        self._run_interview, self._away_s = run, away_s
        self.controls = Controls()
        self.microphone, self.speaker = devices.page(lambda: self.controls.waiting)
        self.stage = Stage(known, self._publish)
        self.stage.next_sentence = lambda: self.speaker.sentences + 1
        self._lock = threading.RLock()
        self._page: Page | None = None
        self._written: deque[str] = deque(maxlen=MOST_NAMES)
        self._over = threading.Event()
        self._timer: threading.Timer | None = None
        self._thread = threading.Thread(target=self._run, name="interview", daemon=True)
        self._wait_for_page()

    def start(self) -> None:
        """Starts the interview's thread."""
        self._thread.start()

    @property
    def running(self) -> bool:
        """Whether the interview is still running."""
        return self._thread.is_alive()

    @property
    def page(self) -> Page | None:
        """The page that is connected."""
        return self._page

    def join(self, page: Page) -> None:
        """Connects a page, which gets all values of the stage and every later change."""
        with self._lock:
            self.leave(self._page)
            if self._timer is not None:
                self._timer.cancel()
            self._page = page
            self.stage.snapshot(lambda values: page.send({"type": "set", "values": values}))

    def ready(self, page: Page, rate: int) -> None:
        """Reports that the page can play sound, and at which sample rate in hertz."""
        with self._lock:
            if page is self._page:
                self.speaker.attach(Outlet(page.send, lambda number: page.send({"type": "stop", "clip": number}), rate))

    def leave(self, page: Page | None) -> None:
        """Disconnects a page; unless another one has come, the interview waits."""
        with self._lock:
            if page is None or page is not self._page:
                return
            self._page = None
            self.speaker.detach()
            self._wait_for_page()

    def write(self, text: str, name: str | None) -> None:
        """Takes typed words.

        Words with a known id are ignored: the page sent them twice because a socket had dropped.
        """
        with self._lock:
            if name is not None and name in self._written:
                return
            if name is not None:
                self._written.append(name)
        self.controls.write(text)

    def stop(self) -> None:
        """Ends the interview silently; the answers are saved."""
        self.controls.stop()
        self.microphone.close()
        self.speaker.close()

    def finish(self, within_s: float = ENDS_WITHIN_S) -> None:
        """Stops the interview and waits until it is saved."""
        self.stop()
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
        if self._thread.ident is not None:
            self._thread.join(within_s)

    def settle(self) -> None:
        """Waits until an interview that is shown as ended has really finished."""
        if self._over.is_set():
            self._thread.join(ENDS_WITHIN_S)

    def _wait_for_page(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(self._away_s, self.stop)
        self._timer.daemon = True
        self._timer.start()

    def _publish(self, values: Mapping[str, Any]) -> None:
        page = self._page
        if page is not None:
            page.send({"type": "set", "values": values})

    def _run(self) -> None:
        try:
            self._run_interview(Devices(self.microphone, self.speaker, self.controls), self.stage)
        except MockInterviewError as error:
            self.stage.note(advised(error))
        except Exception as error:
            self.stage.note(f"Something unexpected went wrong: {type(error).__name__}: {error}")
            raise
        finally:
            with self._lock:
                if self._timer is not None:
                    self._timer.cancel()
            self._over.set()
            self.stage.set(phase="ended", caption=None, level=None, paused=False)
