"""Converts between values and rows of the database. Uses no connections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError
from sqlalchemy import RowMapping

from agent.logic.speech.delivery import delivery
from agent.shell.store.answer_journal import AnswerState
from agent.values.audio import Clip
from agent.values.errors import StoreError
from agent.values.grade import Grade
from agent.values.session import SavedTurn, Session, Turn

INTERRUPTED = "The program ended before this answer was graded."
Loaded = TypeVar("Loaded")


class UnsavedTurn(NamedTuple):
    """A turn that is not in the database yet."""

    number: int
    """Number of the turn in its session, from 1."""
    turn: Turn
    clip: Clip | None
    """None saves no audio."""
    at: datetime
    interrupted: bool = False


def unsaved(state: AnswerState, clip: Clip | None) -> UnsavedTurn:
    """What to save of an answer: the graded turn, or an interrupted one with the words that were known."""
    if state.turn is None:
        return UnsavedTurn(state.label.number, _cut_off(state), clip, state.label.at, interrupted=True)
    turn = state.turn
    if len(state.transcript.words) > len(turn.transcript.words):
        # Interrupted in the follow-up: the grade covers what came before, the transcript covers everything.
        turn = turn.model_copy(update={"transcript": state.transcript})
    at = datetime.now().astimezone() if state.complete else state.label.at
    return UnsavedTurn(state.label.number, turn, clip, at)


def _cut_off(state: AnswerState) -> Turn:
    label = state.label
    grade = Grade(
        question_id=label.question_id,
        signal=label.signal,
        rating=None,
        ungraded_reason=INTERRUPTED,
        confidence=0.0,
        grader="none",
    )
    return Turn(
        question_id=label.question_id,
        transcript=state.transcript,
        grade=grade,
        delivery=delivery(state.transcript),
        attempt=label.attempt,
    )


def row_of(session_id: str, item: UnsavedTurn, audio: str | None) -> dict[str, Any]:
    """A row of TURNS; `audio` is the path within the store's folder, so that the folder can be moved."""
    grade = item.turn.grade
    return {
        "session_id": session_id,
        "number": item.number,
        "question_id": item.turn.question_id,
        "signal": grade.signal,
        "rating": grade.rating.value if grade.rating else None,
        "attempt": item.turn.attempt,
        "at": utc(item.at),
        "interrupted": item.interrupted,
        "audio": audio,
        "turn": as_json(item.turn),
    }


def saved_turn(folder: Path, row: RowMapping, regraded: Any) -> SavedTurn:
    """The turn in a row, with its latest grade. Raises StoreError."""

    def build() -> SavedTurn:
        turn = Turn.model_validate(row["turn"])
        if regraded is not None:
            turn = turn.model_copy(update={"grade": Grade.model_validate(regraded)})
        audio = folder / row["audio"] if row["audio"] else None
        there = audio if audio is not None and audio.exists() else None
        at = datetime.fromisoformat(row["at"]).astimezone()
        return SavedTurn(turn=turn, at=at, audio=there, interrupted=row["interrupted"])

    return loaded(row["session_id"], build)


def session_of(row: RowMapping, turns: Sequence[SavedTurn]) -> Session:
    """The session in a row. Raises StoreError."""

    def build() -> Session:
        started = datetime.fromisoformat(row["started"])
        # Without a zone it could not be compared with others.
        started = started if started.tzinfo is not None else started.astimezone()
        return Session(id=row["id"], started=started, turns=tuple(turns))

    return loaded(row["id"], build)


def loaded(session_id: str, build: Callable[[], Loaded]) -> Loaded:
    """What `build` makes of stored values. Raises StoreError if this version cannot read them."""
    try:
        return build()
    except (ValidationError, ValueError, TypeError, LookupError, OverflowError) as error:
        raise StoreError(
            f"session '{session_id}' cannot be read by this version of mock-interview; update it, or delete the session"
        ) from error


def as_json(value: Turn | Grade) -> Any:
    """The value as it is stored."""
    return value.model_dump(mode="json")


def utc(at: datetime) -> str:
    """A time as text that sorts correctly."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
