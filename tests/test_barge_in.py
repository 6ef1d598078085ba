"""Interrupting the agent: a voice stops it soon, noise does not, and its own voice tells that it hears itself."""

from __future__ import annotations

import queue
from collections.abc import Callable, Generator

import numpy as np
import pytest
import soxr

from agent.adapters.pyttsx3_voice import Pyttsx3Voice
from agent.adapters.silero_vad import SileroDetector
from agent.adapters.system_clock import SystemClock
from agent.interview.barge_in import BargeInMicrophone
from agent.interview.controls import Controls
from agent.interview.interview import hears_itself
from agent.interview.speech_player import SpeechPlayer
from agent.values.audio import FRAME, WHISPER_RATE, Clip, Samples
from agent.values.errors import DeviceError
from tests.conftest import wait_until

FRAME_S = FRAME / WHISPER_RATE
ACCENTS = ("English (America)", "English (Great Britain)", "English (Scotland)", "English (Received Pronunciation)")


def spoken(text: str, accent: str) -> Samples:
    clip = Pyttsx3Voice(accent, words_per_minute=160).synthesize(text)
    samples: Samples = soxr.resample(clip.samples, clip.rate, WHISPER_RATE).astype(np.float32)
    return samples[np.flatnonzero(np.abs(samples) > 0.02)[0] :]


def noise(seconds: float, level: float) -> Samples:
    return (np.random.default_rng(0).standard_normal(round(seconds * WHISPER_RATE)) * level).astype(np.float32)


class Loop:
    """Loudspeaker and microphone in one room: what is played comes back weaker and later."""

    def __init__(self, gain: float = 0.0, delay_s: float = 0.0) -> None:
        self._gain, self._delay = gain, round(delay_s * WHISPER_RATE)
        self._frames: queue.SimpleQueue[Clip | None] = queue.SimpleQueue()
        self.handled = 0

    def frames(self) -> Generator[Clip, None, None]:
        while (frame := self._frames.get()) is not None:
            yield frame
            self.handled += 1
        raise DeviceError("The microphone was disconnected.")

    def hear(self, samples: Samples) -> int:
        """Brings sound to the microphone; returns the number of frames once the reader has handled them."""
        count = len(samples) // FRAME
        before = self.handled
        for first in range(0, count * FRAME, FRAME):
            self._frames.put(Clip(samples=samples[first : first + FRAME], rate=WHISPER_RATE))
        wait_until(lambda: self.handled >= before + count)
        return count

    def unplug(self) -> None:
        self._frames.put(None)

    def play(self, clip: Clip, until: Callable[[], bool] | None = None) -> bool:
        samples = soxr.resample(clip.samples, clip.rate, WHISPER_RATE) * self._gain
        late = np.concatenate([np.zeros(self._delay), samples])[: len(samples)] + noise(60, 0.001)[: len(samples)]
        for first in range(0, len(late) - FRAME * 10, FRAME * 10):
            self.hear(late[first : first + FRAME * 10].astype(np.float32))
            if until is not None and until():
                return False
        return True


@pytest.mark.parametrize("accent", ACCENTS)
@pytest.mark.parametrize("words", ["Wait, could you repeat that?", "Next question please.", "Hold on a second."])
def test_speech_interrupts_within_a_fifth_of_a_second(accent: str, words: str) -> None:
    room = Loop()
    microphone = BargeInMicrophone(room, SileroDetector())
    microphone.begin()
    room.hear(noise(1.0, 0.001))
    assert not microphone.interrupted()
    speech = spoken(words, accent)
    for count in range(len(speech) // FRAME):
        room.hear(speech[count * FRAME : (count + 1) * FRAME])
        if microphone.interrupted():
            break
    microphone.close()
    assert (count + 1) * FRAME_S <= 0.2


def test_the_first_word_of_an_interruption_is_kept() -> None:
    room = Loop()
    microphone = BargeInMicrophone(room, SileroDetector())
    microphone.begin()
    speech = spoken("Wait, could you repeat that?", ACCENTS[0])
    room.hear(speech)
    assert microphone.interrupted()
    frames = microphone.frames()
    kept = np.concatenate([next(frames).samples for _ in range(len(speech) // FRAME)])
    assert np.array_equal(kept, speech[: len(kept)])


def test_what_was_said_while_the_agent_was_thinking_interrupts_it_and_is_kept() -> None:
    room = Loop()
    microphone = BargeInMicrophone(room, SileroDetector())
    microphone.begin()
    before, speech = noise(0.2, 0.001), spoken("And one more thing about the labels.", ACCENTS[0])
    room.hear(before)
    listened = microphone.frames()
    for _ in range(len(before) // FRAME):
        next(listened)
    room.hear(speech)
    microphone.begin()
    assert microphone.interrupted()
    frames = microphone.frames()
    kept = np.concatenate([next(frames).samples for _ in range(len(speech) // FRAME)])
    assert np.array_equal(kept, speech[: len(kept)])


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(noise(4, 0.02), id="hiss"),
        pytest.param(np.sin(np.arange(4 * WHISPER_RATE) * 0.02).astype(np.float32) * 0.3, id="hum"),
        pytest.param(
            np.where(np.arange(4 * WHISPER_RATE) % 4000 < 40, noise(4, 0.4), 0).astype(np.float32), id="keyboard"
        ),
    ],
)
def test_noise_interrupts_nobody(sound: Samples) -> None:
    room = Loop()
    microphone = BargeInMicrophone(room, SileroDetector())
    microphone.begin()
    room.hear(sound)
    assert not microphone.interrupted()


@pytest.mark.parametrize("delay_s", [0.0, 0.15, 0.4])
@pytest.mark.parametrize("decibels", [0, -10, -20])
def test_the_agent_notices_that_it_hears_itself(decibels: int, delay_s: float) -> None:
    room = Loop(gain=10 ** (decibels / 20), delay_s=delay_s)
    assert hears_itself(
        SpeechPlayer(Pyttsx3Voice(), room), BargeInMicrophone(room, SileroDetector()), SystemClock(), Controls()
    )


def test_with_headphones_it_does_not() -> None:
    room = Loop(gain=0.0)
    assert not hears_itself(
        SpeechPlayer(Pyttsx3Voice(), room), BargeInMicrophone(room, SileroDetector()), SystemClock(), Controls()
    )


def test_a_lost_microphone_is_reported_and_opened_again() -> None:
    room = Loop()
    microphone = BargeInMicrophone(room, SileroDetector())
    frames = microphone.frames()
    microphone.begin()
    room.hear(noise(0.2, 0.01))
    room.unplug()
    with pytest.raises(DeviceError, match="was disconnected"):
        for _ in frames:
            pass
    microphone.begin()
    room.hear(noise(0.2, 0.01))
    assert len(next(microphone.frames()).samples) == FRAME
