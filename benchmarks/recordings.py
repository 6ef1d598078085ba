"""Spoken passages for benchmarks: synthetic voices, rooms, noise and telephones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import soxr

from agent.adapters.piper_voice import PiperVoice
from agent.adapters.pyttsx3_voice import Pyttsx3Voice
from agent.logic.ports import Voice
from agent.logic.speech.speakable import speakable
from agent.values.audio import WHISPER_RATE, Clip, Samples
from agent.values.rubric import Term

ACCENTS = (
    "English (America)",
    "English (Great Britain)",
    "English (Scotland)",
    "English (Received Pronunciation)",
    "English (America, New York City)",
    "English (Caribbean)",
    "English (West Midlands)",
)


def voices() -> list[Voice]:
    """Nine: two paces of Piper's one speaker, seven accents of espeak-ng."""
    paces = (150, 165, 160, 175, 155, 150, 160)
    return [
        PiperVoice(words_per_minute=150),
        PiperVoice(words_per_minute=185),
        *(Pyttsx3Voice(name, words_per_minute=pace) for name, pace in zip(ACCENTS, paces, strict=True)),
    ]


def spoken(voice: Voice, text: str, glossary: tuple[Term, ...] = ()) -> Samples:
    """The text at 16 kHz, peak 0.5."""
    clip = voice.synthesize(speakable(text, glossary))
    samples = soxr.resample(clip.samples, clip.rate, WHISPER_RATE).astype(np.float32)
    return np.asarray(samples * (0.5 / max(1e-6, float(np.abs(samples).max()))), np.float32)


def pink(size: int, seed: int) -> Samples:
    """Noise whose power falls by 3 dB an octave, unit deviation."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(size))
    noise = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), size)
    return np.asarray(noise / np.std(noise), np.float32)


def noisy(samples: Samples, snr_db: float, seed: int) -> Samples:
    """With pink noise `snr_db` below the speech, measured where it is loud."""
    speech = float(np.sqrt(np.mean(samples[np.abs(samples) > 0.01] ** 2)))
    return np.asarray(samples + pink(len(samples), seed) * speech / 10 ** (snr_db / 20), np.float32)


def in_a_room(samples: Samples, seed: int, reverberation_s: float = 0.6) -> Samples:
    """As heard a few meters away: direct sound, then a tail that decays by 60 dB in `reverberation_s`."""
    size = round(reverberation_s * WHISPER_RATE)
    decay = 10 ** (-3 * np.arange(size) / size)
    tail = np.random.default_rng(seed).standard_normal(size) * decay
    tail[: WHISPER_RATE // 200] = 0
    impulse = tail / np.sqrt(np.sum(tail**2))
    impulse[0] = 1.0
    length = len(samples) + size
    wet = np.fft.irfft(np.fft.rfft(samples, length) * np.fft.rfft(impulse, length), length)[: len(samples)]
    return np.asarray(wet * (0.5 / np.abs(wet).max()), np.float32)


def by_telephone(samples: Samples) -> Samples:
    """Through a telephone: 300 to 3400 Hz, 8 kHz, 8 bits in mu-law (ITU-T G.711)."""
    narrow = soxr.resample(samples, WHISPER_RATE, 8000)
    spectrum = np.fft.rfft(narrow)
    hertz = np.fft.rfftfreq(len(narrow), 1 / 8000)
    spectrum[(hertz < 300) | (hertz > 3400)] = 0
    narrow = np.clip(np.fft.irfft(spectrum, len(narrow)), -1, 1)
    squeezed = np.round(np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256) * 127) / 127
    opened = np.sign(squeezed) * np.expm1(np.abs(squeezed) * np.log(256)) / 255
    return np.asarray(soxr.resample(opened, 8000, WHISPER_RATE), np.float32)


CONDITIONS: dict[str, Callable[[Samples, int], Samples]] = {
    "clean": lambda samples, _: samples,
    "20 dB": lambda samples, seed: noisy(samples, 20, seed),
    "10 dB": lambda samples, seed: noisy(samples, 10, seed),
    "5 dB": lambda samples, seed: noisy(samples, 5, seed),
    "room": in_a_room,
    "telephone": lambda samples, _: by_telephone(samples),
}
"""What may be done to the sound of a voice."""


def clip_of(samples: Samples) -> Clip:
    """The samples as a clip at Whisper's rate."""
    return Clip(samples=np.asarray(samples, np.float32), rate=WHISPER_RATE)
