"""Interrupting over loudspeakers: the agent's own sound is none, a person is, and an answer is left as it was."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import numpy as np
import pytest
import soxr

from agent.adapters.echo_canceler import EchoCanceler, EchoCancelingMicrophone
from agent.adapters.pyttsx3_voice import Pyttsx3Voice
from agent.adapters.silero_vad import SileroDetector
from agent.interview.barge_in import INTERRUPTS_AT, INTERRUPTS_FRAMES
from agent.logic.speech.endpointing import SPEECH
from agent.values.audio import FRAME, WHISPER_RATE, Clip, Samples

QUESTION = (
    "Your model does well offline and badly once it is deployed. How do you find out what went wrong, and what would "
    "you look at first? Take your time, and tell me why you would look there."
)


def spoken(text: str, accent: str) -> Samples:
    clip = Pyttsx3Voice(accent, words_per_minute=160).synthesize(text)
    return np.asarray(soxr.resample(clip.samples, clip.rate, WHISPER_RATE), np.float32)


@pytest.fixture(scope="module")
def agent_says() -> Samples:
    return spoken(QUESTION, "English (America)")


@pytest.fixture(scope="module")
def person_says() -> Samples:
    said = spoken("Wait, could you repeat that?", "English (Great Britain)")
    return said[np.flatnonzero(np.abs(said) > 0.02)[0] :]


def in_the_room(played: Samples, delay_s: float) -> Samples:
    """What a microphone hears of it: later, weaker, with reflections and a little noise."""
    draw = np.random.default_rng(0)
    reflections = draw.standard_normal(1600) * np.exp(-np.arange(1600) / 300)
    echo = 0.5 * np.convolve(played, reflections / np.abs(reflections).sum())[: len(played)]
    late = np.pad(echo, (round(delay_s * WHISPER_RATE), 0))[: len(played)]
    return np.asarray(late + draw.standard_normal(len(played)) * 0.0005, np.float32)


def cleaned(played: Samples, heard: Samples) -> Iterator[Clip]:
    canceler = EchoCanceler()
    for at in range(0, len(heard) - FRAME, FRAME):
        canceler.played(played[at : at + FRAME], WHISPER_RATE)
        yield canceler.cleaned(Clip(heard[at : at + FRAME], WHISPER_RATE))


def interrupted_at(frames: Iterator[Clip]) -> float | None:
    detector, in_a_row = SileroDetector(), 0
    for number, frame in enumerate(frames):
        in_a_row = in_a_row + 1 if detector.probability(frame) >= INTERRUPTS_AT else 0
        if in_a_row == INTERRUPTS_FRAMES:
            return number * FRAME / WHISPER_RATE
    return None


def plain(samples: Samples) -> Iterator[Clip]:
    for at in range(0, len(samples) - FRAME, FRAME):
        yield Clip(samples[at : at + FRAME], WHISPER_RATE)


@pytest.mark.parametrize("delay_s", [0.03, 0.2, 0.4])
def test_the_agents_own_voice_from_a_loudspeaker_does_not_interrupt_it(agent_says: Samples, delay_s: float) -> None:
    heard = in_the_room(agent_says, delay_s)
    assert interrupted_at(plain(heard)) is not None, "no trap"
    assert interrupted_at(cleaned(agent_says, heard)) is None


@pytest.mark.parametrize("delay_s", [0.03, 0.2])
def test_a_person_interrupts_over_the_loudspeaker(agent_says: Samples, person_says: Samples, delay_s: float) -> None:
    heard, begins_s = in_the_room(agent_says, delay_s), 4.0
    alone = np.zeros_like(heard)
    first = round(begins_s * WHISPER_RATE)
    alone[first : first + len(person_says)] = person_says[: len(heard) - first]
    detector = SileroDetector()
    speech_s = next(n for n, frame in enumerate(plain(alone)) if detector.probability(frame) >= SPEECH) * 0.032
    at = interrupted_at(cleaned(agent_says, heard + alone))
    assert at is not None
    assert speech_s <= at <= speech_s + 0.3


def test_an_answer_while_nothing_is_played_is_left_as_it_is(person_says: Samples) -> None:
    canceler = EchoCanceler()
    for frame in plain(person_says):
        assert canceler.cleaned(frame) is frame


class Queued:
    """A microphone with these frames."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples

    def frames(self) -> Generator[Clip, None, None]:
        yield from plain(self._samples)


def test_what_was_played_before_the_microphone_was_opened_is_not_waited_for(person_says: Samples) -> None:
    canceler = EchoCanceler()
    for _ in range(200):
        canceler.played(np.full(FRAME, 0.5, np.float32), WHISPER_RATE)
    heard = list(EchoCancelingMicrophone(Queued(person_says), canceler).frames())
    expected = list(plain(person_says))
    assert len(heard) == len(expected)
    assert all(np.array_equal(one.samples, other.samples) for one, other in zip(heard, expected, strict=True))
