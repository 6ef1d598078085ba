"""Makes the recordings of this folder from manifest.json: synthetic speech, some with noise, as small Ogg Opus files.

    python audio_fixtures/make_fixtures.py [ID ...]

Speech comes from Piper (voice joe) and from espeak-ng by way of pyttsx3; noise is pink, from a fixed seed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import av
import numpy as np
import soxr

from agent.adapters.piper_voice import PiperVoice
from agent.adapters.pyttsx3_voice import Pyttsx3Voice
from agent.logic.speech.speakable import speakable
from agent.values.audio import Clip, Samples

FOLDER = Path(__file__).parent
RATE = 48_000
BITS_PER_SECOND = 24_000


def spoken(entry: dict[str, Any]) -> Clip:
    """The words of an entry by its voice; a line break in the words is a pause for thought."""
    pace = int(entry["words_per_minute"])
    voice = PiperVoice(words_per_minute=pace) if entry["voice"] == "piper joe" else Pyttsx3Voice(entry["voice"], pace)
    parts = [voice.synthesize(speakable(line)) for line in entry["words"].split("\n")]
    rate = parts[0].rate
    pause = np.zeros(int(entry["pause_s"] * rate), np.float32)
    joined = np.concatenate([piece for part in parts for piece in (part.samples, pause)][:-1])
    edge = np.zeros(rate // 2, np.float32)
    return Clip(samples=np.concatenate([edge, joined, edge]), rate=rate)


def with_noise(samples: Samples, decibels: float, seed: int) -> Samples:
    """Pink noise mixed in at that many decibels below the speech."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(len(samples)))
    pink = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), len(samples))
    level = np.sqrt(np.mean(samples[np.abs(samples) > 0.01] ** 2)) * 10 ** (-decibels / 20)
    return (samples + pink / np.std(pink) * level).astype(np.float32)


def write_opus(path: Path, samples: Samples) -> None:
    """Mono samples at 48 kHz as Ogg Opus."""
    with av.open(str(path), "w", format="ogg") as container:
        stream = container.add_stream("libopus", rate=RATE, layout="mono")
        stream.bit_rate = BITS_PER_SECOND
        frame = av.AudioFrame.from_ndarray((samples[None, :] * 32767).astype(np.int16), format="s16", layout="mono")
        frame.sample_rate = RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)


def main() -> None:
    """Makes all recordings, or those named."""
    entries = json.loads((FOLDER / "manifest.json").read_text("utf-8"))["recordings"]
    for seed, entry in enumerate(entries):
        if len(sys.argv) > 1 and entry["id"] not in sys.argv[1:]:
            continue
        clip = spoken(entry)
        samples = soxr.resample(clip.samples, clip.rate, RATE).astype(np.float32)
        samples = samples / max(1e-6, float(np.max(np.abs(samples)))) * 0.6
        if entry["noise_db"] is not None:
            samples = with_noise(samples, entry["noise_db"], seed)
        write_opus(FOLDER / entry["file"], np.clip(samples, -1, 1))
        print(entry["file"], f"{len(samples) / RATE:.1f} s")


if __name__ == "__main__":
    main()
