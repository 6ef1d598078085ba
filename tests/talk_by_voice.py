"""A session that talks back, by voice alone over a virtual sound card, in real time: some ten minutes, on idle cores.

    make test-by-voice

The candidate thinks, asks, is stuck, adds, disagrees, asks back and comes again to a question of last week. The lines
with their times are written to the file that TALK_TRANSCRIPT names, if it is set.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from agent.interview.conversation import OFFER, STILL_THERE
from agent.interview.requests import TAKE_TIME
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
    """As Candidate; presses keys too, and notes who said what when."""

    def __init__(self, program: subprocess.Popen[str], card: dict[str, str], folder: Path, keyboard: int) -> None:
        super().__init__(program, card, folder)
        self._keyboard, self._began = keyboard, time.monotonic()
        self.transcript: list[str] = []

    def _lines(self) -> Generator[None, str, None]:
        script = self._talk()
        next(script)
        while True:
            line = yield
            self._note(line.rstrip())
            script.send(line)

    def _talk(self) -> Generator[None, str, None]:
        yield from self._stuck()
        yield from self._answers()
        yield from self._talks_about_the_rating()
        yield from self._starts_over()
        yield from self._by_keys()
        while True:
            yield

    def _stuck(self) -> Generator[None, str, None]:
        """Thinks: silence after a question to the interviewer and after nothing at all, and not knowing."""
        yield from self._in_turn("Is that about clicks or purchases?")
        yield from self._shown("Would you like more time")
        yield from self._in_turn("I need a bit more time, please.")
        yield from self._in_turn("I don't know.")
        yield from self._in_turn("Yes please.")

    def _answers(self) -> Generator[None, str, None]:
        """Asks what may be said, and ends the answer in the breath in which it ends."""
        yield from self._in_turn("What can I say?")
        yield from self._in_turn(
            "Good question. I would compare the predictions with what people really bought, plot the precision over "
            "time, and below some threshold we retrain. That's my answer."
        )
        yield from self._shown("Let me follow up")
        yield from self._in_turn("That's all from me.")

    def _talks_about_the_rating(self) -> Generator[None, str, None]:
        """Adds, disagrees, asks back, nods, and asks for everything else that helps."""
        yield from self._shown("words in .* per minute")
        for text in (
            "Oh, and one more thing. I forgot to compare the distribution of the inputs with the training data.",
            "But I did say all of that.",
            "What does drift mean?",
            "Which point did I miss?",
            "Why did I get this rating?",
            "Okay, thanks.",
            "How am I doing?",
            "What can I say?",
            "Model answer please.",
            "Next question please.",
        ):
            yield from self._in_turn(text)

    def _starts_over(self) -> Generator[None, str, None]:
        yield from self._shown("Question 2")
        yield from self._shown("Would you like more time")
        yield from self._in_turn("How many questions are left?")
        yield from self._in_turn("I would look at precision at ten, and how it differs for new users. How am I doing?")
        yield from self._in_turn("Let me try that again.")
        yield from self._in_turn(
            "For a ranked list I would look at N D C G, since a hit at the top counts more. That's my answer."
        )
        yield from self._shown("Let me follow up")
        yield from self._in_turn("Next question please.")

    def _by_keys(self) -> Generator[None, str, None]:
        """Repeat and hint, done in the middle of a silence, and quit."""
        yield from self._shown("Question 3")
        yield from self._presses("r")
        yield from self._presses("h")
        yield from self._in_turn("Each weight changes by the learning rate times the error times its input, and")
        self._press(" ")
        yield from self._shown("Let me follow up")
        yield from self._presses("?")
        yield from self._presses("q")

    def _presses(self, key: str) -> Generator[None, str, None]:
        """Presses a key once the agent listens."""
        yield from self._shown("^Listening")
        time.sleep(0.7)
        self._press(key)

    def _press(self, key: str) -> None:
        self._note(f"KEY    {'space' if key == ' ' else key}")
        os.write(self._keyboard, key.encode())

    def _say(self, text: str) -> None:
        self._note(f"YOU    {text}")
        super()._say(text)

    def _note(self, text: str) -> None:
        seconds = time.monotonic() - self._began
        self.transcript.append(f"{int(seconds // 60)}:{seconds % 60:04.1f}  {text}")


@contextmanager
def keyboard() -> Iterator[tuple[int, int]]:
    """Where a test types, and the terminal from which the program reads that."""
    typed, terminal = os.openpty()
    try:
        yield typed, terminal
    finally:
        os.close(typed)
        os.close(terminal)


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
    with keyboard() as (typed, terminal), practice(asked, card, tmp_path, terminal) as program:
        candidate = TalkativeCandidate(program, card, tmp_path, typed)
        candidate.start()
        assert program.stderr is not None
        errors = program.stderr.read()
        candidate.join(timeout=900)
        if path := os.environ.get("TALK_TRANSCRIPT"):
            Path(path).write_text("\n".join(candidate.transcript) + "\n", "utf-8")
        assert program.wait(timeout=60) == 0, errors
    first, second, third = re.split(r"Question [23] of 3", " ".join("".join(candidate.shown).split()))
    stuck(first, refresh, missed)
    only_the_answer(first)
    about_the_rating(first, refresh)
    started_over(second)
    by_keys(third, questions["nn-widrow-hoff"])


def stuck(first: str, refresh: Question, missed: str) -> None:
    assert f"Last week you missed {missed}" in first, first
    assert STILL_THERE in first, first
    assert "(more time)" in first, first
    assert TAKE_TIME in first, first
    assert OFFER in first, first
    assert refresh.hints[0] in first, first
    assert "Check the microphone" not in first, first


def only_the_answer(first: str) -> None:
    assert "(what can I say)" in first, first
    answer = re.search(r"You +(?P<said>.+?)(?:Agent|Rating)", first)
    assert answer is not None, first
    other = r"clicks or purchases|my answer|can I say|good question|don't know|more time|yes please"
    assert not re.search(other, answer["said"], re.IGNORECASE), answer["said"]
    quoted = " ".join(re.findall(r'"([^"]+)"', first))
    assert not re.search(other, quoted, re.IGNORECASE), quoted


def about_the_rating(first: str, refresh: Question) -> None:
    assert re.search(r"(Good|Thank you), I added that\.", first), first
    assert re.search(r"I looked again, and I still|You're right, I missed that", first), first
    assert "In short," in first, first
    assert "I would also want to hear about" in first, first
    assert "You talked about" in first, first
    assert "This is question 1 of 3." in first, first
    assert first.count("You can add something") == 1, first
    assert refresh.answers.very_strong[:60] in first, first


def started_over(second: str) -> None:
    assert STILL_THERE in second, second
    assert "This is question 2 of 3." in second, second
    assert "from the start" in second, second
    answers = re.findall(r"You +(.+?)(?:Agent|Rating)", second)
    assert "new users" not in answers[0], answers


def by_keys(third: str, last: Question) -> None:
    assert third.count(last.ask) == 2, third
    assert last.hints[0] in third, third
    assert "(that's my answer)" in third or "(done)" in third, third
    assert "You can" in third, third
    assert "To work on" in third, third
    assert re.search(r"things? to work on", third), third
