"""Moves what a run left in its journal into the database. Each step checks whether it is already done, so the process
can be killed at any point.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import and_, select

from agent.shell.store.answer_journal import FoundAnswer, found_answers, put_away
from agent.shell.store.database import Database
from agent.shell.store.rows import UnsavedTurn, loaded, unsaved
from agent.shell.store.tables import TURNS
from agent.shell.store.turn_writer import TurnWriter
from agent.values.session import Turn


class Recovery:
    """Recovery of the sessions in one folder."""

    def __init__(self, database: Database, live: Path, writer: TurnWriter) -> None:
        self._database, self._live, self._writer = database, live, writer

    def take_in(self, session_id: str, busy_s: float | None = None) -> None:
        """Saves every answer in the session's journal. Raises StoreError or
        OSError; the rest waits for the next start.
        """
        for files, found in found_answers(self._live, session_id):
            if found is not None:
                self._take_in_answer(session_id, found, busy_s)
            put_away(files)
        for part in [*self._live.glob(f"{session_id}.*.part"), *self._writer.parts(session_id)]:
            part.unlink(missing_ok=True)

    def _take_in_answer(self, session_id: str, found: FoundAnswer, busy_s: float | None) -> None:
        clip = found.clip if len(found.clip.samples) else None
        item = unsaved(found.state, clip)
        if not self._is_complete(session_id, item):
            self._writer.write(session_id, item, busy_s)

    def _is_complete(self, session_id: str, item: UnsavedTurn) -> bool:
        """Whether the database already has the complete answer: the run was killed before removing the journal."""
        same = and_(TURNS.c.session_id == session_id, TURNS.c.number == item.number)
        with self._database.reading() as connection:
            row = connection.execute(select(TURNS.c.interrupted, TURNS.c.audio, TURNS.c.turn).where(same)).one_or_none()
        if row is None or row.interrupted:
            return False
        there = loaded(session_id, lambda: Turn.model_validate(row.turn))
        if len(there.transcript.words) < len(item.turn.transcript.words):
            return False
        return self._writer.has_audio(row.audio) or item.clip is None
