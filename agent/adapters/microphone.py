"""Records with a microphone.

PortAudio's thread only copies blocks; everything else happens in the caller's thread, which waits in short steps so
that Ctrl-C works at any time. The device runs at its own rate and is resampled, since many refuse any other.
"""

from __future__ import annotations

import queue
from collections.abc import Generator, Iterator
from typing import Any

from agent.adapters.framing import Block, framed
from agent.adapters.portaudio import (
    GONE_S,
    NO_DEVICE,
    STREAMS,
    Device,
    chosen,
    input_format,
    sounddevice,
    started,
    translated,
)
from agent.values.audio import Clip
from agent.values.errors import DeviceError, InputError

_BLOCK_S = 0.032
_STEP_S = 0.1
_MUTED_S = 8.0
"""Seconds of exact zeros that mean a muted or forbidden microphone; noise suppression gives shorter runs of zeros."""
_Queue = queue.SimpleQueue[tuple[Any, bool]]
"""Blocks of shape (n, channels), and whether audio was lost before them."""


class SoundCardMicrophone:
    """Records with a microphone."""

    def __init__(self, device: Device = None, *, muted_s: float | None = _MUTED_S) -> None:
        """`muted_s`: seconds of exact zeros from the start after which DeviceError is raised; None for never."""
        self._device = device
        self._muted_s = muted_s
        self._alive = False

    def frames(self) -> Generator[Clip, None, None]:
        """Frames of 32 ms at 16 kHz until the consumer stops; the device is open only meanwhile.

        After a lost device is reconnected, the next frames come from wherever it, or another device with that name, is
        plugged in. If another device is lost, this one is closed for a moment, and the frame after that is marked.
        """
        gap = False
        while True:
            with translated("The microphone cannot be used"), STREAMS.one_more() as lost:
                try:
                    yield from self._frames(gap)
                except InputError as error:
                    if not lost:
                        raise
                    raise DeviceError(f"The microphone was disconnected. {error}") from error
            gap = True

    def _frames(self, after_gap: bool) -> Generator[Clip, None, None]:
        """Frames until the stream has to be closed."""
        blocks: _Queue = queue.SimpleQueue()

        def copy(block: Any, _frames: int, _time: Any, status: Any) -> None:
            blocks.put((block.copy(), bool(status.input_overflow)))

        info = chosen("input", self._device)
        rate, channels = input_format(info)
        with started(
            sounddevice().InputStream,
            device=info["index"],
            samplerate=rate,
            channels=channels,
            dtype="float32",
            blocksize=round(rate * _BLOCK_S),
            callback=copy,
        ) as stream:
            try:
                yield from framed(self._recorded(blocks, stream, rate, after_gap), rate)
            finally:
                # Stopping would wait a second for audio that is no longer needed.
                stream.abort()

    def _recorded(self, blocks: _Queue, stream: Any, rate: int, after_gap: bool) -> Iterator[Block]:
        """Yields mono blocks at the device's rate, as long as it works and is not muted."""
        zeros = 0
        while (item := _next(blocks, stream)) is not None:
            mono = Clip.from_channels(item[0], rate).samples
            zeros = 0 if mono.any() else zeros + len(mono)
            # Noise gates send zeros between words: only a device that never recorded anything else counts as muted.
            self._alive = self._alive or zeros == 0
            if not self._alive and self._muted_s is not None and zeros > self._muted_s * rate:
                raise DeviceError(
                    "The microphone records only silence: unmute it, allow this program to use the microphone in the "
                    f"system's privacy settings, choose another device, {NO_DEVICE}."
                )
            yield Block(mono, item[1] or after_gap)
            after_gap = False


def _next(blocks: _Queue, stream: Any) -> tuple[Any, bool] | None:
    """The next block; None if the stream has to be closed for a moment. Raises DeviceError if nothing arrives."""
    for _ in range(round(GONE_S / _STEP_S)):
        if STREAMS.must_close:
            return None
        try:
            return blocks.get(timeout=_STEP_S)
        except queue.Empty:
            if not stream.active and blocks.empty():
                break
    raise DeviceError("The microphone stopped sending audio. Plug it in again.")
