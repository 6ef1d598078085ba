"""What is understood of CVs in layouts of all kinds: columns, templates, tables, and what they quote."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pytest

from agent.adapters.document_file import MOST_BYTES, read_document
from agent.compose import profiles
from agent.logic.profile.columns import in_reading_order
from agent.logic.profile.document import MOST_LINE, Document
from agent.shell.cli import main
from agent.values.errors import InputError
from agent.values.profile import Profile
from agent.values.rubric import Question, Seniority
from tests import documents
from tests.conftest import ROOT

YEAR = 2026
FUZZ = 60
RUBRIC = ("--rubrics", str(ROOT / "rubrics" / "recsys-5-refresh.yaml"))
ROWS = [
    ("Ada Example", "EXPERIENCE"),
    ("ML engineer", "Staff Machine Learning Engineer, Lumeo        2022 - present"),
    ("Lisbon", "- Cut the cost of our chat assistant by 62% with speculative de-"),
    ("", "coding and 4-bit quantization"),
    ("SKILLS", "Senior ML Engineer, Fretwise      2019 - 2022"),
    ("Python, Rust", "- Retrieval over 9M support tickets before it was"),
    ("vLLM, Triton", "called that: dense retrieval and BM25"),
    ("CUDA, NCCL", "ML Engineer, Kubik       2016 - 2019"),
    ("LANGUAGES", "- Click-through rate prediction within 40 ms"),
    ("English", "TALKS"),
]
GERMAN = """\
Professional experience
04/2020 - today    Kessler AG, Stuttgart
                   Demand forecast for spare parts
02/2016 - 03/2020  Institute, Stuttgart
                   Visual inspection of welding seams
10/2006 - 09/2011  Mechanical engineering, university degree, grade: 1.4
Skills
Python             very good
R                  basic knowledge
"""


@pytest.fixture(scope="module")
def reader(questions: dict[str, Question]) -> profiles.Reader:
    return profiles.reader(questions)


def lines(profile: Profile) -> dict[str, str]:
    return {claim.name: claim.line for claim in profile.claims}


def names(profile: Profile, kind: str) -> set[str]:
    return {claim.name for claim in profile.claims if claim.kind == kind}


# Columns


def test_two_columns_that_a_pdf_mixes_row_by_row_are_read_one_after_the_other(
    reader: profiles.Reader, tmp_path: Path
) -> None:
    found = lines(reader(read_document(documents.row_by_row(tmp_path / "cv.pdf", ROWS)), "cv", YEAR))
    assert found["Python"] == "Python, Rust"
    assert found["BM25"] == "Retrieval over 9M support tickets before it was called that: dense retrieval and BM25"
    assert found["speculative decoding"].endswith("speculative decoding and 4-bit quantization")
    assert found["senior"] == "Staff Machine Learning Engineer, Lumeo 2022 - present"


def test_a_table_of_dates_and_posts_stays_a_table() -> None:
    assert in_reading_order(GERMAN) is None
    assert in_reading_order("") is None


def test_a_row_across_both_columns_stays_between_what_is_above_and_below() -> None:
    page = "\n".join(f"{left:14}{right}" for left, right in ROWS)
    wide = f"{page}\nA summary that runs right across both of the columns\nTOOLS         AWARDS\nGit           None"
    ordered = (in_reading_order(wide) or "").splitlines()
    summary = next(number for number, line in enumerate(ordered) if line.startswith("A summary"))
    assert ordered[summary - 1] == "TALKS"
    assert ordered[summary + 1 :] == ["TOOLS", "Git", "AWARDS", "None"]


def test_a_word_template_is_read_whole_and_nothing_twice(tmp_path: Path) -> None:
    columns = (["SKILLS", "Python", "Kafka"], ["EXPERIENCE", "Fraud models at a bank", "Two years"])
    path = documents.word_template(tmp_path / "cv.docx", "Jo, senior data scientist", columns, "XGBoost", "Box: Docker")
    text = read_document(path).split()
    for word in ("senior", "Kafka", "Fraud", "XGBoost", "Docker"):
        assert text.count(word) == 1, word
    assert text.index("Kafka") < text.index("EXPERIENCE") < text.index("XGBoost") < text.index("Docker")


def test_cells_of_a_row_that_say_the_same_are_all_there(tmp_path: Path) -> None:
    path = documents.word(
        tmp_path / "cv.docx", ["A document with a table of years of use of tools"], [["SQL", "2", "2"]]
    )
    assert "SQL | 2 | 2" in read_document(path)


# Files that cannot be read


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("aes.pdf", "encrypted in a way that cannot be read; save a copy without protection"),
        ("locked.docx", "protected by a password, or of an old format"),
        ("large.pdf", "larger than 20 MB"),
        ("long.txt", "holds 6,000,000 characters, more than any CV"),
    ],
)
def test_a_file_that_is_protected_or_too_large_gets_one_line(
    name: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    if name == "aes.pdf":
        documents.aes_pdf(path, ["Senior engineer who built the fraud models of a bank"])
    elif name == "long.txt":
        path.write_text("CV " * 2_000_000, "utf-8")
    elif name == "locked.docx":
        path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    else:
        with path.open("wb") as out:
            out.truncate(MOST_BYTES + 1)
    assert main(["profile", "read", "--cv", str(path), *RUBRIC]) == 2
    error = capsys.readouterr().err.strip()
    assert says in error
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize("kind", ["pdf", "docx"])
def test_a_damaged_file_gives_text_or_one_error(kind: str, tmp_path: Path) -> None:
    whole, damaged, draw = tmp_path / f"whole.{kind}", tmp_path / f"damaged.{kind}", random.Random(4)
    if kind == "pdf":
        documents.row_by_row(whole, ROWS)
    else:
        documents.word_template(whole, "Jo Example", (["SKILLS"], ["Python"]), "XGBoost", "Docker")
    data = whole.read_bytes()
    for _ in range(FUZZ):
        changed = bytearray(data)
        for _ in range(draw.randint(1, 12)):
            changed[draw.randrange(len(changed))] = draw.randrange(256)
        damaged.write_bytes(changed[: draw.choice((len(changed), draw.randrange(len(changed))))])
        with suppress(InputError):
            read_document(damaged)


# Styles


def test_months_in_dates_and_tables_of_skills_are_understood(reader: profiles.Reader) -> None:
    found = reader(GERMAN, "cv", YEAR)
    assert found.seniority is Seniority.SENIOR
    assert names(found, "field") == {"forecasting", "computer vision"}
    assert {"Python", "R"} <= names(found, "skill")


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Data scientist, Sep 2025 - present", "junior"),
        ("Data scientist, 2019/04 - now", "senior"),
        ("Group leader Data and AI", "senior"),
        ("Data scientist, 03/2023 - 05/2026", None),
    ],
)
def test_the_level_follows_from_dates_of_every_form(text: str, level: str | None, reader: profiles.Reader) -> None:
    assert reader(text, "cv", YEAR).seniority == (None if level is None else Seniority(level))


def test_a_course_alone_claims_no_field_and_a_course_beside_work_does(reader: profiles.Reader) -> None:
    courses = "BSc AI. Relevant courses: Databases, Deep Learning,\nSpeech Recognition, Ethics of AI"
    assert names(reader(courses, "cv", YEAR), "field") == set()
    worked = f"{courses}\nWorking student: speech synthesis for navigation"
    assert names(reader(worked, "cv", YEAR), "field") == {"speech"}


def test_addresses_and_wishes_claim_nothing(reader: profiles.Reader) -> None:
    text = "jo@pytorch.org, https://github.com/jo/fraud, Vue.js/Python. I'd like to get better at Docker and SQL."
    assert names(reader(text, "cv", YEAR), "skill") == {"Python"}
    assert names(reader(text, "cv", YEAR), "field") == set()


def test_what_a_job_only_wishes_for_is_no_field_of_it(reader: profiles.Reader) -> None:
    wish = "Nice to have: graph neural networks, LLMs for content moderation"
    job = f"You will build fraud models that stop stolen cards.\n\n{wish}\n"
    assert names(reader(job, "job", YEAR), "field") == {"fraud"}
    for heading in ("Nice to have\n- ", "**Nice to have**\n\n* ", "## Nice-to-have:\n\n* Python\n* Time series\n* "):
        assert names(reader(job.replace("Nice to have: ", heading), "job", YEAR), "field") == {"fraud"}, heading
    for heading in (
        "NICE TO HAVE (not required):",
        "Optional:",
        "Desirable skills:",
        "Wish list",
        "Ideally, you also have:",
    ):
        listed = job.replace("Nice to have: ", f"{heading}\n- ")
        assert names(reader(listed, "job", YEAR), "field") == {"fraud"}, heading
    hyphens = job.replace("Nice to have: graph", "Nice-to-have: federated learning; forecasting; graph")
    assert names(reader(hyphens, "job", YEAR), "field") == {"fraud"}


def test_ranking_and_recommendations_are_two_fields_and_a_percentile_is_no_skill(reader: profiles.Reader) -> None:
    found = reader("You will improve search ranking and recommendations and keep p99 below 80 ms.", "job", YEAR)
    assert names(found, "field") == {"recommenders", "search and ranking"}
    assert "p99" not in names(found, "skill")


def test_letters_that_a_pdf_joins_are_read_as_letters(reader: profiles.Reader) -> None:
    found = reader("\ufb01ne-tuning of models and tra\ufb03c forecasting in Python", "cv", YEAR)
    assert "forecasting" in names(found, "field")
    assert "fine-tuning" in names(found, "skill")


def test_a_skill_is_claimed_once_in_whatever_number(reader: profiles.Reader) -> None:
    assert names(reader("Canary releases with Docker", "cv", YEAR), "skill") == {"canary releases", "Docker"}


def test_a_quote_is_a_sentence_and_never_cuts_a_word() -> None:
    text = "I came late. My group found mule accounts with a graph model that\nwe ran each night. Then I left.\n"
    document = Document(text)
    start = text.index("graph")
    assert document.line_of(start, start + 5).endswith("we ran each night.")
    long = Document(" ".join(["wordy"] * 200))
    quoted = long.line_of(500, 505)
    assert len(quoted) <= MOST_LINE + 5
    assert set(quoted.split()) == {"wordy"}
