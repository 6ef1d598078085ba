"""What a candidate takes away: cards of what was missed, and the debrief on paper."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import unicodedata
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.logic.grading.grading import grade
from agent.logic.reporting.build import report
from agent.logic.reporting.cards import cards
from agent.shell.cli import main
from agent.shell.report.page import render
from agent.shell.store.store import Store
from agent.values.grade import Claim, Verdict
from agent.values.interview_record import InterviewProgress, InterviewRecord
from agent.values.profile import Profile, ProfileClaim
from agent.values.rubric import Question, Rating
from agent.values.session import Delivery, SavedTurn, Session, Turn
from agent.values.transcript import Transcript
from tests.conftest import ROOT

CHROMIUM = next((path for name in ("chromium", "chromium-browser") if (path := shutil.which(name))), "")
WORDS = "I would watch the precision on fresh purchases every week and retrain when it falls."
AT = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def about(questions: dict[str, Question]) -> Question:
    return questions["recsys-refresh"]


def answered(question: Question, *points: str, wrong: bool = False) -> Turn:
    transcript = Transcript.from_text(WORDS)
    names = [*points, *([question.misconceptions[0].id] if wrong else [])]
    claims = tuple(Claim(target=name, quote=WORDS[:40]) for name in names)
    made = grade(question, transcript, Verdict(claims=claims, grader="t"))
    return Turn(question_id=question.id, transcript=transcript, grade=made, delivery=Delivery())


def session(number: int, *turns: Turn) -> Session:
    saved = tuple(SavedTurn(turn=turn, at=AT) for turn in turns)
    return Session(id=f"s{number}", started=AT + timedelta(days=number), turns=saved)


def test_cards_are_of_what_the_latest_answer_missed(about: Question) -> None:
    first = cards([session(1, answered(about, about.points[0].id))], {about.id: about})
    assert first
    missed = {card.key.split("/")[1] for card in first}
    assert about.points[0].id not in missed
    better = cards(
        [session(2, answered(about, *missed, about.points[0].id)), session(1, answered(about))], {about.id: about}
    )
    assert not missed & {card.key.split("/")[1] for card in better}
    assert all(card.sentences and card.sentences[0].endswith(".") for card in first)
    assert all(f"{about.scenario} {about.ask}" in card.front for card in first)
    assert cards([session(1, answered(about))], {}) == []


def test_a_wrong_statement_becomes_a_card_with_what_is_right(about: Question) -> None:
    found = cards([session(1, answered(about, about.points[0].id, wrong=True))], {about.id: about})
    assert about.misconceptions[0].truth in [card.back for card in found]


def test_the_package_opens_as_anki_does_and_keeps_its_ids(
    about: Question, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = Store.open(tmp_path / "data")
    session_id = store.begin()
    store.save(session_id, answered(about, about.points[0].id))
    store.finish(session_id)
    options = ("--data-dir", str(tmp_path / "data"), "--rubrics", str(ROOT / "rubrics" / "recsys-5-refresh.yaml"))
    assert main(["history", "export", "all", "--anki", *options]) == 2
    assert "--out missed.apkg" in capsys.readouterr().err
    notes = []
    for name in ("one.apkg", "two.apkg"):
        assert main(["history", "export", "all", "--anki", "--out", str(tmp_path / name), *options]) == 0
        with zipfile.ZipFile(tmp_path / name) as package:
            package.extract("collection.anki2", tmp_path)
        with sqlite3.connect(tmp_path / "collection.anki2") as database:
            notes.append(database.execute("SELECT guid, flds, tags FROM notes ORDER BY guid").fetchall())
        database.close()
    assert notes[0] == notes[1], "so that Anki updates cards and does not double them"
    guid, fields, tags = notes[0][0]
    assert guid
    assert about.ask.split("?")[0] in fields
    assert "production" in tags


def test_the_debrief_prints_as_pdf(questions: dict[str, Question], tmp_path: Path) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM:
        pytest.skip("no Chromium is installed")
    from pypdf import PdfReader

    about = questions["recsys-refresh"]
    interview = session(1, answered(about), answered(questions["fraud-review-capacity"]))
    profile = Profile(claims=(ProfileClaim(kind="field", name="fraud", line="Built the fraud models"),))
    record = InterviewRecord(profile=profile, progress=InterviewProgress(minutes=30, stage="done", used_s=1700.0))
    page_file = tmp_path / "report.html"
    page_file.write_text(render(report([interview], questions, records={interview.id: record})), "utf-8")
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_page()
        page.goto(page_file.as_uri())
        page.pdf(path=str(tmp_path / "debrief.pdf"), format="A4")
        browser.close()
    sheets = [sheet.extract_text() for sheet in PdfReader(tmp_path / "debrief.pdf").pages]
    # Fonts join the letters of "first" into one sign.
    text = " ".join(unicodedata.normalize("NFKC", " ".join(sheets)).split())
    for words in ("Debrief: what the interviewer would write", "Work on these first", "Built the fraud models"):
        assert words in text
    assert json.dumps(Rating.VERY_WEAK.spoken)[1:-1] in text


def test_an_unfinished_interview_has_no_debrief_in_the_report(questions: dict[str, Question]) -> None:
    interview = session(1, answered(questions["recsys-refresh"]))
    record = InterviewRecord(progress=InterviewProgress(minutes=30, stage="technical", used_s=300.0))
    assert report([interview], questions, records={interview.id: record}).sessions[0].notes is None
