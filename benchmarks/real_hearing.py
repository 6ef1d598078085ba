"""Word errors and invented words on people: ours beside plain faster-whisper, the same model, one run.

    python -m benchmarks.real_hearing --recordings DIR [--model base] [--no-words GLOB ...]

Every recording in DIR with an exact text beside it (`NAME.txt`) is transcribed both ways; word error rate after
OpenAI's English normalizer. What either writes of recordings in which nobody says a word (`--no-words`) was invented.
Ours gets the glossary of a question on another subject, as in an interview; none of its terms may appear.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jiwer
from whisper_normalizer.english import EnglishTextNormalizer

from agent.adapters.audio_file import read_clip
from agent.adapters.rubric_file import load_questions
from agent.adapters.text_model import ordinary
from agent.adapters.whisper import Whisper
from agent.adapters.whisper_model import model_path
from agent.logic.speech.glossary import repair
from agent.values.audio import Clip
from agent.values.errors import AudioError
from agent.values.rubric import Term

ROOT = Path(__file__).parent.parent
SOUNDS = (".flac", ".mp3", ".wav", ".ogg")
NO_WORDS = ("keys/*", "room/*", "echo/*farend_singletalk_mic*", "fillers/*breath*")
normalized = EnglishTextNormalizer()


class Transcribed(NamedTuple):
    """What was made of one recording."""

    name: str
    said: str
    plain: str
    ours: str


class Both:
    """The two ways."""

    def __init__(self, model: str) -> None:
        from faster_whisper import WhisperModel

        self._plain: Any = WhisperModel(str(model_path(model)), device="cpu", compute_type="int8")
        self._ours = Whisper(model=model, device="cpu", language="en")
        question = load_questions([ROOT / "rubrics" / "recsys-4-metrics.yaml"])["recsys-metrics"]
        self._glossary: Sequence[Term] = question.glossary

    def transcribed(self, path: Path, said: str) -> Transcribed:
        """One recording, both ways; silence, which ours refuses to read, holds no words."""
        try:
            clip = read_clip(path)
        except AudioError:
            clip = Clip.silence(1.0)
        segments, _ = self._plain.transcribe(clip.samples, language="en")
        plain = " ".join(segment.text.strip() for segment in segments)
        ours = self._ours.transcribe(clip, [term.term for term in self._glossary]).text
        return Transcribed(path.stem, said, plain, repair(ours, self._glossary, ordinary))


def with_text(folder: Path) -> Iterator[tuple[Path, str]]:
    """The recordings that have an exact text."""
    for path in sorted(folder.rglob("*")):
        text = path.with_suffix(".txt")
        if path.suffix in SOUNDS and text.exists():
            yield path, text.read_text("utf-8")


def without_words(folder: Path, patterns: Sequence[str]) -> list[Path]:
    """The recordings without a word."""
    found = {path for pattern in patterns for path in folder.glob(pattern)}
    return sorted(path for path in found if path.suffix in SOUNDS)


def error_rate(said: str, text: str) -> float:
    """Of one recording."""
    return float(jiwer.wer(str(normalized(said)), str(normalized(text))))


def main() -> None:
    """Prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--recordings", type=Path, required=True, metavar="DIR")
    parser.add_argument("--model", default="base")
    parser.add_argument("--no-words", nargs="*", default=list(NO_WORDS), metavar="GLOB")
    args = parser.parse_args()
    both = Both(args.model)
    print(f"{'word errors':24}{'words':>7}{'plain':>8}{'ours':>8}")
    for path, said in with_text(args.recordings):
        made = both.transcribed(path, said)
        count = len(str(normalized(said)).split())
        rates = [error_rate(said, text) for text in (made.plain, made.ours)]
        print(f"{made.name:24}{count:>7}{rates[0]:>8.1%}{rates[1]:>8.1%}", flush=True)
    silent = [both.transcribed(path, "") for path in without_words(args.recordings, args.no_words)]
    counts = [
        sum(len(text.split()) for text in texts) for texts in zip(*((s.plain, s.ours) for s in silent), strict=True)
    ]
    if silent:
        print(f"words invented in {len(silent)} recordings without words: plain {counts[0]}, ours {counts[1]}")
        for made in silent:
            if made.ours:
                print(f"  {made.name}: {made.ours}")


if __name__ == "__main__":
    main()
