"""Reads tables of recordings, row by row with line numbers: CSV, JSON lines and Parquet. Knows no column's meaning."""

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
_KINDS = "CSV (.csv, .tsv), JSON lines (.jsonl, .ndjson) or Parquet (.parquet)"


def table_rows(place: str) -> Iterator[TableRow | Fault]:
    """The rows of a file, by the ending of its name, and what cannot be read as one.

    Raises InputError when the file cannot be opened, or is of no such kind.
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
        reader = csv.reader(file, delimiter=_delimiter(head), strict=True)
        columns: list[str] | None = None
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Fault(line, f"not CSV ({error}); check quotes")
                return
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns = [cell.strip() for cell in cells]
                if twice := next((name for name in columns if columns.count(name) > 1), None):
                    yield Fault(line, f"the column '{twice}' is there twice; rename one")
                    return
            else:
                yield _csv_row(line, columns, cells)


def _csv_row(line: int, columns: list[str], cells: list[str]) -> TableRow | Fault:
    if len(cells) > len(columns):
        return Fault(line, f"{len(cells)} cells, but {len(columns)} columns; put cells that hold commas in quotes")
    if any(_is_broken(cell) for cell in cells):
        return Fault(line, _NOT_UTF8)
    return TableRow(line, dict.fromkeys(columns) | dict(zip(columns, cells, strict=False)))


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
    if _is_broken(json.dumps(values, ensure_ascii=False)):
        return Fault(line, "holds half a character (a lone surrogate); remove it")
    return TableRow(line, values)


def _parquet(place: str) -> Iterator[TableRow | Fault]:
    with open_binary(place) as file:
        for line, values in enumerate(parquet_file.rows(file, place), start=1):
            yield TableRow(line, values)


def _is_broken(text: Any) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)
