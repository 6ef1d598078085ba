"""Reads answers with the ratings that people gave them."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from agent.values.base import Value
from agent.values.errors import InputError
from agent.values.rubric import Question, Rating


class Labeled(Value):
    """One labeled answer; one line of the file."""

    id: str
    question_id: str
    answer: str
    rating: Rating
    hints_used: int = 0
    style: str = "plain"


def read_labeled(path: Path, known: dict[str, Question]) -> list[Labeled]:
    """The labeled answers in a file of JSON lines. Raises InputError with the line that is wrong."""
    try:
        # Not splitlines(), which also cuts at characters that may occur inside a string.
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as UTF-8 text; give a file of JSON lines") from error
    items = [_item(path, number, line, known) for number, line in enumerate(lines, start=1) if line.strip()]
    if not items:
        raise InputError(
            f"{path}: no answers in it; each line is a JSON object with id, question_id, answer and rating"
        )
    return items


def _item(path: Path, number: int, line: str, known: dict[str, Question]) -> Labeled:
    try:
        item = Labeled.model_validate(
            {key: value for key, value in json.loads(line).items() if key in Labeled.model_fields}
        )
    except (ValidationError, ValueError, AttributeError, RecursionError) as error:
        wrong = error.errors()[0] if isinstance(error, ValidationError) else None
        fault = f"{'.'.join(map(str, wrong['loc']))}: {wrong['msg']}" if wrong else "not a JSON object"
        raise InputError(f"{path}:{number}: {fault}; each line needs id, question_id, answer and rating") from error
    if item.question_id not in known:
        raise InputError(f"{path}:{number}: no question '{item.question_id}'; 'mock-interview questions' lists them")
    return item
