"""What the embedded grader measures of one target in one span of speech; pure, without models.

A target is a point or a misconception: a statement with ways of saying it and near misses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from agent.logic.grading.sentences import (
    aimed_at_grader,
    clause_runs,
    repeats_question,
    sentence_runs,
    transcript_sentences,
)
from agent.logic.speech.glossary import Ordinary, repair
from agent.logic.speech.tokens import SMALL_WORDS, content, tokens
from agent.values.rubric import Misconception, Point, Question
from agent.values.transcript import Transcript

Matrix = npt.NDArray[np.float32]
Target = Point | Misconception

_REJECTION = re.compile(
    r"\b(?:(?:would|do|does|did|should|could|will|can)(?:n't| not)|never|avoid|against"
    r"|instead of|rather than|not going to|no need"
    r"|don't|doesn't|won't|skip|overkill|without|neither|nor|isn't|is not|are not|aren't)\b",
    re.IGNORECASE,
)


class EvidenceSpan(NamedTuple):
    """One sentence of an answer, or two neighboring ones."""

    first: int
    """Index of the first word in the transcript."""
    last: int
    """Index of the last word, inclusive."""
    text: str
    """As transcribed, with misheard terms corrected."""

    @property
    def words(self) -> int:
        """Number of its words."""
        return self.last - self.first + 1


def evidence_spans(transcript: Transcript, question: Question, ordinary: Ordinary | None = None) -> list[EvidenceSpan]:
    """The sentences that can be evidence, then each pair of neighbors among them, with misheard terms corrected."""
    usable = [
        sentence
        for sentence in transcript_sentences(transcript)
        if not sentence.again
        and not aimed_at_grader(sentence.text)
        and not repeats_question(sentence.text, question)
        and len(content(sentence.text)) > 0
    ]
    singles = [(sentence.first, sentence.last) for sentence in usable]
    pairs = [(a.first, b.last) for a, b in pairwise(usable) if b.first == a.last + 1]
    return [_span(first, last, transcript, question, ordinary) for first, last in singles + pairs]


def _span(first: int, last: int, transcript: Transcript, question: Question, ordinary: Ordinary | None) -> EvidenceSpan:
    text = " ".join(word.text for word in transcript.words[first : last + 1])
    return EvidenceSpan(first, last, repair(text, question.glossary, ordinary))


def parts(
    span: EvidenceSpan, transcript: Transcript, question: Question, ordinary: Ordinary | None = None
) -> Iterator[EvidenceSpan]:
    """The sentences of a pair, and the clauses of each; nothing for a single clause."""
    texts = [word.text for word in transcript.words[span.first : span.last + 1]]
    for first, last in sorted({*sentence_runs(texts), *clause_runs(texts)} - {(0, len(texts) - 1)}):
        yield _span(span.first + first, span.first + last, transcript, question, ordinary)


def targets(question: Question) -> tuple[Target, ...]:
    """Everything that a claim can be about."""
    return (*question.points, *question.misconceptions)


def term_share(target: Target, text: str) -> float:
    """Share of the target's term groups that have a form in the text; 0 for a target without terms."""
    groups = target.terms if isinstance(target, Point) else ()
    if not groups:
        return 0.0
    said = f" {' '.join(tokens(text))} "
    return sum(any(_stands(form, said) for form in group) for group in groups) / len(groups)


def _stands(form: str, said: str) -> bool:
    return f" {' '.join(tokens(form))} " in said or f" {' '.join(tokens(form))}s " in said


def rejects(text: str) -> bool:
    """Whether the span contains words that reject something."""
    return _REJECTION.search(text) is not None


def bare_list(text: str) -> bool:
    """Whether the span only lists names: commas between them and hardly any grammar."""
    words = tokens(text)
    grammar = sum(word in SMALL_WORDS for word in words)
    return text.count(",") >= 3 and grammar <= 0.3 * len(words) and len(words) <= 3 * (text.count(",") + 1)


class Example(NamedTuple):
    """The known example of a target that is most similar to what was said."""

    text: str
    similarity: float


def nearest(said: Matrix, known: Matrix, texts: Sequence[str]) -> Example:
    """The most similar of `texts`, whose unit vectors are the rows of `known`; without texts, nothing is similar."""
    if not len(texts):
        return Example("", 0.0)
    similarity = known @ said
    best = int(np.argmax(similarity))
    return Example(texts[best], float(similarity[best]))


def described(target: Target, example: str) -> str:
    """The target as input for the point model: the statement, then one way of saying it."""
    return f"{target.says} Such as: {example}" if example else target.says
