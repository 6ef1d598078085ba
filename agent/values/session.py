"""Turns and sessions; independent of where they are stored."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from agent.values.base import Value
from agent.values.grade import Grade
from agent.values.provenance import Provenance
from agent.values.transcript import Transcript


class Delivery(Value):
    """How an answer was spoken. Never part of the rating."""

    talk_s: float = 0.0
    """Seconds from the first word to the last."""
    words: int = 0
    words_per_minute: float | None = None
    """Words per minute over `talk_s`. None for typed text or very short answers."""
    articulation: float | None = None
    """Words per minute while speaking: over `talk_s` without its pauses."""
    fillers: int = 0
    """Phrases that only fill time, such as "you know"; "um" and "uh" are not counted."""
    fillers_per_minute: float | None = None
    restarts: int = 0
    """Words or pairs of words repeated at once: a lower bound, too."""
    hedges: int = 0
    """Phrases such as "I guess" and "maybe"."""
    longest_pause_s: float | None = None
    """Seconds between two words."""
    mean_pause_s: float | None = None
    """Mean length of the pauses; gaps between words under 0.3 s do not count."""
    time_to_first_word_s: float | None = None


class Clarified(Value):
    """A question that the candidate asked the interviewer."""

    text: str
    point: str | None = None
    """The point of the rubric that asking this makes, if any."""


def _with_points(asked: object) -> object:
    """Reads sessions of version 0.1, which saved the texts alone."""
    if isinstance(asked, list | tuple):
        return tuple({"text": item} if isinstance(item, str) else item for item in asked)
    return asked


class Turn(Value):
    """One question and the answer to it."""

    question_id: str
    transcript: Transcript
    grade: Grade
    delivery: Delivery
    timings_s: dict[str, float] = Field(default_factory=dict)
    """Seconds spent on each step: transcribe, grade, and `wait`, the silence before the answer counted as finished."""
    attempt: int = 1
    """From 1; a question that is tried again has several turns. A later turn of
    the same attempt contains the continued answer.
    """
    clarified: Annotated[tuple[Clarified, ...], BeforeValidator(_with_points)] = ()
    """What the candidate asked the interviewer."""
    probed: tuple[str, ...] = ()
    """Follow-up questions of the interviewer; the transcript holds the answers to them too."""

    @property
    def provenance(self) -> Provenance:
        """What produced the transcript and its latest grade."""
        return self.grade.provenance.model_copy(update={"transcriber": self.transcript.transcriber})


class SavedTurn(Value):
    """A saved turn."""

    turn: Turn
    at: datetime
    """When the answer ended, with its time zone."""
    audio: Path | None = None
    """The answer's audio; None if the candidate did not agree to save it."""
    interrupted: bool = False
    """Whether the program ended before the answer was graded; the transcript then has the words known by that time."""


class Session(Value):
    """One saved interview."""

    id: str
    """Short and sortable: date, time and a few letters."""
    started: datetime
    """When the session started, with time zone."""
    turns: tuple[SavedTurn, ...] = ()
