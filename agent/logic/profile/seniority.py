"""Whether a CV or a job description is for a junior or a senior, and which words say so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from agent.logic.profile.document import Document
from agent.values.profile import Source
from agent.values.rubric import Seniority

SENIOR_YEARS = 5
"""Years of work after which a person counts as senior, unless a title says otherwise."""
JUNIOR_YEARS = 2
_TITLE_LINES = 4
"""Number of lines at the top of a job description that may hold its title."""
_ROLE = (
    r"(?:engineer|scientist|developer|analyst|researcher|architect|consultant|manager|associate|statistician|"
    r"specialist|post|position|role|mlops|ml\b|data\b|machine\b|applied\b|research\b|software\b|ai\b|staff\b)"
)
_SENIOR = re.compile(
    rf"\b(?:senior|staff|principal|lead|chief)\b(?=[^.\n]{{0,40}}{_ROLE})|\bhead of\b|\bdirector of\b|"
    r"\b(?:team|group|department) (?:lead|leader|head)\b|\blead of\b|\bsenior or staff\b|\bled (?:a|the) team\b|"
    r"\blead(?:ing)? a (?:team|group)\b",
    re.IGNORECASE,
)
_JUNIOR = re.compile(
    rf"\b(?:junior|graduate)\b(?=[^.\n]{{0,40}}(?:{_ROLE}|\W*\)))|\bgraduate scheme\b|\b(?:summer )?intern(?:ship)?\b|"
    r"\bworking student\b|\bstudent assistant\b|\bentry[- ]level\b|\btrainee\b|\bapprentice\b|"
    r"(?<!\bmy )\bfirst (?:role|job|position)\b|\b(?:looking for|seeking|want) my first (?:role|job|position)\b|"
    r"\b(?:bsc|msc|bachelor|master)\b[^\n]{0,60}(?:\bexpected\b|\bexp\.)|\byou study\b|\(junior\)",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\ball levels\b|\bany level\b|\bmid[- ]?level\b|\byears don't matter\b|\bmid to senior\b", re.IGNORECASE
)
_OTHERS = re.compile(
    r"\b(?:support|assist|report(?:s|ing)? to|supervis\w+|mentor\w*|guided by|work\w* (?:with|for)|alongside|help)\b",
    re.IGNORECASE,
)
"""Words before a title which show that the title is somebody else's."""
_WRAPPED = re.compile(r"\n(?=[a-z])")
"""A line break inside a sentence."""
_NUMBERS = {
    word: value
    for value, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split(), start=1
    )
}
_AMOUNT = rf"(\d{{1,2}}|{'|'.join(_NUMBERS)})"
_YEARS = re.compile(
    rf"(?:{_AMOUNT}\s*(?:-|\u2013|to)\s*)?\b{_AMOUNT}\s*\+?\s*(?:or more |and more )?"
    r"(?:years?\b|yrs?\b|y\.)|\byears?\s*(?:of experience)?\s*[|:]\s*(\d{1,2})\b",
    re.IGNORECASE,
)
_NOT_WORK = re.compile(
    r"\b(?:taught|teach\w*|old|contract|degree|thesis|study|studied|month|company|founded|warranty)\b", re.IGNORECASE
)
_SPAN = re.compile(
    r"\b((?:19|20)\d\d)(?:[./]\d\d)?\s*(?:-|\u2013|\u2014|to|until|till)\s*(?:(?:\d{1,2}[./]|[a-z]{3,9}\.?\s+)?"
    r"((?:19|20)\d\d)|(present|now|today|current|ongoing|date)\b)?",
    re.IGNORECASE,
)
"""Two years, with or without their months: "2019 - 2022", "04/2019 - today", "Sep 2019 to Jan 2022"."""
_STUDIES = re.compile(r"\b(?:phd|doctoral|student|degree|bsc|msc|bachelor|master|university|school)\b", re.IGNORECASE)


class Stated(NamedTuple):
    """The level that a document states, and the words that state it."""

    level: Seniority
    line: str


def seniority(document: Document, source: Source, this_year: int) -> Stated | None:
    """Returns the document's level; None if it leaves that open. `this_year` ends a time span "to the present"."""
    opened = _OPEN.search(document.text)
    titled = next(_titles(document, source), None)
    if opened is not None and (titled is None or opened.start() <= titled[0]):
        return None
    if titled is not None:
        return Stated(titled[1], document.line_of(titled[0], titled[0] + 1))
    return _by_years(document) or (_by_spans(document, this_year) if source == "cv" else None)


def _titles(document: Document, source: Source) -> Iterator[tuple[int, Seniority]]:
    """Yields titles with their places.

    A CV names the present job first; a job description has its title in the first lines.
    """
    found = [(match, Seniority.SENIOR) for match in _SENIOR.finditer(document.text)]
    found += [(match, Seniority.JUNIOR) for match in _JUNIOR.finditer(document.text)]
    for match, level in sorted(found, key=lambda item: item[0].start()):
        before = _WRAPPED.sub(" ", document.text[max(0, match.start() - 45) : match.start() + 1])
        if document.denied(match.start()) or _OTHERS.search(before.rsplit("\n", 1)[-1]):
            continue
        top = document.text[: match.start()]
        if (
            source == "cv"
            or _asks(document, match.start())
            or len([1 for x in top.splitlines() if x.strip()]) <= _TITLE_LINES
        ):
            yield match.start(), level


def _asks(document: Document, offset: int) -> bool:
    """Whether the line of a job description says whom it wants: "Level: senior", "to lead a team"."""
    line = document.line_of(offset, offset + 1).casefold()
    return (
        re.search(r"\blevel\b|\blead a (?:team|group)\b|\blooking for\b|\byou (?:are|study)\b|\bposition\b", line)
        is not None
    )


def _by_years(document: Document) -> Stated | None:
    """Decides by the longest experience that is stated in years."""
    best: tuple[int, int] | None = None
    for match in _YEARS.finditer(document.text):
        clause = document.clause(match.start())
        if _NOT_WORK.search(clause) or document.denied(match.start()):
            continue
        years = _number(match[3] or match[2])
        if best is None or years > best[0]:
            best = years, match.start()
    if best is None:
        return None
    level = _level(best[0])
    return None if level is None else Stated(level, document.line_of(best[1], best[1] + 1))


def _by_spans(document: Document, this_year: int) -> Stated | None:
    """Decides by the years from the first job to the last, without studies, if no years are stated."""
    if any(not _NOT_WORK.search(document.clause(match.start())) for match in _YEARS.finditer(document.text)):
        return None
    spans = []
    for match in _SPAN.finditer(document.text):
        line = document.line_of(match.start(), match.end())
        if not _STUDIES.search(document.clause(match.start())):
            end = int(match[2]) if match[2] else this_year
            spans.append((int(match[1]), end, line))
    if not spans or max(end for _, end, _ in spans) < this_year - 3:
        return None
    level = _level(max(end for _, end, _ in spans) - min(start for start, _, _ in spans))
    return None if level is None else Stated(level, max(spans, key=lambda item: item[1])[2])


def _level(years: int) -> Seniority | None:
    if years >= SENIOR_YEARS:
        return Seniority.SENIOR
    return Seniority.JUNIOR if years <= JUNIOR_YEARS else None


def _number(text: str) -> int:
    return int(text) if text.isdigit() else _NUMBERS[text.casefold()]
