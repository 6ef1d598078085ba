"""A row of the output as JSON, and back; its keys are a contract (docs/guide.md)."""

from __future__ import annotations

from typing import Any

from agent.adapters.parquet_file import Kind
from agent.shell.output import turn_json
from agent.values.batch import BatchItem, BatchRow, Outcome
from agent.values.session import Delivery

_POINT = {"id": "string", "met": "bool", "quote": "string", "start_s": "double", "end_s": "double"}
_DELIVERY = {
    name: "int64" if name in ("words", "fillers", "restarts", "hedges") else "double" for name in Delivery.model_fields
}
COLUMNS: dict[str, Kind] = {
    "line": "int64", "recording": "string", "question_id": "string", "candidate": "string", "hints_used": "int64",
    "label": "string", "status": "string", "signal": "string", "rating": "string", "ungraded_reason": "string",
    "confidence": "double", "alternative": "string", "transcript": "string", "points": [_POINT],
    "extra_points": [{"what": "string", "kind": "string", "quote": "string"}],
    "misconceptions": [{"id": "string", "quote": "string"}],
    "contradicted": [{"id": "string", "quote": "string"}], "good": "string", "hints": ["string"],
    "capped_by": "string", "delivery": _DELIVERY, "grader": "string", "notes": ["string"],
    "repaired": [{"heard": "string", "term": "string"}], "prompt_version": "string",
    "timings_s": {"read": "double", "transcribe": "double", "grade": "double"}, "provenance": "json",
    "failure_stage": "string", "failure_reason": "string", "failure_retry": "bool", "key": "string", "turn": "json",
}  # fmt: skip
"""Columns of the output with their Parquet types; the manifest's own columns follow."""
_PREFIX = "manifest_"
"""Prefix of a manifest's own column whose name is one of ours."""


def row_json(row: BatchRow) -> dict[str, Any]:
    """Returns one row: candidate and question, the outcome, the manifest's own columns, and the whole turn."""
    item, outcome = row.item, row.outcome
    found: dict[str, Any] = item.model_dump(mode="json", exclude={"columns"}) | {"status": row.status}
    if outcome.turn is not None:
        shown = turn_json(outcome.turn)
        found |= {name: shown[name] for name in COLUMNS if name in shown and name not in found}
        found["alternative"] = outcome.turn.grade.alternative
        found["timings_s"] = outcome.timings_s
        found["turn"] = outcome.turn.model_dump(mode="json")
    if outcome.failure is not None:
        found |= {f"failure_{name}": value for name, value in outcome.failure}
    found["key"] = outcome.key
    return {name: found.get(name) for name in COLUMNS} | {
        output_name(name): item.columns[name] for name in item.columns
    }


def output_name(column: str) -> str:
    """Returns the name of a manifest's own column in the output."""
    return _PREFIX + column if column in COLUMNS else column


def row_from_json(data: dict[str, Any]) -> BatchRow:
    """Reads what row_json() made. Raises ValueError (also as ValidationError) or KeyError if it is not a row."""
    item = {name: data[name] for name in BatchItem.model_fields if name in data}
    others = {name: value for name, value in data.items() if name not in COLUMNS}
    failure = None
    if data["failure_stage"] is not None:
        failure = {name: data[f"failure_{name}"] for name in ("stage", "reason", "retry")}
    outcome = Outcome.model_validate({
        "key": data["key"], "turn": data["turn"], "failure": failure, "timings_s": data["timings_s"] or {},
    })  # fmt: skip
    return BatchRow(item=BatchItem.model_validate(item | {"columns": others}), outcome=outcome)
