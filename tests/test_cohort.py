"""The report of a cohort: figures against known ones, pages, CSV, pseudonyms; a thousand answers in a real Chromium."""

from __future__ import annotations

import csv
import json
import random
import shutil
from pathlib import Path

import numpy as np
import pytest

from agent.logic.batch.cohort import Cohort, CohortCount, agreement
from agent.logic.batch.intervals import kappa_interval, share_interval
from agent.logic.batch.pseudonyms import pseudonym, pseudonymous
from agent.logic.grading.agreement import interval, quadratic_weighted_kappa
from agent.shell.batch.failures import failure_line
from agent.shell.batch.rows import row_json
from agent.shell.cli import parser
from agent.shell.commands.report import run as run_report
from agent.shell.report.cohort import CohortOptions, CohortReport, page_name, rendered
from agent.shell.report.pseudonym_key import read_key
from agent.values.batch import BatchItem, BatchRow, Failure, Outcome
from agent.values.errors import InputError
from agent.values.grade import Grade, PointResult
from agent.values.rubric import Rating
from agent.values.session import Delivery, Turn
from agent.values.transcript import Transcript
from tests.batch_workers import QUESTIONS

CHROMIUM = next((path for name in ("chromium", "google-chrome") if (path := shutil.which(name))), "")
KEY = b"k" * 32
REFRESH = QUESTIONS["recsys-refresh"]
LEVELS = list(Rating)


def row(line: int, candidate: str, rank: int | None, **more: object) -> BatchRow:
    """An answer with that rating that makes the question's first points, as many as its rank."""
    made = [PointResult(id=point.id, met=at < (rank or 0)) for at, point in enumerate(REFRESH.points)]
    grade = Grade(
        question_id=REFRESH.id,
        signal="production",
        rating=None if rank is None else LEVELS[rank],
        ungraded_reason="Only 'Uh' was heard, too little to grade. Answer again." if rank is None else None,
        confidence=0.0 if rank is None else float(str(more.pop("confidence", 0.9))),
        points=tuple(made),
        grader="stub",
    )
    said = Transcript.from_text(f"I would retrain it, said {candidate or 'somebody'}")
    turn = Turn(question_id=REFRESH.id, transcript=said, grade=grade, delivery=Delivery(words=5))
    item = BatchItem(
        line=line, recording=f"/data/{candidate}-{line}.wav", question_id=REFRESH.id, candidate=candidate, **more
    )
    return BatchRow(item=item, outcome=Outcome(key=f"{line:032x}", turn=turn, timings_s={"read": 0.1}))


def failed(line: int, candidate: str) -> BatchRow:
    whole = row(line, candidate, 0)
    failure = Failure(stage="decode", reason=f"{whole.item.recording}: no sound", retry=False)
    return BatchRow(item=whole.item, outcome=Outcome(failure=failure))


def written(folder: Path, rows: list[BatchRow]) -> Path:
    folder.mkdir(parents=True)
    lines = [json.dumps(row_json(item), default=str) + "\n" for item in rows]
    (folder / "answers.jsonl").write_text("".join(lines), "utf-8")
    return folder


def counted(rows: list[BatchRow]) -> Cohort:
    count = CohortCount(QUESTIONS)
    for item in rows:
        count.add(item)
    return count.cohort()


def test_wilsons_interval_is_that_of_the_books() -> None:
    found = share_interval(np.arange(10) < 3, range(10))
    assert found == pytest.approx((0.1078, 0.6032), abs=1e-3)
    assert share_interval(np.zeros(40, bool), range(40)).high == pytest.approx(0.0876, abs=1e-3)


def test_answers_of_one_candidate_widen_the_interval() -> None:
    holds = np.repeat([True, False] * 10, 5)
    alone, alike = share_interval(holds, range(100)), share_interval(holds, np.repeat(range(20), 5).tolist())
    assert alike == pytest.approx(share_interval(np.array([True, False] * 10), range(20)), abs=0.01)
    assert alone.high < alike.high


def test_the_interval_of_kappa_is_that_of_drawing_answers() -> None:
    draw = random.Random(1)
    labels = [draw.randrange(4) for _ in range(120)]
    ratings = [min(3, max(0, label + draw.choice((-1, 0, 0, 1)))) for label in labels]
    table = np.zeros((4, 4))
    np.add.at(table, (labels, ratings), 1)
    drawn = interval(labels, ratings, quadratic_weighted_kappa)
    assert kappa_interval(table) == pytest.approx(drawn, abs=0.02)
    assert agreement("x", list(zip(labels, ratings, strict=True))).kappa == quadratic_weighted_kappa(labels, ratings)
    assert kappa_interval(np.diag([5, 0, 0, 0])) is None


def test_a_cohorts_figures() -> None:
    ranks = [0, 0, 1, 1, 1, 2, 2, 2, 2, 3]
    rows = [row(at, f"c{at}", rank, confidence=0.5 if at < 3 else 0.9) for at, rank in enumerate(ranks)]
    found = counted([*rows, row(10, "c10", None), failed(11, "c11"), failed(12, "c0")])
    assert (found.answers, found.graded, found.ungraded, found.failed) == (13, 10, 1, 2)
    assert found.failures == [("failed: decode", 2), ("not graded: Only  was heard, too little to grade", 1)]
    only = found.questions[0]
    assert [only.levels[level].value for level in Rating] == [0.2, 0.3, 0.4, 0.1]
    assert only.strong is not None
    assert only.strong.value == 0.5
    assert [item.name for item in found.unsure] == ["recsys-refresh"]
    assert found.signals[0].name == "production"
    assert len(found.unmade) == len(REFRESH.points) - 3
    assert found.unmade[0].at_most == pytest.approx(share_interval(np.zeros(10, bool), range(10)).high)
    assert found.agreements == []
    assert {item.name: item.answers for item in found.candidates}["c0"] == 2


def test_of_several_tries_the_first_graded_one_counts_everywhere(tmp_path: Path) -> None:
    rows = [failed(1, "A"), row(2, "A", None), row(3, "A", 1), row(4, "A", 3), row(5, "", 0), row(6, "", 0)]
    found = counted(rows)
    (only,) = found.questions
    assert (only.graded, found.signals[0].graded, found.graded, found.further) == (3, 3, 4, 1)
    assert only.levels[Rating.VERY_STRONG].value == 0
    tries = found.candidates[1].tries["recsys-refresh"]
    assert [(item.rating, item.counts) for item in tries] == [
        (None, False), (None, False), (Rating.WEAK, True), (Rating.VERY_STRONG, False)
    ]  # fmt: skip
    out = tmp_path / "page.html"
    CohortReport([written(tmp_path / "out", rows)], QUESTIONS, CohortOptions(out)).write()
    assert "1 graded answer is a further try" in out.read_text("utf-8")
    assert ">(very strong)<" in out.read_text("utf-8")
    own = (tmp_path / "page-candidates" / page_name("A")).read_text("utf-8")
    assert "recsys-refresh (A): /data/A-1.wav: no sound." in own
    assert '<strong>weak</strong> <span class="count">1 answer<' in own
    assert "Try 3" in own
    assert "after feedback" not in own


def test_recordings_that_failed_are_listed_with_what_to_do(tmp_path: Path) -> None:
    rows = [failed(line, f"c{line}") for line in range(1, 13)]
    found = counted(rows)
    assert len(found.first_failed) == 10
    assert failure_line(found.first_failed[0]) == (
        "recsys-refresh (c1): /data/c1-1.wav: no sound. Replace the recording, then run the same command: "
        "it grades what has changed."
    )
    page = rendered(found, {})
    assert "<li>recsys-refresh (c10): /data/c10-10.wav: no sound." in page
    assert "c11-11.wav" not in page
    assert "and 2 more: failure_reason in their rows" in page
    assert "c1-1" not in rendered(counted([pseudonymous(row, KEY) for row in rows]), {})


def test_few_answers_say_nothing_of_a_point() -> None:
    assert counted([row(at, f"c{at}", 0) for at in range(4)]).unmade == []


def test_the_page_says_when_there_are_too_few_answers_to_tell() -> None:
    few = rendered(counted([row(at, f"c{at}", 3) for at in range(4)]), {})
    assert few.count("1 question has too few graded answers to tell: fewer than 5.") == 2
    assert "by somebody" not in few
    assert "many unsure" not in few
    made = [
        item.model_copy(update={"outcome": item.outcome.model_copy(update={"turn": all_made(item)})})
        for item in (row(at, f"c{at}", 3) for at in range(5))
    ]
    enough = rendered(counted(made), {})
    assert "Every point of the 1 question with at least 5 graded answers was made by somebody." in enough
    assert "Of the 1 question with at least 5 graded answers none has many unsure ratings." in enough
    assert "too few" not in enough


def all_made(item: BatchRow) -> Turn:
    turn = item.outcome.turn
    assert turn is not None
    points = tuple(PointResult(id=point.id, met=True) for point in REFRESH.points)
    return turn.model_copy(update={"grade": turn.grade.model_copy(update={"points": points})})


def test_agreement_with_labels_and_with_another_grader(tmp_path: Path) -> None:
    ranks = [0, 1, 2, 3] * 5
    rows = [row(at, f"c{at}", rank, label=LEVELS[rank]) for at, rank in enumerate(ranks)]
    others = [row(at, f"c{at}", max(0, rank - 1)) for at, rank in enumerate(ranks)]
    assert counted(rows).agreements[0].kappa == 1.0
    folders = [written(tmp_path / "ours", rows), written(tmp_path / "llm", others)]
    CohortReport(folders, QUESTIONS, CohortOptions(tmp_path / "page.html")).write()
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "given labels" in page
    assert "the batch in llm" in page
    expected = quadratic_weighted_kappa([max(0, rank - 1) for rank in ranks], ranks)
    assert f"{expected:.2f}" in page


def test_a_batch_of_other_recordings_is_said_to_compare_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, theirs = tmp_path / "a" / "out", tmp_path / "i" / "out"
    written(ours, [row(1, "Ann", 2)])
    written(theirs, [row(1, "Zoe", 2)])
    page = tmp_path / "p.html"
    args = parser().parse_args(["report", "--batch", str(ours), str(theirs), "--out", str(page)])
    assert run_report(args) == 0
    says = f"Nothing could be compared with the batch in {theirs}:"
    assert says in capsys.readouterr().err
    assert says in page.read_text("utf-8")


def test_a_page_for_each_candidate_and_a_table(tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script>/../x"
    rows = [
        row(1, "Ann", 2, columns={"room": "=1+1", "words": 3, "=2+2": "@x"}),
        row(2, "Ann", 3),
        row(3, hostile, 1),
        row(4, "", 0),
    ]
    folder = written(tmp_path / "out", [*rows, failed(5, "Bob")])
    out = tmp_path / "page.html"
    assert CohortReport([folder], QUESTIONS, CohortOptions(out, tmp_path / "t.csv")).write() == 3
    page = out.read_text("utf-8")
    assert "<script>alert" not in page
    assert f'href="page-candidates/{page_name("Ann")}"' in page
    assert {path.name for path in (tmp_path / "page-candidates").iterdir()} == {
        page_name(name) for name in ("Ann", "Bob", hostile)
    }
    ann = (tmp_path / "page-candidates" / page_name("Ann")).read_text("utf-8")
    assert "Interview report: Ann" in ann
    assert "Try 2" in ann
    table = list(csv.DictReader((tmp_path / "t.csv").read_text("utf-8-sig").splitlines()))
    assert [line["rating"] for line in table] == ["strong", "very_strong", "weak", "very_weak", ""]
    assert (table[0]["room"], table[0]["words"], table[0]["manifest_words"]) == ("'=1+1", "5", "3")
    assert table[4]["failure_stage"] == "decode"
    assert table[0]["'=2+2"] == "'@x"
    cells = [cell for line in csv.reader((tmp_path / "t.csv").read_text("utf-8-sig").splitlines()) for cell in line]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_folders_of_the_page_and_the_table_are_made(tmp_path: Path) -> None:
    folder = written(tmp_path / "out", [row(1, "Ann", 2)])
    out, table = tmp_path / "new" / "deep" / "p.html", tmp_path / "tables" / "t.csv"
    CohortReport([folder], QUESTIONS, CohortOptions(out, table)).write()
    assert out.is_file()
    assert table.is_file()
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(InputError, match=r"file: cannot be used \(.*\); give a file in a folder of yours"):
        CohortReport([folder], QUESTIONS, CohortOptions(tmp_path / "file" / "p.html")).write()


def test_pseudonyms_are_stable_keyed_and_leave_no_name(tmp_path: Path) -> None:
    assert pseudonym("Ann Lee", KEY) == pseudonym(" ann  LEE ", KEY) != pseudonym("Ann Lea", KEY)
    assert pseudonym("Ann Lee", KEY) != pseudonym("Ann Lee", b"x" * 32)
    assert pseudonym(" ", KEY) == ""
    rows = [failed(1, "Quincy"), row(2, "Zora", 2, columns={"mail": "zora@example.org"})]
    assert "Quincy" not in pseudonymous(rows[0], KEY).model_dump_json()
    folder = written(tmp_path / "out", [item for item in rows if item.outcome.turn is None] * 5)
    CohortReport([folder], QUESTIONS, CohortOptions(tmp_path / "p.html", tmp_path / "p.csv", KEY)).write()
    for path in [tmp_path / "p.html", tmp_path / "p.csv", *(tmp_path / "p-candidates").iterdir()]:
        assert "Quincy" not in path.name + path.read_text("utf-8")
    hidden = pseudonymous(rows[1], KEY)
    assert hidden.item.columns == {}
    assert "Zora" not in hidden.item.model_dump_json()


def test_the_key_is_made_once_for_its_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "k"
    key = read_key(path)
    assert read_key(path) == key
    assert path.stat().st_mode & 0o077 == 0
    path.write_text("short")
    with pytest.raises(InputError, match="32 characters"):
        read_key(path)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--csv", "a.csv"], "for --batch"),
        (["--batch", "nowhere"], "no finished batch"),
        (["all", "--batch", "x"], "'all' is a session"),
        (["--batch", "x", "--with-sound", "--pseudonyms"], "a voice tells"),
    ],
)
def test_options_that_do_not_go_together(tmp_path: Path, arguments: list[str], says: str) -> None:
    args = parser().parse_args(["report", *arguments])
    if args.batch:
        args.batch = [tmp_path / path for path in args.batch]
    with pytest.raises(InputError, match=says):
        run_report(args)


def thousand() -> list[BatchRow]:
    draw = random.Random(3)
    return [
        row(at, f"Candidate {at % 200:03}", draw.choice((0, 1, 1, 2, 2, 3)), confidence=draw.random())
        for at in range(1000)
    ]


def test_the_page_of_a_thousand_answers_is_small() -> None:
    found = counted(thousand())
    page = rendered(found, {item.name: "x.html" for item in found.candidates})
    assert len(page.encode()) < 1_000_000
    assert page.count("<tr>") > 200


@pytest.fixture
def page_of_thousand(tmp_path: Path) -> Path:
    found = counted(thousand())
    (tmp_path / "page.html").write_text(rendered(found, {item.name: "x.html" for item in found.candidates}), "utf-8")
    return tmp_path / "page.html"


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed")
def test_a_thousand_answers_open_without_errors(page_of_thousand: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 1600})
        wrong: list[str] = []
        page.on("console", lambda message: wrong.append(message.text))
        page.goto(page_of_thousand.as_uri())
        took_ms = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
        assert page.locator("#candidates tbody tr").count() == 200
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert wrong == []
        print(f"opened in {took_ms:.0f} ms")
        browser.close()
