"""What was said, word by word, with its place in the audio; knows nothing of the recogniser."""

from __future__ import annotations

from agent.values.base import Value


class Word(Value):
    """One spoken word as the recogniser wrote it, punctuation included."""

    text: str
    start_s: float
    """Seconds from the start of the answer's audio."""
    end_s: float
    """Seconds from the start of the answer's audio."""
    probability: float = 1.0
    """The recogniser's probability, 0 to 1."""


class Transcript(Value):
    """The words of one answer in spoken order."""

    words: tuple[Word, ...] = ()
    language: str = "en"
    """ISO 639-1 code of the language heard."""
    language_probability: float = 1.0
    """0 to 1."""
    duration_s: float = 0.0
    """Seconds of audio that were listened to."""
    timed: bool = True
    """False when the words came from typed text, so that their times mean nothing."""

    @property
    def text(self) -> str:
        """The words joined by single spaces."""
        return " ".join(word.text for word in self.words)

    @classmethod
    def from_text(cls, text: str) -> Transcript:
        """Typed text as a transcript without times."""
        words = tuple(Word(text=piece, start_s=0.0, end_s=0.0) for piece in text.split())
        return cls(words=words, timed=False)
