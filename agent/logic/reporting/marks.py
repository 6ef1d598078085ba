"""Where in a transcript the evidence of its grade is; independent of ratings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from agent.logic.grading.evidence import find_quote
from agent.logic.grading.naming import claimed, title_of
from agent.logic.reporting.values import Mark, MarkedText
from agent.logic.speech.spacing import close_gaps
from agent.values.grade import Evidence, PointResult
from agent.values.rubric import Question, in_words
from agent.values.session import Turn
from agent.values.transcript import Transcript


def marks(question: Question | None, turn: Turn) -> tuple[Mark, ...]:
    """Points, misconceptions, and valid points that the question does not
    list, in the order in which they were said.
    """
    size = len(turn.transcript.words)
    return tuple(sorted(_marks(question, turn), key=lambda mark: size if mark.first_word is None else mark.first_word))


def _marks(question: Question | None, turn: Turn) -> Iterator[Mark]:
    for point in turn.grade.points:
        if point.met and point.quote:
            yield _point_mark(question, turn.transcript, point)
    for evidence in turn.grade.extra:
        kind = in_words(evidence.kind or "point")
        yield _evidence_mark(evidence, in_words(evidence.target), f"A valid {kind} that the question does not list.")
    points = {point.id: point for point in question.points} if question else {}
    for evidence in turn.grade.contradicted:
        opposed = points.get(evidence.target)
        says = f"You said the opposite of this point: {opposed.says}" if opposed else ""
        mark = _evidence_mark(evidence, title_of(question, evidence.target), says)
        truth = opposed.exemplars[0] if opposed else None
        yield mark.model_copy(update={"kind": "misconception", "truth": truth})
    wrong = {item.id: item for item in question.misconceptions} if question else {}
    for evidence in turn.grade.misconceptions:
        known = wrong.get(evidence.target)
        mark = _evidence_mark(evidence, claimed(known) if known else "not right", known.says if known else "")
        yield mark.model_copy(update={"kind": "misconception", "truth": known.truth if known else None})


def _point_mark(question: Question | None, transcript: Transcript, result: PointResult) -> Mark:
    span = _place(transcript, result)
    known = {point.id: point.says for point in question.points} if question else {}
    return Mark(
        kind="point",
        label=title_of(question, result.id),
        says=known.get(result.id, ""),
        quote=close_gaps(result.quote or ""),
        first_word=span[0] if span else None,
        last_word=span[1] if span else None,
        start_s=result.start_s,
        end_s=result.end_s,
    )


def _place(transcript: Transcript, result: PointResult) -> tuple[int, int] | None:
    """Finds the words by their times first, since the same words may have been said twice."""
    if transcript.timed and result.start_s is not None:
        first = [at for at, word in enumerate(transcript.words) if word.start_s == result.start_s]
        last = [at for at, word in enumerate(transcript.words) if word.end_s == result.end_s]
        if first and last and first[0] <= last[-1]:
            return first[0], last[-1]
    return find_quote(result.quote or "", transcript)


def _evidence_mark(evidence: Evidence, label: str, says: str) -> Mark:
    return Mark(
        kind="extra",
        label=label,
        says=says,
        quote=close_gaps(evidence.quote),
        first_word=evidence.first_word,
        last_word=evidence.last_word,
        start_s=evidence.start_s,
        end_s=evidence.end_s,
    )


def marked_texts(transcript: Transcript, some: Sequence[Mark]) -> Iterator[MarkedText]:
    """The transcript cut wherever a mark begins or ends; overlapping marks share texts."""
    spans = [
        (at, mark.first_word, mark.last_word)
        for at, mark in enumerate(some)
        if mark.first_word is not None and mark.last_word is not None
    ]
    size = len(transcript.words)
    edges = {0, size, *(first for _, first, _ in spans), *(last + 1 for _, _, last in spans)}
    cuts = sorted(edge for edge in edges if edge <= size)
    for start, end in pairwise(cuts):
        yield MarkedText(
            text=close_gaps(" ".join(word.text for word in transcript.words[start:end])),
            marks=tuple(at for at, first, last in spans if first <= start and end <= last + 1),
            ending=tuple(at for at, _, last in spans if last + 1 == end),
        )
