"""The debrief of a whole interview as the page shows it: plain values for JSON, no markup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from agent.logic.profile.table import ClaimRow
from agent.logic.reporting.notes import Quoted, SignalNote, interview_notes
from agent.values.profile import Profile
from agent.values.rubric import Question, Rating, in_words
from agent.values.session import Turn


class Answered(NamedTuple):
    """One answer of a whole interview."""

    turn: Turn
    sound: str | None
    """The address of its audio; None when there is none."""


def debrief(answers: Sequence[Answered], known: Mapping[str, Question], profile: Profile | None) -> dict[str, Any]:
    """The overall rating, what to work on with the moments to replay, each signal with evidence, and the claims."""
    notes = interview_notes([item.turn for item in answers], known, profile)
    # Of each question the first try counts, and it is the one that is quoted.
    sounds = {item.turn.question_id: item.sound for item in reversed(answers)}
    return {
        **_rated(notes.overall),
        "meaning": notes.meaning,
        "basis": notes.basis,
        "work_on": [
            {"title": item.heading, "why": item.why, "sound": sounds.get(item.question_id), "start_s": item.start_s}
            for item in notes.work_on
        ],
        "signals": [_signal(note, sounds) for note in notes.signals],
        "hints": notes.hints,
        "claims": [_claim(row) for row in notes.claims],
    }


def _rated(rating: Rating | None) -> dict[str, Any]:
    return {"rating": rating.spoken if rating else None, "rank": rating.rank if rating else None}


def _signal(note: SignalNote, sounds: Mapping[str, str | None]) -> dict[str, Any]:
    return {
        "signal": in_words(note.signal),
        **_rated(note.rating),
        "meaning": note.meaning,
        "evidence": [_quoted(item, sounds) for item in note.evidence],
        "wrong": [_quoted(item, sounds) for item in note.wrong],
        "above": list(note.above),
        "missing": list(note.missing),
    }


def _quoted(item: Quoted, sounds: Mapping[str, str | None]) -> dict[str, Any]:
    return {"label": item.label, "quote": item.quote, "sound": sounds.get(item.question_id), "start_s": item.start_s}


def _claim(row: ClaimRow) -> dict[str, Any]:
    return {
        "name": row.claim.name,
        "answers": list(row.answers),
        "source": row.claim.source,
        "rating": row.rating.spoken if row.rating else "not tested",
        "says": row.says,
    }
