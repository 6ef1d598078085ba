"""Reads sessions and earlier answers from the store; never writes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, select, true

from agent.logic.grading.overall import superseded
from agent.logic.spelling import did_you_mean
from agent.shell.store.database import Database
from agent.shell.store.rows import loaded, saved_turn, session_of
from agent.shell.store.tables import REGRADES, SESSIONS, TURNS
from agent.values.errors import InputError
from agent.values.grade import Grade
from agent.values.history import PastAnswer
from agent.values.session import SavedTurn, Session, Turn

_DATE = len("20261231")


class History:
    """The sessions of one database."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self.folder = folder
        """Where the audio of the answers is."""

    def sessions(self) -> list[Session]:
        """All sessions, the oldest first. Raises StoreError."""
        return self._read(true())

    def session(self, name: str) -> Session:
        """Returns the session that find() finds; each turn has its latest grade. Raises InputError or StoreError."""
        session_id = self.find(name)
        found = self._read(SESSIONS.c.id == session_id)
        if not found:
            raise InputError(f"session '{session_id}' was deleted just now")
        return found[0]

    def find(self, name: str) -> str:
        """The id that begins with `name` (at least its date), or that of the
        "latest" session. Raises InputError with similar ids.
        """
        with self._database.reading() as connection:
            rows = connection.execute(select(SESSIONS.c.id, SESSIONS.c.started)).all()
        known = loaded(name, lambda: [str(row.id) for row in sorted(rows, key=lambda row: _time(row.started))])
        if name in known:
            return name
        # A shorter prefix may match by chance, and the caller may be about to delete the session.
        fitting = [item for item in known if len(name) >= _DATE and item.startswith(name)]
        if name == "latest":
            fitting = known[-1:]
        if len(fitting) != 1:
            raise InputError(_unknown(name, known, fitting))
        return fitting[0]

    def has_turns(self, session_id: str) -> bool:
        """Whether the store has any turn of a session. Raises StoreError."""
        with self._database.reading() as connection:
            return (
                connection.scalar(select(TURNS.c.number).where(TURNS.c.session_id == session_id).limit(1)) is not None
            )

    def grades(self, session_id: str) -> list[list[Grade]]:
        """The grades of each turn of a session, the first one first. Raises StoreError."""
        with self._database.reading() as connection:
            turns = connection.execute(
                select(TURNS.c.number, TURNS.c.turn).where(TURNS.c.session_id == session_id).order_by(TURNS.c.number)
            ).all()
            further = connection.execute(
                select(REGRADES.c.number, REGRADES.c.grade)
                .where(REGRADES.c.session_id == session_id)
                .order_by(REGRADES.c.revision)
            ).all()

        def build() -> list[list[Grade]]:
            found = {number: [Turn.model_validate(turn).grade] for number, turn in turns}
            for number, grade in further:
                found[number].append(Grade.model_validate(grade))
            return list(found.values())

        return loaded(session_id, build)

    def past_answers(self, but: Collection[str] = ()) -> list[PastAnswer]:
        """Every graded answer with its latest grade, the oldest first; a continued answer counts once.

        Leaves out the sessions whose ids are in `but`.
        """
        found = []
        for session in (session for session in self.sessions() if session.id not in but):
            turns = [saved.turn for saved in session.turns]
            for index, saved in enumerate(session.turns):
                grade = saved.turn.grade
                if grade.rating is None or superseded(turns, index):
                    continue
                missed = tuple(hint.point_id for hint in grade.hints)
                found.append(
                    PastAnswer(
                        question_id=grade.question_id,
                        signal=grade.signal,
                        rating=grade.rating,
                        at=saved.at,
                        missed=missed,
                    )
                )
        return sorted(found, key=lambda answer: answer.at)

    def _read(self, which: ColumnElement[bool]) -> list[Session]:
        of_these = select(TURNS).join(SESSIONS).where(which).order_by(TURNS.c.number)
        with self._database.reading() as connection:
            rows = connection.execute(select(SESSIONS).where(which).order_by(SESSIONS.c.id)).mappings().all()
            turns = connection.execute(of_these).mappings().all()
            latest = _latest_grades(connection)
        saved: dict[str, list[SavedTurn]] = {row["id"]: [] for row in rows}
        for row in turns:
            regraded = latest.get((row["session_id"], row["number"]))
            saved[row["session_id"]].append(saved_turn(self.folder, row, regraded))
        # Ids begin with the local time, which goes back at the end of summer time or when the candidate travels.
        return sorted((session_of(row, saved[row["id"]]) for row in rows), key=lambda session: session.started)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _latest_grades(connection: Connection) -> dict[tuple[str, int], Any]:
    rows = connection.execute(select(REGRADES).order_by(REGRADES.c.revision)).mappings()
    return {(row["session_id"], row["number"]): row["grade"] for row in rows}


def _unknown(session_id: str, known: Sequence[str], fitting: Sequence[str]) -> str:
    if not known:
        return f"no session '{session_id}'; no sessions are saved yet"
    fix = did_you_mean(session_id, fitting or known) or "'mock-interview history' lists them"
    return f"no session '{session_id}'; {fix}"
