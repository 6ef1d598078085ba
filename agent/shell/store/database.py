"""The SQLite file: opens it, migrates it to this version's schema, and rejects a file of a newer version. Independent
of what the tables contain.
"""

from __future__ import annotations

import atexit
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from agent.shell.store.tables import VERSION
from agent.values.errors import StoreError

BUSY_S = 10.0
"""Default for how many seconds one run waits for another to finish writing."""
_DAMAGED = (SQLAlchemyError, sqlite3.Error, ValueError, TypeError, OverflowError, LookupError)
"""Exceptions for a file whose bytes have changed: the driver, the JSON reader and SQLAlchemy raise different ones."""
_MIGRATIONS = Path(__file__).parent / "migrations"
_INSTEAD = "use another folder"
_OTHERWISE = f"or {_INSTEAD}"


class Database:
    """One file. A connection lives as long as its transaction, so nothing stays open if the program dies."""

    def __init__(self, path: Path, copy_of: Path | None = None) -> None:
        """`copy_of` is the file in a folder that may only be read; then nothing can be written."""
        self.path, self._original = path, copy_of
        url = URL.create("sqlite", database=str(path))
        self._engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": BUSY_S})
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)
        self._writer = self._engine.execution_options(writes=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A snapshot for reading. Raises StoreError."""
        with self._translated(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self, busy_s: float | None = None) -> Iterator[Connection]:
        """Opens one transaction, which is written as a whole or not at all.

        `busy_s` is how long to wait for another writer. Raises StoreError.
        """
        if self._original is not None:
            raise StoreError(f"{self._original.parent}: may only be read, so nothing can be saved there; {_INSTEAD}")
        writer = self._writer if busy_s is None else self._writer.execution_options(busy_s=busy_s)
        with self._translated(), writer.begin() as connection:
            yield connection

    def migrate(self) -> None:
        """Migrates the file to this version. Raises StoreError if it is newer or not ours; then nothing is changed."""
        with self.reading() as connection:
            found = self._version(connection)
        if found == VERSION:
            return
        if found is not None and found not in _revisions():
            raise StoreError(
                f"{self.path}: written by a newer version of mock-interview; update this one, {_OTHERWISE}"
            )
        self._allow_reading_while_writing()
        with self.writing() as connection:
            _upgrade(connection)

    def _version(self, connection: Connection) -> str | None:
        tables = inspect(connection).get_table_names()
        if not tables:
            return None
        if "alembic_version" not in tables:
            raise StoreError(f"{self.path}: a database of another program; move it away, {_OTHERWISE}")
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())

    def _allow_reading_while_writing(self) -> None:
        with self._translated():
            raw = self._engine.raw_connection()
            try:
                raw.cursor().execute("PRAGMA journal_mode=WAL")
            finally:
                raw.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except _DAMAGED as error:
            # One line: SQLAlchemy adds the statement and a link.
            said = " ".join(str(getattr(error, "orig", None) or error).split())[:200]
            raise StoreError(
                f"{self.path}: the saved sessions cannot be read or written ({said}); "
                f"check the file and the free disk space, {_OTHERWISE}"
            ) from error


def readable_copy(path: Path) -> Path:
    """A copy in a temporary folder that lives as long as the program: SQLite cannot read where it may not write."""
    folder = tempfile.TemporaryDirectory(prefix="mock-interview-")
    atexit.register(folder.cleanup)
    try:
        for file in path.parent.glob(f"{path.name}*"):
            shutil.copy(file, folder.name)
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror}); check who may read it") from error
    return Path(folder.name) / path.name


def _prepare(connection: Any, _record: Any) -> None:
    # Python's driver begins transactions by itself, but not before a CREATE TABLE; we begin ours explicitly.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=ON")
    # Deleted data is overwritten, not merely marked as free.
    connection.execute("PRAGMA secure_delete=ON")


def _begin(connection: Connection) -> None:
    # A transaction that starts by reading and then writes fails at once if another process wrote meanwhile; ours waits.
    options = connection.get_execution_options()
    writes = options.get("writes")
    if "busy_s" in options:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={round(1000 * options['busy_s'])}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _config() -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def _revisions() -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _upgrade(connection: Connection) -> None:
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
