"""Plays clips on a loudspeaker.

PortAudio's thread only copies blocks; everything else happens in the caller's thread, which waits in short steps so
that Ctrl-C works at any time. The device runs at its own rate, since many refuse any other.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from agent.adapters.framing import padded, resampled
from agent.adapters.portaudio import GONE_S, NO_DEVICE, STREAMS, Device, chosen, sounddevice, started, translated
from agent.values.audio import Clip, Samples
from agent.values.errors import DeviceError

_STEP_S = 0.1
_ASK_S = 0.02
"""Seconds between two checks for an interruption by the candidate."""
_LEAD_S = 0.05
_TAIL_S = 0.2
"""Silence played around each clip: devices swallow the first and last moments of a stream."""
_LATENCY_S = 0.2


class SoundCardSpeaker:
    """Plays clips on a loudspeaker."""

    def __init__(self, device: Device = None) -> None:
        self._device = device

    def play(self, clip: Clip, until: Callable[[], bool] | None = None) -> bool:
        """True when the last sample was played; False soon after `until` returned True. Raises DeviceError."""
        start_s = 0.0
        while True:
            with translated("The loudspeaker cannot be used"), STREAMS.one_more():
                player = _Player(chosen("output", self._device), clip, start_s)
                player.play(until)
            if not player.closed_early:
                return player.source.finished.is_set() and not player.interrupted
            start_s = max(0.0, player.played_s - _LATENCY_S)


class _Player:
    """Plays one clip on one device until it ends, is interrupted, or the device has to be closed for a moment."""

    def __init__(self, info: dict[str, Any], clip: Clip, start_s: float) -> None:
        self._info, self._rate = info, int(info["default_samplerate"])
        self._start = round(start_s * self._rate)
        self.source = _Source(padded(resampled(clip, self._rate), self._rate, _LEAD_S, _TAIL_S)[self._start :])
        self.interrupted = self.closed_early = False

    @property
    def played_s(self) -> float:
        """Seconds of the padded clip that were passed to PortAudio."""
        return (self._start + self.source.position) / self._rate

    def play(self, until: Callable[[], bool] | None) -> None:
        with started(
            sounddevice().OutputStream,
            device=self._info["index"],
            samplerate=self._rate,
            channels=min(2, int(self._info["max_output_channels"])),
            dtype="float32",
            latency=_LATENCY_S,
            callback=self.source.fill,
            finished_callback=self.source.finished.set,
        ) as stream:
            try:
                self._wait(until)
            finally:
                # Closing would wait until everything is played; after Ctrl-C or an interruption it should stop at once.
                if self.interrupted or not self.source.finished.is_set():
                    stream.abort()

    def _wait(self, until: Callable[[], bool] | None) -> None:
        last, moved = -1, time.monotonic()
        while not self.source.finished.wait(_STEP_S if until is None else _ASK_S):
            if until is not None and until():
                self.interrupted = True
                return
            if STREAMS.must_close:
                self.closed_early = True
                return
            if self.source.position != last:
                last, moved = self.source.position, time.monotonic()
            elif time.monotonic() - moved > GONE_S:
                raise DeviceError(
                    f"The loudspeaker stopped accepting audio. Plug it in again, choose another, {NO_DEVICE}."
                )


class _Source:
    """Passes a clip to PortAudio block by block."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples
        self.position = 0
        self.finished = threading.Event()

    def fill(self, out: Any, frames: int, _time: Any, _status: Any) -> None:
        """PortAudio's callback."""
        block = self._samples[self.position : self.position + frames]
        out[: len(block)] = block[:, np.newaxis]
        out[len(block) :] = 0
        self.position += len(block)
        if len(block) < frames:
            raise sounddevice().CallbackStop
