"""Hears one answer out: frames in, the answer's sound out. Knows nothing of devices and of words."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from agent.steps.end_of_answer import Listening, Patience, finished, step
from agent.steps.ports import Microphone, SpeechDetector
from agent.values.audio import WHISPER_RATE, Clip

REPORT_EVERY_S = 0.25


class Level(NamedTuple):
    """How listening goes, a few times a second."""

    seconds: float
    peak: float
    """Largest magnitude since the last report, 0 to 1."""
    speaking: bool


def listen(microphone: Microphone, detector: SpeechDetector, patience: Patience) -> Iterator[Level | Clip]:
    """Levels while the candidate speaks, then the whole answer as the last item; an empty clip when nothing came.

    What was heard is kept also when the source ends early.
    """
    state, heard = Listening(), bytearray()
    peak, reported = 0.0, 0.0
    detector.reset()
    frames = microphone.frames()
    for frame in frames:
        heard += frame.samples.tobytes()
        probability = detector.probability(frame)
        state = step(state, probability, frame.seconds)
        peak = max(peak, frame.peak)
        if state.elapsed_s - reported >= REPORT_EVERY_S:
            yield Level(state.elapsed_s, peak, probability >= 0.5)
            peak, reported = 0.0, state.elapsed_s
        if finished(state, patience):
            break
    close = getattr(frames, "close", None)
    if close is not None:
        close()
    # One growing buffer: an hour's answer is held once, not once in pieces and once joined.
    yield Clip(samples=np.frombuffer(heard, dtype=np.float32), rate=WHISPER_RATE)


class Stopwatch:
    """Seconds spent on named steps, measured by the monotonic clock."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.monotonic()

    def lap(self, name: str) -> None:
        """Books the time since the last lap under `name`."""
        now = time.monotonic()
        self.seconds[name] = round(self.seconds.get(name, 0.0) + now - self._last, 3)
        self._last = now
