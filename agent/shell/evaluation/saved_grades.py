"""Grades saved one by one, so that an interrupted run can continue.

Each line of the file is one grade with a key for its inputs, so that a grade is never reused for anything else.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from pydantic import ValidationError

from agent import __version__
from agent.values.base import Value
from agent.values.errors import InputError, StoreError
from agent.values.grade import Grade
from agent.values.rubric import Question


class SavedGrade(Value):
    """One line of the file."""

    key: str
    """As SavedGrades.key() gives it."""
    id: str
    """The answer's id, for readers of the file."""
    seconds: float
    """Time that grading took."""
    grade: Grade


class SavedGrades:
    """The file of a run, read once and then appended to."""

    def __init__(self, path: Path, grader: str) -> None:
        """`grader` names everything that determines the grades, such as model, endpoint and prompt.

        Raises InputError if the file cannot be used.
        """
        self.path = path
        self._grader = grader
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8"):
                pass
            lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
        except OSError as error:
            raise InputError(
                f"{path}: cannot be written ({error.strerror}); give a path in a folder of yours"
            ) from error
        found = [_saved(line) for line in lines if line.strip()]
        if found and not any(found):
            raise InputError(f"{path}: holds something other than saved grades; give another name")
        self._grades = {item.key: item for item in found if item is not None}
        # The last line of a run that was killed may be half a line.
        self._opening = "\n" if lines[-1] else ""

    def key(self, question: Question, answer_id: str, answer: str, hints_used: int) -> str:
        """Hash of a grade's inputs: program, grader, the whole question and the answer."""
        made_from = [__version__, self._grader, question.model_dump_json(), answer_id, answer, hints_used]
        return hashlib.sha256(json.dumps(made_from).encode()).hexdigest()[:32]

    def get(self, key: str) -> SavedGrade | None:
        """The grade saved under a key."""
        return self._grades.get(key)

    def add(self, key: str, answer_id: str, grade: Grade, seconds: float) -> None:
        """Saves a grade at once. Raises StoreError if it cannot be written."""
        item = SavedGrade(key=key, id=answer_id, seconds=seconds, grade=grade)
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"{self._opening}{item.model_dump_json()}\n")
        except OSError as error:
            raise StoreError(
                f"{self.path}: the grade cannot be saved ({error.strerror}); free some space, then run it again"
            ) from error
        self._opening = ""
        self._grades[key] = item

    def discard(self) -> None:
        """Removes the file when the run is complete."""
        self.path.unlink(missing_ok=True)


def _saved(line: str) -> SavedGrade | None:
    try:
        return SavedGrade.model_validate_json(line)
    except ValidationError:
        return None
