"""A whole session by voice alone over a virtual sound card, in real time: some four minutes, on idle cores.

    make test-by-voice

Not a part of `make test`: on a busy machine Whisper comes too late for a talk in real time.
"""

from __future__ import annotations

import re
import subprocess
import threading
import time
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

from agent.adapters.audio_file import read_clip
from agent.adapters.piper_voice import PiperVoice
from agent.adapters.whisper import Whisper
from agent.logic.speech.tokens import content
from agent.values.rubric import Question
from tests.virtual_card import needs_pulseaudio, practice, recorded, speak

pytestmark = needs_pulseaudio


class Candidate(threading.Thread):
    """Reads what the program shows, and speaks into its microphone when the time has come."""

    def __init__(self, program: subprocess.Popen[str], card: dict[str, str], folder: Path) -> None:
        super().__init__()
        self._program, self._card, self._folder = program, card, folder
        self._voice = PiperVoice(words_per_minute=150)
        self._script = self._lines()
        self.shown: list[str] = []

    def run(self) -> None:
        """Until the program ends."""
        assert self._program.stdout is not None
        next(self._script)
        for line in self._program.stdout:
            self.shown.append(line)
            with suppress(StopIteration):
                self._script.send(line)

    def _lines(self) -> Generator[None, str, None]:
        """The candidate's part; each `yield` waits for something that the agent shows."""
        yield from self._in_turn("Please give me a hint, I need a hint.")
        yield from self._in_turn("How expensive is it to retrain the model?")
        yield from self._in_turn("I would compare the predictions with what people really bought, and, um,")
        time.sleep(3.5)
        self._say("plot the precision over time. Below a threshold we retrain. That's my answer.")
        yield from self._shown("Let me follow up")
        yield from self._in_turn("That's all from me.")
        yield from self._shown("would call this")
        time.sleep(1.5)
        self._say("Next question please.")
        yield from self._shown("Question 2")
        yield from self._in_turn("For a ranked list I would look at precision at ten, and at NDCG, because,")
        self._unplugged_for(5.0)
        self._say("the position matters, a hit at the top counts more. That's my answer.")
        yield from self._shown("Let me follow up")
        yield from self._in_turn("Next question please.")
        yield from self._shown("Question 3")
        yield from self._in_turn("I would like to stop here.")

    def _in_turn(self, text: str) -> Generator[None, str, None]:
        """Says it once the agent listens."""
        yield from self._shown("^Listening")
        time.sleep(0.7)
        self._say(text)

    def _shown(self, pattern: str) -> Generator[None, str, None]:
        while not re.search(pattern, (yield)):
            pass

    def _unplugged_for(self, seconds: float) -> None:
        """The source gives nothing for a while; afterwards the program has a moment to find it again."""
        for suspended in ("1", "0"):
            subprocess.run(["pactl", "suspend-source", "microphone", suspended], env=self._card, check=True)
            time.sleep(seconds if suspended == "1" else 2.0)

    def _say(self, text: str) -> None:
        speak(self._voice.synthesize(text), self._card, self._folder)


def test_three_questions_by_voice_alone(
    card: dict[str, str], tmp_path: Path, whisper: Whisper, questions: dict[str, Question]
) -> None:
    """A hint, a clarifying question, a long pause, an interruption, a lost microphone and commands, in real time."""
    heard_path = tmp_path / "agent.wav"
    asked = ("recsys-refresh", "recsys-metrics", "nn-widrow-hoff")
    with recorded(heard_path, card), practice(asked, card, tmp_path) as program:
        candidate = Candidate(program, card, tmp_path)
        candidate.start()
        assert program.stderr is not None
        errors = program.stderr.read()
        candidate.join(timeout=300)
        assert program.wait(timeout=60) == 0, errors
    shown = " ".join("".join(candidate.shown).split())
    refresh = questions["recsys-refresh"]
    assert "(hint)" in shown, shown
    assert refresh.hints[0] in shown
    assert refresh.clarifications[1].fact in shown, shown
    first, second = shown.split("Question 2 of 3")
    assert re.search(r"really bought.*threshold", first), first
    assert "(next)" in first, first
    assert "Nothing of your answer is lost" in second, second
    assert re.search(r"You +[Ff]or a rank(ed)? list.*position", second), second
    assert "Question 3 of 3" in second
    assert "(stop)" in second, second
    ratings = re.findall(r"\[(very weak|weak|strong|very strong)\]", shown)
    assert len(ratings) >= 2, shown
    said = whisper.transcribe(read_clip(heard_path)).text.lower()
    assert len(content(refresh.ask) & content(said)) >= 0.8 * len(content(refresh.ask)), said
    # Weak and week sound the same: which one is written says nothing about what was spoken.
    assert ratings[-1] in said.replace("week", "weak"), said
    assert len(re.findall(r"One step up", said)) <= 1, "the first feedback was interrupted before its advice: " + said
