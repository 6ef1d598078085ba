"""Makes docs/session.svg, the terminal of a real replay, and docs/talk.svg, a talk about a rating; both in 80 columns.

The talk is the real interview with the real grader and the real screen; only sound and its transcription are scripted.

    python -m docs.screenshot
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parent.parent
ANSWER = ROOT / "audio_fixtures" / "reduce-features-strong.ogg"
WIDTH = 80
SAID = (
    "Is that about clicks or purchases?",
    None,
    "I need more time please.",
    "I would log every prediction and compare it each week with what people bought, and retrain below a threshold. "
    "How am I doing?",
    None,
    None,
    "Oh, and one more thing. I forgot to compare the distribution of the inputs with training, by the population "
    "stability index.",
    "But I did say all of that already.",
    "What does concept drift mean?",
    "What can I say?",
    None,
)
"""What the candidate says, one line each time the agent listens; None is silence."""


def main() -> None:
    """Draws both."""
    draw(Text.from_ansi(replayed()), "session.svg", "mock-interview replay")
    draw(Text.from_ansi(printed("docs.screenshot", "talk")), "talk.svg", "mock-interview practice")


def printed(module: str, *words: str) -> str:
    """What a module prints to a terminal of 80 columns."""
    environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH), "COLORTERM": "truecolor"}
    command = [sys.executable, "-m", module, *words]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=environment).stdout


def replayed() -> str:
    """What the terminal shows of one question on a recording."""
    with tempfile.TemporaryDirectory() as out:
        shown = printed("agent", "replay", str(ANSWER), "--questions", "recsys-reduce-features", "--out", out)
        return shown.replace(out, "DIR")


def talk() -> None:
    """Prints a scripted talk about a rating, to a question that was asked last week."""
    from dataclasses import replace

    from agent.adapters.embedded_grader import EmbeddedGrader
    from agent.adapters.rubric_file import load_questions
    from agent.interview.interview import Interview, in_order
    from agent.logic.dialogue.memory import Memory
    from agent.shell.screen import Screen
    from agent.values.history import PastAnswer
    from agent.values.rubric import Rating
    from tests.interviews import Script, setup_of

    question, now = load_questions([ROOT / "rubrics"])["recsys-refresh"], datetime.now().astimezone()
    missed = (next(point.id for point in question.points if point.kind == "drift"),)
    last = PastAnswer(
        question_id=question.id, signal=question.signal, rating=Rating.WEAK, at=now - timedelta(days=8), missed=missed
    )
    setup = replace(setup_of(Script(*SAID), EmbeddedGrader()), memory=Memory.of([last], now))
    screen = Screen()
    for event in Interview(in_order([question]), 1, setup).events():
        screen.show(event)


def draw(shown: Text, name: str, title: str) -> None:
    """One picture of a terminal."""
    console = Console(record=True, width=WIDTH, file=open(os.devnull, "w"))  # noqa: SIM115
    console.print(shown)
    console.save_svg(str(ROOT / "docs" / name), title=title)


if __name__ == "__main__":
    talk() if sys.argv[1:] == ["talk"] else main()
