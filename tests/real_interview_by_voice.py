"""A whole interview by voice alone over a virtual sound card, left in the middle and finished in a second run.

    make test-by-voice

Some seven minutes in real time, on idle cores: of the 30 minutes of the interview most are counted as used when it goes
on. INTERVIEW_OUT names a folder for the lines with their times and for the sound of both sides.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from agent.adapters.audio_file import read_clip
from agent.adapters.flac_file import write_flac
from agent.adapters.piper_voice import PiperVoice
from agent.adapters.whisper import Whisper
from agent.interview.turn_taking import GO_ON
from agent.logic.speech.tokens import content
from agent.shell.store.store import Store
from agent.values.audio import Clip
from agent.values.rubric import Question, Rating
from tests.conftest import ROOT
from tests.three_questions_by_voice import Candidate
from tests.virtual_card import needs_pulseaudio, recorded

pytestmark = [needs_pulseaudio, pytest.mark.timeout(1800)]

CV = """\
Senior machine learning engineer
- Built the recommender behind the home page of a web shop with PyTorch
- Before that card fraud models with XGBoost at a bank
"""
JOB = """\
Senior Machine Learning Engineer, Payments Risk
You will own the fraud detection models. Experience with gradient boosting is required.
"""
WARM_UP = "I built the first version of it alone. Later three of us replaced it. That's my answer."
LEVELS = (Rating.STRONG, Rating.VERY_WEAK, Rating.WEAK, Rating.WEAK, Rating.WEAK)
PLAN = ("--real", "--minutes", "30", "--signal", "evaluation", "--signal", "production", "--seed", "2")
LATE_S = 1450.0
"""Seconds of the interview after which only signals that were not asked about yet are begun."""
DONE = "That's my answer."
LEAVE = "I would like to stop here."
ASKS = ("How big is the team?", "Is there a gym in the office?", "No, that's all. Thank you.")


class Interviewed(Candidate):
    """Replies to what the agent said last, whatever it was; notes who said what when."""

    def __init__(
        self, program: subprocess.Popen[str], card: dict[str, str], folder: Path, known: Sequence[Question], leaves: int
    ) -> None:
        """`leaves`: the number of the question at which it stops; 0 for never."""
        super().__init__(program, card, folder)
        self._voice = PiperVoice(words_per_minute=185)
        self._known, self._leaves = known, leaves
        self._queue, self._asks = list[str](), list(ASKS)
        self._began = time.monotonic()
        self.transcript: list[str] = []

    def run(self) -> None:
        """Until the program ends."""
        assert self._program.stdout is not None
        new: list[str] = []
        for line in self._program.stdout:
            self.shown.append(line)
            self._note(line.rstrip())
            new.append(line.strip())
            if line.startswith("Listening"):
                # Listening goes on without a word of the agent when it finds that an answer had not ended.
                if any(text.startswith("Agent") for text in new):
                    self._note_and_say(self._reply(" ".join(new)))
                new = []

    def _reply(self, new: str) -> str:
        if match := re.search(r"Question (\d) of", new):
            self._queue = self._answers(int(match[1]), new)
        if "To warm up" in new:
            return WARM_UP
        if "like to ask me" in new or "else would you like to know" in new:
            return self._asks.pop(0) if self._asks else ASKS[-1]
        if GO_ON in new:
            return DONE
        if self._queue:
            return self._queue.pop(0)
        return f"I can't think of more there. {DONE}"

    def _answers(self, number: int, new: str) -> list[str]:
        question = next(item for item in self._known if item.ask in new)
        answer = f"{question.answers.of(LEVELS[number - 1])} {DONE}"
        if number == self._leaves:
            return [LEAVE]
        if number == 1:
            return ["Could I have a hint, please?", answer]
        return ["Let's pause for a moment.", "Resume please.", answer] if number == 2 else [answer]

    def _note_and_say(self, text: str) -> None:
        time.sleep(0.7)
        self._note(f"YOU    {text}")
        self._say(text)

    def _note(self, text: str) -> None:
        seconds = time.monotonic() - self._began
        self.transcript.append(f"{int(seconds // 60):2}:{seconds % 60:04.1f}  {text}")


@contextmanager
def both_recorded(folder: Path, name: str, card: dict[str, str]) -> Iterator[None]:
    """Records both sides, each in a file of its own."""
    with recorded(folder / f"{name}-agent.wav", card), recorded(folder / f"{name}-you.wav", card, "mouth"):
        yield


def real(card: dict[str, str], folder: Path, *more: str) -> subprocess.Popen[str]:
    """The program; a context manager that waits for its end."""
    words = ["-m", "agent", "practice", *more, "--keep-audio", "--voice", "auto", "--data-dir", str(folder / "data")]
    return subprocess.Popen(
        [sys.executable, "-u", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=card, cwd=ROOT
    )


def ran(card: dict[str, str], folder: Path, known: Sequence[Question], *words: str, name: str, leaves: int = 0) -> str:
    """Runs the program to its end; gives what it showed, on one line."""
    with both_recorded(folder, name, card), real(card, folder, *words) as program:
        candidate = Interviewed(program, card, folder, known, leaves)
        candidate.start()
        assert program.stderr is not None
        errors = program.stderr.read()
        candidate.join(timeout=900)
        saved(folder, name, candidate.transcript)
        assert program.wait(timeout=60) == 0, errors
    return " ".join("".join(candidate.shown).split())


def saved(folder: Path, name: str, transcript: Sequence[str]) -> None:
    """Writes lines and sound where they were asked for."""
    (folder / f"{name}.txt").write_text("\n".join(transcript) + "\n", "utf-8")
    if out := os.environ.get("INTERVIEW_OUT"):
        (Path(out) / f"{name}.txt").write_text("\n".join(transcript) + "\n", "utf-8")


def mixed(folder: Path, name: str) -> Clip:
    """Both sides in one."""
    sides = [read_clip(folder / f"{name}-{side}.wav") for side in ("agent", "you")]
    size = min(len(side.samples) for side in sides)
    both = np.clip(np.sum([side.samples[:size] for side in sides], axis=0), -1.0, 1.0).astype(np.float32)
    return Clip(samples=both, rate=sides[0].rate)


def late(folder: Path) -> None:
    """Counts most of the time as used."""
    store = Store.open(folder / "data")
    [(name, record)] = store.interviews.all().items()
    assert record.progress is not None
    progress = record.progress.model_copy(update={"used_s": LATE_S})
    store.interviews.write(name, record.model_copy(update={"progress": progress}))


def interviewed(card: dict[str, str], folder: Path, known: Sequence[Question]) -> tuple[str, str]:
    """What was shown on both days."""
    (folder / "cv.txt").write_text(CV, "utf-8")
    (folder / "job.txt").write_text(JOB, "utf-8")
    about = ("--cv", str(folder / "cv.txt"), "--job", str(folder / "job.txt"), "--company", "payments")
    first = ran(card, folder, known, *PLAN, *about, name="first", leaves=2)
    late(folder)
    return first, ran(card, folder, known, "--resume", name="second")


def test_a_whole_interview_is_left_resumed_and_debriefed(
    card: dict[str, str], tmp_path: Path, whisper: Whisper, questions: dict[str, Question]
) -> None:
    first, again = interviewed(card, tmp_path, list(questions.values()))
    if out := os.environ.get("INTERVIEW_OUT"):
        for name in ("first", "second"):
            write_flac(Path(out) / f"{name}.flac", mixed(tmp_path, name))
    checked(first, again)
    [session] = Store.open(tmp_path / "data").sessions()
    turns = [saved.turn for saved in session.turns if not saved.interrupted]
    assert len({turn.question_id for turn in turns}) == 2, "late in the interview only a new signal is begun"
    assert all(turn.grade.rating is not None for turn in turns)
    heard = content(whisper.transcribe(mixed(tmp_path, "second")).text)
    assert {"welcome", "back", "team"} <= heard, heard


def checked(first: str, again: str) -> None:
    """What must be among the lines of both days, and what must not."""
    assert 'your CV says "' in first, first
    assert "(hint)" in first, first
    assert "practice --resume" in first, first
    assert "Going on with the interview of" in again, again
    assert "Welcome back" in again, again
    assert "(pause)" in again, again
    assert "Nine people" in again, again
    assert "one for the team" in again, again
    talk, debrief = again.split("-- Debrief", 1)
    for words in ("would call this", "very weak", "One step up"):
        assert words not in first + talk, "no rating before the debrief"
    assert "Work on these first" in debrief, debrief
    assert "Hints that you asked for: 1" in debrief, debrief
