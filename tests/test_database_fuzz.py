"""A database file that is damaged, or written by something else, ends in our own error, whatever its bytes are."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from pathlib import Path
from shutil import rmtree

import pytest

from agent.shell.store.store import Store
from agent.values.errors import InputError, StoreError
from tests.sessions import answered, question

SECONDS = float(os.environ.get("FUZZ_SECONDS", "0"))
TRIES = 40
WORDS = (b'"wards"', b"[]     ", b"\xff\xfe     ")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database with two sessions."""
    folder = tmp_path_factory.mktemp("whole")
    store = Store.open(folder)
    for _ in range(2):
        session_id = store.begin()
        store.save(session_id, answered(question()))
        store.finish(session_id)
    # All of it into the one file.
    connection = sqlite3.connect(folder / "sessions.sqlite")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()
    return (folder / "sessions.sqlite").read_bytes()


def damaged(content: bytes, draw: random.Random) -> bytes:
    """Bytes overwritten, cut off, repeated, or text inside the rows replaced."""
    changed = bytearray(content)
    for _ in range(draw.randint(1, 8)):
        at = draw.randrange(len(changed))
        match draw.randrange(5):
            case 0:
                changed[at : at + draw.randint(1, 64)] = draw.randbytes(draw.randint(1, 64))
            case 1:
                del changed[at : at + draw.randint(1, 5000)]
            case 2:
                changed[at] ^= 1 << draw.randrange(8)
            case 3:
                changed = bytearray(
                    bytes(changed).replace(b'"words"', draw.choice([b'"wards"', b"[]     ", b"\xff\xfe     "]))
                )
            case _:
                changed[at:at] = changed[at : at + 4096]
        if not changed:
            break
    return bytes(changed)


@pytest.mark.timeout(SECONDS + 400)
def test_only_our_own_errors_come_out(whole: bytes, tmp_path: Path) -> None:
    """`FUZZ_SECONDS=600 python -m pytest tests/test_database_fuzz.py -s` tries for longer, and says how many."""
    draw, tried, read, ends = random.Random(0), 0, 0, time.monotonic() + SECONDS
    said: list[str] = []
    while tried < TRIES or time.monotonic() < ends:
        folder = tmp_path / str(tried)
        folder.mkdir()
        (folder / "sessions.sqlite").write_bytes(damaged(whole, draw))
        try:
            store = Store.open(folder)
            for session in store.sessions():
                store.grades(session.id)
            store.past_answers()
            read += 1
        except (StoreError, InputError) as error:
            said.append(str(error))
        tried += 1
        rmtree(folder)
    assert not [text for text in said if "\n" in text]
    print(f"{tried} damaged databases tried, {read} could still be read")
