"""CV, job and the whole interview over HTTP and the socket; sound and models are scripted (tests/web_pages.py)."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from io import BytesIO
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import pytest

from agent.compose.profile_file import profile_file
from agent.logic.speech.pause_habit import PauseHabit
from agent.shell.web.access import MOST_DOCUMENT
from agent.values.profile import Profile
from tests.documents import pdf, word
from tests.web_pages import ScriptedModels, Site, WebPage, is_listening

LINES = (
    "Jane Doe, Senior Machine Learning Engineer",
    "2019 - 2025  Shop: built the recommender system of the home page with PyTorch and Kafka.",
)
CV = """Jane Doe, Senior Machine Learning Engineer

2019 - 2025  Shop: built the recommender system of the home page with PyTorch and Kafka.
2016 - 2019  Bank: data scientist, Spark pipelines.
"""
JOB = "We look for a senior engineer who runs recommender systems in production, with Kubernetes and Kafka."
TYPED = "I would watch the accuracy each week and retrain once it drops."
RATINGS = ("very weak", "very strong")


@pytest.fixture
def site(tmp_path: Path, no_settings_file: Path) -> Iterator[Site]:
    with Site(tmp_path) as made:
        yield made


def upload(site: Site, source: str, name: str, data: bytes) -> tuple[int, Any]:
    headers = {"Cookie": site.cookie, "Origin": site.origin, "Content-Type": "application/octet-stream"}
    path = f"/api/document?{urlencode({'source': source, 'name': name})}"
    with closing(HTTPConnection("127.0.0.1", site.port, timeout=120)) as connection:
        connection.request("POST", path, data, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())


def names(profile: Any, kind: str) -> set[str]:
    return {claim["name"] for claim in profile["claims"] if claim["kind"] == kind}


def test_a_cv_is_read_and_its_claims_are_shown_with_their_lines(site: Site) -> None:
    status, found = upload(site, "cv", "cv.txt", CV.encode())
    assert status == 200, found
    assert "recommenders" in names(found, "field")
    assert names(found, "seniority") == {"senior"}
    assert {"Kafka", "PyTorch"} <= names(found, "skill")
    assert "home page" in next(claim["line"] for claim in found["claims"] if claim["kind"] == "field")
    assert Profile.model_validate(found)


def test_neither_the_file_nor_its_claims_are_stored(site: Site, tmp_path: Path) -> None:
    upload(site, "cv", "cv.txt", CV.encode())
    assert not profile_file().exists()
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and b"home page" in path.read_bytes()]
    assert kept == []


def test_pdf_and_word_are_read_too(site: Site, tmp_path: Path) -> None:
    for path in (pdf(tmp_path / "cv.pdf", LINES), word(tmp_path / "cv.docx", LINES)):
        status, found = upload(site, "cv", path.name, path.read_bytes())
        assert status == 200, found
        assert "recommenders" in names(found, "field")


@pytest.mark.parametrize(
    ("source", "name", "data", "says"),
    [
        ("cv", "cv.txt", b"", "hardly any text"),
        ("cv", "cv.pdf", b"%PDF-1.7 nothing", "cv.pdf"),
        ("cv", "cv.docx", b"PK\x03\x04 nothing", "cv.docx"),
        ("cv", "cv.exe", b"MZ" * 100, "of this kind"),
        ("cv", "../../etc/passwd\n.txt", b"\x00" * 200, "not a text file"),
        ("cv", "", b"\x00" * 200, "the document"),
        ("boss", "cv.txt", CV.encode(), "neither a CV nor"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_document_that_cannot_be_read_is_reported_in_one_line(
    site: Site, source: str, name: str, data: bytes, says: str
) -> None:
    status, answer = upload(site, source, name, data)
    assert status == 422
    assert says in answer["error"]
    assert "\n" not in answer["error"]
    assert "/etc" not in answer["error"]


def test_a_small_word_file_that_unpacks_to_gigabytes_is_refused(site: Site) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", bytes(80 << 20))
    status, answer = upload(site, "job", "job.docx", packed.getvalue())
    assert status == 422
    assert "too large once unpacked" in answer["error"]


def test_a_document_that_is_too_large_is_refused_before_it_is_read(site: Site) -> None:
    headers = {"Cookie": site.cookie, "Origin": site.origin, "Content-Length": str(MOST_DOCUMENT + 1)}
    with closing(HTTPConnection("127.0.0.1", site.port, timeout=30)) as connection:
        connection.request("POST", "/api/document?source=cv&name=cv.pdf", headers=headers)
        assert connection.getresponse().status == 413


def test_the_plan_says_why_each_question_is_asked_and_what_none_touches(site: Site) -> None:
    _, cv = upload(site, "cv", "cv.txt", CV.encode())
    cv["claims"].append({"kind": "field", "name": "beekeeping", "source": "cv", "line": ""})
    status, plan = site.post("/api/plan", profile=cv, count=3)
    assert status == 200, plan
    assert len(plan["questions"]) == 3
    assert all(item["why"].startswith("You say that you worked in recommenders") for item in plan["questions"])
    assert "beekeeping" in plan["no_field"]
    assert "ask" not in plan["questions"][0]
    again = site.post("/api/plan", profile=cv, count=3, seed=plan["seed"])[1]
    assert again == plan


def test_a_profile_is_kept_and_forgotten_only_when_asked(site: Site) -> None:
    _, cv = upload(site, "cv", "cv.txt", CV.encode())
    assert site.get("/api/profile") == {"profile": None}
    assert site.post("/api/profile/keep", profile=cv)[0] == 200
    assert site.get("/api/profile")["profile"] == cv
    assert "home page" in profile_file().read_text("utf-8")
    assert site.post("/api/profile/keep", profile=None)[0] == 200
    assert not profile_file().exists()


def test_a_kept_profile_that_is_damaged_is_reported(site: Site) -> None:
    profile_file().parent.mkdir(parents=True, exist_ok=True)
    profile_file().write_text("claim = 3", "utf-8")
    status, _, body = site.ask("GET", "/api/profile")
    assert status == 422
    assert "profile.toml" in json.loads(body)["error"]


# Interviews


def begin(site: Site, **order: Any) -> WebPage:
    status, answer = site.post("/api/start", **order)
    assert status == 200, answer
    return site.page().ready()


def say(page: WebPage, text: str) -> None:
    """What a candidate types once it is their turn."""
    page.until(is_listening)
    page.send(type="say", text=text)
    page.until(lambda values: not is_listening(values))


def ended(values: Any) -> bool:
    return bool(values.get("phase") == "ended")


def test_practice_follows_the_claims_and_says_why(site: Site) -> None:
    _, cv = upload(site, "cv", "cv.txt", CV.encode())
    plan = site.post("/api/plan", profile=cv, count=2)[1]
    with begin(site, profile=cv, count=2, seed=plan["seed"]) as page:
        values = page.until(is_listening)
        assert values["question"]["why"] == plan["questions"][0]["why"]
        page.send(type="say", text=TYPED)
        page.until(lambda values: values["feedback"])
        page.send(type="stop")
        name = page.until(lambda values: ended(values) and values["saved"])["saved"]
    record = site.store.interviews.of(name)
    assert record is not None
    assert record.profile == Profile.model_validate(cv)
    assert b"claims and your answers" in site.ask("GET", f"/report/{name}")[2]


def whole(site: Site, **order: Any) -> WebPage:
    return begin(site, real=30, **order)


def shown_ratings(values: Any) -> list[str]:
    return [word for word in RATINGS if word in json.dumps({**values, "caption": None, "transcript": ""})]


def test_a_whole_interview_shows_no_rating_before_its_debrief(site: Site) -> None:
    _, cv = upload(site, "cv", "cv.txt", CV.encode())
    with whole(site, profile=cv) as page:
        values = page.until(is_listening)
        assert (values["real"], values["part"], values["question"]) == (30, "warm_up", None)
        say(page, "I built a ranking system.")
        asked = set()
        while page.until(is_listening)["part"] == "technical":
            assert (page.values["feedback"], page.values["overall"], shown_ratings(page.values)) == ([], None, [])
            assert page.values["question"]["of"] is None
            asked.add(page.values["question"]["id"])
            # The same question may be asked a little further.
            say(page, TYPED)
        assert page.values["question"] is None
        say(page, "No.")
        values = page.until(ended)
    assert len(asked) == 5
    debrief = values["debrief"]
    assert debrief["rating"] is not None
    assert len({item["signal"] for item in debrief["signals"]}) == 5
    assert debrief["work_on"]
    assert any(row["name"] == "recommenders" for row in debrief["claims"])
    assert {item["question_id"] for item in values["feedback"]} == asked
    assert b"Debrief" in site.ask("GET", f"/report/{values['saved']}")[2]


def test_a_whole_interview_that_was_left_goes_on_another_day(site: Site) -> None:
    assert site.get("/api/choices")["unfinished"] is None
    with whole(site) as page:
        say(page, "I built a ranking system.")
        say(page, TYPED)
        page.until(is_listening)
        first = page.values["question"]["id"]
        page.send(type="press", intent="stop")
        values = page.until(ended)
    assert values["debrief"] is None
    assert shown_ratings(values) == []
    [listed] = site.get("/api/history")
    assert [(answer["rating"], answer["rank"]) for answer in listed["answers"]] == [("in the debrief", None)]
    status, _, body = site.ask("GET", f"/report/{listed['id']}")
    assert (status, b"is not finished" in body) == (404, True)
    waiting = site.get("/api/choices")["unfinished"]
    assert (waiting["answers"], waiting["minutes"]) == (1, 30)
    with begin(site, resume=True) as page:
        values = page.until(is_listening)
        # What was answered is not asked again.
        assert values["part"] == "technical"
        assert values["question"]["id"] != first
        while page.until(is_listening)["part"] == "technical":
            say(page, TYPED)
        say(page, "No.")
        values = page.until(ended)
    assert len(values["feedback"]) >= 5
    assert len(site.store.sessions()) == 1
    assert site.get("/api/choices")["unfinished"] is None


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ({"real": 30, "review": True}, "plans its questions itself"),
        ({"real": 30, "questions": ["recsys-refresh"]}, "plans its questions itself"),
        ({"real": 31}, "real"),
        ({"resume": True}, "begins one"),
        ({"resume": True, "save": False}, "is saved"),
        ({"profile": {"claims": [{"kind": "shoe", "name": "x"}]}}, "profile"),
    ],
    ids=str,
)
def test_wishes_that_contradict_one_another_are_refused_in_words(site: Site, order: Any, says: str) -> None:
    status, answer = site.post("/api/start", **order)
    assert status == 422
    assert says in answer["error"]
    assert "\n" not in answer["error"]


# What is learned of the candidate


def test_how_long_the_candidate_pauses_is_remembered_and_used(site: Site) -> None:
    learned, models = PauseHabit(pauses=3, mean_log_s=0.5), cast(ScriptedModels, site.host.models)
    site.store.habit.remember(learned)
    for saves in (True, False):
        with begin(site, questions=["recsys-refresh"], save=saves) as page:
            page.until(is_listening)
            candidate = models.setups[-1].learned_habit
            assert candidate.habit == (learned if saves else PauseHabit())
            candidate.habit = candidate.habit.after(2.0)
            page.send(type="stop")
            page.until(ended)
            site.host.close()
    assert site.store.habit.load() == learned.after(2.0)
