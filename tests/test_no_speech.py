"""Where nobody speaks nothing is transcribed: 119 clips of silence, noises and music, read with a glossary."""

from __future__ import annotations

from agent.adapters.whisper import Whisper
from benchmarks.no_speech import GLOSSARY, clips
from benchmarks.recordings import clip_of


def test_nothing_is_written_where_nobody_speaks(whisper: Whisper) -> None:
    every = clips()
    assert len(every) >= 100
    transcribed = [(name, whisper.transcribe(clip_of(samples), GLOSSARY).text) for name, samples in every]
    assert [(name, text) for name, text in transcribed if text] == []
