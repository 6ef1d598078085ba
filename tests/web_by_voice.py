"""Two questions by voice in a real Chromium, with the real voice, Whisper, turn detector, commands and grader.

What the page plays is transcribed, so that a person would have heard it. Prints what was measured.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from agent.adapters.audio_file import read_clip
from agent.adapters.whisper import Whisper
from agent.compose import build
from agent.compose.settings import Settings
from agent.shell.web.models import LoadedModels
from agent.values.audio import WHISPER_RATE, Clip
from tests.conftest import FIXTURES
from tests.web_browser import Watched, chromium, opened
from tests.web_pages import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
FIRST, SECOND = "recsys-metrics", "recsys-refresh"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def whisper() -> Whisper:
    return Whisper()


def words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


def share_of(wanted: str, heard: str) -> float:
    """The share of the wanted words that were heard."""
    there = set(words(heard))
    asked = words(wanted)
    return sum(word in there for word in asked) / len(asked)


def said(text: str) -> Clip:
    """The words in a synthetic voice, with silence after them."""
    clip = build.voice(Settings(voice="system")).synthesize(text)
    return clip.__class__(samples=np.concatenate([clip.samples, np.zeros(clip.rate, np.float32)]), rate=clip.rate)


def part(name: str, start_s: float = 0.0, end_s: float | None = None) -> Clip:
    clip = read_clip(FIXTURES / name)
    stop = None if end_s is None else round(end_s * clip.rate)
    return replace(clip, samples=clip.samples[round(start_s * clip.rate) : stop])


def begin(shown: Watched, *questions: str) -> None:
    page = shown.page
    shown.choose(*questions)
    page.evaluate("rig.keep = true")
    page.check("#keep-audio")
    page.click("#start")


def results(shown: Watched, count: int) -> None:
    shown.until(f"document.querySelectorAll('#feedback .result').length >= {count}", 300)


def until_loud(shown: Watched) -> None:
    shown.until("rig.loudAt && performance.now() - rig.loudAt < 100", timeout_s=240)


def test_two_questions_by_voice(browser: Browser, whisper: Whisper, tmp_path: Path) -> None:
    with Site(tmp_path, models=LoadedModels) as site:
        site.host.models.loaded.wait()
        shown = opened(browser, site.server.access.entry)
        begin(shown, FIRST, SECOND)
        shown.state("listening", 300)
        ask = shown.page.text_content("#ask") or ""
        shown.page.evaluate("rig.keep = false")
        _first_answer(shown)
        played = shown.played()
        _interruption(shown)
        shown.page.get_by_role("button", name="Next").click()
        shown.until("document.getElementById('place').textContent.startsWith('Question 2')", 300)
        shown.state("listening", 300)
        _hint_by_voice(shown)
        _reload_within_an_answer(shown)
        shown.page.get_by_role("button", name="Next").click()
        shown.state("ended", 300)
        # Not while the interview waits for an answer: this takes seconds.
        heard = whisper.transcribe(resampled(played)).text
        print(f"asked: {ask}\nplayed, transcribed: {heard}")
        assert share_of(ask, heard) > 0.8
        assert shown.errors == []
        saved = site.store.sessions()[-1]
        # The interruption may have added to the first answer, which is then saved as one more turn.
        assert list(dict.fromkeys(turn.turn.question_id for turn in saved.turns)) == [FIRST, SECOND]
        assert all(turn.turn.grade.rating is not None and turn.audio is not None for turn in saved.turns)
        assert saved.turns[-1].turn.grade.hints_used == 1


def _first_answer(shown: Watched) -> None:
    answer = part("metrics-strong.ogg")
    shown.speak(answer)
    # On a busy machine all words come at the end, and the feedback takes their place at once.
    shown.until(
        "document.getElementById('transcript').textContent.length > 20 || document.querySelector('#feedback .result')",
        timeout_s=240,
    )
    results(shown, 1)
    print(f"answer: {shown.page.inner_text('#feedback')[:400]}")
    assert shown.page.locator("#feedback .scale .here").count() == 1
    rating = shown.page.text_content("#feedback .scale .here")
    print(f"rated: {rating}; {shown.page.text_content('#feedback .sure')}")
    quote = shown.page.locator("#feedback button.moment").first
    quote.click()
    shown.page.wait_for_selector("#feedback button.moment.playing", timeout=10_000)
    quote.click()


def _interruption(shown: Watched) -> None:
    """Speech while the agent gives its feedback silences it; what was said is listened to."""
    shown.state("speaking", 240)
    until_loud(shown)
    speech = part("refresh-strong.ogg", 0.0, 3.0)
    onset_s = int(np.argmax(np.abs(speech.samples) > 0.05)) / speech.rate
    shown.speak(speech)
    started = shown.page.evaluate("rig.saidAt") / 1000 + onset_s
    shown.until("performance.now() - rig.loudAt > 700", timeout_s=30)
    silent_after = shown.page.evaluate("rig.loudAt") / 1000 - started
    print(f"interrupted: silent {silent_after:.2f} s after the speech began")
    shown.state("listening", 240)
    # What was added is graded, and commented on.
    shown.page.wait_for_timeout(500)
    shown.state("listening", 300)


def _hint_by_voice(shown: Watched) -> None:
    shown.speak(said("Can you give me a hint please?"))
    shown.until("document.getElementById('notice').textContent === 'hint'", timeout_s=240)
    shown.state("listening", 240)


def _reload_within_an_answer(shown: Watched) -> None:
    before = shown.page.locator("#feedback .result").count()
    clip = part("refresh-strong.ogg")
    middle_s = clip.seconds / 2
    shown.speak(part("refresh-strong.ogg", 0.0, middle_s))
    time.sleep(middle_s + 0.1)
    shown.page.reload()
    shown.page.wait_for_selector("html.ready")
    shown.until("document.getElementById('ask').textContent !== ''")
    gate: Any = shown.page.locator("#gate-go")
    if gate.is_visible():
        gate.click()
    shown.state("listening")
    shown.speak(part("refresh-strong.ogg", middle_s))
    shown.until(
        f"document.querySelectorAll('#feedback .result').length > {before}",
        timeout_s=300,
    )
    assert shown.page.locator("#feedback .result").count() >= before
    text = shown.page.text_content("#feedback .transcript") or ""
    print(f"answer over a reload: {text}")


def resampled(clip: Clip) -> Clip:
    from agent.adapters.framing import resampled as at_rate

    return Clip(samples=at_rate(clip, WHISPER_RATE), rate=WHISPER_RATE)
