"""Reads a manifest twice, row by row: first to report all of its faults, then to work through it."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Collection, Iterator
from functools import partial
from typing import Any, NamedTuple

from agent.adapters import stores
from agent.adapters.parquet_file import column_type
from agent.adapters.table_file import table_rows
from agent.logic.batch.manifest import EMPTY, Fault, FurtherTries, ManifestCheck, Place, TableRow, from_file_names
from agent.shell.batch.rows import output_name
from agent.values.batch import BatchItem
from agent.values.errors import InputError

_EMPTY_FOLDER = "there are no recordings in it; put audio files there whose names hold a question's id"


class CheckedManifest(NamedTuple):
    """What the first reading found."""

    rows: int
    columns: dict[str, str]
    """The manifest's own columns with the types that hold all of their values."""
    warning: str = ""
    """A warning about what is no fault but may not be intended."""


class Manifest:
    """A file of recordings, or a folder of them."""

    def __init__(self, place: str, questions: Collection[str]) -> None:
        """Raises InputError when there is no such file or folder."""
        self._place = place
        self._questions = questions
        self._is_folder = stores.is_folder(place)

    def checked(self) -> CheckedManifest:
        """Returns the manifest if it has no fault. Otherwise prints every fault with its line and raises InputError."""
        faults, count = 0, 0
        kinds: dict[str, set[type]] = {}
        further = FurtherTries()
        for item in self._read():
            if isinstance(item, Fault):
                faults += 1
                print(self._fault(item), file=sys.stderr)
                continue
            count += 1
            further.add(item)
            for name, value in item.columns.items():
                kinds.setdefault(name, set()).add(object if _is_huge(value) else type(value))
        faults += self._same_names(kinds)
        if faults:
            found = "1 fault, listed above" if faults == 1 else f"{faults} faults, listed above"
            lines = "" if self._is_folder else " with its line" if faults == 1 else " with their lines"
            raise InputError(f"{self._place}: {found}{lines}; nothing was computed")
        types = {name: column_type(found) for name, found in kinds.items()}
        return CheckedManifest(count, types, f"{self._place}: {further.text}" if further.count else "")

    def items(self) -> Iterator[BatchItem]:
        """The recordings in order. Raises InputError when the manifest was changed and has faults now."""
        for item in self._read(once=False):
            if isinstance(item, Fault):
                raise InputError(f"{self._fault(item)}; the manifest was changed during the run")
            yield item

    def _fault(self, fault: Fault) -> str:
        """A fault with its line; a folder has no lines."""
        return f"{self._place}: {fault.text}" if self._is_folder else f"{self._place}:{fault.line}: {fault.text}"

    def _same_names(self, columns: Collection[str]) -> int:
        """Prints which columns would have the same name in the output; returns how many."""
        names = Counter(map(output_name, columns))
        for name in (name for name, count in names.items() if count > 1):
            print(f"{self._place}:1: two columns would be '{name}' in the output; rename one", file=sys.stderr)
        return len(columns) - len(names)

    def _read(self, once: bool = True) -> Iterator[BatchItem | Fault]:
        base = self._place if self._is_folder else stores.folder_of(self._place)
        check = ManifestCheck(self._questions, Place(partial(stores.absolute, base=base), stores.problem), once)
        return check.items(self._rows(), _EMPTY_FOLDER if self._is_folder else EMPTY)

    def _rows(self) -> Iterator[TableRow | Fault]:
        if not self._is_folder:
            return table_rows(self._place)
        place: Any = self._place if stores.is_url(self._place) else os.path.abspath(self._place)
        return from_file_names(stores.recordings_in(place), self._questions)


def _is_huge(value: object) -> bool:
    """Whether the value is a whole number too large for a table's column."""
    return isinstance(value, int) and value.bit_length() > 63
