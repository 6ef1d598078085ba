"""Makes docs/report-light.png, report-dark.png and report-phone.png: the report of thirty made-up sessions.

The answers are the recordings of audio_fixtures, transcribed and graded for real; which one was given when is drawn by
chance. Needs Chromium and, to look as it does elsewhere, the font Inter:

python docs/report_pictures.py
"""

from __future__ import annotations

import json
import random
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import sync_playwright

from agent.adapters.audio_file import read_clip
from agent.adapters.embedded_grader import EmbeddedGrader
from agent.adapters.rubric_file import load_questions
from agent.adapters.whisper import Whisper
from agent.logic.grading.grading import grade_answer
from agent.logic.reporting.build import report
from agent.logic.speech.delivery import delivery
from agent.shell.report.page import render
from agent.values.rubric import Question, Rating
from agent.values.session import SavedTurn, Session, Turn

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "audio_fixtures"
FIRST = datetime(2026, 3, 2, 19, 6, tzinfo=UTC)
SESSIONS = 30
RISING = "recsys-reduce-features"
METRICS, REFRESH = "recsys-metrics", "recsys-refresh"
Recorded = Mapping[tuple[str, Rating], SavedTurn]


class Picture(NamedTuple):
    """One file and how it is taken."""

    name: str
    width: int
    height: int
    scale: float
    scheme: str
    question_id: str | None
    """Of the question at whose top it begins; None for the top of the page."""


PICTURES = (
    Picture("report-light", 1200, 1480, 1, "light", None),
    Picture("report-dark", 1200, 1480, 1, "dark", METRICS),
    Picture("report-phone", 360, 740, 2, "light", REFRESH),
)


def recorded(questions: Mapping[str, Question]) -> Recorded:
    """Every recording as a graded turn, by its question and the rating that was meant."""
    whisper, grader = Whisper(), EmbeddedGrader()
    found = {}
    for entry in json.loads((FIXTURES / "manifest.json").read_text("utf-8"))["recordings"]:
        question, path = questions[entry["question_id"]], FIXTURES / entry["file"]
        transcript = whisper.transcribe(read_clip(path), [term.term for term in question.glossary])
        grade = grade_answer(question, transcript, grader)
        turn = Turn(question_id=question.id, transcript=transcript, grade=grade, delivery=delivery(transcript))
        found[question.id, Rating(entry["intended_rating"])] = SavedTurn(turn=turn, at=FIRST, audio=path)
    return found


def sessions(answers: Recorded) -> list[Session]:
    """Thirty sessions within three months; one question rises, the last session has a second try."""
    draw, levels = random.Random(7), list(Rating)
    names = list(dict.fromkeys(name for name, _ in answers))
    made = []
    for number in range(SESSIONS):
        at = FIRST + timedelta(days=round(87 * number / (SESSIONS - 1)), minutes=draw.randint(-40, 40))
        middle = 3 * number / (SESSIONS - 1)
        turns = []
        for name in names:
            rank = round(draw.gauss(middle, 0.6)) if name == RISING else round(draw.gauss(1.4, 1))
            turns.append(answers[name, levels[min(3, max(0, rank))]])
        if number == SESSIONS - 1:
            turns = [answers[REFRESH, Rating.STRONG], answers[METRICS, Rating.WEAK]]
            again = answers[METRICS, Rating.VERY_STRONG]
            turns.append(again.model_copy(update={"turn": again.turn.model_copy(update={"attempt": 2})}))
        turns = [turn.model_copy(update={"at": at}) for turn in turns]
        made.append(Session(id=f"{at:%Y%m%d-%H%M%S}-abcd", started=at, turns=tuple(turns)))
    return made


def take(page_file: Path, questions: Mapping[str, Question]) -> None:
    """The pictures of one page."""
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for picture in PICTURES:
            page = browser.new_page(
                viewport={"width": picture.width, "height": picture.height},
                device_scale_factor=picture.scale,
                color_scheme=picture.scheme,
            )
            page.goto(page_file.as_uri())
            if picture.question_id is not None:
                article = page.locator("article", has_text=questions[picture.question_id].ask).first
                article.evaluate("article => scrollTo({ top: article.offsetTop, behavior: 'instant' })")
            page.screenshot(path=ROOT / "docs" / f"{picture.name}.png")
        browser.close()


def main() -> None:
    """Transcribes, grades, renders and takes the pictures."""
    questions = load_questions([ROOT / "rubrics"])
    done = report(sessions(recorded(questions)), questions)
    with tempfile.TemporaryDirectory() as folder:
        page_file = Path(folder) / "report.html"
        page_file.write_text(render(done, most_sound=8_000_000), "utf-8")
        take(page_file, questions)


if __name__ == "__main__":
    main()
