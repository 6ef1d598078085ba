"""End to end over a virtual sound card: sounddevice really records and plays, and what the agent said is transcribed.

Skipped where pulseaudio is not installed; .ci/run installs it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from agent.adapters.audio_file import read_clip
from agent.adapters.whisper import Whisper
from agent.steps.tokens import content
from agent.values.rubric import Question
from tests.conftest import FIXTURES, ROOT

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("pulseaudio", "pacat", "pactl"))), reason="needs pulseaudio; .ci/run installs it"
)


def play_when_listening(
    recording: Path, program: subprocess.Popen[str], lines: list[str], card: dict[str, str]
) -> None:
    """Speaks into the virtual microphone when the agent listens for the first time, then says no more."""
    assert program.stdout is not None
    answered = False
    for line in program.stdout:
        lines.append(line)
        if line.startswith("Listening") and not answered:
            answered = True
            time.sleep(1.0)
            form = ["--rate=16000", "--channels=1", "--format=s16le"]
            subprocess.run(["pacat", "--playback", "--device=mouth", *form, str(recording)], env=card, check=True)


def test_a_question_is_asked_heard_and_answered_out_loud(
    card: dict[str, str], tmp_path: Path, whisper: Whisper, questions: dict[str, Question]
) -> None:
    answer = tmp_path / "answer.raw"
    samples = read_clip(FIXTURES / "refresh-strong.ogg").samples
    answer.write_bytes((samples * 32767).astype("<i2").tobytes())
    heard_path = tmp_path / "agent.wav"
    recorder = subprocess.Popen(
        ["parecord", "--device=speaker.monitor", "--rate=16000", "--channels=1", "--file-format=wav", str(heard_path)],
        env=card,
    )
    words = ["-m", "agent", "practice", "--question", "recsys-refresh", "--voice", "auto", "--data-dir", str(tmp_path)]
    program = subprocess.Popen(
        [sys.executable, "-u", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=card, cwd=ROOT
    )
    lines: list[str] = []
    candidate = threading.Thread(target=play_when_listening, args=(answer, program, lines, card))
    candidate.start()
    assert program.stderr is not None
    errors = program.stderr.read()
    candidate.join(timeout=200)
    assert program.wait(timeout=60) == 0, errors
    program.stderr.close()
    assert program.stdout is not None
    program.stdout.close()
    recorder.terminate()
    recorder.wait(timeout=10)
    shown = "".join(lines)
    assert "threshold" in shown, shown
    said = whisper.transcribe(read_clip(heard_path)).text
    question = questions["recsys-refresh"]
    assert len(content(question.ask) & content(said)) >= 0.8 * len(content(question.ask)), said
    rating = re.search(r"\[(very weak|weak|strong|very strong)\]", shown)
    assert rating is not None, shown
    # Weak and week sound the same: which one is written says nothing about what was spoken.
    assert rating.group(1) in said.lower().replace("week", "weak"), said
    assert re.search(r"go further|nothing that i would add", said.lower()), said
