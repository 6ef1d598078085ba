"""Delivery figures from recordings whose words, pauses and fillers are known, through real Whisper."""

from __future__ import annotations

import numpy as np
import pytest
import soxr

from agent.adapters.pyttsx3_voice import Pyttsx3Voice
from agent.adapters.whisper import Whisper
from agent.logic.speech.delivery import delivery
from agent.values.audio import WHISPER_RATE, Clip, Samples
from agent.values.session import Delivery
from agent.values.transcript import Transcript, Word

PARTS = (
    "First I would look at how the missing values are spread over the users",
    "then I would fill them with the median and keep a flag for every column",
    "and I would check on a later month whether the model gets better",
)


def spoken(text: str, voice: str, pace: int) -> Samples:
    """The words alone, without the silence that a voice adds."""
    clip = Pyttsx3Voice(voice, words_per_minute=pace).synthesize(text)
    samples = soxr.resample(clip.samples, clip.rate, WHISPER_RATE).astype(np.float32)
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    return np.asarray(samples[loud[0] : loud[-1] + 1], np.float32)


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * WHISPER_RATE), np.float32)


@pytest.mark.parametrize(
    ("voice", "pace", "before_s", "pauses_s"),
    [
        ("English (America)", 150, 1.0, (2.0, 0.8)),
        ("English (Great Britain)", 190, 3.0, (1.2, 4.0)),
        ("English (Scotland)", 165, 0.5, (0.8, 1.5)),
    ],
)
def test_figures_agree_with_what_was_put_into_the_recording(
    whisper: Whisper, voice: str, pace: int, before_s: float, pauses_s: tuple[float, float]
) -> None:
    said = [spoken(part, voice, pace) for part in PARTS]
    gaps = [silence(seconds) for seconds in (before_s, *pauses_s)]
    pieces = [piece for pair in zip(gaps, said, strict=True) for piece in pair]
    found = delivery(whisper.transcribe(Clip(samples=np.concatenate([*pieces, silence(1.0)]), rate=WHISPER_RATE)))
    counted = known(said, before_s, pauses_s)
    assert found.words == pytest.approx(counted.words, abs=4)
    assert found.talk_s == pytest.approx(counted.talk_s, abs=0.7)
    assert found.words_per_minute == pytest.approx(counted.words_per_minute, rel=0.12)
    assert found.articulation == pytest.approx(counted.articulation, rel=0.15)
    assert found.longest_pause_s == pytest.approx(counted.longest_pause_s, abs=0.6)
    assert found.time_to_first_word_s == pytest.approx(before_s, abs=0.5)
    assert found.fillers == found.hedges == 0


def known(said: list[Samples], before_s: float, pauses_s: tuple[float, float]) -> Delivery:
    """Counted by hand: the words of PARTS; measured: the lengths of their sounds."""
    count = sum(len(part.split()) for part in PARTS)
    speech_s = sum(len(samples) for samples in said) / WHISPER_RATE
    talk_s = speech_s + sum(pauses_s)
    return Delivery(
        talk_s=talk_s,
        words=count,
        words_per_minute=60 * count / talk_s,
        articulation=60 * count / speech_s,
        longest_pause_s=max(pauses_s),
        time_to_first_word_s=before_s,
    )


def test_fillers_restarts_and_hedges_in_a_recording(whisper: Whisper) -> None:
    """By hand: two filler phrases and two hedges; "um" and "uh" do not count, whether Whisper writes them or not."""
    text = "You know, I guess the model is biased. I mean, um, maybe the labels are late. Uh, so we wait a month."
    found = delivery(whisper.transcribe(Clip(samples=spoken(text, "English (America)", 150), rate=WHISPER_RATE)))
    assert found.hedges == 2
    assert found.fillers == 2


def test_a_gap_within_a_phrase_is_articulation_not_a_pause() -> None:
    starts = (0.0, 0.5, 1.0, 2.0, 2.5, 3.0)
    words = tuple(Word(text="word", start_s=at, end_s=at + 0.35) for at in starts)
    found = delivery(Transcript(words=words, duration_s=3.5))
    assert found.longest_pause_s == found.mean_pause_s == pytest.approx(0.65)
