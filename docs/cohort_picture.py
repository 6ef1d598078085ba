"""Makes docs/cohort.png: the page of a cohort of 200 made-up candidates with a thousand answers; prints what it takes.

The answers are the reference answers of the five example questions, graded for real by claims made up at random. Needs
Chromium:

python docs/cohort_picture.py
"""

from __future__ import annotations

import json
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

from agent.adapters.rubric_file import load_questions
from agent.logic.grading.grading import grade
from agent.shell.batch.rows import row_json
from agent.shell.report.cohort import CohortOptions, CohortReport
from agent.values.batch import BatchItem, BatchRow, Outcome
from agent.values.grade import Claim, Verdict
from agent.values.rubric import Question, Rating
from agent.values.session import Delivery, Turn
from agent.values.transcript import Transcript

ROOT = Path(__file__).parent.parent
CANDIDATES = 200
IDS = ("recsys-reduce-features", "recsys-choose-model", "recsys-sparse-loss", "recsys-metrics", "recsys-refresh")


def rows(questions: dict[str, Question]) -> Iterator[BatchRow]:
    """Five answers of each candidate; better candidates make more points, and some points are never made."""
    draw = random.Random(5)
    for number in range(CANDIDATES):
        skill = draw.betavariate(2, 2)
        for at, name in enumerate(IDS):
            question = questions[name]
            text = question.answers.of(draw.choice(list(Rating)))
            quote = " ".join(text.split()[:8])
            made = [point for point in question.points[:-4] if draw.random() < 0.45 * skill]
            claims = tuple(Claim(target=point.id, quote=quote, confidence=draw.uniform(0.55, 0.98)) for point in made)
            said = Transcript.from_text(text)
            result = grade(question, said, Verdict(grader="embedded", claims=claims))
            turn = Turn(question_id=name, transcript=said, grade=result, delivery=Delivery(words=len(said.words)))
            yield BatchRow(
                item=BatchItem(
                    line=5 * number + at + 2,
                    recording=f"/recordings/{number}-{name}.wav",
                    question_id=name,
                    candidate=f"Candidate {number + 1:03}",
                    label=label(draw, result.rating),
                ),
                outcome=Outcome(key=f"{5 * number + at:032x}", turn=turn),
            )


def label(draw: random.Random, rating: Rating | None) -> Rating | None:
    """What a reader might have given: mostly the same."""
    if rating is None or draw.random() > 0.3:
        return None
    rank = rating.rank + draw.choice((-1, 0, 0, 0, 1))
    return list(Rating)[min(3, max(0, rank))]


def main() -> None:
    """Makes the picture."""
    questions = load_questions([ROOT / "rubrics"])
    with tempfile.TemporaryDirectory() as folder:
        lines = [json.dumps(row_json(row)) + "\n" for row in rows(questions)]
        (Path(folder) / "answers.jsonl").write_text("".join(lines), "utf-8")
        page = Path(folder) / "cohort.html"
        started = time.perf_counter()
        pages = CohortReport([Path(folder)], questions, CohortOptions(page)).write()
        print(f"wrote {pages} candidates' pages in {time.perf_counter() - started:.1f} s")
        print(f"{len(lines)} answers: {page.stat().st_size / 1e6:.2f} MB, opened in {taken(page):.2f} s")


def taken(page: Path) -> float:
    """Takes the picture; seconds until the page was loaded."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1200, "height": 1500})
        tab.goto(page.as_uri())
        seconds = float(tab.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")) / 1000
        tab.screenshot(path=str(ROOT / "docs" / "cohort.png"))
        browser.close()
    return seconds


if __name__ == "__main__":
    main()
