"""Makes docs/web-*.png: the states of the page, on a desk and on a phone, light and dark.

The answers are recordings of audio_fixtures, spoken into the page's microphone; voice, Whisper and grader are real.
Needs Chromium and, to look as it does elsewhere, the font Inter:

python -m docs.web_pictures [light] [dark] [phone]
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from itertools import cycle
from pathlib import Path
from typing import Any

from agent.adapters.audio_file import read_clip
from agent.shell.web.models import LoadedModels
from agent.values.rubric import Question, Rating
from tests.conftest import FIXTURES
from tests.web_browser import Watched, chromium, opened
from tests.web_pages import Site

HERE = Path(__file__).parent
DESK = {"width": 1200, "height": 1000}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": DESK, "color_scheme": "light"},
    "dark": {"viewport": DESK, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "color_scheme": "light"},
}
CV = """Jane Doe, Senior Machine Learning Engineer
2019 - 2025  A shop: built the recommender system of the home page with PyTorch and Kafka, from candidate retrieval to
             the metrics of its experiments.
2016 - 2019  A bank: models that detect card fraud, with Spark and Airflow.
"""
JOB = "We look for a senior engineer who runs our recommender systems in production, with Kubernetes and Kafka."
QUESTION, ANSWER = "recsys-metrics", "metrics-strong.ogg"


def picture(shown: Watched, name: str) -> None:
    """One file."""
    shown.page.screenshot(path=HERE / f"web-{name}.png")
    print(f"web-{name}.png")


def begin(shown: Watched) -> None:
    """An interview of one question."""
    page = shown.page
    shown.choose(QUESTION)
    page.check("#keep-audio")
    page.click("#start")


def interviewed(shown: Watched, suffix: str) -> None:
    """One question from asking to its feedback, a picture of each state."""
    begin(shown)
    shown.state("speaking", 120)
    shown.until("document.querySelector('#caption .said')?.textContent.length > 20")
    picture(shown, f"speaking{suffix}")
    shown.state("listening", 120)
    shown.speak(read_clip(FIXTURES / ANSWER))
    shown.until("document.getElementById('transcript').textContent.length > 20", timeout_s=240)
    picture(shown, f"listening{suffix}")
    shown.page.wait_for_selector("#feedback .result", timeout=240_000)
    shown.page.wait_for_timeout(500)
    picture(shown, f"feedback{suffix}")
    shown.page.get_by_role("button", name="Next").click()
    shown.state("ended", 120)
    shown.page.wait_for_selector("#overall .scale")
    picture(shown, f"ended{suffix}")


def claimed(shown: Watched, suffix: str) -> None:
    """What was understood of a CV and a job, and the plan that follows."""
    page = shown.page
    page.evaluate("location.hash = 'rehearse'")
    page.get_by_text("A whole interview").click()
    page.click("#profile summary")
    page.set_input_files("#cv-file", {"name": "cv.txt", "mimeType": "text/plain", "buffer": CV.encode()})
    page.wait_for_selector(".claimed")
    page.fill("#job-text", JOB)
    page.click("#job-read")
    page.wait_for_selector(".claimed + .claimed")
    page.click("#plan-show")
    page.wait_for_selector("#claims .plan li")
    page.evaluate("document.querySelector('.claimed').scrollIntoView({ behavior: 'instant' })")
    picture(shown, f"claims{suffix}")


def whole(shown: Watched, known: Mapping[str, Question], suffix: str) -> None:
    """A whole interview, typed, up to its debrief."""
    page = shown.page
    page.check("#typed")
    page.click("#start")
    # Until then the state is that of the interview before.
    shown.state("listening", 300)
    levels = cycle((Rating.STRONG, Rating.WEAK, Rating.VERY_STRONG))
    asks = {question.ask: question for question in known.values()}
    while True:
        shown.until("['listening', 'ended'].includes(document.getElementById('state').dataset.state)", 300)
        if page.get_attribute("#state", "data-state") == "ended":
            break
        asked = asks.get(page.text_content("#ask") or "")
        page.fill("#text", asked.answers.of(next(levels)) if asked else "No, thank you.")
        page.keyboard.press("Enter")
        shown.until("document.getElementById('state').dataset.state !== 'listening'", 60)
    page.wait_for_selector("#overall .scale")
    picture(shown, f"debrief{suffix}")


def views(shown: Watched) -> None:
    """The other views."""
    for view in ("history", "questions", "settings"):
        shown.page.evaluate("view => (location.hash = view)", view)
        shown.page.wait_for_selector(f"#view-{view} article, #view-{view} .setting")
        picture(shown, view)


def main() -> None:
    """All of them, or those of the looks that are named: light, dark, phone."""
    wanted = sys.argv[1:] or list(LOOKS)
    folder = Path(tempfile.mkdtemp())
    with Site(folder, models=LoadedModels) as site, chromium() as browser:
        site.host.models.loaded.wait()
        for look in wanted:
            shown = opened(browser, site.server.access.entry, **LOOKS[look])
            shown.page.wait_for_selector("#interrupt:enabled")
            shown.page.click("#try-microphone")
            shown.page.wait_for_selector("#device-choice:not([hidden])")
            suffix = "" if look == "light" else f"-{look}"
            picture(shown, f"start{suffix}")
            interviewed(shown, suffix)
            claimed(shown, suffix)
            whole(shown, site.host.questions, suffix)
            if look == "light":
                views(shown)


if __name__ == "__main__":
    main()
