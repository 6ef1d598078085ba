"""Separates hotwords that were spoken from hotwords that leaked from the prompt; independent of the recognizer.

A glossary in the decoder's prompt halves the misheard terms, but also adds terms that nobody said. The probabilities of
words are computed without the prompt, from the audio alone (faster-whisper aligns the words in a second step), so
leaked terms are near 0. If that leaves a doubt, the audio is transcribed again without the glossary, and a term counts
only where that transcription has something similar.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher

from rapidfuzz.distance import Levenshtein

from agent.logic.speech.glossary import sound
from agent.logic.speech.tokens import normal, tokens
from agent.values.transcript import Word

CERTAIN = 0.5
"""Minimum mean probability of a term's words at which the audio alone supports it."""
SHORT = 3
"""Letters up to which a term, such as RAG, is never certain: too many sounds resemble it ("for it", "for RAG")."""
ALIKE = 0.45
"""Minimum similarity, 0 to 1, of the letters of a doubtful term and of the transcription without the glossary."""
ALIKE_IF_SHORT = 0.6
RIVAL = 0.5
"""Share of the probability of the dissimilar transcription without the glossary that a doubtful term needs."""
FAINT = 0.1
"""Mean probability below which that transcription does not count."""
LONGEST_RUN = 4
"""Maximum number of words that one term may be transcribed as."""
LEAKED = 3
"""Number of terms in a row, at most two words apart, that suggests the prompt is being repeated."""

UNTRANSCRIBED_S = 1.5
"""Seconds of speech without a transcribed word, after which decoding has stopped early."""

Span = tuple[int, int]
Interval = tuple[float, float]
"""Start and end in seconds."""


def spans(words: Sequence[Word], glossary: Sequence[str]) -> list[Span]:
    """Places of glossary terms: the first word and the one after the last,
    with the longest terms first at each place.
    """
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
    """Whether the prompt may have leaked into the transcript: many terms close together."""
    found = spans(words, glossary)
    run, end = 0, -9
    for first, last in found:
        run = run + 1 if first <= end + 2 else 1
        end = last
        if run >= LEAKED:
            return True
    return sum(last - first for first, last in found) > 0.4 * len(words) > 2


def stopped_early(words: Sequence[Word], speech: Sequence[Interval]) -> bool:
    """Whether there is long speech without a transcribed word."""
    last = max((end for _, end in speech), default=0.0)
    edges = [0.0, *(edge for word in words for edge in (word.start_s, word.end_s)), last]
    gaps = zip(edges[::2], edges[1::2], strict=True)
    return any(
        min(end, gap_end) - max(start, gap_start) >= UNTRANSCRIBED_S
        for gap_start, gap_end in gaps
        for start, end in speech
    )


def doubtful(words: Sequence[Word], glossary: Sequence[str]) -> bool:
    """Whether any term is so improbable that it must be compared with a transcription without the glossary."""
    return any(not _certain(words[first:last]) for first, last in spans(words, glossary))


def reconcile(words: Sequence[Word], unprompted: Sequence[Word], glossary: Sequence[str]) -> list[Word]:
    """The words, with a doubtful term only where `unprompted` has something that sounds similar.

    Elsewhere the transcription without the glossary is used, so that no term is put into the speaker's mouth.
    """
    same = _same(words, unprompted)
    kept: list[Word] = []
    at = free = 0
    for first, last in spans(words, glossary):
        kept += words[at:first]
        start, end = _between(same, first, last, len(unprompted))
        # Words that match one term cannot match the next one as well.
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
    """Words of two transcriptions whose times may differ by a tenth of a
    second: no word begins before the previous one.
    """
    moved: list[Word] = []
    for word in words:
        start = max(word.start_s, moved[-1].start_s) if moved else word.start_s
        moved.append(word.model_copy(update={"start_s": start, "end_s": max(start, word.end_s)}))
    return moved


def _same(words: Sequence[Word], unprompted: Sequence[Word]) -> list[tuple[int, int]]:
    """Pairs of indexes at which both transcriptions have the same word, in order."""
    ours, theirs = ([" ".join(normal(word.text)) for word in transcribed] for transcribed in (words, unprompted))
    blocks = SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
    return [(block.a + offset, block.b + offset) for block in blocks for offset in range(block.size)]


def _between(same: Sequence[tuple[int, int]], first: int, last: int, size: int) -> tuple[int, int]:
    """The part of the second transcription that corresponds to the first from `first` to before `last`."""
    start = max((there + 1 for here, there in same if here < first), default=0)
    end = min((there for here, there in same if here >= last), default=size)
    return start, max(start, end)


def _believed(term: Sequence[Word], instead: Sequence[Word]) -> bool:
    """Whether the audio supports a term that has no echo: it is probable, or about as probable as the alternative.

    Short terms need an echo.
    """
    chance = _mean(term)
    rivals = bool(instead) and not _short(term) and chance >= FAINT and chance >= RIVAL * _mean(instead)
    return _certain(term) or rivals


def _mean(words: Sequence[Word]) -> float:
    return sum(word.probability for word in words) / len(words)


def _certain(term: Sequence[Word]) -> bool:
    return not _short(term) and _mean(term) >= CERTAIN


def _echo(term: Sequence[Word], instead: Sequence[Word]) -> int | None:
    """End of the run of words that sounds most like the term, or None."""
    there = [word.text for word in instead]
    said = sound("".join(word.text for word in term))
    runs = [(at, at + size) for size in range(1, LONGEST_RUN + 1) for at in range(len(there) - size + 1)]
    alike = {run: Levenshtein.normalized_similarity(sound("".join(there[slice(*run)])), said) for run in runs}
    best = max(alike, key=alike.__getitem__, default=None)
    least = ALIKE_IF_SHORT if _short(term) else ALIKE
    return best[1] if best is not None and alike[best] >= least else None


def _short(term: Sequence[Word]) -> bool:
    return sum(len(token) for word in term for token in normal(word.text)) <= SHORT
