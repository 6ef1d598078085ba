"""Speaks sentence by sentence: synthesizes the next sentence while one is playing, and stops when interrupted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from agent.interview.controls import Controls
from agent.logic.ports import Speaker, Voice
from agent.logic.speech.speakable import sentences, speakable
from agent.values.audio import Clip
from agent.values.rubric import Term

SPEED_STEP, GAIN_STEP = 1.2, 1.5
SLOWEST, FASTEST = 0.6, 1.8
SOFTEST, LOUDEST = 0.3, 4.0
_Key = tuple[str, float]


class SpeechPlayer:
    """A voice with its loudspeaker. Close it after use. expect() may be called from a different thread than say()."""

    def __init__(self, voice: Voice, speaker: Speaker, controls: Controls | None = None) -> None:
        self._voice, self._speaker = voice, speaker
        self._controls = controls or Controls()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="voice")
        self._lock = threading.Lock()
        self._ready: dict[_Key, Future[Clip]] = {}
        self._expected: _Key | None = None
        self._speed, self._gain = 1.0, 1.0

    def close(self) -> None:
        """Ends the thread."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def warm(self) -> None:
        """Loads the voice in its own thread; a voice that cannot be loaded raises its error when it has to speak."""
        self._pool.submit(self._voice.warm)

    def prepare(self, text: str, glossary: tuple[Term, ...] = ()) -> None:
        """Synthesizes a text ahead of time."""
        for sentence in sentences(text):
            self._synthesized(speakable(sentence, glossary))

    def expect(self, text: str, glossary: tuple[Term, ...] = ()) -> None:
        """Synthesizes the first sentence of what may be spoken next, replacing any earlier expectation."""
        with self._lock:
            if self._expected is not None:
                self._ready.pop(self._expected, None)
        for sentence in sentences(text)[:1]:
            said = speakable(sentence, glossary)
            self._expected = said, self._speed
            self._synthesized(said)

    def say(self, text: str, glossary: tuple[Term, ...] = (), until: Callable[[], bool] | None = None) -> int:
        """Speaks a text until `until` returns True. Returns how many sentences were not finished.

        Raises VoiceError, DeviceError or InterviewStopped.
        """
        said = [speakable(sentence, glossary) for sentence in sentences(text)]
        for number, sentence in enumerate(said):
            clip = self._taken(sentence)
            if number + 1 < len(said):
                self._synthesized(said[number + 1])
            if not self._speaker.play(self._loud(clip), until):
                return len(said) - number
        return 0

    def change_speed(self, faster: bool) -> bool:
        """Speaks faster or slower from now on; False if the voice is already at its limit."""
        wanted = self._speed * (SPEED_STEP if faster else 1 / SPEED_STEP)
        if not SLOWEST <= wanted <= FASTEST:
            return False
        self._speed = wanted
        return True

    def change_loudness(self, louder: bool) -> bool:
        """Speaks louder or more quietly from now on; False if the voice is already at its limit."""
        wanted = self._gain * (GAIN_STEP if louder else 1 / GAIN_STEP)
        if not SOFTEST <= wanted <= LOUDEST:
            return False
        self._gain = wanted
        return True

    def _synthesized(self, sentence: str) -> Future[Clip]:
        key = (sentence, self._speed)
        with self._lock:
            if key not in self._ready:
                self._ready[key] = self._pool.submit(self._voice.synthesize, sentence, self._speed)
            return self._ready[key]

    def _taken(self, sentence: str) -> Clip:
        """Returns the sentence's audio and removes it from the cache, so that a sentence that failed is tried again
        next time.
        """
        future = self._synthesized(sentence)
        try:
            return self._controls.result(future)
        finally:
            with self._lock:
                self._ready.pop((sentence, self._speed), None)

    def _loud(self, clip: Clip) -> Clip:
        """Makes the clip louder without harsh clipping: peaks are compressed instead of cut."""
        if self._gain == 1.0:
            return clip
        samples = np.tanh(clip.samples * self._gain) if self._gain > 1 else clip.samples * self._gain
        return Clip(samples=samples.astype(np.float32), rate=clip.rate)
