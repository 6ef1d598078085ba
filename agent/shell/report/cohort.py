"""Writes a cohort's pages: one for the whole, one for each candidate, and a CSV file.

Reads the rows one by one, and holds only figures of answers that are not being written.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from agent.adapters.whole_file import written_whole
from agent.logic.batch.cohort import FEWEST, Cohort, CohortCount
from agent.logic.batch.pseudonyms import pseudonymous
from agent.logic.reporting.build import report
from agent.shell.batch.failures import failure_line, more_failures
from agent.shell.batch.output import JSONL
from agent.shell.batch.rows import COLUMNS, row_from_json
from agent.shell.output import write_text
from agent.shell.report.cohort_csv import CohortCsv
from agent.shell.report.page import render, template
from agent.values.batch import BatchRow
from agent.values.errors import InputError
from agent.values.rubric import Question, Rating
from agent.values.session import SavedTurn, Session

Change = Callable[[BatchRow], BatchRow]


class CohortOptions(NamedTuple):
    """What to write, and how."""

    out: Path
    """The path of the cohort's page."""
    csv: Path | None = None
    key: bytes | None = None
    """Key of the pseudonyms; None shows names."""
    with_sound: bool = False


class _Answers:
    """The rows of a batch's folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / JSONL
        try:
            self._file: BinaryIO = self._path.open("rb")
        except OSError as error:
            raise InputError(
                f"{folder}: no finished batch in it ({error.strerror}); give the folder that 'mock-interview batch' "
                "wrote into, and finish the batch first"
            ) from error

    def __iter__(self) -> Iterator[tuple[int, BatchRow]]:
        """Yields each row with its place."""
        offset, self._number = 0, 0
        self._file.seek(0)
        for line in self._file:
            self._number += 1
            yield offset, self._row(line)
            offset += len(line)

    def at(self, offset: int) -> BatchRow:
        self._file.seek(offset)
        return self._row(self._file.readline())

    @property
    def own_columns(self) -> list[str]:
        """The manifest's own columns, as in the first row."""
        self._file.seek(0)
        first = self._file.readline()
        return [name for name in (json.loads(first) if first.strip() else {}) if name not in COLUMNS]

    @property
    def written(self) -> datetime:
        return datetime.fromtimestamp(self._path.stat().st_mtime, UTC).astimezone()

    def close(self) -> None:
        self._file.close()

    def _row(self, line: bytes) -> BatchRow:
        try:
            return row_from_json(json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{self._path}: a line is damaged; run the batch again to write it anew") from error


class CohortReport:
    """The report of one batch, beside other graders' batches of the same recordings."""

    def __init__(self, folders: list[Path], questions: Mapping[str, Question], options: CohortOptions) -> None:
        """Raises InputError when a folder holds no finished batch."""
        self._answers = _Answers(folders[0])
        self._others = [(_short_name(folder, folders), _Answers(folder)) for folder in folders[1:]]
        self._questions = questions
        self._options = options
        self.uncompared: Sequence[str] = ()
        """Other batches with none of these answers; known after writing."""

    def write(self) -> int:
        """Writes everything; returns the number of candidates' pages. Raises InputError."""
        try:
            return self._write()
        finally:
            for answers in (self._answers, *(answers for _, answers in self._others)):
                answers.close()

    def _write(self) -> int:
        for file in (self._options.out, self._options.csv):
            if file is not None:
                _made(file.parent)
        count, offsets, ranks = CohortCount(self._questions), dict[str, list[int]](), dict[str, int]()
        for offset, row in self._rows():
            count.add(row)
            offsets.setdefault(row.item.candidate, []).append(offset)
            if self._others and row.outcome.turn is not None and row.outcome.turn.grade.rating is not None:
                ranks[_same(row)] = row.outcome.turn.grade.rating.rank
        others = [(f"the batch in {name}", list(self._pairs(answers, ranks))) for name, answers in self._others]
        offsets.pop("", None)
        pages = {name: page_name(name) for name in offsets}
        folder = self._options.out.with_name(f"{self._options.out.stem}-candidates")
        for name, places in offsets.items():
            _made(folder)
            write_text(folder / pages[name], self._candidate(name, places))
        links = {name: f"{folder.name}/{page}" for name, page in pages.items()}
        cohort = count.cohort(others)
        self.uncompared = cohort.uncompared
        write_text(self._options.out, rendered(cohort, links))
        return len(pages)

    def _rows(self) -> Iterator[tuple[int, BatchRow]]:
        """Yields the rows as shown, and writes each to the CSV file if one is wanted."""
        if self._options.csv is None:
            yield from ((offset, self._shown(row)) for offset, row in self._answers)
            return
        own = [] if self._options.key else self._answers.own_columns
        try:
            with (
                written_whole(self._options.csv) as part,
                part.open("w", encoding="utf-8", newline="") as file,
            ):
                table = CohortCsv(file, own)
                for offset, row in self._answers:
                    shown = self._shown(row)
                    table.add(shown)
                    yield offset, shown
        except OSError as error:
            raise InputError(
                f"{self._options.csv}: cannot be written ({error.strerror}); give --csv in a folder of yours"
            ) from error

    def _shown(self, row: BatchRow) -> BatchRow:
        return row if self._options.key is None else pseudonymous(row, self._options.key)

    def _pairs(self, answers: _Answers, ranks: Mapping[str, int]) -> Iterator[tuple[int, int]]:
        for _, row in answers:
            ours, turn = ranks.get(_same(self._shown(row))), row.outcome.turn
            if ours is not None and turn is not None and turn.grade.rating is not None:
                yield turn.grade.rating.rank, ours

    def _candidate(self, name: str, places: list[int]) -> str:
        """The page of one candidate."""
        turns, attempts, failed = [], dict[str, int](), list[str]()
        for row in (self._shown(self._answers.at(place)) for place in places):
            turn = row.outcome.turn
            if turn is None:
                failed += [failure_line(row)] if row.outcome.failure is not None else []
                continue
            attempts[turn.question_id] = attempt = attempts.get(turn.question_id, 0) + 1
            sound = Path(row.item.recording) if self._options.with_sound else None
            again = turn.model_copy(update={"attempt": attempt})
            turns.append(SavedTurn(turn=again, at=self._answers.written, audio=sound))
        session = Session(id=f"batch-{page_name(name)}", started=self._answers.written, turns=tuple(turns))
        return render(
            report([session], self._questions), title=f"Interview report: {name}", of_batch=True, failed=failed
        )


def rendered(cohort: Cohort, links: Mapping[str, str]) -> str:
    """Renders the cohort's page; `links` lead to the candidates' pages."""
    failed, more = [failure_line(row) for row in cohort.first_failed], more_failures(cohort.failed)
    return template("cohort.html.j2").render(
        cohort=cohort, links=links, levels=list(Rating), fewest=FEWEST, failed=failed, more_failed=more
    )


def page_name(candidate: str) -> str:
    """Returns a candidate's file name: readable, in plain letters, and unique."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", candidate).strip("-")[:40] or "candidate"
    return f"{plain}-{hashlib.sha256(candidate.encode()).hexdigest()[:8]}.html"


def _short_name(folder: Path, folders: Sequence[Path]) -> str:
    """Returns the folder's name, or its whole path if another folder has the same name."""
    path = folder.resolve()
    return path.name if [other.resolve().name for other in folders].count(path.name) == 1 else str(folder)


def _same(row: BatchRow) -> str:
    item = row.item
    made_from = f"{item.recording}\0{item.question_id}\0{item.candidate}"
    return hashlib.sha256(made_from.encode("utf-8", "replace")).hexdigest()[:32]


def _made(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be used ({error.strerror}); give a file in a folder of yours") from error
