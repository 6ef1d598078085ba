"""A cohort's answers as CSV for spreadsheets: one line each, nothing nested."""

from __future__ import annotations

import csv
from typing import Any, TextIO

from agent.shell.batch.rows import COLUMNS, output_name
from agent.shell.store.export import cell
from agent.values.batch import BatchRow

_PLAIN = (
    "line", "candidate", "recording", "question_id", "signal", "status", "rating", "label", "confidence",
    "alternative", "hints_used", "capped_by", "points_met", "points_missed", "misconceptions",
    "contradicted", "words",
    "words_per_minute", "fillers", "longest_pause_s", "ungraded_reason", "failure_stage", "failure_reason",
    "failure_retry", "grader", "transcript",
)  # fmt: skip


class CohortCsv:
    """Writes rows as they come; `own` are the manifest's own columns."""

    def __init__(self, file: TextIO, own: list[str]) -> None:
        # Without the mark, spreadsheets read UTF-8 as something else.
        file.write("\ufeff")
        self._own = {name: f"manifest_{name}" if name in _PLAIN else output_name(name) for name in own}
        self._table = csv.DictWriter(file, [*_PLAIN, *self._own.values()], extrasaction="ignore")
        self._table.writerow({name: cell(name) for name in self._table.fieldnames})

    def add(self, row: BatchRow) -> None:
        """Writes one line."""
        own = {shown: row.item.columns.get(name) for name, shown in self._own.items()}
        self._table.writerow({name: cell(value) for name, value in {**own, **_plain(row)}.items()})


def _plain(row: BatchRow) -> dict[str, Any]:
    item, turn, failure = row.item, row.outcome.turn, row.outcome.failure
    found: dict[str, Any] = item.model_dump(mode="json", exclude={"columns"}) | {"status": row.status}
    if failure is not None:
        found |= {f"failure_{name}": value for name, value in failure}
    if turn is None:
        return found
    grade = turn.grade
    return found | {
        **{name: value for name, value in grade.model_dump(mode="json").items() if name in COLUMNS},
        "points_met": " ".join(grade.points_met),
        "points_missed": " ".join(point.id for point in grade.points if not point.met),
        "misconceptions": " ".join(wrong.target for wrong in grade.misconceptions),
        "contradicted": " ".join(point.target for point in grade.contradicted),
        "hints_used": item.hints_used,
        **{name: value for name, value in turn.delivery.model_dump().items() if name in _PLAIN},
        "transcript": turn.transcript.text,
    }
