"""Writes a turn: first its row in one transaction, then its audio."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.sqlite import insert

from agent.adapters.flac_file import write_flac
from agent.shell.store.database import Database
from agent.shell.store.rows import UnsavedTurn, row_of
from agent.shell.store.tables import TURNS


class TurnWriter:
    """Writes turns into one folder."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database, self._folder = database, folder

    def write(self, session_id: str, item: UnsavedTurn, busy_s: float | None = None) -> Path | None:
        """Writes a turn, replacing any with the same number; returns where its audio is.

        `busy_s` is how long to wait for another program that is writing. Raises StoreError.
        """
        audio = self._audio_path(session_id, item) if item.clip is not None and len(item.clip.samples) else None
        relative = None if audio is None else audio.relative_to(self._folder).as_posix()
        values = row_of(session_id, item, relative)
        row = insert(TURNS).values(values)
        row = row.on_conflict_do_update(index_elements=["session_id", "number"], set_=values)
        with self._database.writing(busy_s) as connection:
            connection.execute(row)
        if audio is not None and item.clip is not None:
            write_flac(audio, item.clip)
        return audio

    def has_audio(self, relative: str | None) -> bool:
        """Whether a row's audio file exists."""
        return relative is not None and (self._folder / relative).exists()

    def folder_of(self, session_id: str) -> Path:
        """The folder with a session's audio."""
        return self._folder / "audio" / session_id

    def parts(self, session_id: str) -> Iterable[Path]:
        """Files that were not written completely."""
        return self.folder_of(session_id).glob(".*.part")

    def _audio_path(self, session_id: str, item: UnsavedTurn) -> Path:
        return self.folder_of(session_id) / f"{item.number:02d}-{item.turn.question_id}.flac"


def next_number(connection: Connection, session_id: str) -> int:
    """Number of the next turn."""
    last = connection.scalar(select(func.max(TURNS.c.number)).where(TURNS.c.session_id == session_id))
    return (last or 0) + 1
