"""What a CV claims and a job asks for: documents of all kinds, claims with their lines, the file to correct."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
import yaml

from agent.adapters.chat_endpoint import ChatAddress, ChatEndpoint
from agent.adapters.document_file import read_document
from agent.adapters.llm_profile import LlmProfileReader
from agent.compose import profiles
from agent.compose.profile_file import as_toml, load_profile, profile_file, save_profile
from agent.shell.cli import main
from agent.values.errors import InputError, NoReplyError
from agent.values.profile import Profile, ProfileClaim
from agent.values.rubric import Question, Seniority
from benchmarks.claims import FOLDER, Counts, counted
from tests import documents
from tests.conftest import ROOT
from tests.fake_endpoint import says, serving

YEAR = 2026
RUBRIC = ("--rubrics", str(ROOT / "rubrics" / "recsys-5-refresh.yaml"))
FRAUD = ("--rubrics", str(ROOT / "rubrics" / "fraud.yaml"))
CV = [
    "Jo Example, senior machine learning engineer",
    "Built the fraud models of a payments company with XGBoost (2019 - 2026)",
    "No experience with computer vision. Python, R, Kafka",
]


@pytest.fixture(scope="module")
def reader(questions: dict[str, Question]) -> profiles.Reader:
    return profiles.reader(questions)


def names(profile: Profile, kind: str) -> set[str]:
    return {claim.name for claim in profile.claims if claim.kind == kind}


# Documents


@pytest.mark.parametrize(
    "make",
    [
        lambda folder: documents.pdf(folder / "cv.pdf", CV),
        lambda folder: documents.word(folder / "cv.docx", CV),
        lambda folder: documents.word(folder / "cv.docx", CV[:1], [[CV[1], CV[2]]]),
        lambda folder: written(folder / "cv.md", "\n".join(CV).encode()),
        lambda folder: written(folder / "cv.txt", "\r\n".join(CV).encode("utf-16")),
        lambda folder: written(folder / "cv", "\n".join(["Zoë", *CV]).encode("cp1252")),
    ],
    ids=["pdf", "word", "word table", "markdown", "utf-16", "windows, no ending"],
)
def test_a_document_of_any_kind_gives_the_same_claims(
    make: Callable[[Path], Path], reader: profiles.Reader, tmp_path: Path
) -> None:
    found = reader(read_document(make(tmp_path)), "cv", YEAR)
    assert names(found, "field") == {"fraud"}
    assert found.seniority is Seniority.SENIOR
    assert names(found, "skill") == {"XGBoost", "Python", "R", "Kafka"}


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("name", "make", "says"),
    [
        ("gone.pdf", lambda path: None, "no such file"),
        ("scan.pdf", lambda path: documents.pdf(path, []), "probably scanned"),
        ("locked.pdf", lambda path: documents.pdf(path, CV, "secret"), "password"),
        ("broken.pdf", lambda path: path.write_bytes(b"%PDF-1.7 and no more"), "not a PDF"),
        ("empty.pdf", lambda path: path.write_bytes(b""), "not a PDF"),
        ("empty.docx", lambda path: documents.word(path, []), "hardly any text"),
        ("broken.docx", lambda path: path.write_bytes(b"PK\x03\x04 no zip"), "not a Word file"),
        ("empty.txt", lambda path: path.write_bytes(b" \n"), "hardly any text"),
        ("picture.txt", lambda path: path.write_bytes(b"\x89PNG\x00\x00" * 40), "not a text file"),
        ("old.doc", lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0" * 40), "of this kind cannot be read"),
        ("folder", lambda path: path.mkdir(), "is a folder"),
    ],
)
def test_what_cannot_be_read_gets_one_line(
    name: str, make: Callable[[Path], object], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path / name)
    assert main(["profile", "read", "--cv", str(tmp_path / name), *RUBRIC]) == 2
    line = capsys.readouterr().err
    assert says in line
    assert len(line.strip().splitlines()) == 1
    assert name in line


# Claims


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("I have no experience with fraud.", "fraud"),
        ("Tools I would like to learn: Elasticsearch, Spark", "search and ranking"),
        ("Not needed: deep learning", "neural networks"),
        ("We also have teams in advertising.", "ads"),
        ("I haven't built recommender systems", "recommenders"),
    ],
)
def test_what_is_denied_is_no_claim(text: str, field: str, reader: profiles.Reader) -> None:
    assert field not in names(reader(text, "cv", YEAR), "field")
    assert "Spark" not in names(reader(text, "cv", YEAR), "skill")


def test_each_claim_has_the_line_that_it_comes_from(reader: profiles.Reader) -> None:
    found = reader("\n".join(CV), "cv", YEAR)
    lines = {claim.name: claim.line for claim in found.claims}
    assert lines["fraud"] == CV[1]
    assert lines["senior"] == CV[0]
    assert lines["Kafka"] == CV[2]


def test_words_that_a_line_end_cut_are_found_with_both_lines(reader: profiles.Reader) -> None:
    found = reader("Weed detection on tractors: object detec-\ntion in C++", "cv", YEAR)
    assert names(found, "field") == {"computer vision"}
    assert names(found, "skill") == {"object detection", "C++"}


@pytest.mark.parametrize(
    ("source", "text", "level"),
    [
        ("cv", "Junior data analyst. Before that I taught physics for twelve years.", "junior"),
        ("cv", "Data scientist, 2015 - present", "senior"),
        ("cv", "BSc 2012 - 2016, University of Leeds. Data scientist, 2024 - present", "junior"),
        ("cv", "Machine learning engineer (mid-level, 4 years)", None),
        ("cv", "Data scientist since last year. I worked with senior engineers.", None),
        ("job", "Data Scientist\nYou support the senior data scientists. 0-2 years of experience.", "junior"),
        ("job", "Machine learning engineer\nAt least ten years in the field", "senior"),
        ("job", "Data Scientist (all levels welcome)\nthe senior engineer is nice", None),
    ],
)
def test_the_level_is_the_candidates_own(source: str, text: str, level: str | None, reader: profiles.Reader) -> None:
    found = reader(text, "job" if source == "job" else "cv", YEAR)
    assert found.seniority == (None if level is None else Seniority(level))


def test_short_names_count_only_in_lists(reader: profiles.Reader) -> None:
    assert names(reader("R. Smith. Go and see what we do.", "cv", YEAR), "skill") == set()
    assert names(reader("Skills: Go, R and C", "cv", YEAR), "skill") == {"Go", "R", "C"}


def test_claims_are_found_as_well_as_measured(questions: dict[str, Question]) -> None:
    """The held-back documents of benchmarks/claims.py, with a margin below the published figures."""
    labels = yaml.safe_load((FOLDER / "labels.yaml").read_text("utf-8"))
    read, levels, fields, skills = profiles.reader(questions), 0, Counts(), Counts()
    held_back = [name for name in labels if int(name.split("-")[1]) % 2 == 0]
    for name in held_back:
        found = read((FOLDER / name).read_text("utf-8"), "job" if name.startswith("job") else "cv", YEAR)
        levels += (found.seniority or "any") == labels[name]["level"]
        fields = fields.plus(counted(name, "field", found, labels[name]["fields"], False))
        skills = skills.plus(counted(name, "skill", found, labels[name]["skills"], False))
    assert len(held_back) == 12
    assert levels >= 11
    assert (fields.wrong, fields.missed) <= (3, 2)
    assert skills.right / (skills.right + skills.wrong) >= 0.88
    assert skills.right / (skills.right + skills.missed) >= 0.86


def test_fields_of_own_rubrics_are_found_by_meaning(questions: dict[str, Question]) -> None:
    """Their names stand nowhere in the text, and no words are listed for them."""
    asked = {name: q for name, q in questions.items() if q.field in ("fraud", "forecasting")}
    asked = {
        name: q.model_copy(update={"field": {"fraud": "our own", "forecasting": "another"}[q.field]})
        for name, q in asked.items()
    }
    text = "I built the models that decide within fifty milliseconds whether a card payment goes through."
    found = profiles.reader(asked)(text, "cv", YEAR)
    assert names(found, "field") == {"our own"}


# The file


def test_a_profile_is_the_same_after_saving_and_can_be_corrected(tmp_path: Path, reader: profiles.Reader) -> None:
    path = tmp_path / "profile.toml"
    profile = reader("\n".join(CV), "cv", YEAR)
    save_profile(profile, path)
    assert load_profile(path) == profile
    assert path.stat().st_mode & 0o077 == 0
    path.write_text(as_toml(profile) + '\n[[claim]]\nkind = "field"\nname = "speech"\n', "utf-8")
    assert names(load_profile(path), "field") == {"fraud", "speech"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[claim]]\nkind = "hobby"\nname = "x"', "claim 1, kind"),
        ('[[claim]]\nkind = "seniority"\nname = "boss"', "'junior' or 'senior'"),
        ('[[claim]]\nkind = "field"', "claim 1, name"),
        ("claim = 3", "claim"),
        ("colour = 3", "profile: no such key: colour; use found_by, claim"),
        ("clain = 3", "no such key: clain; did you mean 'claim'?"),
        ('[[claim]]\nknid = "field"\nname = "fraud"', "claim 1: no such key: knid; did you mean 'kind'"),
        ("=", "not valid TOML"),
    ],
)
def test_a_wrong_file_is_reported_in_one_line(text: str, told: str, tmp_path: Path) -> None:
    path = written(tmp_path / "profile.toml", text.encode())
    with pytest.raises(InputError, match=told) as caught:
        load_profile(path)
    assert "\n" not in str(caught.value)


def test_the_command_shows_saves_and_forgets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cv = documents.pdf(tmp_path / "cv.pdf", ["My name is Jo Nobody, of 12 Secret Street", *CV])
    assert main(["profile"]) == 2
    assert "profile read" in capsys.readouterr().err
    assert main(["profile", "read", "--cv", str(cv), *FRAUD]) == 0
    shown = capsys.readouterr().out
    assert "the built-in reader" in shown
    assert CV[0] in shown
    assert "Secret Street" not in profile_file().read_text("utf-8")
    assert main(["profile"]) == 0
    assert "fraud" in capsys.readouterr().out
    profile_file().write_text(profile_file().read_text("utf-8").replace('"fraud"', '"frauds"'), "utf-8")
    assert main(["profile"]) == 0
    assert "No question is about the field: frauds; did you mean 'fraud'" in capsys.readouterr().out
    profile_file().write_text(profile_file().read_text("utf-8").replace('"frauds"', '"xyz"'), "utf-8")
    assert main(["profile"]) == 0
    assert "No question is about the field: xyz; there are questions about: ads," in capsys.readouterr().out
    assert main(["profile", "forget"]) == 0
    assert not profile_file().exists()


FRAUD_CV = b"Data scientist in a bank, 2021 to 2026. Built the fraud models that stop stolen cards at the checkout."
FORECASTING_CV = b"Data scientist in a shop, 2021 to 2026. Demand forecasting for twelve thousand products each night."
SEARCH_JOB = b"We look for an engineer who improves the search relevance of our shop together with four colleagues."


def test_reading_again_keeps_the_other_document_and_sets_the_old_profile_aside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cv, job = written(tmp_path / "cv.txt", FRAUD_CV), written(tmp_path / "job.txt", SEARCH_JOB)
    assert main(["profile", "read", "--cv", str(cv), "--job", str(job)]) == 0
    corrected = profile_file().read_text("utf-8").replace('"fraud"', '"ads"')
    profile_file().write_text(corrected, "utf-8")
    assert main(["profile", "read", "--cv", str(written(cv, FORECASTING_CV))]) == 0
    shown = capsys.readouterr().out
    profile, before = load_profile(profile_file()), profile_file().with_name("profile.before.toml")
    assert [claim.name for claim in profile.of("field", "cv")] == ["forecasting"]
    assert [claim.name for claim in profile.of("field", "job")] == ["search and ranking"]
    assert before.read_text("utf-8") == corrected
    assert f"What was there before is now in {before}" in shown
    assert main(["profile", "read", "--cv", str(cv)]) == 0
    assert "before" not in capsys.readouterr().out, "nothing has changed, so nothing is set aside"
    assert main(["profile", "read", "--job", str(written(job, FRAUD_CV))]) == 0
    assert before.read_text("utf-8") == corrected, "an earlier copy stays"
    assert main(["profile", "forget"]) == 0
    assert "and 2 earlier versions" in capsys.readouterr().out
    assert not list(profile_file().parent.glob("profile*"))


def test_a_profile_that_an_editor_began_with_a_mark_is_read(tmp_path: Path) -> None:
    saved = tmp_path / "profile.toml"
    saved.write_text('[[claim]]\nkind = "skill"\nname = "Rust"\n', "utf-8-sig")
    assert [claim.name for claim in load_profile(saved).claims] == ["Rust"]


def test_a_profile_cannot_be_written_over_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cv = written(tmp_path / "cv.txt", FRAUD_CV)
    assert main(["profile", "read", "--cv", str(cv), "--out", str(tmp_path)]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_a_profile_without_claims_is_no_profile_to_follow(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = written(tmp_path / "empty.toml", b"")
    assert main(["questions", "plan", "--profile", str(empty)]) == 2
    assert "empty.toml: has no claims; add some" in capsys.readouterr().err


# With a language model


def test_a_language_model_reads_too_and_only_words_of_the_document_count() -> None:
    rows = [
        {"kind": "field", "name": "Fraud", "line": "fraud models of a payments company"},
        {"kind": "field", "name": "speech", "line": "built speech recognition"},
        {"kind": "field", "name": "cooking", "line": "Python, R, Kafka"},
        {"kind": "seniority", "name": "senior", "line": "senior machine learning engineer"},
        {"kind": "skill", "name": "Kafka", "line": "Python, R, Kafka"},
    ]
    with serving([says("no JSON"), says(json.dumps({"claims": rows}))]) as server:
        found = llm_reader(server.url)("\n".join(CV), "cv", YEAR)
    assert [claim.name for claim in found.claims] == ["fraud", "senior", "Kafka"]
    assert found.found_by == "m"
    assert "never an instruction" in server.asked[0]["messages"][0]["content"]


def test_a_language_model_that_invents_is_refused() -> None:
    reply = json.dumps({"claims": [{"kind": "skill", "name": "Kafka", "line": "ten years of Kafka"}]})
    with serving([says(reply), says(reply)]) as server, pytest.raises(NoReplyError, match="no usable reading"):
        llm_reader(server.url)("I write Python.", "cv", YEAR)


def llm_reader(url: str) -> LlmProfileReader:
    return LlmProfileReader(ChatEndpoint(ChatAddress(url, "m", "none")), {"fraud", "speech"}, 20.0)


def test_joining_keeps_what_was_found_first() -> None:
    mine = Profile(claims=(ProfileClaim(kind="skill", name="Kafka", line="a"),))
    other = Profile(
        found_by="m",
        claims=(
            ProfileClaim(kind="skill", name="kafka", line="b"),
            ProfileClaim(kind="skill", name="Kafka", source="job", line="c"),
        ),
    )
    assert [claim.line for claim in mine.joined(other).claims] == ["a", "c"]


PROSE = (
    "I have spent nine years on ads. As Staff Machine Learning Engineer I rebuilt a home-page ranking. These days I "
    "mentor junior engineers. I am curious about language models but have only played with them. My first job, long "
    "ago, was fraud detection at an insurer."
)
BENEFITS = """\
Senior engineer for card fraud

What you do
- Own the fraud models of a bank

What we offer
- Private medical insurance, a speech coach
- We protect your data: see our privacy notice
"""


@pytest.mark.parametrize(
    ("source", "text", "fields", "level"),
    [
        ("cv", PROSE, {"ads", "recommenders", "fraud"}, "senior"),
        ("cv", PROSE.replace(". ", ".\n").replace("mentor junior", "mentor\njunior"), None, "senior"),
        ("cv", "BSc Computer Science, 2023-2026 (exp.)\nStudent assistant: labelled images, U-Net", None, "junior"),
        ("cv", "Senior engineer for fraud models\n\nCourses\nComputer vision (online)\nSpeech", {"fraud"}, "senior"),
        ("job", BENEFITS, {"fraud"}, "senior"),
    ],
    ids=["prose", "wrapped prose", "student", "courses", "benefits"],
)
def test_what_is_said_beside_the_point_claims_nothing(
    reader: profiles.Reader, source: Literal["cv", "job"], text: str, fields: set[str] | None, level: str
) -> None:
    profile = reader(text, source, YEAR)
    assert names(profile, "seniority") == {level}
    assert fields is None or names(profile, "field") == fields
