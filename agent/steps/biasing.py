"""Keeps what a recogniser was told to listen for apart from what was said; knows nothing of the recogniser.

A glossary in the decoder's prompt halves the misheard terms, and puts terms where there were none. The probabilities of
words are computed without the prompt, from the sound alone (faster-whisper aligns the words in a second step), so they
tell the two apart: terms that were spoken have a mean of 0.2 and more, terms that leaked in are near 0.
"""

from __future__ import annotations

from collections.abc import Sequence

from agent.steps.tokens import normal, tokens
from agent.values.transcript import Word

HEARD = 0.2
"""Mean probability of a term's words from which the sound bears it out."""
HEARD_IF_SHORT = 0.5
"""The same for terms of up to three letters, such as L1: too many sounds are like them."""
RECITED = 3
"""Terms in a row, with at most two words in between, from which the prompt may be being read back."""

UNWRITTEN_S = 1.5
"""Seconds of speech in a row without a word, from which decoding has stopped early."""

Span = tuple[int, int]
Part = tuple[float, float]
"""Start and end in seconds."""


def spans(words: Sequence[Word], glossary: Sequence[str]) -> list[Span]:
    """Where terms of the glossary stand: first word and the one after the last, longest terms first at each place."""
    said = [token for word in words for token in normal(word.text)]
    owner = [index for index, word in enumerate(words) for _ in normal(word.text)]
    forms = sorted((form for term in glossary if (form := tokens(term))), key=len, reverse=True)
    found: list[Span] = []
    at = 0
    while at < len(said):
        form = next((form for form in forms if _stands(form, said, at)), [])
        if form:
            found.append((owner[at], owner[at + len(form) - 1] + 1))
        at += len(form) or 1
    return found


def _stands(form: list[str], said: list[str], at: int) -> bool:
    there = said[at : at + len(form)]
    return there == form or there == [*form[:-1], form[-1] + "s"]


def recites(words: Sequence[Word], glossary: Sequence[str]) -> bool:
    """Whether the glossary may be being read back: many terms close together."""
    found = spans(words, glossary)
    run, end = 0, -9
    for first, last in found:
        run = run + 1 if first <= end + 2 else 1
        end = last
        if run >= RECITED:
            return True
    return sum(last - first for first, last in found) > 0.4 * len(words) > 2


def breaks_off(words: Sequence[Word], speech: Sequence[Part]) -> bool:
    """Whether speech goes on for long where no word was written."""
    last = max((end for _, end in speech), default=0.0)
    edges = [0.0, *(edge for word in words for edge in (word.start_s, word.end_s)), last]
    gaps = zip(edges[::2], edges[1::2], strict=True)
    return any(
        min(end, gap_end) - max(start, gap_start) >= UNWRITTEN_S for gap_start, gap_end in gaps for start, end in speech
    )


def borne_out(words: Sequence[Word], glossary: Sequence[str]) -> list[Word]:
    """The words without those terms of the glossary for which the sound does not speak."""
    dropped = {
        index
        for first, last in spans(words, glossary)
        if sum(word.probability for word in words[first:last]) / (last - first) < _least(words[first:last])
        for index in range(first, last)
    }
    return [word for index, word in enumerate(words) if index not in dropped]


def _least(term: Sequence[Word]) -> float:
    letters = sum(len(token) for word in term for token in normal(word.text))
    return HEARD_IF_SHORT if letters <= 3 else HEARD
