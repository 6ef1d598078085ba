"""Outcomes saved one by one as they come, in an append-only file, so that a batch can be interrupted at any instant.

Memory holds only the place of each outcome. A later line replaces earlier ones about the same work. A half line at the
end, left by a run that was killed, is cut off.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from pydantic import ValidationError

from agent.logic.batch.keys import KeySet
from agent.values.batch import Outcome
from agent.values.errors import StoreError


class Entry(NamedTuple):
    """What is known about an outcome without reading it."""

    offset: int
    """Position of its line, in bytes."""
    stamp: str
    retry: bool
    """Whether it failed and may succeed at another time."""
    failed: bool


class OutcomeJournal:
    """The file of a batch; one program at a time."""

    def __init__(self, path: Path) -> None:
        """Raises StoreError when it cannot be used."""
        self._path = path
        self._by_work: dict[bytes, Entry] = {}
        self._by_key: dict[bytes, int] = {}
        try:
            self._file: BinaryIO = open(path, "a+b")  # noqa: SIM115  # open as long as the journal is
            for offset, line in self._lines():
                self._index(offset, line)
        except OSError as error:
            raise StoreError(f"{path}: cannot be used ({error.strerror}); give another folder") from error

    def entry(self, work: str) -> Entry | None:
        """Returns the entry of some work; None if it has no outcome yet."""
        return self._by_work.get(bytes.fromhex(work))

    @property
    def keys(self) -> KeySet:
        """The keys of all saved grades."""
        return KeySet(self._by_key)

    def outcome(self, entry: Entry) -> Outcome:
        """Reads the outcome itself. Raises StoreError if it can no longer be read."""
        try:
            self._file.seek(entry.offset)
            return Outcome.model_validate(json.loads(self._file.readline())["outcome"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(f"{self._path}: damaged while it was in use; remove it and start anew") from error

    def add(self, work: str, outcome: Outcome) -> None:
        """Saves an outcome at once. Raises StoreError when it cannot be written; all before it stay."""
        line = json.dumps({"work": work, "outcome": outcome.model_dump(mode="json", exclude_defaults=True)})
        offset = self._file.seek(0, os.SEEK_END)
        try:
            self._file.write(line.encode() + b"\n")
            self._file.flush()
        except OSError as error:
            self._cut(offset)
            raise StoreError(
                f"{self._path}: the outcome cannot be saved ({error.strerror}); make room there, then run this again"
            ) from error
        failure = outcome.failure.model_dump() if outcome.failure is not None else None
        found = {"key": outcome.key, "stamp": outcome.stamp, "failure": failure, "turn": outcome.turn}
        self._remember(work, offset, found)

    def close(self) -> None:
        """Closes the file once everything is on the disk. Raises StoreError."""
        try:
            os.fsync(self._file.fileno())
            self._file.close()
        except OSError as error:
            raise StoreError(f"{self._path}: cannot be written ({error.strerror}); run this again") from error

    def _cut(self, offset: int) -> None:
        """Removes half a line. Its bytes may still be in Python's buffer, so the file is reopened."""
        with suppress(OSError):
            self._file.close()
        os.truncate(self._path, offset)
        self._file = open(self._path, "a+b")  # noqa: SIM115

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        self._file.seek(0)
        offset = 0
        for line in self._file:
            if not line.endswith(b"\n"):
                self._cut(offset)
                return
            yield offset, line
            offset += len(line)

    def _index(self, offset: int, line: bytes) -> None:
        """Skips an unreadable line (zeros after a power failure); its recording is graded again."""
        try:
            data = json.loads(line)
            Outcome.model_validate({**data["outcome"], "turn": None})
            self._remember(data["work"], offset, data["outcome"])
        except (ValueError, KeyError, TypeError, ValidationError):
            return

    def _remember(self, work: str, offset: int, outcome: dict[str, Any]) -> None:
        failure, key = outcome.get("failure"), outcome.get("key")
        if outcome.get("turn") is not None and key:
            self._by_key[bytes.fromhex(key)] = offset
        elif failure is None:
            # The same sound was graded before, perhaps under another name: its line has the grade.
            offset = self._by_key[bytes.fromhex(key or "")]
        retry = bool(failure and failure["retry"])
        self._by_work[bytes.fromhex(work)] = Entry(offset, outcome.get("stamp") or "", retry, failure is not None)
