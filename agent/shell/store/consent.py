"""Whether the candidate agreed to save the audio of their answers."""

from __future__ import annotations

from sqlalchemy import delete, insert, select

from agent.shell.store.database import Database
from agent.shell.store.tables import SETTINGS

_AGREED = "keep_audio"


class Consent:
    """The consent in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def to_audio(self) -> bool | None:
        """Whether the candidate agreed to save audio; None if they were never asked. Raises StoreError."""
        with self._database.reading() as connection:
            value = connection.scalar(select(SETTINGS.c.value).where(SETTINGS.c.name == _AGREED))
        return None if value is None else value == "yes"

    def remember(self, agreed: bool) -> None:
        """Stores the candidate's answer. Raises StoreError."""
        with self._database.writing() as connection:
            connection.execute(delete(SETTINGS).where(SETTINGS.c.name == _AGREED))
            connection.execute(insert(SETTINGS).values(name=_AGREED, value="yes" if agreed else "no"))
