"""Makes words comparable: case, punctuation, fillers and spoken numbers, without their meaning."""

from __future__ import annotations

import re
from functools import lru_cache

from agent.values.transcript import straight

FILLERS = frozenset({"um", "uh", "er", "erm", "hmm", "mm", "ah", "uhm"})
_NUMBERS = {
    "zero": "0",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "ten": "10",
}
_PIECES = re.compile(r"[a-z]+(?:'[a-z]+)?|[0-9]+(?:\.[0-9]+)?")


@lru_cache(maxsize=65_536)
def normal(word: str) -> tuple[str, ...]:
    """A written word as comparable tokens: none for fillers and bare punctuation, several for `one-hot`."""
    pieces = _PIECES.findall(straight(word).lower())
    return tuple(_NUMBERS.get(piece, piece) for piece in pieces if piece not in FILLERS)


def tokens(text: str) -> list[str]:
    """All comparable tokens of a text, in order."""
    return [token for word in text.split() for token in normal(word)]


SMALL_WORDS = frozenset(
    """
    a an and are as at be been but by can could do does for from had has have how i if in into is it
    its just like me my no not of on or our so some than that the their them then there these they
    this to too up us very was we well were what when which who why will with would you your it's
    i'd i'm that's don't 1
    """.split()
)
"""Words of grammar in their comparable form; they tell English from other languages and carry no subject."""


def content(text: str) -> set[str]:
    """The tokens that carry meaning, as a set."""
    return set(tokens(text)) - SMALL_WORDS
