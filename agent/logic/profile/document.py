"""The text of a CV or job description as lines and clauses; knows nothing of what is searched for."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

MOST_LINE = 240
"""Characters of a line that are quoted; a longer one is shortened around the words in question."""
_HYPHENATED = re.compile(r"(?<=[a-z])-\n\s*(?=[a-z])")
_BOUNDARY = re.compile(
    r"[.;!?](?=\s)|\n\s*\n|\n(?=\s*(?:[-*•\u2013·#]|\d+\.)\s)|\n(?=\s*[A-Z])|(?<=[:|])\n|\s[|·](?=\s)|,\s+(?=but\b)"
)
"""Where a clause ends. A comma ends one only before "but": "not in fraud, but in ads"."""
_DENIES = re.compile(
    r"\b(?:no|not|never|without (?:any )?(?:experience|knowledge)|neither|nor|"
    r"don't|doesn't|didn't|haven't|hasn't|isn't|won't|cannot|can't|"
    r"would like to learn|want to learn|hope to learn|eager to learn|keen to learn|plan to learn|"
    r"yet to (?:use|learn)|also have (?:\w+ )?teams|(?:other|sister) (?:teams?|departments?))\b",
    re.IGNORECASE,
)
_GRANTS = re.compile(r"\bnot only\b|\bno cv\b|\bnot (?:just|least|to mention)\b", re.IGNORECASE)
_DENYING_HEADING = re.compile(
    r"^\W*(?:not needed|not required|not part of|what we don't|(?:tools|skills|things) i (?:would|want|hope|'d).*"
    r"|currently learning|to learn|learning next)\b[^:]*:",
    re.IGNORECASE,
)

_OPTIONAL = re.compile(
    r"\b(?:nice|good|great) to have\b|\b(?:a|is|are) (?:plus|bonus|welcome)\b|\bhelps?\b", re.IGNORECASE
)


class Document:
    """One text. Offsets are into `text`, in which words that a line end had cut are whole again."""

    def __init__(self, text: str) -> None:
        clean = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00ad", "").replace("\u00a0", " ")
        clean = clean.replace("\u2019", "'")
        self.text = _HYPHENATED.sub("", clean)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    @cached_property
    def _clause_starts(self) -> list[int]:
        return [0, *(match.end() for match in _BOUNDARY.finditer(self.text))]

    @property
    def lines(self) -> list[str]:
        """The lines that hold anything, trimmed."""
        return [line.strip() for line in self.text.splitlines() if line.strip()]

    def line_of(self, start: int, end: int) -> str:
        """The line or lines around text[start:end], in one, shortened where they are long."""
        first = self._line_starts[bisect_right(self._line_starts, start) - 1]
        after = bisect_right(self._line_starts, max(start, end - 1))
        last = self._line_starts[after] if after < len(self._line_starts) else len(self.text)
        if last - first > MOST_LINE:
            first, last = max(first, start - MOST_LINE // 2), min(last, end + MOST_LINE // 2)
        return " ".join(self.text[first:last].replace("**", "").split()).strip("-*•#| ")

    def line_number(self, offset: int) -> int:
        """From 0; every line counts, also an empty one."""
        return bisect_right(self._line_starts, offset) - 1

    def clause(self, offset: int) -> str:
        """The clause around an offset."""
        at = bisect_right(self._clause_starts, offset)
        end = self._clause_starts[at] if at < len(self._clause_starts) else len(self.text)
        return self.text[self._clause_starts[at - 1] : end]

    def is_optional(self, offset: int) -> bool:
        """Whether the line is of things that are welcome but not needed."""
        return _OPTIONAL.search(self._line(offset)) is not None

    def _line(self, offset: int) -> str:
        return self.text[self._line_starts[self.line_number(offset)] :].split("\n", 1)[0]

    def denied(self, offset: int) -> bool:
        """Whether the clause says that this is not so: "no experience with ...", "not needed: ..."."""
        clause = _GRANTS.sub("", self.clause(offset))
        return _DENIES.search(clause) is not None or _DENYING_HEADING.match(self._line(offset)) is not None
