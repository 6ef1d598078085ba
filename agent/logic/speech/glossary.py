"""Corrects misheard terms to the spelling of the question's glossary; the original transcription is kept as well.

There are three ways, and none guesses toward the expected answer: mishearings that the glossary lists; letters of an
abbreviation transcribed as the words that they sound like ("A you see"); and a word that does not exist and is nearly a
term.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from agent.logic.speech.tokens import tokens
from agent.values.rubric import Term
from agent.values.transcript import Repair

NEARLY = 0.75
"""Minimum similarity of letters for taking an unknown word for a term."""
SHORTEST = 5
"""Minimum number of letters of a term that may be guessed; shorter terms resemble too many words."""
Ordinary = Callable[[str], bool]
"""Whether a lower-case word is in common use, so that it is never taken for a misheard term."""


class _Place(NamedTuple):
    """A misheard term in a text, from `start` to before `end`."""

    start: int
    end: int
    term: str


def repair(text: str, glossary: Sequence[Term], ordinary: Ordinary | None = None) -> str:
    """The text with misheard terms in the glossary's spelling; without `ordinary`, nothing is guessed by similarity."""
    pieces, at = [], 0
    for place in _places(text, tuple(glossary), ordinary):
        pieces += [text[at : place.start], place.term]
        at = place.end
    return "".join([*pieces, text[at:]])


def repairs(text: str, glossary: Sequence[Term], ordinary: Ordinary | None = None) -> tuple[Repair, ...]:
    """The changes of repair(), in the order of the text; differences in case, spaces and an article are left out."""
    found = (Repair(heard=text[p.start : p.end], term=p.term) for p in _places(text, tuple(glossary), ordinary))
    return tuple(item for item in found if not _says(item.heard, item.term))


def _places(text: str, glossary: tuple[Term, ...], ordinary: Ordinary | None) -> list[_Place]:
    """Changes without overlaps; listed ones take precedence over guessed ones."""
    found: list[_Place] = []
    for place in (*_listed(text, glossary), *_guessed(text, glossary, ordinary)):
        if all(place.end <= other.start or other.end <= place.start for other in found):
            found.append(place)
    return sorted(found)


# Listed mishearings and spelled abbreviations


def _listed(text: str, glossary: tuple[Term, ...]) -> Iterator[_Place]:
    pattern, terms = _compiled(glossary)
    if pattern is not None:
        for found in pattern.finditer(text):
            yield _Place(*found.span(), terms[_key(found.group(0))])
    for spelled, term in _abbreviations(glossary):
        for found in spelled.finditer(text):
            if not _SPEECH.search(found.group(0)):
                yield _Place(*found.span(), term)


@lru_cache(maxsize=128)
def _compiled(glossary: tuple[Term, ...]) -> tuple[re.Pattern[str] | None, dict[str, str]]:
    terms = {_key(form): term.term for term in glossary for form in term.misheard}
    if not terms:
        return None, {}
    longest_first = sorted({form for term in glossary for form in term.misheard}, key=len, reverse=True)
    forms = (r"[\s-]+".join(map(re.escape, re.split(r"[\s-]+", form.strip()))) for form in longest_first)
    return re.compile(r"\b(?:" + "|".join(forms) + r")\b", re.IGNORECASE), terms


def _key(form: str) -> str:
    return " ".join(re.split(r"[\s-]+", form.strip().lower()))


_SOUNDS = {
    "a": "a|ay|eh",
    "b": "b|be|bee",
    "c": "c|see|sea",
    "d": "d|dee",
    "e": "e|ee",
    "f": "f|ef|eff",
    "g": "g|gee|jee",
    "h": "h|aitch",
    "i": "i|eye|aye",
    "j": "j|jay",
    "k": "k|kay",
    "l": "l|el|ell|elle",
    "m": "m|em",
    "n": "n|en",
    "o": "o|oh",
    "p": "p|pee|pea",
    "q": "q|cue|queue",
    "r": "r|are|ar",
    "s": "s|es|ess",
    "t": "t|tee|tea",
    "u": "u|you",
    "v": "v|vee",
    "w": r"w|double[\s-]you|double[\s-]u",
    "x": "x|ex",
    "y": "y|why",
    "z": "z|zee|zed",
    "0": "0|zero|oh",
    "1": "1|one",
    "2": "2|two",
    "3": "3|three",
    "4": "4|four",
}
"""How a recognizer transcribes the names of letters and digits when it takes them for words."""
_SPEECH = re.compile(r"\bi see\b|\byou see a\b|\bi are\b|\bbe a\b|\bare you\b|\bwhy are\b", re.IGNORECASE)
"""Ordinary speech that happens to spell an abbreviation."""


@lru_cache(maxsize=128)
def _abbreviations(glossary: tuple[Term, ...]) -> list[tuple[re.Pattern[str], str]]:
    """A pattern for each abbreviation that is said letter by letter: three letters, or a letter and a digit."""
    made = []
    for term in glossary:
        letters = term.term.lower()
        spelled = re.fullmatch(r"[A-Z]{3,5}\d?|[A-Z]\d", term.term) is not None
        if spelled and all(letter in _SOUNDS for letter in letters):
            joined = r"[\s.,-]{1,2}".join(f"(?:{_SOUNDS[letter]})" for letter in letters)
            made.append((re.compile(rf"\b{joined}\b", re.IGNORECASE), term.term))
    return made


# Words that do not exist

_APART = frozenset("no not never without use uses used need needs by of we or and".split())
"""Words that are not a misheard beginning of a term: "no nearlime" must keep its "no"."""


def _guessed(text: str, glossary: tuple[Term, ...], ordinary: Ordinary | None) -> Iterator[_Place]:
    """Runs of one to three words that are a term except for spaces, or nearly a term and not words otherwise.

    A term that is already correct counts as a place too, so that no longer run absorbs it with the word before it.
    """
    words = list(re.finditer(r"[A-Za-z']+", text))
    terms = _guessable(glossary)
    for size in (1, 2, 3):
        for first in range(len(words) - size + 1):
            run = words[first : first + size]
            if any("." in text[a.end() : b.start()] or "," in text[a.end() : b.start()] for a, b in pairwise(run)):
                continue
            term = _nearly([word.group(0).lower() for word in run], terms, ordinary)
            if term is not None:
                yield _Place(run[0].start(), run[-1].end(), term)


class _Guessable(NamedTuple):
    term: str
    letters: str
    sounding: str


@lru_cache(maxsize=128)
def _guessable(glossary: tuple[Term, ...]) -> list[_Guessable]:
    every = (_Guessable(item.term, _letters(item.term), sound(item.term)) for item in glossary)
    return [item for item in every if len(item.letters) >= SHORTEST]


def _nearly(words: Sequence[str], terms: Sequence[_Guessable], ordinary: Ordinary | None) -> str | None:
    whole = "".join(words)
    for term, letters, _ in terms:
        if whole in (letters, f"{letters}s"):
            return term if whole == letters else f"{term}s"
    if ordinary is None or (len(words) > 1 and words[0] in _APART):
        return None
    if not any(_strange(word, ordinary) for word in words):
        return None
    heard, one = sound(whole), sound(whole[:-1]) if whole.endswith("s") else None
    for term, _, sounding in terms:
        if one is not None and not sounding.endswith("s") and _sounds_like(one, sounding):
            return f"{term}s"
        if _sounds_like(heard, sounding):
            return term
    return None


def _strange(word: str, ordinary: Ordinary) -> bool:
    """Whether the word is not in common use; "it's" is "it" and not a strange word."""
    stem = word.split("'")[0]
    return len(stem) >= 4 and not ordinary(stem)


def _sounds_like(heard: str, term: str) -> bool:
    """Nearly the same letters with the same beginning, and not an inflection of the word: "regularised" stays."""
    if heard[:1] != term[:1] or abs(len(heard) - len(term)) > 3:
        return False
    shared = next((at for at, pair in enumerate(zip(heard, term, strict=False)) if len(set(pair)) == 2), len(term))
    another_form = shared >= max(4, 0.6 * len(term))
    return not another_form and Levenshtein.normalized_similarity(heard, term) >= NEARLY


def _says(heard: str, term: str) -> bool:
    words, wanted = tokens(heard), "".join(tokens(term))
    return "".join(words) == wanted or (words[:1] in (["a"], ["an"], ["the"]) and "".join(words[1:]) == wanted)


def _letters(text: str) -> str:
    return "".join(re.findall(r"[a-z0-9]", text.lower()))


_DIGITS = {"0": "zero", "1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "8": "eight"}
_SAME_SOUND = (("ph", "f"), ("ck", "k"), ("qu", "kw"), ("c", "k"), ("z", "s"), ("y", "i"), ("oo", "u"), ("ee", "i"))


def sound(text: str) -> str:
    """Letters and digits, with similar-sounding ones written alike and without double ones."""
    letters = _letters(text)
    for written, alike in (*_DIGITS.items(), *_SAME_SOUND):
        letters = letters.replace(written, alike)
    return re.sub(r"(.)\1", r"\1", letters)
