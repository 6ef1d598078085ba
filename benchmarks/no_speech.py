"""Is anything transcribed where nobody speaks? Plain faster-whisper beside ours, on 126 clips without speech.

    python -m benchmarks.no_speech [--dump FILE.jsonl]

Nine kinds of sound of 2 to 20 s at several levels: digital silence, hiss, hum, a fan, keyboard, music, coughs and
breaths, a door, rain. All are synthesized here, so that the set is the same everywhere. Ours reads each with the
glossary of a question. What the agent itself says is no clip here: the microphone is closed then, or its echo is
noticed (tests).
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from agent.adapters.whisper import Whisper
from agent.adapters.whisper_model import model_path
from agent.values.audio import WHISPER_RATE, Samples
from benchmarks.recordings import clip_of, pink

GLOSSARY = ("regularization", "dropout", "AUC", "learning rate", "embedding", "precision at k")
Draw = np.random.Generator


def silence(size: int, draw: Draw) -> Samples:
    return np.zeros(size, np.float32)


def hiss(size: int, draw: Draw) -> Samples:
    return draw.standard_normal(size).astype(np.float32)


def fan(size: int, draw: Draw) -> Samples:
    return np.asarray(pink(size, int(draw.integers(1 << 30))) + 0.5 * _tone(size, 120) + 0.3 * _tone(size, 240))


def hum(size: int, draw: Draw) -> Samples:
    return np.asarray(_tone(size, 50) + 0.5 * _tone(size, 150) + 0.2 * _tone(size, 250), np.float32)


def keyboard(size: int, draw: Draw) -> Samples:
    """Some six clicks a second."""
    return _bursts(size, draw, 0.16, 0.03, 400)


def door(size: int, draw: Draw) -> Samples:
    """A low thud now and then."""
    sound = np.convolve(_bursts(size, draw, 2.5, 0.3, 30), np.ones(60) / 60, mode="same")
    return np.asarray(sound, np.float32)


def coughs(size: int, draw: Draw) -> Samples:
    """Coughs and heavy breaths: noise shaped like a throat, in bursts of 0.2 to 0.6 s."""
    sound = _bursts(size, draw, 1.8, 0.4, 8)
    for hertz in (500.0, 1400.0):
        sound = sound + 0.6 * sound * _tone(size, hertz)
    return np.asarray(sound, np.float32)


def music(size: int, draw: Draw) -> Samples:
    """Chords of sawtooth-like tones that change twice a second, with a beat."""
    sound = np.zeros(size, np.float32)
    for first in range(0, size, WHISPER_RATE // 2):
        root = 110 * 2 ** (int(draw.integers(12)) / 12)
        length = min(WHISPER_RATE // 2, size - first)
        chord = sum(_tone(length, root * ratio * n) / n for ratio in (1.0, 1.26, 1.5) for n in (1, 2, 3, 4))
        sound[first : first + length] = chord * np.exp(-np.arange(length) / (0.3 * WHISPER_RATE))
    return sound + 0.3 * _bursts(size, draw, 0.5, 0.05, 60)


def rain(size: int, draw: Draw) -> Samples:
    return pink(size, int(draw.integers(1 << 30))) + 2 * _bursts(size, draw, 0.01, 0.004, 300)


SOUNDS: dict[str, Callable[[int, Draw], Samples]] = {
    made.__name__: made for made in (silence, hiss, fan, hum, keyboard, door, coughs, music, rain)
}


def _tone(size: int, hertz: float) -> Samples:
    return np.asarray(np.sin(2 * np.pi * hertz * np.arange(size) / WHISPER_RATE), np.float32)


def _bursts(size: int, draw: Draw, every_s: float, length_s: float, decay: float) -> Samples:
    """Decaying bursts of noise about every `every_s` seconds; `decay` per second."""
    sound = np.zeros(size, np.float32)
    at = 0.0
    while (first := int(at * WHISPER_RATE)) < size:
        length = min(int(length_s * draw.uniform(0.5, 1.5) * WHISPER_RATE), size - first)
        fade = np.exp(-decay * np.arange(length) / WHISPER_RATE)
        sound[first : first + length] += (draw.standard_normal(length) * fade).astype(np.float32)
        at += every_s * draw.uniform(0.4, 1.6)
    return sound


def clips() -> list[tuple[str, Samples]]:
    """Every kind 14 times: seven lengths, two levels, of which silence has but one."""
    made = []
    for number, (name, sound) in enumerate(SOUNDS.items()):
        for index, seconds in enumerate((2, 3, 5, 8, 12, 16, 20)):
            for level in (0.02, 0.3) if name != "silence" else (0.02,):
                draw = np.random.default_rng(1000 * number + 10 * index + round(level * 10))
                samples = sound(seconds * WHISPER_RATE, draw)
                peak = max(1e-9, float(np.abs(samples).max()))
                made.append((name, np.asarray(samples * (level / peak), np.float32)))
    return made


def main() -> None:
    """Prints how many clips of each kind got words."""
    from faster_whisper import WhisperModel

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dump", type=Path, help="write what was written as JSON lines")
    parser.add_argument("--every", type=int, default=1, help="only every n-th clip")
    args = parser.parse_args()
    chosen = clips()[:: args.every]
    plain = WhisperModel(str(model_path("base")), device="cpu", compute_type="int8")
    ours = Whisper(device="cpu", language="en")
    rows = []
    for number, (name, samples) in enumerate(chosen):
        transcribed = [
            " ".join(part.text.strip() for part in plain.transcribe(samples, language="en", vad_filter=filtered)[0])
            for filtered in (False, True)
        ]
        rows.append((name, *transcribed, ours.transcribe(clip_of(samples), GLOSSARY).text))
        print(f"\r{number + 1} of {len(chosen)}", end="", flush=True)
    print(f"\n{'sound':10}{'clips':>6}{'plain wrote words':>19}{'with vad_filter':>17}{'ours':>6}")
    kinds = Counter(name for name, *_ in rows)
    wrote = [Counter(row[0] for row in rows if row[column]) for column in (1, 2, 3)]
    for name in kinds:
        print(f"{name:10}{kinds[name]:>6}{wrote[0][name]:>19}{wrote[1][name]:>17}{wrote[2][name]:>6}")
    totals = [counted.total() for counted in wrote]
    print(f"{'all':10}{len(rows):>6}{totals[0]:>19}{totals[1]:>17}{totals[2]:>6}")
    if args.dump:
        args.dump.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
