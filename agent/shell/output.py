"""What commands print and write: files, and grades and turns as JSON, whose keys are a contract (docs/guide.md)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from agent.values.errors import InputError
from agent.values.session import Turn


def turn_json(turn: Turn) -> dict[str, Any]:
    """The one object that `grade --json` prints, and each item of `replay --json`."""
    grade = turn.grade
    return {
        "question_id": turn.question_id,
        "signal": grade.signal,
        "rating": grade.rating.value if grade.rating else None,
        "ungraded_reason": grade.ungraded_reason,
        "confidence": grade.confidence,
        "transcript": turn.transcript.text,
        "points": [point.model_dump() for point in grade.points],
        "extra_points": [{"what": item.target, "kind": item.kind, "quote": item.quote} for item in grade.extra],
        "misconceptions": [{"id": item.target, "quote": item.quote} for item in grade.misconceptions],
        "contradicted": [{"id": item.target, "quote": item.quote} for item in grade.contradicted],
        "good": grade.good,
        "hints": [hint.text for hint in grade.hints],
        "hints_used": grade.hints_used,
        "capped_by": grade.capped_by,
        "delivery": turn.delivery.model_dump(),
        "words": [word.model_dump() for word in turn.transcript.words] if turn.transcript.timed else [],
        "grader": grade.grader,
        "prompt_version": grade.provenance.prompt_version,
        "repaired": [item.model_dump() for item in grade.repaired],
        "notes": list(grade.notes),
        "timings_s": turn.timings_s,
        "provenance": turn.provenance.model_dump(),
    }


def write_text(path: Path, text: str) -> None:
    """Writes a file that the user asked for. Raises InputError if it cannot be written."""
    try:
        # Line endings stay as they are: CSV has its own.
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise InputError(f"{path}: cannot be written ({error.strerror}); give a path in an existing folder") from error


def print_json(data: object) -> None:
    """Prints one JSON document on standard output."""
    print(json.dumps(data, ensure_ascii=False, indent=1))
