"""Checks a manifest, row by row, and reports every fault with its line; reads no file itself."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from agent.logic.spelling import did_you_mean
from agent.values.batch import BatchItem
from agent.values.rubric import Rating

EMPTY = "there are no recordings in it; each row needs recording and question_id"
REQUIRED = ("recording", "question_id")
OPTIONAL = ("candidate", "hints_used", "label")
_ALSO = {"question": "question_id", "hints": "hints_used", "audio": "recording"}
"""Other column names that are accepted if the manifest does not have the proper one."""
_LEVELS = ", ".join(level.value for level in Rating)
_LONGEST_PLACE = 4096
"""Characters of a path or a URL; no system has longer ones."""
_SHOWN = 60
"""Characters of a wrong value that a message shows."""
_BOUNDARY = r"(?<![A-Za-z0-9])({})(?![A-Za-z0-9])"
_SEPARATORS = " _-.,"
_OPEN, _CLOSED = "([{", ")]}"


class TableRow(NamedTuple):
    """A row as in the file."""

    line: int
    """From 1."""
    values: Mapping[str, Any]
    """Values by column."""


class Fault(NamedTuple):
    """What is wrong with a manifest."""

    line: int
    text: str


class Place(NamedTuple):
    """Answers questions about where recordings are."""

    absolute: Callable[[str], str]
    """The absolute path or URL of a recording as the manifest names it."""
    problem: Callable[[str], str | None]
    """Says why a recording cannot be read, without reading it; None if no reason is known."""


class ManifestCheck:
    """Turns rows into recordings or faults."""

    def __init__(self, questions: Collection[str], place: Place, once: bool = True) -> None:
        """`once` refuses repeated rows, for which every row must be remembered."""
        self._questions = questions
        self._place = place
        self._once = once
        self._seen: dict[bytes, int] = {}

    def items(self, rows: Iterable[TableRow | Fault], if_empty: str = EMPTY) -> Iterator[BatchItem | Fault]:
        """Yields each row as a recording, or all of its faults.

        A manifest that lacks a needed column has that one fault. `if_empty` is the fault of a manifest without rows.
        """
        empty = True
        for row in rows:
            if isinstance(row, Fault):
                yield row
                empty = False
                continue
            missing = [name for name in REQUIRED if name not in _named(row.values)] if empty else []
            if missing:
                has = ", ".join(map(str, row.values))[:500] or "none"
                yield Fault(1, f"there is no column {' and no column '.join(missing)}; the columns are: {has}")
                return
            empty = False
            yield from self._row(row)
        if empty:
            yield Fault(1, if_empty)

    def _row(self, row: TableRow) -> Iterator[BatchItem | Fault]:
        values, faults = _named(row.values), list[str]()
        found = {
            "recording": self._recording(values.get("recording"), faults),
            "question_id": self._question(values.get("question_id"), faults),
            "candidate": _candidate(values.get("candidate"), faults),
            "hints_used": _hints(values.get("hints_used"), faults),
            "label": _label(values.get("label"), faults),
        }
        others = {name: _storable(value) for name, value in values.items() if name not in found}
        if not faults and self._once:
            self._refuse_second(row.line, found, faults)
        if faults:
            yield from (Fault(row.line, text) for text in faults)
        else:
            yield BatchItem(line=row.line, columns=others, **found)

    def _recording(self, value: Any, faults: list[str]) -> str:
        if _is_empty(value):
            faults.append("recording is empty; give a path or a URL")
            return ""
        if not isinstance(value, str) or len(value) > _LONGEST_PLACE:
            faults.append(f"recording is {_shown(value)}; give a path or a URL")
            return ""
        whole = self._place.absolute(value.strip())
        if problem := self._place.problem(whole):
            faults.append(problem)
        return whole

    def _question(self, value: Any, faults: list[str]) -> str:
        name = "" if _is_empty(value) else str(value).strip()
        if not name:
            faults.append("question_id is empty; give the id of a question")
        elif name not in self._questions:
            near = did_you_mean(name, self._questions) if len(name) <= _SHOWN else None
            faults.append(f"no question {_shown(name)}{f'; {near}' if near else '; give the id of a question'}")
        return name

    def _refuse_second(self, line: int, found: Mapping[str, Any], faults: list[str]) -> None:
        """Refuses a repeated row, since the answer would count twice."""
        same = "\0".join(str(found[name]) for name in ("recording", "question_id", "candidate"))
        first = self._seen.setdefault(hashlib.blake2b(same.encode("utf-8", "replace"), digest_size=16).digest(), line)
        if first != line:
            faults.append(f"the same recording, question and candidate as in line {first}; remove one of them")


class FurtherTries:
    """Counts candidates' further answers to a question. They are no fault, but may not be intended."""

    def __init__(self) -> None:
        self.count = 0
        self._seen: set[int] = set()
        self._example = ""

    def add(self, item: BatchItem) -> None:
        """Counts a recording; stores only a hash of its candidate and question."""
        same = hash((item.candidate, item.question_id))
        if item.candidate and same in self._seen:
            self.count += 1
            self._example = self._example or item.recording
        self._seen.add(same)

    @property
    def text(self) -> str:
        """A warning in one line if there are any; otherwise empty."""
        some = "1 recording is" if self.count == 1 else f"{self.count} recordings are"
        return (
            f"{some} a candidate's further try at the same question, such as {self._example}; every answer "
            "is graded and shown, and the first graded one counts; if they are different people, give different names"
        )


def from_file_names(names: Iterable[str], questions: Collection[str]) -> Iterator[TableRow | Fault]:
    """Yields the recordings of a folder. Each file name holds a question's id; the rest of it names the candidate.

    `names` are paths relative to the folder, with forward slashes. If nothing is left, the candidate is the subfolder's
    name; files in the given folder itself have none.
    """
    ids = sorted(questions, key=len, reverse=True)
    pattern = re.compile(_BOUNDARY.format("|".join(map(re.escape, ids))), re.IGNORECASE)
    for line, name in enumerate(names, start=1):
        folder, _, file = name.rpartition("/")
        stem = file.rsplit(".", 1)[0]
        found = pattern.search(stem)
        if found is None:
            yield Fault(line, f"{name}: its name holds no question's id; rename it, such as ann_{ids[-1]}.wav")
            continue
        rest = _name_around(stem[: found.start()], stem[found.end() :])
        yield TableRow(line, {"recording": name, "question_id": found[1].lower(), "candidate": rest or folder})


def _name_around(before: str, after: str) -> str:
    """Returns the file name without the question's id, and without separators and brackets around it."""
    text = f"{before.rstrip(_SEPARATORS)} {after.lstrip(_SEPARATORS)}"
    for opened, closed in zip(_OPEN, _CLOSED, strict=True):
        text = text.replace(f"{opened} {closed}", " ").replace(f"{opened} ", opened).replace(f" {closed}", closed)
        if text.count(opened) != text.count(closed):
            text = text.replace(opened, " ").replace(closed, " ")
    text = " ".join(text.split()).strip(_SEPARATORS)
    if text and text[0] in _OPEN and text.find(_CLOSED[_OPEN.index(text[0])]) == len(text) - 1:
        text = text[1:-1].strip(_SEPARATORS)
    return text


def _named(values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the row with the proper names of the columns that we know."""
    plain = {name: re.sub(r"[\s-]+", "_", str(name).strip().lower()) for name in values}
    proper = {name for name in plain.values() if name in (*REQUIRED, *OPTIONAL)}
    named: dict[str, Any] = {}
    for name, value in values.items():
        known = _ALSO.get(plain[name], plain[name])
        taken = known in (*REQUIRED, *OPTIONAL) and (known == plain[name] or known not in proper)
        named[known if taken else str(name)] = value
    return named


def _is_empty(value: Any) -> bool:
    """Whether the cell is empty. NaN in numeric tables counts as empty, too."""
    return value is None or value != value or (isinstance(value, str) and not value.strip())


def _shown(value: Any) -> str:
    """Shortens a wrong value so that it fits into a message."""
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text)} characters)"


def _storable(value: Any) -> Any:
    """Makes a passed-through value storable: JSON has neither NaN nor infinity."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _whole(value: Any) -> str:
    """Returns a value as text; tables with gaps hold whole numbers as 17.0."""
    text = "" if _is_empty(value) else str(value).strip()
    return text.removesuffix(".0") if isinstance(value, float) else text


def _candidate(value: Any, faults: list[str]) -> str:
    if isinstance(value, str | int | float | Decimal) or value is None:
        return _whole(value)
    faults.append(f"candidate is {_shown(value)}; give a name or a number")
    return ""


def _hints(value: Any, faults: list[str]) -> int:
    text = _whole(value)
    if text in ("", "0", "1", "2", "3", "0.0", "1.0", "2.0", "3.0"):
        return int(float(text or 0))
    faults.append(f"hints_used is {_shown(value)}; give a number from 0 to 3")
    return 0


def _label(value: Any, faults: list[str]) -> Rating | None:
    text = re.sub(r"[\s-]+", "_", _whole(value).lower())
    if not text:
        return None
    if text in [level.value for level in Rating]:
        return Rating(text)
    faults.append(f"label is {_shown(value)}; give one of {_LEVELS}, or leave it empty")
    return None
