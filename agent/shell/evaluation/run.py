"""Grades labeled answers: with a grader, saving and resuming an LLM's grades, or from replies in a file."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agent.compose import build
from agent.compose.endpoint import model_address
from agent.compose.settings import Settings
from agent.shell.evaluation.labeled import Labeled
from agent.values.errors import EndpointError, InputError
from agent.values.grade import Grade, Verdict
from agent.values.rubric import Question
from agent.values.transcript import Transcript

if TYPE_CHECKING:
    from agent.logic.ports import Grader
    from agent.shell.evaluation.saved_grades import SavedGrades


class Graded(NamedTuple):
    """The grade of one labeled answer."""

    grade: Grade
    seconds: float
    """Time that grading took."""


class EvaluationFiles(NamedTuple):
    """Where the answers are, and where an LLM's grades are saved."""

    answers: Path
    save: Path | None
    """None saves them in the user's cache folder until the run is complete."""


class Evaluation:
    """One run over labeled answers with the grader in the settings."""

    def __init__(
        self, settings: Settings, items: Sequence[Labeled], known: Mapping[str, Question], files: EvaluationFiles
    ) -> None:
        """Raises InputError if the grader, or the file for its grades, cannot be used."""
        # The figures must come from the chosen grader only, so there is no fallback.
        self._grader = build.grader(settings, falls_back=False)
        self._items, self._questions = items, known
        self._saved = _opened(settings, files) if settings.grader == "llm" else None
        self._saves = files.save is not None

    def graded(self) -> list[Graded]:
        """Each grade in order; an LLM's grades are saved at once, and saved ones are reused.

        Raises ModelError, StoreError, or EndpointError if the endpoint refuses permanently.
        """
        if self._saved is not None and self._done():
            print(
                f"{self._done()} grades are reused from {self._saved.path}; delete the file to grade again",
                file=sys.stderr,
            )
        try:
            return [self._one(item) for item in _shown(self._items)]
        except EndpointError as error:
            raise EndpointError(f"{error}{self._progress()}", error.code) from error
        except KeyboardInterrupt:
            print(self._progress().removeprefix("; "), file=sys.stderr)
            raise

    def close(self) -> None:
        """Removes the saved grades: they were needed only in case of an interruption."""
        if self._saved is not None and not self._saves:
            self._saved.discard()

    def _one(self, item: Labeled) -> Graded:
        before = self._saved.get(self._key(item)) if self._saved is not None else None
        if before is not None:
            return Graded(before.grade, before.seconds)
        graded = _timed(self._grader, item, self._questions[item.question_id])
        # If there was no usable reply, the next run asks again.
        if self._saved is not None and graded.grade.rating is not None:
            self._saved.add(self._key(item), item.id, graded.grade, graded.seconds)
        return graded

    def _key(self, item: Labeled) -> str:
        assert self._saved is not None
        return self._saved.key(self._questions[item.question_id], item.id, item.answer, item.hints_used)

    def _done(self) -> int:
        """How many answers of this run have a saved grade."""
        return sum(self._saved.get(self._key(item)) is not None for item in self._items) if self._saved else 0

    def _progress(self) -> str:
        if self._saved is None:
            return ""
        count = f"{self._done()} of {len(self._items)} grades are saved in {self._saved.path}"
        return f"; {count}, and the same command continues from there"


def _timed(grader: Grader, item: Labeled, question: Question) -> Graded:
    from agent.logic.grading.grading import grade_answer

    started = time.monotonic()
    grade = grade_answer(question, Transcript.from_text(item.answer), grader, item.hints_used)
    return Graded(grade, round(time.monotonic() - started, 3))


def _opened(settings: Settings, files: EvaluationFiles) -> SavedGrades:
    """The file for the grades of this run. Raises InputError."""
    import hashlib

    from platformdirs import user_cache_path

    from agent.logic.grading.judge_prompt import PROMPT_VERSION
    from agent.shell.evaluation.saved_grades import SavedGrades

    address = model_address(settings)
    maker = f"{address.model} at {address.base_url}, prompt {PROMPT_VERSION}"
    name = hashlib.sha256(f"{files.answers.resolve()} {maker}".encode()).hexdigest()[:16]
    cache = user_cache_path("mock-interview", appauthor=False)
    return SavedGrades(files.save or cache / f"eval-{name}.jsonl", maker)


def _shown(items: Sequence[Labeled]) -> Iterator[Labeled]:
    """The items, with a progress line on a terminal."""
    for number, item in enumerate(items):
        if sys.stderr.isatty():
            print(f"\rgraded {number} of {len(items)}", end="", file=sys.stderr)
        yield item
    if sys.stderr.isatty():
        print("\r", end="", file=sys.stderr)


def from_replies(path: Path, items: Sequence[Labeled], known: dict[str, Question]) -> list[Graded]:
    """Grades from any model's replies to the prompts of --prompts-out."""
    from agent.logic.grading.grading import grade

    replies, started = _replies(path), time.monotonic()
    grades = [
        grade(
            known[item.question_id],
            Transcript.from_text(item.answer),
            _verdict(replies.get(item.id), known[item.question_id]),
            item.hints_used,
        )
        for item in items
    ]
    seconds = (time.monotonic() - started) / len(items)
    return [Graded(item, round(seconds, 3)) for item in grades]


def _replies(path: Path) -> dict[str, str]:
    try:
        lines = filter(str.strip, path.read_text("utf-8-sig").split("\n"))
        rows = [(row["id"], row["reply"]) for row in map(json.loads, lines)]
        return {name: reply if isinstance(reply, str) else json.dumps(reply) for name, reply in rows}
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{path}: each line must be a JSON object with id and reply") from error


def _verdict(reply: str | None, question: Question) -> Verdict:
    from agent.logic.grading.judge_reply import ReplyError, parse_reply

    grader = "llm:replies"
    if reply is None:
        return Verdict(grader=grader, ungraded_reason="There was no reply for this answer.")
    try:
        return Verdict(grader=grader, claims=parse_reply(reply, question))
    except ReplyError as error:
        return Verdict(grader=grader, ungraded_reason=f"The reply could not be used: {error}")
