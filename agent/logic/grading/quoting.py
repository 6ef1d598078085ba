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
    """The first whole sentence of these words that may be quoted, else the first clause; None when there is none.

    A clause of a sentence with a doubtful word is no safer than the sentence: the doubtful word is what it refers to.
    """
    sentences = [piece for piece in _pieces(words, _SENTENCE_ENDS) if _clear(piece)]
    clauses = [clause for piece in sentences for clause in _pieces(piece, _CLAUSE_ENDS)]
    for piece in (*sentences, *clauses):
        if _whole(piece):
            return _text(piece)
    return None


def _pieces(words: Sequence[Word], ends: re.Pattern[str]) -> Iterator[Sequence[Word]]:
    cuts = [at + 1 for at, word in enumerate(words) if ends.search(word.text)]
    edges = sorted({0, *cuts, len(words)})
    return (words[start:end] for start, end in pairwise(edges))


def _clear(words: Sequence[Word]) -> bool:
    if not words or sum(word.probability for word in words) / len(words) < SURE:
        return False
    telling = [word for word in words if set(normal(word.text)) - SMALL_WORDS]
    return all(word.probability >= SURE_OF_EACH for word in telling)


def _whole(words: Sequence[Word]) -> bool:
    text = _text(words)
    return FEWEST_WORDS <= len(words) <= MOST_WORDS and not closes(text) and not unfinished(text)


def _text(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words).rstrip(" ,;:")
