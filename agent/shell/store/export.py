"""Sessions as JSON, CSV and Markdown for other programs; returns text, writes no files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from agent.logic.grading.naming import title_of
from agent.logic.speech.spacing import close_gaps
from agent.values.rubric import Question
from agent.values.session import SavedTurn, Session

COLUMNS = (
    "session", "started", "number", "question_id", "signal", "attempt", "at", "interrupted", "rating", "confidence",
    "ungraded_reason", "grader", "hints_used", "words", "words_per_minute", "points_met", "points_missed", "transcript",
    "audio",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Spreadsheets run cells that begin with these, some also with the wide forms of East Asian fonts."""


def as_json(sessions: Sequence[Session]) -> str:
    """Returns everything, as a list of sessions."""
    return json.dumps([session.model_dump(mode="json") for session in sessions], ensure_ascii=False, indent=1) + "\n"


def as_csv(sessions: Sequence[Session]) -> str:
    """Returns one row per answer."""
    out = io.StringIO()
    table = csv.DictWriter(out, COLUMNS)
    table.writeheader()
    for session in sessions:
        for number, saved in enumerate(session.turns, start=1):
            table.writerow({name: cell(value) for name, value in _row(session, number, saved).items()})
    return out.getvalue()


def _row(session: Session, number: int, saved: SavedTurn) -> dict[str, Any]:
    turn, grade = saved.turn, saved.turn.grade
    return {
        "session": session.id,
        "started": session.started.isoformat(),
        "number": number,
        "question_id": turn.question_id,
        "signal": grade.signal,
        "attempt": turn.attempt,
        "at": saved.at.isoformat(),
        "interrupted": saved.interrupted,
        "rating": grade.rating.value if grade.rating else None,
        "confidence": grade.confidence,
        "ungraded_reason": grade.ungraded_reason,
        "grader": grade.grader,
        "hints_used": grade.hints_used,
        "words": len(turn.transcript.words),
        "words_per_minute": turn.delivery.words_per_minute,
        "points_met": " ".join(grade.points_met),
        "points_missed": " ".join(point.id for point in grade.points if not point.met),
        "transcript": turn.transcript.text,
        "audio": saved.audio,
    }


def cell(value: object) -> object:
    """Escapes a cell that a spreadsheet would run as a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def as_markdown(sessions: Sequence[Session], questions: Mapping[str, Question] | None = None) -> str:
    """Text for people to read; points have their titles if their question is among `questions`."""
    return "\n".join(line for session in sessions for line in _session(session, questions or {})) + "\n"


def _session(session: Session, questions: Mapping[str, Question]) -> list[str]:
    lines = [f"# Session {session.id}", "", f"{session.started:%A %d %B %Y %H:%M}", ""]
    for number, saved in enumerate(session.turns, start=1):
        lines += [*_turn(number, saved, questions.get(saved.turn.question_id)), ""]
    return lines


def _turn(number: int, saved: SavedTurn, question: Question | None) -> list[str]:
    turn, grade = saved.turn, saved.turn.grade
    rating = f"**{grade.rating.spoken}**, sure {grade.confidence:.0%}" if grade.rating else f"{grade.ungraded_reason}"
    lines = [f"## {number}. {turn.question_id}", "", f"{grade.signal}, attempt {turn.attempt}: {rating}", ""]
    lines += [f"> {turn.transcript.text}", ""] if turn.transcript.words else []
    lines += [
        f'- [x] {title_of(question, point.id)}: "{close_gaps(point.quote or "")}"'
        for point in grade.points
        if point.met
    ]
    lines += [f"- [ ] {title_of(question, point.id)}" for point in grade.points if not point.met]
    lines += [
        f'- the opposite of {title_of(question, item.target)}: "{close_gaps(item.quote)}"'
        for item in grade.contradicted
    ]
    truths = {} if question is None else {item.id: item.truth for item in question.misconceptions}
    lines += [
        f'- not right: "{close_gaps(wrong.quote)}" {truths.get(wrong.target, "")}'.rstrip()
        for wrong in grade.misconceptions
    ]
    return lines + [f"- next: {hint.text}" for hint in grade.hints]
