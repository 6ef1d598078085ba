"""Cuts a transcript into sentences and tells which words cannot be evidence; knows nothing of points or graders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agent.steps.tokens import content, normal, tokens
from agent.values.rubric import Question
from agent.values.transcript import Transcript

_END = re.compile(r"[.?!]['\")]*$")
_LONGEST = 32
"""Words; a sentence that a recogniser left unpunctuated is cut at a comma or a joining word near this length."""
_REPEATED = 12
"""Words in a row that, said once more, are a repetition and no further evidence."""
_JOINTS = frozenset({"and", "so", "then", "because", "but", "also", "which", "plus"})

_PRAISE = (
    r"(?:very strong|strong|full (?:marks?|points?|credit)|top (?:marks?|scores?|ratings?)|highest|perfect|excellent"
    r"|(?:a )?(?:ten|10)\b|a pass|(?:high|good) (?:marks?|scores?|ratings?|grades?))"
)
_TO_THE_GRADER = re.compile(
    r"\b(?:mark|rate|grade|score)\s+(?:this|me|my|it as)\b.{0,40}\b"
    + _PRAISE
    + r"|\b(?:give|award)\s+(?:me|this|my)\b.{0,40}\b"
    + _PRAISE
    + r"|\b(?:ignore|forget|disregard|override)\b.{0,40}\b(?:instructions?|prompts?|rubric|grading)\b"
    r"|\b(?:you are|act as)\b.{0,30}\b(?:grader|judge|examiner)\b"
    r"|\b(?:dear|hey|attention|note to|message to)\b.{0,20}\b(?:grader|judge|examiner|evaluator)\b"
    r"|^\W*(?:system|developer)\s+(?:note|message|override|instruction)\b"
    r"|\b(?:points?|criteria|rubric items?)\b.{0,30}\b(?:are|is|were|as|have been|has been)"
    r"\s+(?:all\s+)?(?:met|satisfied|fulfilled|covered)\b"
    r"|\b(?:this|my)\s+(?:answer|response)\s+(?:is|was|deserves|should be|should get|counts as)\b.{0,30}\b" + _PRAISE,
    re.IGNORECASE,
)
"""Speech that asks for a grade instead of earning it; ordinary talk of ratings and top ten lists must not match."""


class Sentence(NamedTuple):
    """A run of words of a transcript."""

    first: int
    """Index of the first word."""
    last: int
    """Index of the last word, inclusive."""
    text: str
    again: bool = False
    """Was said before, word for word."""


def sentences(transcript: Transcript) -> list[Sentence]:
    """The transcript's sentences in order; every word belongs to exactly one."""
    texts = [word.text for word in transcript.words]
    again = _again(texts)
    edges = {index for index in range(1, len(texts)) if again[index] != again[index - 1]}
    cuts = sorted({*_cuts(texts), *edges})
    return [Sentence(a, b - 1, " ".join(texts[a:b]), again[a]) for a, b in zip([0, *cuts[:-1]], cuts, strict=True)]


def _again(texts: Sequence[str]) -> list[bool]:
    """For each word, whether it belongs to a run of words that was said before."""
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


def aimed_at_grader(text: str) -> bool:
    """Whether a sentence talks to the grader instead of answering."""
    return _TO_THE_GRADER.search(text) is not None


def repeats_question(text: str, question: Question) -> bool:
    """Whether a sentence only says the question, or the scenario, back."""
    said = content(text)
    asked = content(question.ask) | content(question.rephrase) | content(question.scenario)
    return len(said) >= 4 and len(said & asked) >= 0.8 * len(said) and _in_order(text, question)


def _in_order(text: str, question: Question) -> bool:
    """Whether long runs of the sentence stand word for word in the question: shared vocabulary alone is no echo."""
    said = tokens(text)
    asked = [" ".join(tokens(part)) for part in (question.ask, question.rephrase, question.scenario)]
    runs = [" ".join(said[at : at + 3]) for at in range(len(said) - 2)]
    echoed = sum(any(run in part for part in asked) for run in runs)
    return bool(runs) and echoed >= 0.4 * len(runs)


def idle_words(transcript: Transcript, question: Question) -> set[int]:
    """Indexes of the words that are evidence of nothing: aimed at the grader, or the question said back."""
    return {
        index
        for sentence in sentences(transcript)
        if aimed_at_grader(sentence.text) or repeats_question(sentence.text, question)
        for index in range(sentence.first, sentence.last + 1)
    }
