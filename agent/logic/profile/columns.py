"""Puts the text of a page with two columns in reading order. The page is given as lines of characters.

Many programs write such a page row by row. Read like that, each line is half of one sentence and half of another.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

_FEWEST = 5
"""Minimum rows whose right part begins at the same place."""
_DRIFT = 3
"""Characters by which that place may differ, since letters of a real font differ in width."""
_MOST_ACROSS = 0.4
"""Maximum share of rows that run across both columns, such as the name at the top."""
_PART = re.compile(r"\S(?:.*?\S)??(?=\s{2,}|\s*$)")
_HEADING = re.compile(
    r"(?:(?:technical|key|core|professional|work|personal|it|other|my|selected|relevant) )*"
    r"(?:skills?|tools?|technologies|tech stack|languages?|education|experience|employment(?: history)?|career|history|"
    r"projects?|publications?|talks|awards?|certifications?|certificates?|courses|training|interests|hobbies|other|"
    r"profile|summary|about(?: me)?|contact|details|achievements|strengths|references|volunteering)"
    r"(?: (?:and|&) \w+)?\s*:?",
    re.IGNORECASE,
)


def in_reading_order(page: str) -> str | None:
    """Returns the left column, then the right one; None if the page has one column, or a table of labels and texts.

    Two columns have headings on both sides; a table of dates and jobs has all of them on one.
    """
    rows = [row.rstrip() for row in page.splitlines() if row.strip()]
    gutter = _gutter(rows)
    if gutter is None:
        return None
    split = [_split(row, gutter) for row in rows]
    lefts, rights = [left for left, _ in split], [right for left, right in split if left is not None]
    across = sum(left is None for left in lefts)
    if across > _MOST_ACROSS * len(rows) or not (_has_heading(lefts) and _has_heading(rights)):
        return None
    return "\n".join(_ordered(split))


def _gutter(rows: Sequence[str]) -> int | None:
    """Returns the place where the right part of most rows begins."""
    starts = Counter(start for row in rows for start in dict.fromkeys(part.start() for part in _PART.finditer(row)))
    near = {at: sum(starts[at + drift] for drift in range(_DRIFT)) for at in starts if at > _DRIFT}
    best = max(near, key=lambda at: (near[at], -at), default=None)
    return best if best is not None and near[best] >= _FEWEST else None


def _split(row: str, gutter: int) -> tuple[str | None, str]:
    """Returns both parts of a row; the left one is None if the row runs across."""
    for part in _PART.finditer(row):
        if part.start() < gutter < part.end() - 1:
            return None, row.strip()
        if part.start() >= gutter:
            return row[: part.start()].strip(), row[part.start() :].strip()
    return row.strip(), ""


def _has_heading(texts: Sequence[str | None]) -> bool:
    return any(text is not None and _HEADING.fullmatch(text) for text in texts)


def _ordered(split: Sequence[tuple[str | None, str]]) -> Iterator[str]:
    """Returns the rows in order, with one column after the other between the rows that run across."""
    right: list[str] = []
    for left, rest in split:
        if left is None:
            yield from right
            right.clear()
            yield rest
        else:
            if left:
                yield left
            if rest:
                right.append(rest)
    yield from right
