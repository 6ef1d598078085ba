"""Listens all the time, even while the agent speaks, so that the candidate can interrupt it."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Generator
from contextlib import closing

from agent.logic.ports import Microphone, SpeechDetector
from agent.values.audio import Clip
from agent.values.errors import DeviceError

INTERRUPTS_AT = 0.6
"""Minimum probability for a frame that may belong to an interruption."""
INTERRUPTS_FRAMES = 2
"""Number of such frames in a row that make an interruption: 64 ms, so that a click does not count."""
PRE_ROLL_FRAMES = 25
"""Frames (0.8 s) from before the interruption was noticed, so that the first word is complete."""
ENDED = "The microphone stopped sending audio."
CLOSES_WITHIN_S = 0.3


class BargeInMicrophone:
    """A microphone that is read by its own thread. Implements BargeIn. Close it after use.

    The thread puts the error that ended it into the queue, whatever it was, so that nobody waits for frames that will
    never come.
    """

    def __init__(self, microphone: Microphone, detector: SpeechDetector) -> None:
        self._microphone, self._detector = microphone, detector
        self._frames: queue.SimpleQueue[Clip | BaseException] = queue.SimpleQueue()
        self._before: deque[Clip] = deque(maxlen=PRE_ROLL_FRAMES)
        self._failed: BaseException | None = None
        self._in_a_row = 0
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._reading = False

    def close(self) -> None:
        """Closes the microphone."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join(CLOSES_WITHIN_S)

    def frames(self) -> Generator[Clip, None, None]:
        """Yields the audio from just before, then frames as they arrive.

        Raises DeviceError; the next call reopens the device.
        """
        while self._before:
            yield self._before.popleft()
        if self._failed is not None:
            error, self._failed = self._failed, None
            raise error
        self._start()
        while True:
            item = self._frames.get()
            if isinstance(item, BaseException):
                raise item
            yield item

    def begin(self) -> None:
        """Reports that the agent is about to speak.

        Also checks the audio that arrived while nobody listened, since it may interrupt at once. Reopens a microphone
        that failed meanwhile.
        """
        self._failed = None
        self._start()
        self._in_a_row = 0
        self._detector.reset()

    def interrupted(self) -> bool:
        """Whether somebody has begun to speak; checks the audio that arrived since the last call."""
        while (frame := self._arrived()) is not None:
            self._before.append(frame)
            speaks = self._detector.probability(frame) >= INTERRUPTS_AT
            self._in_a_row = self._in_a_row + 1 if speaks else 0
            if self._in_a_row >= INTERRUPTS_FRAMES:
                return True
        return False

    def _arrived(self) -> Clip | None:
        """The next frame; None if there is none yet. An error is kept for frames(), which can report it."""
        try:
            item = self._frames.get_nowait()
        except queue.Empty:
            return None
        if isinstance(item, BaseException):
            self._failed = item
            return None
        return item

    def _start(self) -> None:
        # Not Thread.is_alive(): a thread that has reported its end may still be alive for a moment.
        if not self._reading:
            self._reading = True
            self._thread = threading.Thread(target=self._read, name="barge-in", daemon=True)
            self._thread.start()

    def _read(self) -> None:
        ended: BaseException = DeviceError(ENDED)
        try:
            with closing(self._microphone.frames()) as frames:
                for frame in frames:
                    self._frames.put(frame)
                    if self._closing.is_set():
                        break
        except BaseException as error:
            ended = error
        self._reading = False
        self._frames.put(ended)
