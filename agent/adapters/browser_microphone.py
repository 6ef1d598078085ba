"""The microphone of a web page: blocks arrive from its socket's thread, frames are taken by the interview's.

While the socket is down, frames() waits and no time passes. What the page sends again afterwards fills the gap.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import closing

import numpy as np

from agent.adapters.browser_audio import MicrophoneBlock, read_block
from agent.adapters.framing import Block, framed
from agent.values.audio import FRAME, WHISPER_RATE, Clip
from agent.values.errors import DeviceError

MOST_WAITING_S = 180.0
"""Maximum seconds of sound that wait for the interview. Older sound is dropped, and the next frame is marked."""
LONGEST_HOLE_S = 10.0
"""A gap in the sound becomes silence of the same length, up to this many seconds."""
_STEP_S = 0.05
ENDED = "The page has gone."


class BrowserMicrophone:
    """Implements Microphone. receive(), mute() and close() may be called from any thread."""

    def __init__(self, waiting: Callable[[], bool] = lambda: False) -> None:
        """`waiting` tells whether a button was pressed, so that frames() must not go on waiting for sound."""
        self._waiting = waiting
        self._changed = threading.Condition()
        self._blocks: deque[tuple[MicrophoneBlock, bool]] = deque()
        self._waiting_s = 0.0
        self._stream: int | None = None
        self._next = 0
        self._listening = self._muted = self._closed = False

    @property
    def position(self) -> tuple[int, int] | None:
        """The number of the current recording and of the next expected sample; None before the first block.

        The page may forget everything before it. After the socket has dropped, the page sends what comes after it
        again.
        """
        with self._changed:
            return None if self._stream is None else (self._stream, self._next)

    def receive(self, message: bytes) -> None:
        """Takes one message of the page, and ignores samples that were received before.

        Raises InputError if it is not audio.
        """
        block = read_block(message)
        with self._changed:
            fresh, hole = self._fresh(block)
            if fresh is None:
                return
            if self._listening and not self._muted:
                self._keep(fresh, hole)
            self._changed.notify()

    def mute(self, muted: bool) -> None:
        """Keeps the microphone's sound from the interview while the candidate types or is muted."""
        with self._changed:
            self._muted = muted

    def close(self) -> None:
        """Reports that the page will not come back: whoever waits for frames gets a DeviceError."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def frames(self) -> Generator[Clip, None, None]:
        """Frames of 32 ms at 16 kHz from this call on; waits while the page is away. After close(), DeviceError."""
        with self._changed:
            self._blocks.clear()
            self._waiting_s, self._listening = 0.0, True
        return self._frames()

    def _frames(self) -> Generator[Clip, None, None]:
        try:
            while True:
                rate = self._rate()
                with closing(framed(self._of_rate(rate), rate)) as frames:
                    yield from frames
        finally:
            with self._changed:
                self._listening = False

    def _fresh(self, block: MicrophoneBlock) -> tuple[MicrophoneBlock | None, int]:
        """Returns the new part of the block, and how many samples are missing before it."""
        if block.stream != self._stream:
            self._stream, self._next = block.stream, block.first
        known = self._next - block.first
        if known >= block.samples:
            return None, 0
        if known > 0:
            block = block._replace(first=self._next, pcm=block.pcm[2 * known :])
        self._next = block.first + block.samples
        return block, max(0, -known)

    def _keep(self, block: MicrophoneBlock, hole: int) -> None:
        if hole:
            # Silence in its place, so that times and pauses stay true.
            silence = bytes(2 * min(hole, round(LONGEST_HOLE_S * block.rate)))
            block = block._replace(pcm=silence + block.pcm)
        self._blocks.append((block, hole > 0))
        self._waiting_s += block.samples / block.rate
        while self._waiting_s > MOST_WAITING_S and len(self._blocks) > 1:
            dropped, _ = self._blocks.popleft()
            self._waiting_s -= dropped.samples / dropped.rate
            # The gap is before what is left.
            self._blocks[0] = (self._blocks[0][0], True)

    def _rate(self) -> int:
        """Waits for the next block and returns its sample rate. Raises DeviceError."""
        with self._changed:
            self._wait()
            return self._blocks[0][0].rate if self._blocks else WHISPER_RATE

    def _of_rate(self, rate: int) -> Iterator[Block]:
        """Yields blocks until one has another rate, which means that another microphone was chosen."""
        while True:
            with self._changed:
                self._wait()
                if not self._blocks:
                    # A button was pressed: silence at its usual pace, since somebody may collect it.
                    self._changed.wait(FRAME / WHISPER_RATE)
                if not self._blocks:
                    block = Block(np.zeros(FRAME * rate // WHISPER_RATE + 1, np.float32))
                elif self._blocks[0][0].rate != rate:
                    return
                else:
                    block = self._taken()
            yield block

    def _taken(self) -> Block:
        found, after_gap = self._blocks.popleft()
        self._waiting_s -= found.samples / found.rate
        return Block(Clip.from_pcm(found.pcm, found.rate).samples, after_gap)

    def _wait(self) -> None:
        """Waits until a block is there or a button was pressed; call it with the lock held. Raises DeviceError."""
        while not self._blocks and not self._waiting():
            if self._closed:
                raise DeviceError(ENDED)
            self._changed.wait(_STEP_S)
