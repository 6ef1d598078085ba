"""One question by voice in a real Firefox, with the real microphone and loudspeaker of a virtual sound card."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.adapters.audio_file import read_clip
from agent.adapters.whisper import Whisper
from agent.shell.web.models import LoadedModels
from tests.conftest import FIXTURES
from tests.virtual_card import needs_pulseaudio, recorded, speak
from tests.web_by_voice import share_of
from tests.web_firefox import firefox
from tests.web_pages import Site

pytestmark = [pytest.mark.slow, pytest.mark.alone, needs_pulseaudio]
QUESTION = "recsys-refresh"


def test_one_question_by_voice_in_firefox(card: dict[str, str], tmp_path: Path) -> None:
    asked = tmp_path / "asked.wav"
    with Site(tmp_path, models=LoadedModels) as site, firefox(tmp_path / "firefox", card) as page:
        site.host.models.loaded.wait()
        page.open(site.server.access.entry)
        page.click('[name="way"][value="single"]')
        page.click(f'#picks input[value="{QUESTION}"]')
        page.click("#keep-audio")
        with recorded(asked, card):
            page.click("#start")
            page.state("listening", 120)
        ask = page.text("#ask")
        speak(read_clip(FIXTURES / "refresh-weak.ogg"), card, tmp_path)
        page.until("document.querySelector('#feedback .result') !== null", 120)
        assert page.evaluate("document.querySelectorAll('#feedback .scale .here').length") == 1
        page.state("listening", 120)
        page.click("#feedback button.moment")
        page.until("document.querySelector('#feedback button.moment.playing') !== null", 10)
        [saved] = site.store.sessions()[-1].turns
        assert saved.turn.grade.rating is not None
        assert saved.audio is not None
        assert page.errors == []
    assert share_of(ask, Whisper().transcribe(read_clip(asked)).text) > 0.8
