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
from collections.abc import Generator, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from agent.adapters.piper_voice import PiperVoice
from agent.interview.answering import OFFER, STILL_THERE
from agent.interview.requests import TAKE_TIME
from agent.logic.grading.grading import grade
from agent.logic.speech.delivery import delivery
from agent.shell.store.rows import UnsavedTurn
from agent.shell.store.store import Store
from agent.values.audio import Clip
from agent.values.grade import Claim, Verdict
from agent.values.rubric import Question
from agent.values.session import Turn
from agent.values.transcript import Transcript
from tests.three_questions_by_voice import Candidate
from tests.virtual_card import needs_pulseaudio, practice, room_noise, speak

pytestmark = [needs_pulseaudio, pytest.mark.timeout(1200)]


class Desk(NamedTuple):
    """What the candidate has at hand."""

    keys: int
    """Where the test types."""
    terminal: int
    """The terminal from which the program reads that."""
    lines: dict[str, Clip]
    """What will be said: whoever looks for words after the feedback is taken to have nothing to say."""


@pytest.fixture
def desk() -> Iterator[Desk]:
    voice = PiperVoice(words_per_minute=150)
    keys, terminal = os.openpty()
    yield Desk(keys, terminal, {text: voice.synthesize(text) for text in EVERY_LINE})
    os.close(keys)
    os.close(terminal)


WHILE_STUCK = ("I need a bit more time, please.", "What can I say?")
ANSWER = (
    "Hmm, let me think. I would compare the predictions with what people really bought, plot the precision over time, "
    "and below some threshold we retrain. That's my answer."
)
AFTER_THE_RATING = (
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
)
STARTING_OVER = (
    "I don't know.",
    "Yes please.",
    "How many questions are left?",
    "I would look at precision at ten, and how it differs for new users. How am I doing?",
    "Let me try that again.",
    "For a ranked list I would look at N D C G, since a hit at the top counts more. That's my answer.",
)
ASKS, ALL, ON = "Is that about clicks or purchases?", "That's all from me.", "Next question please."
UNFINISHED = "Each weight changes by the learning rate times the error times its input, and"
EVERY_LINE = (*WHILE_STUCK, ANSWER, *AFTER_THE_RATING, *STARTING_OVER, ASKS, ALL, ON, UNFINISHED)


class TalkativeCandidate(Candidate):
    """As Candidate; presses keys too, and notes who said what when."""

    def __init__(self, program: subprocess.Popen[str], card: dict[str, str], folder: Path, desk: Desk) -> None:
        super().__init__(program, card, folder)
        self._desk, self._began = desk, time.monotonic()
        path = os.environ.get("TALK_TRANSCRIPT")
        self._transcript = None if path is None else Path(path)

    def _lines(self) -> Generator[None, str, None]:
        script = self._talk()
        next(script)
        while True:
            line = yield
            self._note(line.rstrip())
            script.send(line)

    def _talk(self) -> Generator[None, str, None]:
        # Thinks after a question to the interviewer.
        yield from self._in_turn(ASKS)
        yield from self._shown("Would you like more time")
        yield from self._each_in_turn(WHILE_STUCK)
        yield from self._in_turn(ANSWER)
        yield from self._shown("Let me follow up")
        yield from self._in_turn(ALL)
        yield from self._shown("words in .* per minute")
        yield from self._each_in_turn(AFTER_THE_RATING)
        # Says nothing at all, does not know, takes a hint, and starts over.
        yield from self._shown("Question 2")
        yield from self._shown("Would you like more time")
        yield from self._each_in_turn(STARTING_OVER)
        yield from self._shown("Let me follow up|words in .* per minute")
        yield from self._in_turn(ON)
        yield from self._shown("Question 3")
        yield from self._by_keys()
        while True:
            yield

    def _by_keys(self) -> Generator[None, str, None]:
        """Repeat and hint, done after an unfinished sentence, help and quit."""
        yield from self._presses("r")
        yield from self._presses("h")
        yield from self._in_turn(UNFINISHED)
        self._press(" ")
        yield from self._shown("Let me follow up|words in .* per minute")
        yield from self._presses("?")
        yield from self._presses("q")

    def _each_in_turn(self, texts: Sequence[str]) -> Generator[None, str, None]:
        for text in texts:
            yield from self._in_turn(text)

    def _presses(self, key: str) -> Generator[None, str, None]:
        """Presses a key once the agent listens."""
        yield from self._shown("^Listening")
        time.sleep(0.7)
        self._press(key)

    def _press(self, key: str) -> None:
        self._note(f"KEY    {'space' if key == ' ' else key}")
        os.write(self._desk.keys, key.encode())

    def _say(self, text: str) -> None:
        self._note(f"YOU    {text}")
        speak(self._desk.lines[text], self._card, self._folder)

    def _note(self, text: str) -> None:
        if self._transcript is not None:
            seconds = time.monotonic() - self._began
            with self._transcript.open("a", encoding="utf-8") as file:
                file.write(f"{int(seconds // 60)}:{seconds % 60:04.1f}  {text}\n")


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


def test_a_session_that_talks_back(
    card: dict[str, str], tmp_path: Path, questions: dict[str, Question], desk: Desk
) -> None:
    refresh = questions["recsys-refresh"]
    missed = answered_last_week(tmp_path, refresh)
    asked = ("recsys-refresh", "recsys-metrics", "nn-widrow-hoff")
    with room_noise(card, tmp_path, 15), practice(asked, card, tmp_path, desk.terminal) as program:
        candidate = TalkativeCandidate(program, card, tmp_path, desk)
        candidate.start()
        assert program.stderr is not None
        errors = program.stderr.read()
        candidate.join(timeout=900)
        assert program.wait(timeout=60) == 0, errors
    _, first, second, third = sections(candidate.shown)
    stuck(first, refresh, missed)
    only_the_answer(first)
    about_the_rating(first, refresh)
    started_over(second, questions["recsys-metrics"])
    by_keys(third, questions["nn-widrow-hoff"])


def sections(shown: Sequence[str]) -> list[list[str]]:
    """The lines before the first question, and those of each question."""
    found: list[list[str]] = [[]]
    for line in shown:
        if re.match(r"Question \d of 3", line):
            found.append([])
        found[-1].append(line.rstrip("\n"))
    return found


def text_of(lines: Sequence[str]) -> str:
    return " ".join(" ".join(lines).split())


def said_by(who: str, lines: Sequence[str]) -> list[str]:
    """What one of the two said; a long text goes on below its first line."""
    texts, goes_on = list[str](), False
    for line in lines:
        begins = line.startswith(f"{who:6} ")
        goes_on = begins or (goes_on and line.startswith(" " * 7))
        if begins:
            texts.append(line[7:].strip())
        elif goes_on:
            texts[-1] += f" {line.strip()}"
    return texts


def stuck(lines: Sequence[str], question: Question, missed: str) -> None:
    shown, agent = text_of(lines), said_by("Agent", lines)
    assert f"Last week you missed {missed}" in agent[0], shown
    assert agent.count(STILL_THERE) == 1, shown
    assert "(more time)" in shown, shown
    assert TAKE_TIME in agent, shown
    assert any(item.fact in agent for item in question.clarifications), shown
    assert "heck the microphone" not in shown, shown


def only_the_answer(lines: Sequence[str]) -> None:
    shown = text_of(lines)
    assert "(what can I say)" in shown, shown
    quotes = re.findall(r'"([^"]+)"', shown)
    for text in (*said_by("You", lines), *quotes):
        other = r"clicks or purchases|my answer|can I say|let me think|more time|from me"
        assert not re.search(other, text, re.IGNORECASE), text


def about_the_rating(lines: Sequence[str], question: Question) -> None:
    shown, agent = text_of(lines), said_by("Agent", lines)
    for reply in (
        r"(?:Good|Thank you), I added that\.",
        r"I looked again, and |You're right, I missed that",
        r"In short, ",
        r".*(?:I would also want to hear about|Nothing important is missing)",
        r"(?:You talked about|I didn't hear any)",
        r"This is question 1 of 3\.",
        r"You can add something",
    ):
        assert any(re.match(f"(?:For .*)?{reply}", text) for text in agent), f"{reply}: {shown}"
    assert any(question.answers.very_strong in text for text in agent), shown


def started_over(lines: Sequence[str], question: Question) -> None:
    shown, agent = text_of(lines), said_by("Agent", lines)
    assert agent.count(STILL_THERE) == 1, shown
    assert OFFER in agent, shown
    assert question.hints[0] in agent, shown
    assert any(text.startswith("This is question 2 of 3.") for text in agent), shown
    assert any("from the start" in text for text in agent), shown
    assert "new users" not in said_by("You", lines)[0], shown


def by_keys(lines: Sequence[str], question: Question) -> None:
    shown, agent = text_of(lines), said_by("Agent", lines)
    assert sum(text.endswith(question.ask) for text in agent) == 2, shown
    assert question.hints[0] in agent, shown
    assert "(done)" in shown, shown
    assert "(what can I say)" in shown, shown
    assert "(stop)" in shown, shown
    assert "To work on" in shown, shown
