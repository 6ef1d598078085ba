"""Profile, plan and progress of interviews, beside the turns of their sessions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.dialects.sqlite import insert

from agent.shell.store.database import Database
from agent.shell.store.rows import loaded
from agent.shell.store.tables import INTERVIEWS
from agent.values.interview_record import InterviewRecord

_STORED_AS = {"progress": "pace"}
"""Keys in the database that differ from the names of the fields."""


class Interviews:
    """The records in one database; a row is deleted with its session."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(self, session_id: str, record: InterviewRecord, busy_s: float | None = None) -> None:
        """Writes a session's record, replacing an earlier one. Raises StoreError."""
        values = {"session_id": session_id, "record": _stored(record)}
        row = insert(INTERVIEWS).values(values)
        with self._database.writing(busy_s) as connection:
            connection.execute(row.on_conflict_do_update(index_elements=["session_id"], set_=values))

    def of(self, session_id: str) -> InterviewRecord | None:
        """Returns a session's record; None if it had neither profile nor progress. Raises StoreError."""
        return self.all().get(session_id)

    def unfinished(self) -> dict[str, InterviewRecord]:
        """Returns the records of whole interviews that can be continued, the oldest first. Raises StoreError."""
        return {name: record for name, record in self.all().items() if record.unfinished}

    def all(self) -> dict[str, InterviewRecord]:
        """Returns all records, the oldest first. Raises StoreError."""
        with self._database.reading() as connection:
            # A read-only folder that an earlier version wrote has no such table.
            if not inspect(connection).has_table(INTERVIEWS.name):
                return {}
            rows = connection.execute(select(INTERVIEWS).order_by(INTERVIEWS.c.session_id)).all()
        return {session_id: _record(session_id, record) for session_id, record in rows}


def _stored(record: InterviewRecord) -> dict[str, Any]:
    return {_STORED_AS.get(name, name): value for name, value in record.model_dump(mode="json").items()}


def _record(session_id: str, stored: Any) -> InterviewRecord:
    return loaded(session_id, lambda: InterviewRecord.model_validate(_named(stored)))


def _named(stored: Any) -> Any:
    """The record with our names; what is no mapping is left to the validation."""
    if not isinstance(stored, dict):
        return stored
    names = {key: name for name, key in _STORED_AS.items()}
    return {names.get(key, key): value for key, value in stored.items()}
