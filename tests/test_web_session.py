"""Interviews over the socket: real server, store and loop; sound and models are scripted (tests/web_pages.py)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import soundfile
from starlette.websockets import WebSocket
from websockets.exceptions import ConnectionClosed

from agent.interview.interview import HELLO
from agent.logic.speech.speakable import sentences
from agent.shell.web import socket as web_socket
from agent.shell.web.order import time_boxed
from agent.shell.web.socket import BUSY, MOVED, NO_SESSION, TOO_SLOW, WRONG, SocketPage
from tests.web_pages import RATE, Site, WebPage, is_listening

TYPED = "I would watch the accuracy each week and retrain once it drops."
ONE = ("recsys-refresh",)
TWO = ("recsys-refresh", "recsys-metrics")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path) as made:
        yield made


def begin(site: Site, questions: tuple[str, ...] = ONE, **more: Any) -> WebPage:
    """A page that has heard the first question and is listened to."""
    status, answer = site.post("/api/start", questions=questions, **more)
    assert status == 200, answer
    page = site.page().ready()
    page.until(is_listening)
    return page


def answers(count: int) -> Any:
    return lambda values: len(values.get("feedback", [])) >= count


def ended(values: dict[str, Any]) -> bool:
    return values.get("phase") == "ended"


def loud(seconds: float) -> Any:
    return np.full(round(seconds * RATE), 0.5, np.float32)


def quiet(seconds: float) -> Any:
    return np.zeros(round(seconds * RATE), np.float32)


def test_two_questions_are_asked_typed_graded_and_saved(site: Site) -> None:
    with begin(site, TWO) as page:
        assert page.values["question"]["number"] == 1
        page.send(type="say", text=TYPED)
        first = page.until(answers(1))["feedback"][0]
        page.until(is_listening)
        page.send(type="press", intent="next")
        page.until(lambda values: values["question"]["number"] == 2 and is_listening(values))
        page.send(type="say", text=TYPED)
        page.until(answers(2))
        page.until(is_listening)
        page.send(type="press", intent="next")
        values = page.until(ended)
    assert " ".join(part["text"] for part in first["words"]) == TYPED
    assert [mark["quote"] for mark in first["marks"]] == ["I would watch the accuracy each"]
    assert first["sound"] is None
    assert {item["signal"] for item in values["overall"]} == {"production", "evaluation"}
    (session,) = site.store.sessions()
    assert values["saved"] == session.id
    assert [saved.turn.transcript.text for saved in session.turns] == [TYPED, TYPED]


def test_a_spoken_answer_is_shown_while_it_is_spoken_and_its_quotes_can_be_played(site: Site) -> None:
    with begin(site) as page:
        page.record(loud(3.0))
        level = page.until(lambda values: values["level"])["level"]
        page.record(quiet(1.5))
        page.until(lambda values: values["transcript"])
        (shown,) = page.until(answers(1))["feedback"]
    assert level["speaking"]
    assert shown["marks"][0]["start_s"] is not None
    status, headers, sound = site.ask("GET", shown["sound"])
    assert (status, headers["content-type"]) == (200, "audio/wav")
    samples, rate = soundfile.read(BytesIO(sound))
    assert len(samples) / rate > 3.0


def test_the_greeting_is_captioned_sentence_by_sentence(site: Site) -> None:
    site.post("/api/start", questions=ONE)
    with site.page().ready() as page:
        caption = page.until(lambda values: values["caption"])["caption"]
        page.until(is_listening)
        assert caption == {"sentences": sentences(HELLO), "first": 1}
        assert page.clips[: len(caption["sentences"])] == list(range(1, len(caption["sentences"]) + 1))


def test_after_a_dropped_socket_the_answer_goes_on_where_it_was(site: Site) -> None:
    with begin(site) as page:
        page.record(loud(1.0))
        page.until(lambda values: values["level"])
        page.drop()
        again = site.page().ready()
        again.until(is_listening)
        assert again.values["question"]["number"] == 1
        again.until(lambda _: again.acknowledged[1] > 0)
        # What the server has not confirmed is sent again; the rest of the answer follows.
        again._position = max(0, again.acknowledged[1] - RATE // 2)
        again.record(loud(2.0))
        again.record(quiet(1.5))
        (shown,) = again.until(answers(1))["feedback"]
        again.drop()
    assert len(shown["words"]) >= 1
    clip = site.host.session.stage.sound(1) if site.host.session else None
    assert clip is not None
    spoken_s = float(np.count_nonzero(np.abs(clip.samples) > 0.4)) / clip.rate
    assert spoken_s == pytest.approx(1.0 + 2.0 - 0.5, abs=0.15)


def test_words_that_are_sent_again_after_a_break_count_once_and_are_confirmed(site: Site) -> None:
    with begin(site) as page:
        for _ in range(2):
            page.send(type="say", text=TYPED, id="a-name-of-the-page")
        page.until(answers(1))
        page.until(lambda _: page.said == ["a-name-of-the-page"] * 2)
        page.until(is_listening)
        page.send(type="stop")
        values = page.until(ended)
    assert len(values["feedback"]) == 1


def test_a_second_tab_learns_of_the_interview_and_may_take_it_over(site: Site) -> None:
    with begin(site) as first:
        assert site.get("/api/status")["taken"]
        assert site.page("second-tab").until_closed() == BUSY
        second = site.page("second-tab", take=True).ready()
        second.until(is_listening)
        assert first.until_closed() == MOVED
        second.send(type="say", text=TYPED)
        second.until(answers(1))
        second.drop()


def test_a_reloaded_tab_replaces_itself(site: Site) -> None:
    with begin(site) as before, site.page() as after:
        after.ready().until(is_listening)
        assert before.until_closed() == MOVED


def test_a_page_that_stays_away_ends_the_interview_and_loses_nothing(tmp_path: Path) -> None:
    with Site(tmp_path) as site:
        page = begin(site)
        session = site.host.session
        assert session is not None
        session._away_s = 0.2
        page.record(loud(2.0))
        page.record(quiet(0.5))
        page.until(lambda values: values["level"] and values["level"]["seconds"] > 2.2)
        page.drop()
        session._thread.join(20)
        assert site.get("/api/status")["running"] is False
        (saved,) = site.store.sessions()
        assert saved.turns[0].interrupted
        assert saved.turns[0].turn.transcript.words
        assert site.page().until_closed() == NO_SESSION


def test_stop_ends_it_at_once_and_saves_it(site: Site) -> None:
    with begin(site, TWO) as page:
        page.send(type="say", text=TYPED)
        page.until(answers(1))
        page.send(type="stop")
        page.until(ended)
    assert len(site.store.sessions()[0].turns) == 1


def test_typed_commands_are_obeyed_like_spoken_ones(site: Site) -> None:
    with begin(site) as page:
        page.send(type="press", intent="hint")
        page.until(lambda values: values["notice"] == "hint")
        page.until(is_listening)
        page.send(type="press", intent="pause")
        page.until(lambda values: values["paused"])
        page.send(type="press", intent="resume")
        page.until(lambda values: not values["paused"])


def test_a_session_that_is_not_saved_leaves_nothing(site: Site) -> None:
    with begin(site, save=False) as page:
        page.send(type="say", text=TYPED)
        page.until(answers(1))
        page.send(type="stop")
        page.until(ended)
    assert site.store.sessions() == []


def test_the_sound_of_answers_is_saved_only_when_agreed(site: Site) -> None:
    for keeps in (False, True):
        with begin(site, keep_audio=keeps) as page:
            page.record(loud(2.0))
            page.record(quiet(1.5))
            page.until(answers(1))
            page.send(type="stop")
            page.until(ended)
        assert (site.store.sessions()[-1].turns[0].audio is not None) is keeps
        assert site.get("/api/choices")["keep_audio"] is keeps


# Messages that are none of ours

HELLO_MESSAGE = {"type": "hello", "tab": "first-tab"}
WRONG_MESSAGES: dict[str, Any] = {
    "no JSON": "{",
    "another type": json.dumps({"type": "eval", "code": "1"}),
    "an unknown key": json.dumps({"type": "stop", "now": True}),
    "an unknown command": json.dumps({"type": "press", "intent": "format the disk"}),
    "an empty text": json.dumps({"type": "say", "text": "  "}),
    "a very long text": json.dumps({"type": "say", "text": "x" * 20_000}),
    "a wild rate": json.dumps({"type": "ready", "rate": 1}),
    "a list": "[]",
    "deeply nested": "[" * 5000 + "]" * 5000,
    "sound that is none": b"\x01\x02",
    "a second hello": json.dumps(HELLO_MESSAGE),
}


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One interview for all wrong messages, which must not end it."""
    with Site(tmp_path_factory.mktemp("lasting"), away_s=900) as site:
        begin(site).drop()
        yield site
        assert site.get("/api/status")["running"]


@pytest.mark.parametrize("message", WRONG_MESSAGES.values(), ids=WRONG_MESSAGES.keys())
def test_a_message_that_is_none_of_ours_ends_the_socket_and_not_the_interview(lasting: Site, message: Any) -> None:
    page = lasting.page()
    page.socket.send(message)
    assert page.until_closed() == WRONG


def test_a_message_that_is_too_large_ends_the_socket(lasting: Site) -> None:
    page = lasting.page()
    page.socket.send(bytes(1 << 20))
    assert page.until_closed() == 1009


def test_a_flood_of_messages_ends_the_socket(lasting: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_socket, "BURST", 50.0)
    page = lasting.page()
    with suppress(ConnectionClosed):  # It may be closed before all of it is sent.
        for _ in range(400):
            page.socket.send(json.dumps({"type": "hold", "held": False}))
    assert page.until_closed() == WRONG


class StuckSocket:
    """A socket whose other end does not read."""

    def __init__(self) -> None:
        self.closed: list[int] = []

    async def send_text(self, text: str) -> None:
        await asyncio.sleep(3600)

    send_bytes = send_text

    async def close(self, code: int) -> None:
        self.closed.append(code)


def test_a_page_that_does_not_read_is_dropped_and_memory_does_not_grow() -> None:
    async def run() -> tuple[int, int]:
        page = SocketPage(cast(WebSocket, StuckSocket()), "tab")
        delivery = asyncio.create_task(page.deliver())
        for _ in range(1000):
            page.send(bytes(100_000))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiting = page._queue.qsize()
        last = page._queue.get_nowait() if page._queue.qsize() == 1 else TOO_SLOW
        delivery.cancel()
        return waiting, last if isinstance(last, int) else TOO_SLOW

    waiting, code = asyncio.run(run())
    assert waiting < 60
    assert code == TOO_SLOW


# What can be asked for


def test_only_one_interview_is_held_at_a_time(site: Site) -> None:
    with begin(site):
        status, answer = site.post("/api/start", questions=ONE)
        assert (status, answer["error"].split(";")[0]) == (422, "an interview is under way")


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ({"signals": ["evaluaton"]}, "did you mean"),
        ({"questions": ["no-such-question"]}, "no question"),
        ({"company": "../../etc/passwd"}, "no company profile"),
        ({"count": 0}, "count"),
        ({"minutes": -1}, "minutes"),
        ({"review": True}, "due"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_in_words(site: Site, order: dict[str, Any], says: str) -> None:
    status, answer = site.post("/api/start", **order)
    assert status == 422
    assert says in answer["error"].lower()
    assert "\n" not in answer["error"]


@pytest.mark.parametrize(
    "order",
    [
        {},
        {"signals": ["evaluation"], "count": 1},
        {"fields": ["recommenders"], "adaptive": True},
        {"company": "startup"},
        {"seniority": "senior", "count": 3},
        {"minutes": 10},
        {"patient": True, "interrupt": False},
    ],
    ids=str,
)
def test_everything_that_practice_can_do_can_be_chosen(site: Site, order: dict[str, Any]) -> None:
    if "company" in order:
        order = {"company": site.get("/api/choices")["companies"][0]}
    if "fields" in order:
        order = {**order, "fields": [site.get("/api/choices")["fields"][0]["name"]]}
    status, answer = site.post("/api/start", **order)
    assert status == 200, answer
    with site.page().ready() as page:
        values = page.until(is_listening)
        question = site.host.questions[values["question"]["id"]]
        assert not order.get("signals") or question.signal == "evaluation"
        assert not order.get("count") or values["question"]["of"] == order["count"]
        page.send(type="stop")
        page.until(ended)


def test_a_time_box_asks_nothing_further_once_the_time_is_up() -> None:
    time = [0.0]
    asked = object()
    choose = time_boxed(lambda turns: cast(Any, asked), 10, lambda: time[0])
    assert choose([]) is asked
    time[0] = 601.0
    assert choose([]) is None


def test_the_list_of_questions_gives_no_answer_away(site: Site) -> None:
    listed = site.get("/api/questions")
    assert len(listed) == len(site.host.questions)
    assert not any(key in item for item in listed for key in ("answers", "points", "hints"))
    details = site.get("/api/questions/recsys-refresh")
    assert details["levels"][0]["answer"] == site.host.questions["recsys-refresh"].answers.very_strong
    assert site.ask("GET", "/api/questions/nothing")[0] == 422


def rehearsed(site: Site) -> str:
    """A saved session with one spoken answer and its sound."""
    with begin(site, keep_audio=True) as page:
        page.record(loud(2.0))
        page.record(quiet(1.5))
        page.until(answers(1))
        page.send(type="stop")
        return str(page.until(lambda values: ended(values) and values["saved"])["saved"])


def test_history_lists_exports_and_deletes(site: Site) -> None:
    name = rehearsed(site)
    (item,) = site.get("/api/history")
    assert (item["id"], item["has_audio"], len(item["answers"])) == (name, True, 1)
    for form in ("json", "csv", "markdown"):
        status, headers, body = site.ask("GET", f"/api/export/{form}?session={name}")
        assert status == 200
        assert body
        assert name in headers["content-disposition"]
    assert site.ask("GET", "/api/export/exe")[0] == 422
    assert site.post("/api/delete", sessions=[name], audio_only=True)[0] == 200
    assert site.store.sessions()[0].turns[0].audio is None
    assert site.post("/api/delete", sessions=[name])[0] == 200
    assert site.get("/api/history") == []


def test_the_interview_under_way_cannot_be_deleted(site: Site) -> None:
    with begin(site) as page:
        page.send(type="say", text=TYPED)
        page.until(answers(1))
        (session,) = site.store.sessions()
        status, answer = site.post("/api/delete", sessions=[session.id])
    assert (status, "still running" in answer["error"]) == (422, True)


def test_the_report_is_live_and_nothing_in_it_is_inline(site: Site) -> None:
    name = rehearsed(site)
    status, headers, body = site.ask("GET", f"/report/{name}")
    page = body.decode()
    assert status == 200
    assert "unsafe" not in headers["content-security-policy"]
    assert "<style" not in page
    assert " style=" not in page
    assert "<script>" not in page
    sound = page.split('src="/sound/')[1].split('"')[0]
    status, headers, body = site.ask("GET", f"/sound/{sound}")
    assert (status, headers["content-type"], body[:4]) == (200, "audio/flac", b"fLaC")
    assert site.ask("GET", "/report/all")[0] == 200
    assert site.ask("GET", "/report/nothing")[0] == 404


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server.py",
        "/static/..%2fserver.py",
        "/static/%2e%2e%2fserver.py",
        "/static//etc/passwd",
        "/sound/latest/..%2f..%2fsessions.sqlite",
        "/sound/latest/sessions.sqlite",
        "/sound/..%2f/1",
        "/report/..%2f..%2fetc%2fpasswd",
        "/sound/now/99",
        "/nothing",
    ],
)
def test_no_address_leads_to_a_file_that_is_not_the_pages_own(site: Site, path: str) -> None:
    assert site.ask("GET", path)[0] == 404


def test_settings_are_shown_with_their_origin_and_changed_in_the_file(site: Site, no_settings_file: Path) -> None:
    shown = site.get("/api/settings")
    assert shown["leaves"].startswith("Nothing leaves")
    assert {item["origin"] for item in shown["settings"]} == {"default"}
    status, after = site.post("/api/settings", name="count", value="3")
    assert status == 200
    assert "count = 3" in no_settings_file.read_text("utf-8")
    assert site.host.settings.count == 3
    assert next(item for item in after["settings"] if item["name"] == "count")["origin"] == "file"
    assert site.post("/api/settings", name="count", value="none")[0] == 422
    assert site.post("/api/settings", name="data_dir", value="/")[0] == 422
    assert site.post("/api/settings", name="api_key", value="x")[0] == 422


def test_regrading_shows_both_grades_and_keeps_the_new_one_only_when_asked(site: Site) -> None:
    name = rehearsed(site)
    status, rows = site.post("/api/regrade", session=name)
    assert status == 200
    assert rows[0]["question"] == "recsys-refresh"
    assert len(site.store.grades(name)[0]) == 1
    assert site.post("/api/regrade", session=name, keep=True)[0] == 200
    assert len(site.store.grades(name)[0]) == 2


def test_markup_in_an_answer_stays_text(tmp_path: Path) -> None:
    hostile = "<img src=x onerror=alert(1)> </script><script>alert(2)</script> I would watch it"
    with Site(tmp_path) as site, begin(site) as page:
        page.send(type="say", text=hostile)
        page.until(answers(1))
        page.send(type="stop")
        name = page.until(lambda values: ended(values) and values["saved"])["saved"]
        _, headers, body = site.ask("GET", f"/report/{name}")
    assert b"<img" not in body
    assert b"alert(2)</script>" not in body
    assert b"&lt;img" in body
    assert headers["x-content-type-options"] == "nosniff"
