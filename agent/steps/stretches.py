"""Cuts a transcript into sentences and tells which words cannot be evidence; knows nothing of points or graders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agent.steps.tokens import content, tokens
from agent.values.rubric import Question
from agent.values.transcript import Transcript

_END = re.compile(r"[.?!]['\")]*$")
_LONGEST = 32
"""Words; a sentence that a recogniser left unpunctuated is cut at a comma or a joining word near this length."""
_JOINTS = frozenset({"and", "so", "then", "because", "but", "also", "which", "plus"})

_TO_THE_GRADER = re.compile(
    r"\b(?:(?:mark|rate|grade|score|give|award)\s+(?:this|me|my|the|it|that)\b.{0,60}\b(?:strong|stronger|full|top|highest|perfect"
    r"|excellent|marks?|points?|credit|rating|score|ten|10|a\s?plus)"
    r"|(?:ignore|forget|disregard|override)\b.{0,40}\b(?:instructions?|prompts?|rubric|criteria|rules|above|previous)"
    r"|(?:you are|act as)\b.{0,30}\b(?:grader|judge|examiner|assistant|language model)"
    r"|(?:dear|hey|attention|note to|message to)\b.{0,20}\b(?:grader|judge|examiner|evaluator|ai\b|system)"
    r"|(?:system|developer)\s+(?:prompt|message|note|instruction)"
    r"|(?:all|every|each)\s+(?:of\s+)?(?:the\s+)?(?:points?|criteria|rubric items)\b.{0,40}\b(?:met|satisfied|covered|heard|made|fulfilled)"
    r"|(?:this|my)\s+(?:answer|response)\s+(?:is|was|deserves|should be|counts as)\b.{0,30}\b(?:very strong|strong|perfect|complete|correct|full|the best|highest|excellent)"
    r"|(?:set|make|output|return|print|write)\b.{0,20}\b(?:rating|grade|score|verdict)\b)",
    re.IGNORECASE,
)


class Sentence(NamedTuple):
    """A run of words of a transcript."""

    first: int
    """Index of the first word."""
    last: int
    """Index of the last word, inclusive."""
    text: str


def sentences(transcript: Transcript) -> list[Sentence]:
    """The transcript's sentences in order; every word belongs to exactly one."""
    texts = [word.text for word in transcript.words]
    cuts = list(_cuts(texts))
    return [Sentence(a, b - 1, " ".join(texts[a:b])) for a, b in zip([0, *cuts[:-1]], cuts, strict=True)]


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
