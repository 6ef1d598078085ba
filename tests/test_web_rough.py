"""The page in a real Chromium as impatient, unlucky and different people use it; models are scripted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.documents import pdf
from tests.test_web_claims import LINES
from tests.test_web_page import TYPED, start, type_answer, violations
from tests.web_browser import Watched, chromium, opened
from tests.web_pages import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

pytestmark = pytest.mark.slow
Opens = Callable[..., Watched]
AT_THE_GREETING = """() => new Promise((done) => {
  const state = document.getElementById("state");
  new MutationObserver((_, observer) => {
    if (state.dataset.state !== "speaking") return;
    observer.disconnect();
    done({
      ask: document.getElementById("ask").textContent,
      answers: document.querySelectorAll("#feedback .result").length,
      overall: !document.getElementById("overall").hidden,
    });
  }).observe(state, { attributes: true });
  document.getElementById("start").click();
})"""
"""Starts an interview; what the page shows in the moment in which the agent begins to speak."""
WIDE = "document.documentElement.scrollWidth - innerWidth"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def site(tmp_path: Path, no_settings_file: Path) -> Iterator[Site]:
    with Site(tmp_path) as made:
        yield made


@pytest.fixture
def opens(browser: Browser, site: Site) -> Opens:
    return lambda **options: opened(browser, site.server.access.entry, **options)


def another_tab(shown: Watched, site: Site) -> Watched:
    tab = Watched(shown.page.context.new_page())
    tab.page.goto(site.origin)
    tab.page.wait_for_selector("html.ready")
    return tab


def answers(shown: Watched) -> int:
    return shown.page.locator("#feedback .result").count()


# Impatience


def test_a_double_click_starts_one_interview(opens: Opens) -> None:
    shown = opens()
    shown.page.check("#typed")
    shown.page.dblclick("#start")
    shown.state("listening")
    assert shown.page.is_hidden("#start-problem")
    assert shown.errors == []


def test_who_starts_before_the_choices_are_there_gets_what_the_settings_say(opens: Opens, site: Site) -> None:
    shown = opens()
    waiting: list[Route] = []
    pressed: list[bool] = []
    shown.page.route("**/api/choices", lambda route: route.continue_() if pressed else waiting.append(route))
    shown.page.reload()
    shown.page.check("#typed")
    # What was typed would be overwritten.
    assert shown.page.is_disabled("#count")
    with shown.page.expect_request("**/api/start") as sent:
        shown.page.click("#start")
        pressed.append(True)
        for route in waiting:
            route.continue_()
    order = sent.value.post_data_json
    assert order is not None
    assert (order["interrupt"], order["count"]) == (site.host.settings.interrupt, site.host.settings.count)


def test_an_empty_answer_is_not_sent_and_a_double_one_counts_once(opens: Opens, site: Site) -> None:
    shown = opens()
    start(shown)
    for text in ("", "   ", "\t"):
        shown.page.fill("#text", text)
        shown.page.keyboard.press("Enter")
        shown.page.click("#write button")
    assert answers(shown) == 0
    shown.page.fill("#text", TYPED)
    shown.page.locator("#write button").dblclick()
    shown.page.wait_for_selector("#feedback .result")
    shown.state("listening")
    assert answers(shown) == 1


def test_the_back_button_leaves_the_interview_running_and_leads_back_to_it(opens: Opens) -> None:
    shown = opens()
    start(shown)
    shown.page.go_back()
    shown.page.wait_for_selector("#view-rehearse:not([hidden])")
    shown.until("document.getElementById('running-text').textContent === 'Your interview is under way.'")
    assert shown.page.is_disabled("#start")
    shown.page.click("#running-go")
    shown.page.wait_for_selector("#view-interview:not([hidden])")
    type_answer(shown, TYPED)


def test_leaving_the_page_and_coming_back_goes_on(opens: Opens) -> None:
    shown = opens()
    start(shown)
    question = shown.page.text_content("#ask")
    shown.page.goto("about:blank")
    shown.page.go_back()
    shown.page.wait_for_selector("html.ready")
    shown.until("document.getElementById('ask').textContent !== ''")
    if shown.page.is_visible("#gate-go"):
        shown.page.click("#gate-go")
    shown.state("listening")
    assert shown.page.text_content("#ask") == question


def test_the_next_interview_shows_nothing_of_the_last(opens: Opens) -> None:
    shown = opens()
    start(shown)
    type_answer(shown, TYPED)
    shown.state("listening")
    shown.page.get_by_role("button", name="Next").click()
    shown.state("ended")
    shown.page.get_by_role("link", name="Rehearse again").click()
    assert shown.page.evaluate(AT_THE_GREETING) == {"ask": "", "answers": 0, "overall": False}


def test_two_tabs_cannot_both_start(opens: Opens, site: Site) -> None:
    first = opens()
    second = another_tab(first, site)
    for tab in (first, second):
        tab.page.check("#typed")
    start(first)
    # Its button may still be enabled: it asks every other second.
    second.page.evaluate("document.getElementById('start').disabled = false")
    second.page.click("#start", force=True)
    second.page.wait_for_selector("#start-problem:not([hidden]), #running:not([hidden])")
    second.until("document.getElementById('running-text').textContent.includes('another tab')")
    type_answer(first, TYPED)


# Bad luck


def test_what_is_typed_while_the_connection_is_down_arrives_once_it_is_back(opens: Opens, site: Site) -> None:
    shown = opens()
    start(shown)
    shown.page.evaluate("() => { rig.down = true; rig.drop() }")
    shown.state("waiting")
    assert "Nothing of your answer is lost" in (shown.page.text_content("#state-text") or "")
    shown.page.fill("#text", TYPED)
    shown.page.keyboard.press("Enter")
    shown.page.evaluate("rig.down = false")
    shown.page.wait_for_selector("#feedback .result")
    assert "I would watch the accuracy" in (shown.page.text_content("#feedback .transcript") or "")


def test_a_button_that_is_pressed_while_the_connection_is_down_counts_later(opens: Opens) -> None:
    shown = opens()
    start(shown)
    shown.page.evaluate("() => { rig.down = true; rig.drop() }")
    shown.state("waiting")
    shown.page.click('[data-intent="hint"]')
    shown.page.evaluate("rig.down = false")
    shown.until("document.getElementById('notice').textContent === 'hint'")


def test_without_the_program_the_page_says_what_to_do(opens: Opens, site: Site) -> None:
    shown = opens()
    shown.page.check("#typed")
    site.server.stop()
    shown.page.click("#start")
    shown.page.wait_for_selector("#start-problem:not([hidden])")
    assert "still running in the terminal" in (shown.page.text_content("#start-problem") or "")


def test_a_blocked_microphone_is_explained_at_the_start_button_too(opens: Opens) -> None:
    shown = opens()
    shown.block_microphone()
    shown.page.click("#start")
    shown.page.wait_for_selector("#start-problem:not([hidden])")
    assert "address bar" in (shown.page.text_content("#start-problem") or "")
    assert shown.page.is_enabled("#start")


def test_a_huge_paste_is_cut_and_that_is_said(opens: Opens) -> None:
    shown = opens()
    start(shown)
    shown.page.focus("#text")
    shown.page.keyboard.insert_text("word " * 40_000)
    assert len(shown.page.input_value("#text")) == 10_000
    assert "characters fit" in (shown.page.text_content("#notice") or "")
    shown.page.keyboard.press("Enter")
    shown.page.wait_for_selector("#feedback .result")
    assert shown.page.evaluate(WIDE) <= 0


@pytest.mark.parametrize("count", ["0", "-3", "2.5", "999", ""])
def test_an_odd_number_of_questions_is_refused_in_words_or_the_usual_one(opens: Opens, count: str) -> None:
    shown = opens()
    shown.page.check("#typed")
    shown.page.fill("#count", count)
    shown.page.click("#start")
    shown.page.wait_for_selector("#start-problem:not([hidden]), #view-interview:not([hidden])")
    said = shown.page.text_content("#start-problem") or ""
    assert ("count" in said) == (count in ("-3", "2.5", "999"))
    assert "\n" not in said


# Different people


def test_the_keyboard_alone_goes_through_a_whole_rehearsal(opens: Opens) -> None:
    shown = opens()
    page = shown.page
    tab_to(shown, "typed")
    page.keyboard.press("Space")
    tab_to(shown, "start")
    page.keyboard.press("Enter")
    shown.state("listening")
    assert page.evaluate("document.activeElement.id") == "interview-title"
    tab_to(shown, "text")
    page.keyboard.type(TYPED)
    page.keyboard.press("Enter")
    page.wait_for_selector("#feedback .result")
    shown.state("listening")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("q")
    shown.state("ended")


def tab_to(shown: Watched, name: str) -> None:
    for _ in range(80):
        shown.page.keyboard.press("Tab")
        if shown.page.evaluate("document.activeElement.id") == name:
            assert shown.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    raise AssertionError(f"the Tab key does not lead to {name}")


@pytest.mark.parametrize("viewport", [{"width": 600, "height": 500}, {"width": 320, "height": 256}], ids=str)
def test_zoomed_to_200_and_400_percent_everything_can_be_reached(opens: Opens, viewport: dict[str, int]) -> None:
    shown = opens(viewport=viewport)
    assert shown.page.evaluate(WIDE) <= 0
    start(shown)
    assert shown.page.evaluate(WIDE) <= 0
    # What stays in sight leaves room for the rest.
    sticks = "item => getComputedStyle(item).position === 'sticky' ? item.offsetHeight : 0"
    covered = f"[...document.querySelectorAll('.bar, .state')].map({sticks})"
    assert max(shown.page.evaluate(covered)) < viewport["height"] / 2
    type_answer(shown, TYPED)
    assert shown.page.evaluate(WIDE) <= 0


# CV and job


def claim(shown: Watched, tmp_path: Path) -> None:
    """A CV is chosen, and what was understood of it is there."""
    shown.page.click("#profile summary")
    shown.page.set_input_files("#cv-file", pdf(tmp_path / "cv.pdf", LINES))
    shown.page.wait_for_selector(".claimed")


def test_a_cv_is_understood_corrected_and_followed(opens: Opens, tmp_path: Path) -> None:
    shown = opens()
    claim(shown, tmp_path)
    shown.page.get_by_role("button", name="Remove Kafka").click()
    shown.page.fill("#add-cv", "beekeeping")
    shown.page.keyboard.press("Enter")
    shown.page.click("#plan-show")
    shown.page.wait_for_selector("#claims .plan li")
    planned = shown.page.text_content("#claims") or ""
    assert "You say that you worked in recommenders" in planned
    assert "No question is about the field: beekeeping" in planned
    assert shown.page.get_by_role("button", name="Remove Kafka").count() == 0
    shown.page.check("#typed")
    shown.page.click("#start")
    shown.state("listening")
    assert "home page" in (shown.page.text_content("#why") or "")
    assert shown.errors == []


def test_a_profile_that_was_kept_is_followed_only_while_it_is_chosen(opens: Opens, tmp_path: Path) -> None:
    shown = opens()
    assert not shown.page.is_visible("#follow-choice")
    claim(shown, tmp_path)
    assert "Follow your CV and the job" in (shown.page.text_content("#follow-choice") or "")
    shown.page.get_by_role("button", name="Keep this profile for other days").click()
    shown.page.wait_for_function("document.getElementById('profile-status').textContent.includes('are kept in')")
    shown.page.reload()
    shown.page.wait_for_selector("#follow-choice:not([hidden])")
    assert "Follow the profile you kept" in (shown.page.text_content("#follow-choice") or "")
    shown.page.uncheck("#follow")
    shown.page.check("#typed")
    shown.page.click("#start")
    shown.state("listening")
    assert "home page" not in (shown.page.text_content("#why") or "")
    assert shown.errors == []


def test_a_pasted_job_is_read_and_a_wrong_file_reported_in_one_line(opens: Opens, tmp_path: Path) -> None:
    shown = opens()
    shown.page.click("#profile summary")
    shown.page.fill("#job-text", "We run recommender systems with Kubernetes, and look for a senior engineer.")
    shown.page.click("#job-read")
    shown.page.wait_for_selector(".claimed")
    assert "The job asks for" in (shown.page.text_content("#claims") or "")
    (tmp_path / "photo.png").write_bytes(b"\x89PNG" * 50)
    shown.page.set_input_files("#cv-file", tmp_path / "photo.png")
    shown.page.wait_for_selector("#profile-problem:not([hidden])")
    assert "of this kind cannot be read" in (shown.page.text_content("#profile-problem") or "")


def test_markup_in_a_cv_stays_text(opens: Opens) -> None:
    shown = opens()
    shown.page.click("#profile summary")
    hostile = "<img src=x onerror=document.title='owned'> built the recommender system of the home page with Kafka"
    shown.page.set_input_files(
        "#cv-file", {"name": "<b>cv<i>.txt", "mimeType": "text/plain", "buffer": hostile.encode()}
    )
    shown.page.wait_for_selector(".claimed")
    assert "<img src=x" in (shown.page.text_content("#claims") or "")
    assert shown.page.locator("#claims img, #profile-status b").count() == 0
    assert shown.page.title() == "Mock interview"


def test_a_whole_interview_ends_in_its_debrief(opens: Opens, tmp_path: Path) -> None:
    shown = opens()
    claim(shown, tmp_path)
    begin_whole(shown)
    seen: list[str] = []
    while shown.page.get_attribute("#state", "data-state") != "ended":
        seen.append(shown.page.text_content("#place") or "")
        assert answers(shown) == 0
        say(shown, "No." if seen[-1] == "Your questions" else TYPED)
    assert seen[0] == "Introduction"
    assert "Question 1" in seen
    assert seen[-1] == "Your questions"
    shown.page.wait_for_selector("#overall .scale .here")
    debrief = shown.page.text_content("#overall") or ""
    for part in ("what the interviewer would write", "Work on these first", "Your claims and your answers"):
        assert part in debrief
    assert answers(shown) >= 5
    assert shown.errors == []


def begin_whole(shown: Watched) -> None:
    shown.page.get_by_text("A whole interview").click()
    shown.page.select_option("#length", "30")
    shown.page.check("#typed")
    shown.page.click("#start")
    shown.state("listening")


def say(shown: Watched, text: str) -> None:
    """Types it, and waits until it is the candidate's turn again, or over."""
    shown.page.fill("#text", text)
    shown.page.keyboard.press("Enter")
    shown.until("document.getElementById('state').dataset.state !== 'listening'")
    shown.until("['listening', 'ended'].includes(document.getElementById('state').dataset.state)")


def test_a_whole_interview_that_was_left_waits_on_the_start_page(opens: Opens) -> None:
    shown = opens()
    begin_whole(shown)
    for _ in range(2):
        say(shown, TYPED)
    question = shown.page.text_content("#ask")
    shown.page.click('[data-intent="stop"]')
    shown.state("ended")
    assert "go on with this interview another day" in (shown.page.text_content("#overall") or "")
    shown.page.get_by_role("link", name="Rehearse again").click()
    shown.page.wait_for_selector("#unfinished:not([hidden])")
    shown.page.click("#unfinished-go")
    shown.state("listening")
    # What was answered is not asked again.
    assert shown.page.text_content("#ask") not in ("", question)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_claims_and_debrief(opens: Opens, scheme: str, tmp_path: Path) -> None:
    shown = opens(color_scheme=scheme, bypass_csp=True, viewport={"width": 360, "height": 740})
    claim(shown, tmp_path)
    shown.page.click("#plan-show")
    shown.page.wait_for_selector("#claims .plan li")
    assert violations(shown) == []
    assert shown.page.evaluate(WIDE) <= 0
    begin_whole(shown)
    assert violations(shown) == []
    while shown.page.get_attribute("#state", "data-state") != "ended":
        place = shown.page.text_content("#place")
        say(shown, "No." if place == "Your questions" else TYPED)
    shown.page.wait_for_selector("#overall .scale .here")
    assert violations(shown) == []
    assert shown.page.evaluate(WIDE) <= 0
