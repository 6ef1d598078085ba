"""What may be quoted back to the candidate: whole phrases that the recognizer was sure of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from agent.logic.speech.endpointing import closes, unfinished
from agent.logic.speech.tokens import SMALL_WORDS, normal
from agent.values.transcript import Word

SURE = 0.75
"""Least mean probability of the words of a quote."""
SURE_OF_EACH = 0.5
"""Least probability of each word that carries meaning: one made-up word turns a quote into nonsense."""
FEWEST_WORDS, MOST_WORDS = 5, 26
_SENTENCE_ENDS = re.compile(r"[.?!]['\")]*$")
_CLAUSE_ENDS = re.compile(r"[.?!,;:]['\")]*$")


def phrase(words: Sequence[Word]) -> str | None:
    """The first whole sentence of these words that may be quoted, else the first clause; None when there is none."""
    for ends in (_SENTENCE_ENDS, _CLAUSE_ENDS):
        for piece in _pieces(words, ends):
            if _quotable(piece):
                return " ".join(word.text for word in piece).rstrip(" ,;:")
    return None


def _pieces(words: Sequence[Word], ends: re.Pattern[str]) -> Iterator[Sequence[Word]]:
    cuts = [at + 1 for at, word in enumerate(words) if ends.search(word.text)]
    edges = sorted({0, *cuts, len(words)})
    return (words[start:end] for start, end in pairwise(edges))


def _quotable(words: Sequence[Word]) -> bool:
    text = " ".join(word.text for word in words).rstrip(" ,;:")
    if not FEWEST_WORDS <= len(words) <= MOST_WORDS or closes(text) or unfinished(text):
        return False
    if sum(word.probability for word in words) / len(words) < SURE:
        return False
    telling = [word for word in words if set(normal(word.text)) - SMALL_WORDS]
    return all(word.probability >= SURE_OF_EACH for word in telling)
