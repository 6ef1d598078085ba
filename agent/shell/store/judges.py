"""Which language-model servers on this machine the user agreed to, and how their models did in the trial."""

from __future__ import annotations

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from agent.logic.grading.trial import Trial
from agent.shell.store.database import Database
from agent.shell.store.tables import SETTINGS


class Judges:
    """Consents and trials in one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def agreed(self, base_url: str) -> bool:
        """Whether the user agreed that answers are sent to a server. Raises StoreError."""
        return self._value(f"agreed {base_url}") == "yes"

    def agree(self, base_url: str) -> None:
        """Stores that the user agreed. Raises StoreError."""
        self._write(f"agreed {base_url}", "yes")

    def trial(self, base_url: str, model: str) -> Trial | None:
        """Returns the latest trial of a model; None if there is none that this version can read. Raises StoreError."""
        value = self._value(f"trial {base_url} {model}")
        try:
            return None if value is None else Trial.model_validate_json(value)
        except ValidationError:
            return None

    def remember(self, base_url: str, model: str, trial: Trial) -> None:
        """Stores a trial, replacing an earlier one. Raises StoreError."""
        self._write(f"trial {base_url} {model}", trial.model_dump_json())

    def _value(self, name: str) -> str | None:
        with self._database.reading() as connection:
            value = connection.scalar(select(SETTINGS.c.value).where(SETTINGS.c.name == name))
        return None if value is None else str(value)

    def _write(self, name: str, value: str) -> None:
        row = insert(SETTINGS).values(name=name, value=value)
        with self._database.writing() as connection:
            connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={"value": value}))
