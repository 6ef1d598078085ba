"""How long this candidate pauses, from one session to the next."""

from __future__ import annotations

from pydantic import ValidationError
from sqlalchemy import delete, insert, select

from agent.logic.speech.pause_habit import PauseHabit
from agent.shell.store.database import Database
from agent.shell.store.tables import SETTINGS

NAME = "pause_habit"


class RememberedHabit:
    """The habit in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self) -> PauseHabit:
        """Returns the habit from earlier sessions; an empty one if it cannot be read. Raises StoreError."""
        with self._database.reading() as connection:
            value = connection.scalar(select(SETTINGS.c.value).where(SETTINGS.c.name == NAME))
        try:
            return PauseHabit() if value is None else PauseHabit.model_validate_json(value)
        except ValidationError:
            return PauseHabit()

    def remember(self, habit: PauseHabit) -> None:
        """Stores the habit for the next session. Raises StoreError."""
        with self._database.writing() as connection:
            connection.execute(delete(SETTINGS).where(SETTINGS.c.name == NAME))
            connection.execute(insert(SETTINGS).values(name=NAME, value=habit.model_dump_json()))
