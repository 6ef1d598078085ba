"""The loudspeaker of a web page: clips go to its socket, and the page reports how many samples were audible.

A sentence during which the socket dropped, or the page was reloaded, is said again from its beginning once the page is
back.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from enum import Enum, auto
from typing import Literal, NamedTuple

from agent.adapters.browser_audio import SpokenSentence, messages
from agent.adapters.framing import resampled
from agent.values.audio import Clip
from agent.values.errors import DeviceError

Played = Literal["playing", "done", "stopped"]
SILENT_S = 12.0
"""If a connected page plays no sample for this many seconds, it cannot play."""
_STEP_S = 0.005
"""Seconds between two checks of play() for an interruption; they add to the time until the agent is silent."""
ENDED = "The page has gone."


class Outlet(NamedTuple):
    """How a page is reached. Both functions return at once."""

    send: Callable[[bytes], None]
    """Sends sound."""
    stop: Callable[[int], None]
    """Stops the transmission of that number."""
    rate: int
    """The page's sample rate, in hertz."""


class _End(Enum):
    DONE = auto()
    INTERRUPTED = auto()
    PAGE_LOST = auto()


class BrowserSpeaker:
    """Implements Speaker. attach(), detach(), report() and close() may be called from any thread."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._changed = threading.Condition()
        self._outlet: Outlet | None = None
        self._closed = False
        self._number = 0
        self._frames = 0
        self._state: Played = "playing"
        self.sentences = 0
        """Number of sentences begun so far."""

    def attach(self, outlet: Outlet) -> None:
        """Reports that a page is there and can play."""
        with self._changed:
            self._outlet = outlet
            self._changed.notify()

    def detach(self) -> None:
        """Reports that the page has gone, perhaps to come back."""
        with self._changed:
            self._outlet = None
            self._changed.notify()

    def close(self) -> None:
        """Reports that the page will not come back, so that play() raises DeviceError."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def report(self, number: int, frames: int, state: Played) -> None:
        """Takes the page's report of how much of a transmission it has played; reports on earlier ones are ignored."""
        with self._changed:
            if number == self._number:
                self._frames, self._state = max(self._frames, frames), state
                self._changed.notify()

    def play(self, clip: Clip, until: Callable[[], bool] | None = None) -> bool:
        """Returns True when the last sample was played, False if `until` became true first.

        Waits while the page is away. Raises DeviceError if the page plays nothing, or will not come back.
        """
        self.sentences += 1
        while True:
            outlet = self._page(until)
            if outlet is None:
                return False
            end = self._played(outlet, clip, until)
            if end is not _End.PAGE_LOST:
                return end is _End.DONE

    def _page(self, until: Callable[[], bool] | None) -> Outlet | None:
        """Waits until a page is there; None when `until` became true."""
        while True:
            if until is not None and until():
                return None
            with self._changed:
                if self._closed:
                    raise DeviceError(ENDED)
                if self._outlet is not None:
                    return self._outlet
                self._changed.wait(_STEP_S)

    def _played(self, outlet: Outlet, clip: Clip, until: Callable[[], bool] | None) -> _End:
        with self._changed:
            self._number += 1
            self._frames, self._state = 0, "playing"
        at_rate = Clip(samples=resampled(clip, outlet.rate), rate=outlet.rate)
        for message in messages(SpokenSentence(self._number, self.sentences, at_rate)):
            outlet.send(message)
        done = False
        try:
            end = self._end(outlet, until)
            done = end is _End.DONE
            return end
        finally:
            if not done:
                outlet.stop(self._number)

    def _end(self, outlet: Outlet, until: Callable[[], bool] | None) -> _End:
        frames, moved = 0, self._now()
        while True:
            if until is not None and until():
                return _End.INTERRUPTED
            with self._changed:
                if self._closed:
                    raise DeviceError(ENDED)
                if self._outlet is not outlet or self._state == "stopped":
                    return _End.PAGE_LOST
                if self._state == "done":
                    return _End.DONE
                if self._frames != frames:
                    frames, moved = self._frames, self._now()
                elif self._now() - moved > SILENT_S:
                    raise DeviceError("The page plays no sound: choose another loudspeaker, or read the captions.")
                self._changed.wait(_STEP_S)
