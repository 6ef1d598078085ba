"""What was said, word by word, with its place in the audio; independent of the recognizer."""

from __future__ import annotations

from collections.abc import Sequence

from agent.values.base import Value
from agent.values.provenance import ModelId


def straight(text: str) -> str:
    """Returns the text with straight apostrophes, which all patterns for words such as "don't" expect."""
    return text.replace("\u2019", "'")


class Word(Value):
    """One spoken word as the recognizer transcribed it, punctuation included."""

    text: str
    start_s: float
    """Seconds from the start of the answer's audio."""
    end_s: float
    """Seconds from the start of the answer's audio."""
    probability: float = 1.0
    """The recognizer's probability, 0 to 1."""

    @property
    def middle_s(self) -> float:
        """Seconds from the start of the audio to the middle of the word: reported starts are often too early."""
        return (self.start_s + self.end_s) / 2


class Repair(Value):
    """One term that was misheard."""

    heard: str
    """As the recognizer transcribed it."""
    term: str
    """As the question's glossary spells it."""


class SecondVoice(Value):
    """Another voice besides the one that speaks most."""

    spans: tuple[tuple[float, float], ...]
    """Where it speaks: (start, end) in seconds of the answer's audio."""
    speech_s: float
    """Seconds of its voiced sound, which is about half of its speech."""
    semitones: float
    """How far its pitch is from that of the other voice."""

    def later(self, seconds: float) -> SecondVoice:
        """The same voice in audio that begins this much earlier."""
        spans = tuple((round(start + seconds, 2), round(end + seconds, 2)) for start, end in self.spans)
        return self.model_copy(update={"spans": spans})


class Transcript(Value):
    """The words of one answer in spoken order."""

    words: tuple[Word, ...] = ()
    language: str = "en"
    """ISO 639-1 code of the detected language."""
    language_probability: float = 1.0
    """0 to 1."""
    duration_s: float = 0.0
    """Seconds of audio that were transcribed."""
    timed: bool = True
    """False if the words come from typed text and their times mean nothing."""
    transcriber: ModelId | None = None
    """The model that transcribed it; None for typed text, and in sessions of version 0.1."""

    others_may_speak: bool = False
    """Whether the recording was not made by this program and nobody has confirmed that only the candidate speaks."""
    second_voice: SecondVoice | None = None
    """Found in the audio, which is searched only where other people may speak."""

    @property
    def text(self) -> str:
        """The words joined by single spaces."""
        return " ".join(word.text for word in self.words)

    def since(self, start_s: float) -> Transcript:
        """The words spoken after that second of the audio."""
        return self.model_copy(update={"words": tuple(word for word in self.words if word.middle_s >= start_s)})

    def until(self, end_s: float) -> Transcript:
        """The words spoken before that second of the audio."""
        words = tuple(word for word in self.words if word.middle_s < end_s)
        return self.model_copy(update={"words": words, "duration_s": min(end_s, self.duration_s)})

    @classmethod
    def from_text(cls, text: str) -> Transcript:
        """Typed text as a transcript without times."""
        words = tuple(Word(text=piece, start_s=0.0, end_s=0.0) for piece in straight(text).split())
        return cls(words=words, timed=False)


def joined(parts: Sequence[tuple[float, Transcript]], duration_s: float) -> Transcript:
    """Joins several transcripts, each given with the second at which it begins.

    The language is that of the part with the most words, so one short part that sounded foreign decides nothing. The
    result has times only if every part with words has them.
    """
    words = tuple(
        word.model_copy(update={"start_s": round(word.start_s + at, 3), "end_s": round(word.end_s + at, 3)})
        for at, part in parts
        for word in part.words
    )
    second = [part.second_voice.later(at) for at, part in parts if part.second_voice is not None]
    longest = max((part for _, part in parts), key=lambda part: len(part.words), default=Transcript())
    return Transcript(
        words=words,
        language=longest.language,
        language_probability=longest.language_probability,
        duration_s=duration_s,
        timed=all(part.timed for _, part in parts if part.words),
        others_may_speak=any(part.others_may_speak for _, part in parts),
        second_voice=max(second, key=lambda voice: voice.speech_s, default=None),
        transcriber=longest.transcriber,
    )
