"""Listens all the time, also while the agent speaks, so that the candidate can interrupt it. For headphones."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Iterator

from agent.logic.ports import Microphone, SpeechDetector
from agent.values.audio import Clip
from agent.values.errors import MockInterviewError

INTERRUPTS_AT = 0.6
"""Probability from which a frame may belong to an interruption."""
INTERRUPTS_FRAMES = 3
"""Such frames in a row that are one: about a tenth of a second, so that a click or a cough is none."""
PRE_ROLL_FRAMES = 25
"""Frames (0.8 s) kept from before the agent noticed, so that the first word is whole."""


class BargeInMicrophone:
    """A microphone that is read by a thread of its own; itself a microphone. Close it in the end."""

    def __init__(self, microphone: Microphone, detector: SpeechDetector) -> None:
        self._microphone, self._detector = microphone, detector
        self._frames: queue.SimpleQueue[Clip | MockInterviewError] = queue.SimpleQueue()
        self._before: deque[Clip] = deque(maxlen=PRE_ROLL_FRAMES)
        self._in_a_row = 0
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def close(self) -> None:
        """Closes the microphone."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join(timeout=2.0)

    def frames(self) -> Iterator[Clip]:
        """What was heard just before, then frames as they come. Raises DeviceError; the next call opens it anew."""
        self._alive()
        while self._before:
            yield self._before.popleft()
        while True:
            item = self._frames.get()
            if isinstance(item, MockInterviewError):
                raise item
            yield item

    def begin(self) -> None:
        """The agent is about to speak. What was heard while nobody listened is kept: it may interrupt at once."""
        self._alive()
        self._in_a_row = 0
        self._detector.reset()

    def interrupted(self) -> bool:
        """Whether somebody has begun to speak; looks at what arrived since the last call."""
        while (frame := self._next()) is not None:
            self._before.append(frame)
            speaks = self._detector.probability(frame) >= INTERRUPTS_AT
            self._in_a_row = self._in_a_row + 1 if speaks else 0
            if self._in_a_row >= INTERRUPTS_FRAMES:
                return True
        return False

    def _next(self) -> Clip | None:
        """The next frame that has arrived; None when there is none now, also when the microphone is gone."""
        try:
            item = self._frames.get_nowait()
        except queue.Empty:
            return None
        if isinstance(item, MockInterviewError):
            return None
        return item

    def _alive(self) -> None:
        if self._thread is not None and self._thread.is_alive():
            return
        self._thread = threading.Thread(target=self._read, name="overhearing", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        frames = self._microphone.frames()
        try:
            for frame in frames:
                self._frames.put(frame)
                if self._closing.is_set():
                    break
        except MockInterviewError as error:
            self._frames.put(error)
        finally:
            close = getattr(frames, "close", None)
            if close is not None:
                close()
