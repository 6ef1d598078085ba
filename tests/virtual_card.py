"""What the tests over the virtual sound card share: the candidate's voice goes in, what the agent says is recorded."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from agent.values.audio import Clip
from tests.conftest import ROOT

needs_pulseaudio = pytest.mark.skipif(
    not all(map(shutil.which, ("pulseaudio", "pacat", "pactl"))) and "NOTHING_SKIPPED" not in os.environ,
    reason="needs pulseaudio; .ci/run installs it",
)


def speak(clip: Clip, card: dict[str, str], folder: Path) -> None:
    """Plays the clip into the virtual microphone, in real time."""
    raw = folder / "said.raw"
    raw.write_bytes(clip.pcm().tobytes())
    form = [f"--rate={clip.rate}", "--channels=1", "--format=s16le"]
    subprocess.run(["pacat", "--playback", "--device=mouth", *form, str(raw)], env=card, check=True)


@contextmanager
def room_noise(card: dict[str, str], folder: Path, minutes: float) -> Iterator[None]:
    """Faint noise in the virtual microphone for that long: exact zeros mean that it is muted."""
    path, rate = folder / "room.raw", 8000
    noise = np.random.default_rng(0).integers(-8, 9, round(minutes * 60 * rate)).astype("<i2")
    path.write_bytes(noise.tobytes())
    form = [f"--rate={rate}", "--channels=1", "--format=s16le"]
    player = subprocess.Popen(["pacat", "--playback", "--device=mouth", *form, str(path)], env=card)
    try:
        yield
    finally:
        player.terminate()
        player.wait(timeout=10)


@contextmanager
def recorded(path: Path, card: dict[str, str], sink: str = "speaker") -> Iterator[None]:
    """Records what the virtual loudspeaker plays; with sink "mouth" what the candidate says."""
    form = ["--rate=16000", "--channels=1", "--file-format=wav"]
    recorder = subprocess.Popen(["parecord", f"--device={sink}.monitor", *form, str(path)], env=card)
    try:
        yield
    finally:
        recorder.terminate()
        recorder.wait(timeout=10)


def practice(
    asked: Sequence[str], card: dict[str, str], folder: Path, keyboard: int | None = None
) -> subprocess.Popen[str]:
    """The program, asking the questions with these ids; a context manager that waits for its end.

    `keyboard` is a file descriptor of a terminal from which it reads keys.
    """
    questions = [f"--question={name}" for name in asked]
    words = ["-m", "agent", "practice", *questions, "--voice", "auto", "--data-dir", str(folder)]
    return subprocess.Popen(
        [sys.executable, "-u", *words],
        text=True,
        env=card,
        cwd=ROOT,
        stdin=keyboard,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
