"""Keeps what a recogniser was told to listen for apart from what was said; knows nothing of the recogniser.

A glossary in the decoder's prompt halves the misheard terms, and puts terms where there were none. The probabilities of
words are computed without the prompt, from the sound alone (faster-whisper aligns the words in a second step), so that
terms that leaked in are near 0. Where that leaves a doubt, the sound is heard once more without the glossary, and a
term counts only where that has something like it.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from rapidfuzz.distance import Levenshtein

from agent.logic.speech.glossary import sound
from agent.logic.speech.tokens import normal, tokens
from agent.values.transcript import Word

CERTAIN = 0.5
"""Mean probability of a term's words from which the sound alone bears it out."""
SHORT = 3
"""Letters up to which a term, such as RAG, is never certain: too many sounds are like it ("for it", "for RAG")."""
ALIKE = 0.45
"""Likeness, 0 to 1, of the letters of a doubtful term and of what was heard in its place without the glossary."""
ALIKE_IF_SHORT = 0.6
RIVAL = 0.5
"""Share of the probability of what was heard instead that a doubtful term unlike it needs to be believed."""
FAINT = 0.1
"""Mean probability below which that does not count."""
LONGEST_RUN = 4
"""Words that one term may be heard as."""
LEAKED = 3
"""Terms in a row, with at most two words in between, from which the prompt may be being read back."""

UNTRANSCRIBED_S = 1.5
"""Seconds of speech in a row without a word, from which decoding has stopped early."""

Span = tuple[int, int]
Interval = tuple[float, float]
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


def leaks_prompt(words: Sequence[Word], glossary: Sequence[str]) -> bool:
    """Whether the glossary may be being read back: many terms close together."""
    found = spans(words, glossary)
    run, end = 0, -9
    for first, last in found:
        run = run + 1 if first <= end + 2 else 1
        end = last
        if run >= LEAKED:
            return True
    return sum(last - first for first, last in found) > 0.4 * len(words) > 2


def stopped_early(words: Sequence[Word], speech: Sequence[Interval]) -> bool:
    """Whether speech goes on for long where no word was written."""
    last = max((end for _, end in speech), default=0.0)
    edges = [0.0, *(edge for word in words for edge in (word.start_s, word.end_s)), last]
    gaps = zip(edges[::2], edges[1::2], strict=True)
    return any(
        min(end, gap_end) - max(start, gap_start) >= UNTRANSCRIBED_S
        for gap_start, gap_end in gaps
        for start, end in speech
    )


def doubtful(words: Sequence[Word], glossary: Sequence[str]) -> bool:
    """Whether any term is so improbable that it must be compared with what is heard without the glossary."""
    return any(not _certain(words[first:last]) for first, last in spans(words, glossary))


def reconcile(words: Sequence[Word], unprompted: Sequence[Word], glossary: Sequence[str]) -> list[Word]:
    """The words, in which a doubtful term stands only where `unprompted` has something that sounds like it.

    Elsewhere stands what was heard there without the glossary, so that no term is put into the speaker's mouth.
    """
    same = _same(words, unprompted)
    kept: list[Word] = []
    at = free = 0
    for first, last in spans(words, glossary):
        kept += words[at:first]
        start, end = _between(same, first, last, len(unprompted))
        # What was heard for one term is not heard for the next one as well.
        start = min(max(start, free), end)
        instead = unprompted[start:end]
        echo = _echo(words[first:last], instead)
        believed = echo is not None or _believed(words[first:last], instead)
        kept += words[first:last] if believed else instead
        if echo is not None:
            free = start + echo
        elif not believed:
            free = end
        at = last
    return _forward([*kept, *words[at:]])


def _forward(words: Sequence[Word]) -> list[Word]:
    """Words of two ways of hearing, whose times may differ by a tenth of a second: no word begins before the last."""
    moved: list[Word] = []
    for word in words:
        start = max(word.start_s, moved[-1].start_s) if moved else word.start_s
        moved.append(word.model_copy(update={"start_s": start, "end_s": max(start, word.end_s)}))
    return moved


def _same(words: Sequence[Word], unprompted: Sequence[Word]) -> list[tuple[int, int]]:
    """Pairs of indexes at which both ways of hearing have the same word, in order."""
    ours, theirs = ([" ".join(normal(word.text)) for word in heard] for heard in (words, unprompted))
    blocks = SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
    return [(block.a + offset, block.b + offset) for block in blocks for offset in range(block.size)]


def _between(same: Sequence[tuple[int, int]], first: int, last: int, size: int) -> tuple[int, int]:
    """Where the second way of hearing has what stands in the first from `first` to before `last`."""
    start = max((there + 1 for here, there in same if here < first), default=0)
    end = min((there for here, there in same if here >= last), default=size)
    return start, max(start, end)


def _believed(term: Sequence[Word], instead: Sequence[Word]) -> bool:
    """Whether the sound bears a term out that has no echo: probable, or about as probable as what else was heard.

    Short terms are believed only for an echo.
    """
    chance = _mean(term)
    rivals = bool(instead) and not _short(term) and chance >= FAINT and chance >= RIVAL * _mean(instead)
    return _certain(term) or rivals


def _mean(words: Sequence[Word]) -> float:
    return sum(word.probability for word in words) / len(words)


def _certain(term: Sequence[Word]) -> bool:
    return not _short(term) and _mean(term) >= CERTAIN


def _echo(term: Sequence[Word], instead: Sequence[Word]) -> int | None:
    """Where the run of words ends that sounds most like the term; None when none does."""
    there = [word.text for word in instead]
    said = sound("".join(word.text for word in term))
    runs = [(at, at + size) for size in range(1, LONGEST_RUN + 1) for at in range(len(there) - size + 1)]
    alike = {run: Levenshtein.normalized_similarity(sound("".join(there[slice(*run)])), said) for run in runs}
    best = max(alike, key=alike.__getitem__, default=None)
    least = ALIKE_IF_SHORT if _short(term) else ALIKE
    return best[1] if best is not None and alike[best] >= least else None


def _short(term: Sequence[Word]) -> bool:
    return sum(len(token) for word in term for token in normal(word.text)) <= SHORT
