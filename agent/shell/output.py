"""What commands print and write: counts, files, grades and turns as JSON, whose keys are a contract (docs/guide.md)."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

from agent.adapters.whole_file import written_whole
from agent.values.errors import InputError
from agent.values.session import Turn

_FIXES = {errno.ENOSPC: "make room there", errno.ENOENT: "give a path in an existing folder"}


def counted(number: int, thing: str) -> str:
    """Returns number and noun, as in "1 session" and "2 sessions"."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


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
    """Writes a file that the user asked for, whole or not at all. Raises InputError if it cannot be written."""
    try:
        # Line ends as they are: CSV has its own.
        with written_whole(path) as part:
            part.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        fix = _FIXES.get(error.errno or 0, "give a path in a folder of yours")
        raise InputError(f"{path}: cannot be written ({error.strerror}); {fix}") from error


def print_json(data: object) -> None:
    """Prints one JSON document on standard output."""
    print(json.dumps(data, ensure_ascii=False, indent=1))
