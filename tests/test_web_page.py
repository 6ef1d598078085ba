"""The page in a real Chromium, with scripted models: what it shows, who can use it, and what it loads.

A session by voice, with real models, is in tests/web_by_voice.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from agent.values.audio import WHISPER_RATE, Clip
from tests.web_browser import Watched, chromium, opened
from tests.web_pages import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TYPED = "I would watch the accuracy each week and retrain once it drops."
HOSTILE = "<img src=x onerror=document.title='owned'> <b>I would watch the accuracy</b> each week"
MOST_BYTES = 300_000
Opens = Callable[..., Watched]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path) as made:
        yield made


@pytest.fixture
def opens(browser: Browser, site: Site) -> Opens:
    return lambda **options: opened(browser, site.server.access.entry, **options)


def start(shown: Watched, *, typed: bool = True) -> None:
    """Begins an interview of one question, as a user does."""
    page = shown.page
    shown.choose("recsys-refresh")
    if typed:
        page.check("#typed")
    page.click("#start")
    shown.state("listening")


def type_answer(shown: Watched, text: str) -> None:
    shown.page.fill("#text", text)
    shown.page.keyboard.press("Enter")
    shown.page.wait_for_selector("#feedback .result")


def loud(seconds: float) -> Clip:
    """A tone, and a second of silence."""
    samples = np.zeros(round((seconds + 1.2) * WHISPER_RATE), np.float32)
    samples[: round(seconds * WHISPER_RATE)] = 0.5 * np.sin(np.arange(round(seconds * WHISPER_RATE)) / 5)
    return Clip(samples=samples, rate=WHISPER_RATE)


def violations(shown: Watched) -> list[tuple[Any, ...]]:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    # The page's policy forbids the checker's own script, as it forbids everybody's; a test may lift it.
    found = axe.Axe().run(shown.page).response["violations"]
    return [(item["id"], item["impact"], item["nodes"][0]["html"]) for item in found]


def test_an_interview_by_voice_is_shown_step_by_step(opens: Opens) -> None:
    shown = opens()
    start(shown, typed=False)
    shown.speak(loud(3.0))
    shown.until("document.getElementById('transcript').textContent.includes('accuracy')")
    shown.page.wait_for_selector("#feedback .scale .here")
    quote = shown.page.locator("#feedback button.moment").first
    quote.click()
    shown.page.wait_for_selector("#feedback button.moment.playing")
    shown.page.get_by_role("button", name="Next").click()
    shown.state("ended")
    assert shown.page.locator("#overall .scale .here").count() == 1
    assert shown.page.get_by_role("link", name="See the report").is_visible()
    assert shown.errors == []


def test_an_interview_needs_neither_voice_nor_ears(opens: Opens) -> None:
    shown = opens()
    start(shown)
    asked = (shown.page.text_content("#ask") or "").strip()
    assert asked
    assert asked in (shown.page.text_content("#caption") or "")
    type_answer(shown, TYPED)
    assert "I would watch the accuracy" in (shown.page.text_content("#feedback .transcript") or "")
    assert shown.page.evaluate("rig.opened") == 0


def test_nothing_is_loaded_from_elsewhere_and_the_page_is_small(opens: Opens, site: Site) -> None:
    shown = opens()
    start(shown, typed=False)
    for view in ("history", "questions", "settings"):
        shown.page.evaluate("view => (location.hash = view)", view)
        shown.page.wait_for_selector(f"#view-{view}:not([hidden])")
    own = (site.origin, site.origin.replace("http", "ws"))
    assert [url for url in shown.requests if not url.startswith(own)] == []
    static = {url: size for url, size in shown.bytes.items() if "/static/" in url or url == f"{site.origin}/"}
    assert 0 < sum(static.values()) < MOST_BYTES
    assert shown.errors == []


def test_a_reload_goes_on_where_it_was(opens: Opens) -> None:
    shown = opens()
    start(shown)
    question = shown.page.text_content("#ask")
    shown.page.reload()
    shown.page.wait_for_selector("html.ready")
    gate = shown.page.locator("#gate-go")
    shown.until("document.getElementById('ask').textContent !== ''")
    if gate.is_visible():
        gate.click()
    shown.state("listening")
    assert shown.page.text_content("#ask") == question
    type_answer(shown, TYPED)


def test_a_second_tab_learns_of_the_interview_and_takes_it_over(opens: Opens, site: Site) -> None:
    first = opens()
    start(first)
    second = Watched(first.page.context.new_page())
    second.page.goto(site.origin)
    second.page.wait_for_selector("#running:not([hidden])")
    assert "another tab" in (second.page.text_content("#running-text") or "")
    second.page.check("#typed")
    second.page.click("#running-go")
    second.state("listening")
    first.page.wait_for_selector("#gate:not([hidden])")
    assert "another tab" in (first.page.text_content("#gate-text") or "")
    type_answer(second, TYPED)


def test_a_dropped_connection_is_shown_and_restored(opens: Opens) -> None:
    shown = opens()
    start(shown)
    shown.page.context.set_offline(True)
    shown.page.evaluate("() => performance.now()")
    shown.page.context.set_offline(False)
    type_answer(shown, TYPED)


def test_a_blocked_microphone_is_explained(opens: Opens) -> None:
    shown = opens()
    shown.block_microphone()
    shown.page.click("#try-microphone")
    shown.page.wait_for_selector("#device-problem:not([hidden])")
    said = shown.page.text_content("#device-problem") or ""
    assert "address bar" in said
    assert "type your answers" in said.lower()


@pytest.mark.parametrize(
    ("name", "says"),
    [("NotFoundError", "Plug one in"), ("NotReadableError", "busy"), ("TypeError", "not secure")],
)
def test_every_trouble_with_a_microphone_has_its_own_words(opens: Opens, name: str, says: str) -> None:
    shown = opens()
    shown.page.evaluate(
        "name => { navigator.mediaDevices.getUserMedia = async () => { throw Object.assign(new Error(), { name }) } }",
        name,
    )
    shown.page.click("#try-microphone")
    shown.page.wait_for_selector("#device-problem:not([hidden])")
    assert says in (shown.page.text_content("#device-problem") or "")


def test_an_unplugged_microphone_is_reported_and_taken_up_again(opens: Opens) -> None:
    shown = opens()
    start(shown, typed=False)
    opened_before = shown.page.evaluate("rig.opened")
    shown.page.evaluate("rig.tracks.at(-1).dispatchEvent(new Event('ended'))")
    shown.until(f"rig.opened > {opened_before}")
    shown.state("listening")


def test_every_command_has_a_button_and_a_key(opens: Opens) -> None:
    from agent.values.dialogue import Intent

    shown = opens()
    start(shown)
    offered = shown.page.locator("[data-intent]").evaluate_all("all => all.map(item => item.dataset.intent)")
    # To ask what a word means takes the word.
    assert set(offered) | {"resume", "what does that mean"} == {intent.value for intent in Intent}
    shown.page.locator("body").press("h")
    shown.until("document.getElementById('notice').textContent === 'hint'")
    shown.page.locator("#text").press("h")
    assert shown.page.input_value("#text") == "h"


def test_markup_in_an_answer_stays_text(opens: Opens) -> None:
    shown = opens()
    start(shown)
    type_answer(shown, HOSTILE)
    # The label of the point that was heard stands between the words.
    assert HOSTILE.split(" the accuracy")[0] in (shown.page.text_content("#feedback .transcript") or "")
    assert shown.page.locator("#feedback img, #feedback b").count() == 0
    assert shown.page.title() == "Mock interview"


def test_inserting_markup_is_impossible(opens: Opens) -> None:
    shown = opens()
    refused = shown.page.evaluate(
        "() => { try { document.body.innerHTML = '<b>x</b>'; return false } catch (error) { return error.name } }"
    )
    assert refused == "TypeError"


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(opens: Opens, scheme: str) -> None:
    shown = opens(color_scheme=scheme, bypass_csp=True)
    assert violations(shown) == []
    start(shown)
    assert violations(shown) == []
    type_answer(shown, TYPED)
    assert violations(shown) == []
    for view in ("history", "questions", "settings"):
        shown.page.evaluate("view => (location.hash = view)", view)
        shown.page.wait_for_selector(f"#view-{view} >> css=h3, label, article")
        assert violations(shown) == []


def test_a_phone_shows_everything_without_scrolling_sideways(opens: Opens) -> None:
    shown = opens(viewport={"width": 360, "height": 740})
    wide = "document.documentElement.scrollWidth - innerWidth"
    assert shown.page.evaluate(wide) <= 0
    start(shown)
    assert shown.page.evaluate(wide) <= 0
    type_answer(shown, TYPED)
    assert shown.page.evaluate(wide) <= 0
    for view in ("history", "questions", "settings"):
        shown.page.evaluate("view => (location.hash = view)", view)
        shown.page.wait_for_selector(f"#view-{view}:not([hidden])")
        assert shown.page.evaluate(wide) <= 0


WATCH_THE_BUTTONS = """() => {
  let shift = 0;
  const add = (list) => list.getEntries().forEach((item) => (shift += item.value));
  new PerformanceObserver(add).observe({ type: "layout-shift" });
  const words = document.getElementById("transcript");
  const place = () => JSON.stringify(document.getElementById("commands").getBoundingClientRect());
  const look = () => (window.seen = window.seen || [place(), shift < 0.01]);
  new MutationObserver(() => {
    if (words.textContent.includes("accuracy")) requestAnimationFrame(() => requestAnimationFrame(look));
  }).observe(words, { childList: true, characterData: true, subtree: true });
  return place();
}"""
"""Where the buttons are; notes where they are once words have just been shown, and that nothing moved until then."""


def test_nothing_moves_while_words_arrive(opens: Opens) -> None:
    shown = opens()
    start(shown, typed=False)
    before = shown.page.evaluate(WATCH_THE_BUTTONS)
    shown.speak(loud(2.0))
    assert shown.until("window.seen") == [before, True]


def test_the_keyboard_alone_starts_an_interview(opens: Opens) -> None:
    shown = opens()
    page = shown.page
    page.check("#typed")
    page.focus("#start")
    page.keyboard.press("Enter")
    shown.state("listening")
    page.focus("#text")
    page.keyboard.type(TYPED)
    page.keyboard.press("Enter")
    page.wait_for_selector("#feedback .result")
