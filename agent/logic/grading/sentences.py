"""Cuts a transcript into sentences, and finds the words that cannot be evidence. Independent of points and graders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from agent.logic.speech.tokens import content, normal, tokens
from agent.values.rubric import Question
from agent.values.transcript import Transcript

_END = re.compile(r"[.?!]['\")]*$")
_LONGEST = 32
"""Words; a sentence that the recognizer left unpunctuated is cut at a comma or a joining word near this length."""
_REPEATED = 12
"""Words in a row that, said again, are a repetition and not further evidence."""
_ECHOED = 12
"""A sentence that only repeats the question may have one new word per this many words."""
_FEWEST = 6
"""Words; fewer say too little to be a clause of their own."""
_JOINTS = frozenset({"and", "so", "then", "because", "but", "also", "which", "plus"})

_CLAUSE = r"(?:^|[.,;:!?])\W*(?:(?:and|so|now|please|just|anyway|then)\s+)*"
_ENDS = r"(?=\W*(?:$|[.,;:!?]|\b(?:and|because|since|for|please|thanks?)\b))"
_WORTH = (
    rf"(?:very strong{_ENDS}|a pass{_ENDS}|ten out of ten|full (?:marks?|points?|credit|score)"
    r"|(?:top|highest|best|maximum|perfect|excellent|strong|strongest|ten|10)"
    r"(?: \w+)? (?:marks?|scores?|ratings?|grades?))\b"
)
_AS = r"(?:\s+(?:as|an?|the|at|least|please|now|nothing|less|than|just))*"
_MINE = r"(?:this|my)\s+(?:whole\s+|entire\s+)?(?:answer|response)"
_GRADER = r"(?:grader|judge|examiner|evaluator)"
_ALL_POINTS = r"(?:all|every|each)(?:\s+(?:of|the|these|those|your))*\s+(?:points?|criteri(?:a|on)|rubric(?:\s+\w+)?)"
_TO_THE_GRADER = re.compile(
    rf"\b(?:mark|rate|grade|score|give|award)\s+(?:me|it|this|{_MINE}){_AS}\s+{_WORTH}"
    rf"|\b(?:give|award)\s+me\s+(?:a\s+)?(?:high|good)\s+(?:mark|score|rating|grade)s?\b"
    rf"|\b{_MINE}\s+(?:is|was|deserves|merits|should be|should get|counts as){_AS}\s+{_WORTH}"
    rf"|{_CLAUSE}(?:ignore|forget|disregard|override)\s+(?:all|any|your|these|those|(?:the\s+)?(?:previous|prior|above))\b"
    r".{0,30}\b(?:instructions?|prompts?|rubric|grading)\b"
    rf"|{_CLAUSE}(?:you are|you're|act as)(?:\s+\w+){{0,3}}?\s+{_GRADER}\b"
    rf"|{_CLAUSE}(?:dear|hey|hello|attention|(?:a\s+)?(?:note|message) to)[\s,]+(?:\w+\s+){{0,2}}?{_GRADER}\b"
    r"|^\W*(?:system|developer)\s+(?:note|message|override|instruction)\b"
    rf"|{_CLAUSE}{_ALL_POINTS}\s+(?:are|is|were|was|have been|has been)\s+(?:met|satisfied|fulfilled|covered){_ENDS}"
    rf"|\b(?:i|{_MINE})\s+(?:have\s+|has\s+)?(?:met|meets?|covers?|covered|satisf(?:y|ies|ied)|fulfil\w*)\s+{_ALL_POINTS}{_ENDS}",
    re.IGNORECASE,
)
"""Speech that asks for a grade instead of earning it. Must not match ordinary talk about ratings and top-ten lists."""


class Sentence(NamedTuple):
    """A run of words of a transcript."""

    first: int
    """Index of the first word."""
    last: int
    """Index of the last word, inclusive."""
    text: str
    again: bool = False
    """The words were said before, word for word."""


def transcript_sentences(transcript: Transcript) -> list[Sentence]:
    """The transcript's sentences in order; every word belongs to exactly one. Empty for a transcript without words."""
    texts = [word.text for word in transcript.words]
    if not texts:
        return []
    again = _again(texts)
    edges = {index for index in range(1, len(texts)) if again[index] != again[index - 1]}
    cuts = sorted({*_cuts(texts), *edges})
    return [Sentence(a, b - 1, " ".join(texts[a:b]), again[a]) for a, b in pairwise([0, *cuts])]


def _again(texts: Sequence[str]) -> list[bool]:
    """Tells for each word whether it belongs to a run of words that was said before."""
    said = [" ".join(normal(text)) for text in texts]
    runs, again = set[tuple[str, ...]](), [False] * len(said)
    for end in range(_REPEATED, len(said) + 1):
        run = tuple(said[end - _REPEATED : end])
        if run in runs:
            again[end - _REPEATED : end] = [True] * _REPEATED
        runs.add(run)
    return again


def _cuts(texts: Sequence[str]) -> Iterator[int]:
    start = 0
    for index, text in enumerate(texts):
        following = texts[index + 1].lower().strip(",") if index + 1 < len(texts) else ""
        long = index - start + 1 >= _LONGEST
        if _END.search(text) or (long and (text.endswith(",") or following in _JOINTS)) or index - start > 2 * _LONGEST:
            yield index + 1
            start = index + 1
    if start < len(texts):
        yield len(texts)


def sentence_runs(texts: Sequence[str]) -> list[tuple[int, int]]:
    """First and last index (inclusive) of each sentence of some words."""
    return [(start, end - 1) for start, end in pairwise([0, *_cuts(texts)])]


def clause_runs(texts: Sequence[str]) -> list[tuple[int, int]]:
    """First and last index (inclusive) of each clause: up to a punctuation mark or a joining word of its sentence.

    Fewer than `_FEWEST` words are no clause of their own; they belong to the one before, at the beginning to the next.
    """
    return [run for first, last in sentence_runs(texts) for run in _clauses_of(texts, first, last + 1)]


def _clauses_of(texts: Sequence[str], start: int, end: int) -> Iterator[tuple[int, int]]:
    for index in range(start + _FEWEST, end - _FEWEST + 1):
        parted = texts[index - 1].endswith((",", ";", ":")) or texts[index].lower().strip(",") in _JOINTS
        if parted and index - start >= _FEWEST:
            yield start, index - 1
            start = index
    yield start, end - 1


def aimed_at_grader(text: str) -> bool:
    """Whether a sentence addresses the grader instead of answering."""
    return _TO_THE_GRADER.search(text) is not None


def repeats_question(text: str, question: Question) -> bool:
    """Whether a sentence only repeats the question or the scenario."""
    said = content(text)
    asked = content(question.ask) | content(question.rephrase) | content(question.scenario)
    # Candidates often begin with the question's words: one new word ("... on a schedule") may be the answer.
    return len(said) >= 4 and len(said - asked) <= len(said) // _ECHOED and _in_order(text, question)


def _in_order(text: str, question: Question) -> bool:
    """Whether long runs of the sentence are word for word in the question: shared vocabulary alone is not an echo."""
    said = tokens(text)
    asked = [" ".join(tokens(part)) for part in (question.ask, question.rephrase, question.scenario)]
    runs = [" ".join(said[at : at + 3]) for at in range(len(said) - 2)]
    echoed = sum(any(run in part for part in asked) for run in runs)
    return bool(runs) and echoed >= 0.4 * len(runs)


def inadmissible_words(transcript: Transcript, question: Question) -> set[int]:
    """Indexes of the words that are not evidence of anything: addressed to the grader, or the question repeated."""
    return {
        index
        for sentence in transcript_sentences(transcript)
        if aimed_at_grader(sentence.text) or repeats_question(sentence.text, question)
        for index in range(sentence.first, sentence.last + 1)
    }
