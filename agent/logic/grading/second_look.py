"""A second look at an answer whose rating the candidate disputes: doubt now counts for the candidate."""

from __future__ import annotations

from agent.logic.grading.evidence import CREDITED
from agent.logic.grading.sentences import transcript_sentences
from agent.logic.speech.tokens import content
from agent.values.grade import Grade, Verdict
from agent.values.rubric import Point
from agent.values.transcript import Transcript

BENEFIT = 0.3
"""Confidence from which a claim counts once the candidate insists."""
FEWEST_SHARED = 2
"""Words with a meaning of their own that a sentence must share with a point to come near it."""


def in_doubt_for_the_candidate(verdict: Verdict, grade: Grade) -> Verdict:
    """The verdict in which nearly sure claims count, of the points that the feedback called missing."""
    missing = {hint.point_id for hint in grade.hints}
    claims = tuple(
        claim.model_copy(update={"confidence": max(CREDITED, claim.confidence)})
        if claim.target in missing and claim.kind is None and not claim.contradicts and claim.confidence >= BENEFIT
        else claim
        for claim in verdict.claims
    )
    return verdict.model_copy(update={"claims": claims})


def nearest_sentence(point: Point, transcript: Transcript) -> str | None:
    """The sentence of the answer that shares most words with a point; None when none comes near."""
    about = content(" ".join((point.title or "", point.says, *point.exemplars)))
    shared = [(len(content(item.text) & about), item.text) for item in transcript_sentences(transcript)]
    most, text = max(shared, key=lambda pair: pair[0], default=(0, ""))
    return text if most >= FEWEST_SHARED else None
