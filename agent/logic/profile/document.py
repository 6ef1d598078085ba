"""The text of a CV or job description as lines and clauses."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import cached_property

MOST_LINE = 240
"""Maximum characters of a quoted line; a longer one is shortened around the words in question."""
_NEAR = 500
"""Characters before and after a word in which a denial is searched for."""
_MOST_LINES = 3
"""Maximum lines before and after that may belong to the same sentence."""
_FULL_LINE = 35
"""Minimum characters of a line that was wrapped; a shorter line ends its sentence."""
_SENTENCE_END = re.compile(r"[.;!?](?=\s)")
_HYPHENATED = re.compile(r"(?<=[a-z])-\n\s*(?=[a-z])")
_BOUNDARY = re.compile(
    r"[.;!?](?=\s)|\n\s*\n|\n(?=\s*(?:[-*•\u2013·#]|\d+\.)\s)|\n(?=\s*[A-Z])|(?<=[:|])\n|\s[|·](?=\s)|,\s+(?=but\b)"
)
"""Where a clause ends. A comma ends one only before "but": "not in fraud, but in ads"."""
_DENIES = re.compile(
    r"\b(?:no|not|never|without (?:any )?(?:experience|knowledge)|neither|nor|"
    r"don't|doesn't|didn't|haven't|hasn't|isn't|won't|cannot|can't|"
    r"(?:would|i'd) (?:like|love) to (?:learn|get|use|work|try)|(?:want|hope|eager|keen|plan)(?:ing)? to learn|"
    r"yet to (?:use|learn)|curious about|only (?:ever )?(?:played|dabbled|experimented)|"
    r"also have (?:\w+ )?teams|(?:other|sister) (?:teams?|departments?))\b",
    re.IGNORECASE,
)
_GRANTS = re.compile(r"\bnot only\b|\bno cv\b|\bnot (?:just|least|to mention)\b", re.IGNORECASE)
_DENYING_HEADING = re.compile(
    r"^\W*(?:what we offer|we offer|benefits|perks|"
    r"not needed|not required|not part of|what we don't|(?:tools|skills|things) i (?:would|want|hope|'d).*"
    r"|currently learning|to learn|learning next)\b[^:]*:",
    re.IGNORECASE,
)

_OPTIONAL = re.compile(
    r"\b(?:nice|good|great)[ -]to[ -]have\b|\b(?:a|is|are) (?:plus|bonus|welcome)\b|\bhelps?\b", re.IGNORECASE
)
_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S+|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}\.[a-z][\w.-]+|"
    r"(?<![\w.-])[\w.-]{1,64}\.(?:com|org|net|edu|io|ai|dev|app|me|co|uk|eu|de|fr|nl|ch|at|in|us|ca)/\S*",
    re.IGNORECASE,
)
"""Web and mail addresses, and profiles: a GitHub address claims no skill."""
_COURSES = re.compile(r"\b(?:courses?|coursework|modules|electives|lectures)\b[^:\n]{0,30}:", re.IGNORECASE)
_ASIDES = re.compile(
    r"^\W*(?:what (?:we|do we) offer|what you(?:'ll)? get|we offer(?: you)?|what's in it for you|why (?:join )?us|"
    r"(?:our |your |the )?(?:benefits|perks)(?: and (?:benefits|perks))?|how to apply|equal opportunit(?:y|ies)|"
    r"diversity.{0,20}|privacy(?: notice)?)\W*$",
    re.IGNORECASE,
)
"""Headings of a job description's sections that ask for nothing."""
_TAUGHT = re.compile(
    r"^\W*(?:(?:online |further )?courses|certificat(?:es|ions)|moocs|coursework|modules|electives|training)\W*$",
    re.IGNORECASE,
)
"""Headings of a CV's sections that list courses."""
_WISHES = re.compile(
    r"^\W*(?:nice[- ]to[- ](?:haves?|know)|good to have|bonus(?: points)?|preferred|(?:a )?plus(?:es)?|desirable|"
    r"optional|wish[- ]?list|what would set you apart|ideally\b.{0,30})(?: \w+)?(?:\s*\([^)]*\))?\W*$",
    re.IGNORECASE,
)
"""Headings of a job description's sections that list wishes."""
_HEADING = re.compile(r"^\W*[A-Z][\w']*(?:\s[\w'&]+){0,4}\s*:?\s*$")
_BULLET = re.compile(r"[-*•\u2013·]\s")
_SECTION_LINES = 15
"""Number of lines above a line in which its heading is searched for."""
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl", 0xFB05: "st", 0xFB06: "st"}
"""Characters for joined letters, which many PDF files use."""


class Document:
    """One text. Offsets refer to `text`, in which words that were hyphenated at a line end are joined."""

    def __init__(self, text: str) -> None:
        clean = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00ad", "").replace("\u00a0", " ")
        clean = unicodedata.normalize("NFC", clean.replace("\u2019", "'").translate(_LIGATURES))
        self.text = _HYPHENATED.sub("", clean)

    @cached_property
    def searched(self) -> str:
        """The text with blanks in place of addresses; offsets are as in `text`."""
        return _ADDRESS.sub(lambda match: " " * len(match[0]), self.text)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    @cached_property
    def _clause_starts(self) -> list[int]:
        return [0, *(match.end() for match in _BOUNDARY.finditer(self.text))]

    @property
    def lines(self) -> list[str]:
        """The lines that are not empty, trimmed."""
        return [line.strip() for line in self.text.splitlines() if line.strip()]

    def line_of(self, start: int, end: int) -> str:
        """Returns the line or lines around text[start:end] as one line, shortened if they are long."""
        first = self._line_starts[bisect_right(self._line_starts, start) - 1]
        after = bisect_right(self._line_starts, max(start, end - 1))
        last = self._line_starts[after] if after < len(self._line_starts) else len(self.text)
        first, last = self._back(first), self._on(last)
        if last - first > MOST_LINE:
            first, last = self._shortened(first, last, start, end)
        return " ".join(self.text[first:last].replace("**", "").split()).strip("-*•#| ")

    def _back(self, first: int) -> int:
        """Returns where a line's sentence begins, which may be in a line before."""
        for _ in range(_MOST_LINES):
            if not self._goes_on(first):
                break
            start = self._line_before(first)
            ends = list(_SENTENCE_END.finditer(self.text, start, first))
            if ends:
                return ends[-1].end()
            first = start
        return first

    def _on(self, last: int) -> int:
        """Returns where a line's sentence ends, which may be in a later line."""
        for _ in range(_MOST_LINES):
            if last >= len(self.text) or not self._goes_on(last):
                break
            stop = self.text.find("\n", last)
            stop = len(self.text) if stop < 0 else stop + 1
            end = _SENTENCE_END.search(self.text, last, stop)
            if end is not None:
                return end.end()
            last = stop
        return last

    def _goes_on(self, start: int) -> bool:
        """Whether the line at an offset continues the sentence of the line before, which was full."""
        before = self.text[self._line_before(start) : start]
        return len(before.strip()) >= _FULL_LINE and self.text[start : start + 40].lstrip(" \t")[:1].islower()

    def _line_before(self, start: int) -> int:
        """Returns where the line before `start` begins; `start` is the beginning of a line."""
        return self.text.rfind("\n", 0, max(0, start - 1)) + 1

    def _shortened(self, first: int, last: int, start: int, end: int) -> tuple[int, int]:
        """Returns the sentence around text[start:end], or the text near it, in whole words."""
        ends = [found.end() for found in _SENTENCE_END.finditer(self.text, first, start)]
        stop = _SENTENCE_END.search(self.text, end, last)
        first, last = ends[-1] if ends else first, last if stop is None else stop.end()
        near, far = max(first, start - MOST_LINE // 2), min(last, end + MOST_LINE // 2)
        if near > first:
            near = next((at for at in range(near, start) if self.text[at - 1].isspace()), near)
        if far < last:
            far = next((at for at in range(far, end, -1) if self.text[at].isspace()), far)
        return near, far

    def line_number(self, offset: int) -> int:
        """Returns the line number, from 0; empty lines count, too."""
        return bisect_right(self._line_starts, offset) - 1

    def clause(self, offset: int) -> str:
        """Returns the clause around an offset, or the text near it if the clause is very long."""
        at = bisect_right(self._clause_starts, offset)
        end = self._clause_starts[at] if at < len(self._clause_starts) else len(self.text)
        return self.text[max(self._clause_starts[at - 1], offset - _NEAR) : min(end, offset + _NEAR)]

    def is_weak(self, offset: int) -> bool:
        """Whether the line lists things that are welcome but not needed, or courses that were taken."""
        heading = self._heading(offset)
        if _OPTIONAL.search(self._line(offset)) is not None or _WISHES.match(heading) or _TAUGHT.match(heading):
            return True
        start = self._line_starts[self.line_number(offset)]
        for _ in range(_MOST_LINES):
            before = self._line_before(start)
            # A list of courses goes on while its lines end with a comma.
            if not self.text[before:start].rstrip().endswith(","):
                break
            start = before
        return _COURSES.search(self.text, start, offset) is not None

    def _line(self, offset: int) -> str:
        return self.text[self._line_starts[self.line_number(offset)] :].split("\n", 1)[0]

    def denied(self, offset: int) -> bool:
        """Whether the clause denies it: "no experience with ...", "not needed: ..."."""
        clause = _GRANTS.sub("", self.clause(offset))
        if _DENIES.search(clause) is not None or _DENYING_HEADING.match(self._line(offset)) is not None:
            return True
        return _ASIDES.match(self._heading(offset)) is not None

    def _heading(self, offset: int) -> str:
        """Returns the nearest short line above that names a section; empty if there is none."""
        start = self._line_starts[self.line_number(offset)]
        for _ in range(_SECTION_LINES):
            if start == 0:
                break
            before = self._line_before(start)
            line = self.text[before:start].strip()
            if _BULLET.match(line):
                start = before
                continue
            line = line.strip("*#_ ")
            if any(known.match(line) for known in (_HEADING, _ASIDES, _TAUGHT, _WISHES)):
                return line
            start = before
        return ""
