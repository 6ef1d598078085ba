"""Removes what the loudspeaker plays from what the microphone hears: WebRTC's echo canceler, from livekit (Apache-2.0).

The loudspeaker hands over what it plays, and the microphone's frames come back without it.
"""

from __future__ import annotations

import queue
from collections.abc import Generator
from contextlib import closing
from functools import cached_property
from typing import Any

import numpy as np

from agent.logic.ports import Microphone
from agent.values.audio import WHISPER_RATE, Clip, Samples

_STEP = WHISPER_RATE // 100
"""Samples (10 ms) that the canceler takes at once."""
_LEARNS_S = 1.0
"""Seconds of sound that the canceler needs to learn the room; until then its output may still contain echo."""
_ECHO_S = 1.0
"""Seconds after the last sound during which its echo may arrive; later frames are left as they are."""
_LATEST_S = 2.0
"""Maximum seconds of played sound that wait for the microphone, so that a microphone that is not read fills no memory.
"""
_LOUD = 0.003
"""Root mean square (-50 dB) from which a block counts as sound."""


class EchoCanceler:
    """One room: its loudspeaker and its microphone. played() may be called from any thread, cleaned() from one."""

    def __init__(self) -> None:
        self._played: queue.SimpleQueue[tuple[Samples, int]] = queue.SimpleQueue()
        self._far, self._near, self._clean = _silence(0), _silence(0), _silence(_STEP)
        self._resampler: Any = None
        self._rate = 0
        self._learned_s = 0.0
        self._quiet_s = _ECHO_S

    @cached_property
    def _canceler(self) -> Any:
        from livekit.rtc.apm import AudioProcessingModule

        return AudioProcessingModule(echo_cancellation=True)

    def played(self, samples: Samples, rate: int) -> None:
        """Stores the next mono samples that the loudspeaker plays, at `rate` hertz."""
        self._played.put((samples, rate))

    def restart(self) -> None:
        """Forgets what was played, because the microphone has been reopened and will not record its echo."""
        while not self._played.empty():
            self._played.get_nowait()
        self._far, self._quiet_s = _silence(0), _ECHO_S

    def cleaned(self, frame: Clip) -> Clip:
        """Returns the microphone's next frame at 16 kHz without the echo; silence while the canceler still learns the
        room.
        """
        self._take_played()
        self._near = np.concatenate([self._near, frame.samples])
        while len(self._near) >= _STEP:
            near, self._near = self._near[:_STEP], self._near[_STEP:]
            self._clean = np.concatenate([self._clean, self._step(near)])
        clean, self._clean = self._clean[: len(frame.samples)], self._clean[len(frame.samples) :]
        if self._quiet_s >= _ECHO_S:
            return frame
        learned = self._learned_s >= _LEARNS_S
        return Clip(clean if learned else _silence(len(clean)), frame.rate, after_gap=frame.after_gap)

    def _step(self, near: Samples) -> Samples:
        far = self._far[:_STEP]
        self._far = self._far[_STEP:]
        far = np.pad(far, (0, _STEP - len(far)))
        loud = float(np.sqrt(np.mean(far**2))) >= _LOUD
        self._quiet_s = 0.0 if loud else self._quiet_s + _STEP / WHISPER_RATE
        self._learned_s += loud * _STEP / WHISPER_RATE
        self._canceler.process_reverse_stream(_frame(far))
        block = _frame(near)
        self._canceler.process_stream(block)
        return Clip.from_pcm(bytes(block.data), WHISPER_RATE).samples

    def _take_played(self) -> None:
        while not self._played.empty():
            samples, rate = self._played.get_nowait()
            self._far = np.concatenate([self._far, self._resampled(samples, rate)])
        self._far = self._far[-round(_LATEST_S * WHISPER_RATE) :]

    def _resampled(self, samples: Samples, rate: int) -> Samples:
        import soxr

        if self._resampler is None or rate != self._rate:
            self._rate, self._resampler = rate, soxr.ResampleStream(rate, WHISPER_RATE, 1, dtype="float32")
        return np.asarray(self._resampler.resample_chunk(samples), np.float32)


class EchoCancelingMicrophone:
    """A microphone beside a loudspeaker, without what that plays. Implements Microphone."""

    def __init__(self, microphone: Microphone, canceler: EchoCanceler) -> None:
        self._microphone, self._canceler = microphone, canceler

    def frames(self) -> Generator[Clip, None, None]:
        """The frames of the microphone. Raises DeviceError."""
        self._canceler.restart()
        with closing(self._microphone.frames()) as frames:
            for frame in frames:
                yield self._canceler.cleaned(frame)


def _silence(size: int) -> Samples:
    return np.zeros(size, np.float32)


def _frame(samples: Samples) -> Any:
    """Ten milliseconds as 16-bit samples, the form that the canceler takes."""
    from livekit.rtc import AudioFrame

    return AudioFrame(bytearray(Clip(samples, WHISPER_RATE).pcm().tobytes()), WHISPER_RATE, 1, _STEP)
