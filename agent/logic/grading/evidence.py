"""Turns claims into evidence: a claim counts only if its words are in the transcript.

Speech addressed to the grader, and the question read back, are not evidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz

from agent.logic.grading.sentences import inadmissible_words
from agent.logic.speech.tokens import normal, tokens
from agent.values.grade import Claim, Evidence
from agent.values.rubric import Question
from agent.values.transcript import Transcript

SIMILARITY = 90.0
"""Minimum rapidfuzz ratio (of 100) between quote and transcript; a recognizer's spelling may differ by a letter."""
CREDITED = 0.5
"""Minimum confidence of a claim that counts; below it, a claim only affects the confidence of the rating."""


def find_quote(quote: str, transcript: Transcript) -> tuple[int, int] | None:
    """First and last word (inclusive) of the contiguous run that matches `quote`, or None."""
    wanted = tokens(quote)
    spoken = [(token, index) for index, word in enumerate(transcript.words) for token in normal(word.text)]
    if not wanted or len(wanted) > len(spoken):
        return None
    have = [token for token, _ in spoken]
    start = _exact(wanted, have)
    if start is None:
        start = _close(wanted, have)
    return None if start is None else (spoken[start][1], spoken[start + len(wanted) - 1][1])


def _exact(wanted: Sequence[str], have: Sequence[str]) -> int | None:
    size = len(wanted)
    return next((at for at in range(len(have) - size + 1) if have[at : at + size] == wanted), None)


def _close(wanted: Sequence[str], have: Sequence[str]) -> int | None:
    """The best window of the same length. A quote that is too short must
    match exactly: two letters would be half of it.
    """
    if len(wanted) < 4:
        return None
    text, size = " ".join(wanted), len(wanted)
    scored = [(fuzz.ratio(text, " ".join(have[at : at + size])), -at) for at in range(len(have) - size + 1)]
    score, at = max(scored)
    return -at if score >= SIMILARITY else None


def gather(claims: Sequence[Claim], question: Question, transcript: Transcript) -> tuple[Evidence, ...]:
    """The evidence behind `claims`: for each target at most one piece, the most confident; unknown targets are dropped.

    Words count once: if they make a listed point, or an earlier unlisted one, they make no other unlisted point. A
    point that was made anywhere does not count as contradicted: a candidate who says both gets the benefit of the
    doubt.
    """
    every = list(_found(claims, question, transcript))
    made = {item.target for item in every if not item.contradicts}
    found = [item for item in every if not item.contradicts or item.target not in made]
    best: dict[str, Evidence] = {}
    taken = [_run(item) for item in found if item.kind is None and not item.contradicts]
    for item in sorted(found, key=lambda item: item.kind is not None):
        words = _run(item)
        if item.kind is not None and any(words in other or other in words for other in taken):
            continue
        if item.kind is not None:
            taken.append(words)
        if item.target not in best or best[item.target].confidence < item.confidence:
            best[item.target] = item
    return tuple(best.values())


def _found(claims: Sequence[Claim], question: Question, transcript: Transcript) -> Iterator[Evidence]:
    """The claims whose quotes are in the transcript, in words that can be evidence."""
    idle = inadmissible_words(transcript, question)
    kinds = {point.kind for point in question.points}
    points = {point.id for point in question.points}
    known = points | {wrong.id for wrong in question.misconceptions}
    for claim in claims:
        listed = claim.kind is None and claim.target in (points if claim.contradicts else known)
        unlisted = claim.kind is not None and claim.kind in kinds
        span = find_quote(claim.quote, transcript) if claim.confidence >= CREDITED and (listed or unlisted) else None
        if span is not None and not all(index in idle for index in range(span[0], span[1] + 1)):
            yield _evidence(claim, span, transcript)


def _run(evidence: Evidence) -> str:
    """Returns a piece's words as text, so that one piece can be searched for in another."""
    return f" {' '.join(tokens(evidence.quote))} "


def _evidence(claim: Claim, span: tuple[int, int], transcript: Transcript) -> Evidence:
    words = transcript.words[span[0] : span[1] + 1]
    return Evidence(
        target=claim.target,
        quote=" ".join(word.text for word in words),
        first_word=span[0],
        last_word=span[1],
        start_s=words[0].start_s if transcript.timed else None,
        end_s=words[-1].end_s if transcript.timed else None,
        confidence=claim.confidence,
        kind=claim.kind,
        contradicts=claim.contradicts,
    )
