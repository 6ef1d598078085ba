"""Whether the loudspeaker's own sound interrupts the agent, and how soon a person does, with and without cancellation.

    python -m benchmarks.interruptions --recordings DIR

DIR/echo holds pairs of a loudspeaker's signal (`*_lpb.flac`) and what the microphone recorded of it (`*_mic.flac`): the
loudspeaker alone (`farend_singletalk`), a person alone (`nearend_singletalk`), both (`doubletalk`). The echo is mixed
with people (`nearend_singletalk`, read/, interview/) at several levels, and arrives later by several delays. The clock
starts with the first frame that the speech detector takes for speech in the person's own sound.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from agent.adapters.audio_file import read_clip
from agent.adapters.echo_canceler import EchoCanceler
from agent.adapters.silero_vad import SileroDetector
from agent.interview.barge_in import INTERRUPTS_AT, INTERRUPTS_FRAMES
from agent.logic.speech.endpointing import SPEECH
from agent.values.audio import FRAME, WHISPER_RATE, Clip, Samples

LEVELS_DB = (-10, 0, 10)
"""Of the echo above the person's speech."""
DELAYS_S = (0.0, 0.1, 0.2, 0.4)
"""Added to the delay of the recording."""
SPEAKS_AT_S = 4.0
FRAME_S = FRAME / WHISPER_RATE
PEOPLE = ("echo/*nearend_singletalk_mic.flac", "read/dictation-*.flac", "read/non-native.flac", "interview/en-*.flac")


class Pair(NamedTuple):
    """What a loudspeaker plays and what the microphone hears, shape (n,) each."""

    far: Samples
    near: Samples


def pair(folder: Path, kind: str) -> Pair:
    """The recording of that kind."""
    path = next(folder.glob(f"*_{kind}_mic.flac"))
    far = read_clip(path.with_name(path.name.replace("_mic", "_lpb"))) if kind != "nearend_singletalk" else None
    near = read_clip(path).samples
    return Pair(np.zeros_like(near) if far is None else far.samples[: len(near)], near)


def speech_probabilities(room: Pair, cancels: bool) -> list[float]:
    """The probability of speech of each frame."""
    detector, canceler = SileroDetector(), EchoCanceler()
    found = []
    for at in range(0, min(map(len, room)) - FRAME, FRAME):
        frame = Clip(room.near[at : at + FRAME], WHISPER_RATE)
        if cancels:
            canceler.played(room.far[at : at + FRAME], WHISPER_RATE)
            frame = canceler.cleaned(frame)
        found.append(detector.probability(frame))
    return found


def interruptions(probabilities: Sequence[float]) -> Iterator[float]:
    """Seconds at which the agent would be interrupted; each ends when the sound does."""
    in_a_row = 0
    for number, probability in enumerate(probabilities):
        in_a_row = in_a_row + 1 if probability >= INTERRUPTS_AT else 0
        if in_a_row == INTERRUPTS_FRAMES:
            yield (number + 1) * FRAME_S


def late(samples: Samples, seconds: float) -> Samples:
    """The same, that much later."""
    return np.pad(samples, (round(seconds * WHISPER_RATE), 0))[: len(samples)]


def level(samples: Samples) -> float:
    """Root mean square of the loud parts."""
    loud = samples[np.abs(samples) > 0.1 * np.abs(samples).max()]
    return float(np.sqrt(np.mean(loud**2)))


def mixed(echo: Pair, person: Samples, above_db: float) -> tuple[Pair, float]:
    """A person speaks SPEAKS_AT_S into the echo, which is `above_db` louder; and the second of the first speech."""
    own = np.zeros_like(echo.near)
    start = round(SPEAKS_AT_S * WHISPER_RATE)
    own[start:] = np.pad(person, (0, len(own)))[: len(own) - start]
    onset = next(n for n, p in enumerate(speech_probabilities(Pair(own, own), False)) if p >= SPEECH) * FRAME_S
    gain = level(echo.near) / level(person) * 10 ** (-above_db / 20)
    both = np.clip(echo.near + own * gain, -1, 1).astype(np.float32)
    return Pair(echo.far, both), onset


def alone(folder: Path) -> None:
    """The pairs as they were recorded."""
    for kind in ("farend_singletalk", "nearend_singletalk", "doubletalk"):
        room = pair(folder, kind)
        for cancels in (False, True):
            found = speech_probabilities(room, cancels)
            speech = np.mean(np.array(found) >= SPEECH)
            first = next(interruptions(found), None)
            how = "canceled" if cancels else "as recorded"
            at = "never" if first is None else f"{first:.2f} s"
            print(f"{kind:20}{how:11}{speech:7.0%} speech, first interruption {at}")


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--recordings", type=Path, required=True, metavar="DIR")
    folder = parser.parse_args().recordings
    alone(folder / "echo")
    people = [read_clip(path).samples for pattern in PEOPLE for path in sorted(folder.glob(pattern))]
    print(f"\n{'delay':>7}{'echo':>8}{'false':>7}{'noticed':>9}{'median':>9}{'longest':>9}")
    for delay in DELAYS_S:
        echo = pair(folder / "echo", "farend_singletalk")
        echo = Pair(echo.far, late(echo.near, delay))
        wrong = sum(1 for _ in interruptions(speech_probabilities(echo, True)))
        for above in LEVELS_DB:
            waits = []
            for person in people:
                room, onset = mixed(echo, person, above)
                waits += [at - onset for at in interruptions(speech_probabilities(room, True)) if at >= onset][:1]
            print(
                f"{delay:6.1f}s{above:+6d}dB{wrong:7}{len(waits):5}/{len(people)}"
                f"{np.median(waits):8.2f}s{max(waits):8.2f}s"
            )


if __name__ == "__main__":
    main()
