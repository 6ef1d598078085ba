"""A session that talks back, by voice alone over a virtual sound card, in real time: some eight minutes, on idle cores.

    make test-by-voice

The candidate thinks, asks, is stuck, adds, disagrees, asks back and comes again to a question of last week. The lines
with their times are written to the file that TALK_TRANSCRIPT names, if it is set.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Generator
from datetime import datetime, timedelta
from pathlib import Path

from agent.logic.grading.grading import grade
from agent.logic.speech.delivery import delivery
from agent.shell.store.rows import UnsavedTurn
from agent.shell.store.store import Store
from agent.values.grade import Claim, Verdict
from agent.values.rubric import Question
from agent.values.session import Turn
from agent.values.transcript import Transcript
from tests.three_questions_by_voice import Candidate
from tests.virtual_card import needs_pulseaudio, practice

pytestmark = needs_pulseaudio


class TalkativeCandidate(Candidate):
    """As Candidate; notes who said what when."""

    def __init__(self, program: subprocess.Popen[str], card: dict[str, str], folder: Path) -> None:
        super().__init__(program, card, folder)
        self._started = time.monotonic()
        self.transcript: list[str] = []

    def _lines(self) -> Generator[None, str, None]:
        script = self._talk()
        next(script)
        while True:
            line = yield
            self._note(line.rstrip())
            script.send(line)

    def _talk(self) -> Generator[None, str, None]:
        # Thinking.
        yield from self._in_turn("Is that about clicks or purchases?")
        yield from self._shown("Would you like more time")
        yield from self._in_turn("I need a bit more time, please.")
        yield from self._in_turn("I don't know.")
        yield from self._in_turn("Yes please.")
        # What can I say, and only the answer is the answer.
        yield from self._in_turn("What can I say?")
        yield from self._in_turn(
            "Good question. I would compare the predictions with what people really bought, plot the precision over "
            "time, and below some threshold we retrain. That's my answer."
        )
        yield from self._shown("Let me follow up")
        yield from self._in_turn("That's all from me.")
        # Talking about the rating.
        yield from self._shown("words in .* a minute")
        yield from self._in_turn(
            "Oh, and one more thing. I forgot to compare the distribution of the inputs with that of the training data."
        )
        yield from self._in_turn("But I did say all of that.")
        yield from self._in_turn("What does concept drift mean?")
        yield from self._in_turn("Which point did I miss?")
        yield from self._in_turn("Okay, thanks.")
        yield from self._in_turn("How am I doing?")
        yield from self._in_turn("Model answer please.")
        yield from self._in_turn("Next question please.")
        # The second question.
        yield from self._shown("Question 2")
        yield from self._in_turn("How many questions are left?")
        yield from self._in_turn("I would look at precision at ten, and how it differs for new users. How am I doing?")
        yield from self._in_turn("Let me try that again.")
        yield from self._in_turn(
            "For a ranked list I would look at N D C G, since a hit at the top counts more. That's my answer."
        )
        yield from self._shown("Let me follow up")
        yield from self._in_turn("Next question please.")
        yield from self._shown("Question 3")
        yield from self._in_turn("I would like to stop here.")
        while True:
            yield

    def _say(self, text: str) -> None:
        self._note(f"YOU    {text}")
        super()._say(text)

    def _note(self, text: str) -> None:
        seconds = time.monotonic() - self._started
        self.transcript.append(f"{int(seconds // 60)}:{seconds % 60:04.1f}  {text}")


def answered_last_week(folder: Path, question: Question) -> str:
    """Writes an answer of eight days ago; returns the title of the point that it missed."""
    store, when = Store.open(folder), datetime.now().astimezone() - timedelta(days=8)
    text = "I would retrain it every week because tastes change."
    claim = Claim(target=question.points[0].id, quote="because tastes change")
    result = grade(question, Transcript.from_text(text), Verdict(grader="by hand", claims=(claim,)))
    transcript = Transcript.from_text(text)
    turn = Turn(question_id=question.id, transcript=transcript, grade=result, delivery=delivery(transcript))
    session = store.begin(when)
    store.write(session, UnsavedTurn(1, turn, None, when))
    store.finish(session)
    return question.point(result.hints[0].point_id).title or ""


def test_a_session_that_talks_back(card: dict[str, str], tmp_path: Path, questions: dict[str, Question]) -> None:
    refresh = questions["recsys-refresh"]
    missed = answered_last_week(tmp_path, refresh)
    asked = ("recsys-refresh", "recsys-metrics", "nn-widrow-hoff")
    with practice(asked, card, tmp_path) as program:
        candidate = TalkativeCandidate(program, card, tmp_path)
        candidate.start()
        assert program.stderr is not None
        errors = program.stderr.read()
        candidate.join(timeout=900)
        if path := os.environ.get("TALK_TRANSCRIPT"):
            Path(path).write_text("\n".join(candidate.transcript) + "\n", "utf-8")
        assert program.wait(timeout=60) == 0, errors
    shown = " ".join("".join(candidate.shown).split())
    first, rest = shown.split("Question 2 of 3")
    assert f"Last week you missed {missed}" in first, first
    assert "Would you like more time, a hint, or shall we skip" in first, first
    assert "(more time)" in first, first
    assert "Of course. Take your time." in first, first
    assert "Would you like a hint, or shall we skip" in first, first
    assert refresh.hints[0] in first, first
    assert "(what can I say)" in first, first
    you = re.search(r"You +(.+?)(?:Agent|Rating)", first)
    assert you is not None, first
    assert not re.search(r"clicks or purchases|my answer|what can I say|good question", you[1], re.IGNORECASE), you[1]
    assert re.search(r"(Good|Thank you), I added that\.", first), first
    assert re.search(r"I looked again, and I still|You're right, I missed that", first), first
    assert "In short," in first, first
    assert "I would also want to hear about" in first, first
    assert "This is question 1 of 3." in first, first
    assert refresh.answers.very_strong[:60] in first, first
    assert "This is question 2 of 3." in rest, rest
    assert "from the start" in rest, rest
    assert "To work on" in rest, rest
