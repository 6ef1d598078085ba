"""The rows of a batch as files, JSON lines and Parquet, each put in place only when it is complete."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from agent.adapters import parquet_file
from agent.shell.batch.rows import COLUMNS, output_name, row_json
from agent.values.batch import BatchRow
from agent.values.errors import StoreError

JSONL, PARQUET = "answers.jsonl", "answers.parquet"


def write_rows(folder: Path, rows: Iterable[BatchRow], own: Mapping[str, str]) -> list[Path]:
    """Writes all rows and returns the files; Parquet only where pyarrow is installed.

    `own` are the manifest's own columns with their types. Raises StoreError when they cannot be written.
    """
    names = [JSONL] + ([PARQUET] if parquet_file.available() else [])
    halves = [folder / f".{name}.half" for name in names]
    try:
        _write(halves, rows, own)
        for half, name in zip(halves, names, strict=True):
            os.replace(half, folder / name)
    except OSError as error:
        raise StoreError(
            f"{folder}: the rows cannot be written ({error.strerror or error}); "
            "make room there, then run this again: no recording is graded twice"
        ) from error
    finally:
        for half in halves:
            with suppress(OSError):
                half.unlink(missing_ok=True)
    return [folder / name for name in names]


def _write(halves: list[Path], rows: Iterable[BatchRow], own: Mapping[str, str]) -> None:
    columns = COLUMNS | {output_name(name): kind for name, kind in own.items()}
    parquet = parquet_file.ParquetWriter(halves[1], columns) if len(halves) > 1 else None
    with halves[0].open("w", encoding="utf-8") as lines:
        for row in rows:
            data = row_json(row)
            lines.write(json.dumps(data, ensure_ascii=False, default=str) + "\n")
            if parquet is not None:
                parquet.add(data)
        lines.flush()
        os.fsync(lines.fileno())
    if parquet is not None:
        parquet.close()
