"""Reads and writes Parquet with pyarrow, which is an optional extra."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

from agent.values.errors import InputError

Kind = str | Mapping[str, "Kind"] | Sequence["Kind"]
"""A column's type: string, int64, double, bool or json; a dict of them for a struct, a list of one for a list."""
_ROWS = 1000
"""Maximum number of rows in memory."""


def available() -> bool:
    """Whether pyarrow is installed."""
    return find_spec("pyarrow") is not None


def rows(file: BinaryIO, name: str) -> Iterator[dict[str, Any]]:
    """Yields each row as a dict.

    Raises InputError if the file is not Parquet or cannot be read, or if pyarrow is missing.
    """
    if not available():
        raise InputError(f"{name}: Parquet is read with the package pyarrow; install it, or give CSV or JSONL", "batch")
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table, line = pq.ParquetFile(file), 1
        names = table.schema_arrow.names
        if twice := next((column for column in names if names.count(column) > 1), None):
            raise InputError(f"{name}: the column '{twice}' is there twice; rename one")
        for batch in table.iter_batches(_ROWS):
            columns = [_values(batch.column(at), f"{name}:{{}}: column '{at}'", line) for at in names]
            yield from (dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True))
            line += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        first = (str(error).splitlines() or [""])[0]
        raise InputError(f"{name}: not Parquet, or damaged ({first}); write it again") from error


def _values(column: Any, where: str, line: int) -> list[Any]:
    """The column's values from `line` on. Raises InputError with the line of a value that Python cannot represent."""
    import pyarrow as pa

    kind = column.type
    # Python's times have microseconds, and need no table of zones when they are in UTC.
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("us"), safe=False)
    elif pa.types.is_time(kind) or pa.types.is_duration(kind):
        column = column.cast(pa.duration("us") if pa.types.is_duration(kind) else pa.time64("us"), safe=False)
    values = []
    for at, value in enumerate(column, start=line):
        try:
            values.append(value.as_py())
        except (ValueError, OverflowError, pa.ArrowException) as error:
            raise InputError(f"{where.format(at)} cannot be read ({kind}: {error}); write it as text") from error
    return values


class ParquetWriter:
    """Writes rows with known columns. Nested values are written as the column's type says, or as JSON."""

    def __init__(self, path: Path, columns: Mapping[str, Kind]) -> None:
        """`columns` gives each one's type: string, int64, double, bool or json; a dict of them, or a list of one."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._columns = columns
        self._schema = pa.schema([(name, _type(kind)) for name, kind in columns.items()])
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd")
        self._held: list[dict[str, Any]] = []

    def add(self, row: Mapping[str, Any]) -> None:
        """Adds a row; columns that it lacks are null. Raises OSError if the disk is full."""
        self._held.append({name: _cell(row.get(name), kind) for name, kind in self._columns.items()})
        if len(self._held) >= _ROWS:
            self._flush()

    def close(self) -> None:
        """Writes the remaining rows and the end of the file. Raises OSError."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._held:
            self._writer.write_table(pa.Table.from_pylist(self._held, schema=self._schema))
            self._held = []


def column_type(found: Collection[type]) -> str:
    """Returns the narrowest type that holds values of these Python types; json if no other does."""
    kinds = {*found} - {type(None)}
    if kinds <= {str}:
        return "string"
    if kinds == {bool}:
        return "bool"
    if kinds == {int}:
        return "int64"
    return "double" if kinds <= {int, float} else "json"


def _type(kind: Kind) -> Any:
    import pyarrow as pa

    if isinstance(kind, Mapping):
        return pa.struct([(name, _type(inner)) for name, inner in kind.items()])
    if not isinstance(kind, str):
        return pa.list_(_type(kind[0]))
    plain = {"int64": pa.int64(), "double": pa.float64(), "bool": pa.bool_()}
    return plain.get(kind, pa.string())


def _cell(value: Any, kind: Kind) -> Any:
    if kind == "json" and value is not None:
        return json.dumps(value, ensure_ascii=False, default=str)
    return float(value) if kind == "double" and value is not None else value
