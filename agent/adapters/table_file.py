"""Reads tables of recordings, row by row with line numbers: CSV, JSON lines and Parquet."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from typing import Any

from agent.adapters import parquet_file
from agent.adapters.stores import open_binary, open_text
from agent.logic.batch.manifest import Fault, TableRow
from agent.values.errors import InputError

_NOT_UTF8 = "not UTF-8 text; save the file as UTF-8"
_UNNAMED = "a cell stands in a column without a name; name the column, or remove the cell"
_LONGEST_CELL = 1 << 24
"""Maximum characters of a cell. Only a quote that is never closed makes a longer one, which would fill the memory."""
_KINDS = "CSV (.csv, .tsv), JSON lines (.jsonl, .ndjson) or Parquet (.parquet)"


def table_rows(place: str) -> Iterator[TableRow | Fault]:
    """Yields the rows of a file, and a fault for each line that cannot be read.

    Raises InputError if the file cannot be opened or its type is unknown.
    """
    name = place.lower().split("?", 1)[0]
    if name.endswith((".csv", ".tsv", ".txt")):
        return _csv(place)
    if name.endswith((".jsonl", ".ndjson", ".json")):
        return _jsonl(place)
    if name.endswith((".parquet", ".pq")):
        return _parquet(place)
    raise InputError(f"{place}: the ending of its name is of no known kind; give {_KINDS}")


def _csv(place: str) -> Iterator[TableRow | Fault]:
    with open_text(place) as file:
        head = file.readline()
        file.seek(0)
        columns: list[str] | None = None
        empty = True
        for line, cells in _csv_lines(file, _delimiter(head)):
            if isinstance(cells, Fault):
                yield cells
            elif columns is not None:
                empty = False
                yield _csv_row(line, columns, cells)
            elif fault := _columns_fault(cells):
                yield Fault(line, fault)
                return
            else:
                columns = [cell.strip() for cell in cells]
        if columns is not None and empty:
            shown = ", ".join(columns)[:200]
            yield Fault(1, f"there are no recordings, only one line, which must name the columns; it says: {shown}")


def _csv_lines(file: Any, delimiter: str) -> Iterator[tuple[int, list[str] | Fault]]:
    """Yields the cells of each line that is not blank; after a fault it stops."""
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(file, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, Fault(line, f"not CSV ({error}); check quotes. What follows was not read")
            return
        if any(cell.strip() for cell in cells):
            yield line, cells


def _columns_fault(cells: list[str]) -> str | None:
    """Says what is wrong with the header line."""
    if any(_is_broken(cell) for cell in cells):
        return _NOT_UTF8
    names = [cell.strip() for cell in cells if cell.strip()]
    twice = next((name for name in names if names.count(name) > 1), None)
    return f"the column '{twice[:60]}' is there twice; rename one" if twice else None


def _csv_row(line: int, columns: list[str], cells: list[str]) -> TableRow | Fault:
    if len(cells) > len(columns):
        return Fault(line, f"{len(cells)} cells, but {len(columns)} columns; put cells that hold commas in quotes")
    if any(_is_broken(cell) for cell in cells):
        return Fault(line, _NOT_UTF8)
    values = dict.fromkeys(filter(None, columns)) | dict(zip(columns, cells, strict=False))
    # Spreadsheets save columns without a name when a cell far right was once used.
    if any(cell.strip() for name, cell in zip(columns, cells, strict=False) if not name):
        return Fault(line, _UNNAMED)
    values.pop("", None)
    return TableRow(line, values)


def _delimiter(head: str) -> str:
    return max(",;\t", key=head.count)


def _jsonl(place: str) -> Iterator[TableRow | Fault]:
    with open_text(place) as file:
        for line, text in enumerate(file, start=1):
            if text.strip():
                yield _json_row(line, text)


def _json_row(line: int, text: str) -> TableRow | Fault:
    if _is_broken(text):
        return Fault(line, _NOT_UTF8)
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Fault(line, f"not JSON ({error}); give one JSON object a line")
    if not isinstance(values, dict):
        return Fault(line, "not a JSON object; give one JSON object a line")
    plain = json.dumps(values, ensure_ascii=False)
    if _is_broken(plain):
        return Fault(line, "holds half a character (a lone surrogate); remove it")
    return TableRow(line, values)


def _parquet(place: str) -> Iterator[TableRow | Fault]:
    with open_binary(place) as file:
        for line, values in enumerate(parquet_file.rows(file, place), start=1):
            yield TableRow(line, values)


def _is_broken(text: str) -> bool:
    """Tells whether the text has bytes that are not UTF-8, or the zero bytes of UTF-16."""
    return "\0" in text or (not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text))
