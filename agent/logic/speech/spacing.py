"""Closes the gaps that a recognizer leaves inside numbers and words: "10 ,000", "3 .5", "95 %", "pop -up", "a .m."."""

from __future__ import annotations

import re

_GAPS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<=\d)\s(?=[.,:]\d)"), ""),
    (re.compile(r"(?<=\d)\s(?=%)"), ""),
    # A list continues with another number; "000" never stands alone.
    (re.compile(r"(?<=\d),\s(?=000(?!\d))"), ","),
    (re.compile(r"(?<=[A-Za-z0-9])\s(?=-[a-z]{2})"), ""),
    (re.compile(r"(?<=\b[ap])\s(?=\.m\.)"), ""),
)
_THOUSANDS = re.compile(r"(?<![\d.,])(?<![\d.,]\s)\d{1,3}(?:(?:\s\d{3})*\s000|(?:\s\d{3}){2,})(?![.,]?\d|\s\d)")
"""10 000 and 1 250 000; not "5 100", which may be two numbers."""


def close_gaps(text: str) -> str:
    """The text with such numbers and words joined; groups of digits are separated by commas."""
    for pattern, closed in _GAPS:
        text = pattern.sub(closed, text)
    return _THOUSANDS.sub(lambda found: re.sub(r"\s", ",", found.group()), text)
