"""End to end over a virtual sound card: sounddevice really records and plays, and what the agent said is transcribed.

Skipped where pulseaudio is not installed; .ci/run installs it.
"""

from __future__ import annotations

import re
import subprocess
import threading
import time
from pathlib import Path

import pytest

from agent.adapters.audio_file import read_clip
from agent.adapters.whisper import Whisper
from agent.logic.speech.tokens import content
from agent.values.rubric import Question
from tests.conftest import FIXTURES
from tests.virtual_card import needs_pulseaudio, practice, recorded, speak

pytestmark = [needs_pulseaudio, pytest.mark.slow, pytest.mark.alone]


def answer_when_listening(program: subprocess.Popen[str], lines: list[str], card: dict[str, str], folder: Path) -> None:
    """Speaks into the virtual microphone when the agent listens for the first time, then says no more."""
    assert program.stdout is not None
    answered = False
    for line in program.stdout:
        lines.append(line)
        if line.startswith("Listening") and not answered:
            answered = True
            time.sleep(1.0)
            speak(read_clip(FIXTURES / "refresh-strong.ogg"), card, folder)


def test_a_question_is_asked_heard_and_answered_out_loud(
    card: dict[str, str], tmp_path: Path, whisper: Whisper, questions: dict[str, Question]
) -> None:
    heard_path = tmp_path / "agent.wav"
    lines: list[str] = []
    with recorded(heard_path, card), practice(["recsys-refresh"], card, tmp_path) as program:
        candidate = threading.Thread(target=answer_when_listening, args=(program, lines, card, tmp_path))
        candidate.start()
        assert program.stderr is not None
        errors = program.stderr.read()
        candidate.join(timeout=200)
        assert program.wait(timeout=60) == 0, errors
    shown = "".join(lines)
    assert "threshold" in shown, shown
    said = whisper.transcribe(read_clip(heard_path)).text
    question = questions["recsys-refresh"]
    assert len(content(question.ask) & content(said)) >= 0.8 * len(content(question.ask)), said
    rating = re.search(r"\[(very weak|weak|strong|very strong)\]", shown)
    assert rating is not None, shown
    # Weak and week sound the same: which one is written says nothing about what was spoken.
    assert rating.group(1) in said.lower().replace("week", "weak"), said
    assert re.search(r"step up|nothing to add", said.lower()), said
