"""Deletes sessions and audio, all or nothing: moves files aside first, and restores them if the database fails."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import delete, select, update

from agent.shell.store.database import Database
from agent.shell.store.tables import SESSIONS, TURNS
from agent.values.errors import StoreError


class Deletion:
    """Deletions in one folder. Raises StoreError and OSError."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._audio, self._aside = folder / "audio", folder / "deleted"

    def delete(self, ids: Sequence[str]) -> None:
        """Deletes the sessions with their audio."""
        self._move_aside(ids)
        try:
            with self._database.writing() as connection:
                connection.execute(delete(SESSIONS).where(SESSIONS.c.id.in_(ids)))
        except StoreError:
            self._move_back(ids)
            raise
        self._forget()

    def delete_audio(self, ids: Sequence[str]) -> None:
        """Deletes only the audio."""
        self._move_aside(ids)
        try:
            with self._database.writing() as connection:
                connection.execute(update(TURNS).where(TURNS.c.session_id.in_(ids)).values(audio=None))
        except StoreError:
            self._move_back(ids)
            raise
        self._forget()

    def finish_earlier(self) -> None:
        """Completes a deletion that was killed: files that the database
        still names are restored, the rest is removed.
        """
        if not self._aside.exists():
            return
        with self._database.reading() as connection:
            named = set(connection.scalars(select(TURNS.c.session_id).where(TURNS.c.audio.is_not(None))))
        self._move_back([path.name for path in self._aside.iterdir() if path.name in named])
        self._forget()

    def _move_aside(self, ids: Sequence[str]) -> None:
        self._aside.mkdir(mode=0o700, exist_ok=True)
        moved: list[str] = []
        try:
            for name in ids:
                if (self._audio / name).exists():
                    (self._audio / name).rename(self._aside / name)
                    moved.append(name)
        except OSError:
            self._move_back(moved)
            raise

    def _move_back(self, ids: Sequence[str]) -> None:
        for name in ids:
            if (self._aside / name).exists():
                (self._aside / name).rename(self._audio / name)

    def _forget(self) -> None:
        shutil.rmtree(self._aside, ignore_errors=True)
