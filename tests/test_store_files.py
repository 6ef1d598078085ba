"""The store's database and folder: of another version, damaged, read-only, full, or in use by another program."""

from __future__ import annotations

import os
import sqlite3
import sys
import tempfile
from contextlib import nullcontext
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import update

import agent.shell.store.migrations
from agent.adapters.recordings import Recordings
from agent.shell.store.store import Store
from agent.shell.store.tables import METADATA, SESSIONS, VERSION
from agent.values.errors import StoreError
from tests.sessions import SOUND, answered, joined, question


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(tmp_path / "data")


def test_the_migrations_make_the_tables_that_the_code_uses(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from sqlalchemy import create_engine

    engine = create_engine(f"sqlite:///{store.folder / 'sessions.sqlite'}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    engine.dispose()
    folder = Path(agent.shell.store.migrations.__file__).parent
    assert ScriptDirectory(str(folder)).get_current_head() == VERSION


def test_a_newer_database_is_refused_and_left_as_it_is(store: Store) -> None:
    file = store.folder / "sessions.sqlite"
    connection = sqlite3.connect(file)
    connection.execute("UPDATE alembic_version SET version_num = '999'")
    connection.commit()
    connection.close()
    before = file.read_bytes()
    with pytest.raises(StoreError, match="newer version"):
        Store.open(store.folder)
    assert file.read_bytes() == before


@pytest.mark.parametrize("what", ["text", "database"])
def test_a_file_of_something_else_is_refused_and_left_as_it_is(tmp_path: Path, what: str) -> None:
    file = tmp_path / "sessions.sqlite"
    if what == "text":
        file.write_text("these are my notes, and no database at all " * 100, encoding="utf-8")
    else:
        connection = sqlite3.connect(file)
        connection.execute("CREATE TABLE recipes (name TEXT)")
        connection.close()
    before = file.read_bytes()
    with pytest.raises(StoreError) as told:
        Store.open(tmp_path)
    assert "\n" not in str(told.value)
    assert file.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_reported_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="another folder"):
        Store.open(tmp_path / "file" / "data")


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of Unix")
def test_a_folder_that_may_only_be_read_is_read() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = Store.open(folder)
        session_id = store.begin()
        store.save(session_id, answered(question()))
        store.finish(session_id)
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        root = os.geteuid() == 0
        try:
            if root:
                # Root may write everywhere.
                os.seteuid(65534)
            read_only = Store.open(folder)
            assert [len(session.turns) for session in read_only.sessions()] == [1]
            with pytest.raises(StoreError):
                read_only.begin()
            # It would be written into the copy that is read, and be gone.
            with pytest.raises(StoreError, match="may only be read"):
                read_only.consent.remember(True)
            with pytest.raises(StoreError, match="may only be read"):
                read_only.regrade(session_id, {1: answered(question()).grade})
        finally:
            if root:
                os.seteuid(0)
            for path in [folder, *folder.rglob("*")]:
                path.chmod(0o755)


def test_a_damaged_time_is_our_error_and_one_without_a_zone_is_read(store: Store) -> None:
    for _ in range(2):
        session_id = store.begin()
        store.save(session_id, answered(question()))
        store.finish(session_id)
    for started, readable in (("2026-11-30T05:30:05.822=49+00:00", False), ("2026-11-30T05:30:05", True)):
        with store._database.writing() as connection:
            connection.execute(update(SESSIONS).where(SESSIONS.c.id == session_id).values(started=started))
        with nullcontext() if readable else pytest.raises(StoreError, match="cannot be read"):
            assert len(store.sessions()) == 2


def test_on_a_full_disk_the_room_set_aside_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        free: int

    spare = tmp_path / "spare"
    for left, there in ((1 << 30, True), (1 << 19, False), (1 << 21, False), (1 << 30, True), (1 << 21, True)):
        usage = Usage(left)
        monkeypatch.setattr("shutil.disk_usage", lambda _, usage=usage: usage)
        Store.open(tmp_path)
        assert spare.exists() == there


def test_what_was_being_deleted_when_the_program_was_killed_comes_back(store: Store) -> None:
    session_id = store.begin()
    saved = store.save(session_id, answered(question()), joined(list(islice(Recordings([SOUND]).frames(), 30))))
    store.finish(session_id)
    assert saved.audio is not None
    aside = store.folder / "deleted"
    aside.mkdir()
    saved.audio.parent.rename(aside / session_id)
    assert Store.open(store.folder).session(session_id).turns[0].audio == saved.audio
    assert not aside.exists()


def test_a_store_that_another_program_does_not_let_go_of_is_reported(store: Store) -> None:
    from filelock import FileLock

    with FileLock(store.folder / "lock"), pytest.raises(StoreError, match="another mock-interview is using"):
        store._alone(0.05).__enter__()
