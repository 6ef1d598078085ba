"""Renders a report as one HTML page, audio included; independent of where sessions are stored."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.logic.reporting.trend import FEWEST_SESSIONS
from agent.logic.reporting.values import Report, ReportedAnswer
from agent.shell.report import charts

if TYPE_CHECKING:
    from jinja2 import Template

HERE = Path(__file__).parent
MOST_SOUND = 48_000_000
"""Maximum bytes of audio in one page: a larger page would open slowly and be too large for email."""
_SOUNDS = {".flac": "audio/flac", ".ogg": "audio/ogg", ".opus": "audio/ogg", ".wav": "audio/wav", ".mp3": "audio/mpeg"}


def render(
    report: Report,
    most_sound: int = MOST_SOUND,
    title: str = "Interview report",
    of_batch: bool = False,
    failed: Sequence[str] = (),
) -> str:
    """The whole page. Audio beyond `most_sound` bytes is left out, the earliest first, and the page says so.

    `of_batch` is for recordings, whose candidates got no feedback between tries; `failed` says which of them failed.
    """
    sounds = _sounds(report, most_sound)
    return _rendered(report, title=title, sounds=sounds, linked=False, of_batch=of_batch, failed=failed)


def render_linked(report: Report) -> str:
    """The same page for our own server: style, script and sounds have addresses there, so nothing is inline."""
    return _rendered(
        report, title="Interview report", sounds=_addresses(report), linked=True, of_batch=False, failed=()
    )


def _rendered(report: Report, **parts: Any) -> str:
    return template("page.html.j2").render(report=report, fewest=FEWEST_SESSIONS, **_charts(report), **parts)


@cache
def template(name: str) -> Template:
    """Returns a template of this folder with its shared functions; read once, since a cohort has a page for each
    candidate.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    pages = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    pages.filters.update(date=_date, day=_day, clock=_clock)
    return pages.get_template(name, globals=_inline())


def _charts(report: Report) -> dict[str, Any]:
    return {
        "rating_charts": [(item, charts.rating_fields(item, report.standings)) for item in report.standings],
        "progress_charts": [(item, charts.progress_chart(item, report.dates)) for item in report.progress],
        "delivery_charts": [(item, charts.delivery_chart(item, report.dates)) for item in report.delivery],
    }


def _inline() -> dict[str, Any]:
    """Style and script, and the script's hash: the page allows only this script, whatever an answer contains."""
    from markupsafe import Markup

    script = (HERE / "page.js").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return {
        "style": Markup((HERE / "style.css").read_text("utf-8")),
        "script": Markup(script),
        "script_hash": f"sha256-{digest}",
    }


def _sounds(report: Report, most: int) -> dict[str, str]:
    """The data: URI for each answer with saved audio, the latest session first; empty if there was no room."""
    sounds: dict[str, str] = {}
    for session in report.sessions:
        for item in (item for question in session.questions for item in question.answers):
            sound = _sound(item)
            if sound is not None:
                most -= len(sound)
                sounds[item.anchor] = sound if most >= 0 else ""
    return sounds


def _addresses(report: Report) -> dict[str, str]:
    """Returns the address on our server of each answer's saved audio."""
    return {
        item.anchor: f"/sound/{reported.session.id}/{item.saved.audio.name}"
        for reported in report.sessions
        for question in reported.questions
        for item in question.answers
        if item.saved.audio is not None
    }


def _sound(item: ReportedAnswer) -> str | None:
    path = item.saved.audio
    if path is None:
        return None
    try:
        data = path.read_bytes()
    except OSError:
        # Removed since it was recorded: the page then shows the answer as one without sound.
        return None
    return f"data:{_SOUNDS.get(path.suffix, 'audio/wav')};base64,{base64.b64encode(data).decode()}"


def _date(moment: datetime) -> str:
    return f"{moment:%A} {moment.day} {moment:%B %Y}, {moment:%H:%M}"


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(max(0.0, seconds), 1), 60)
    return f"{int(minutes)}:{rest:04.1f}"
