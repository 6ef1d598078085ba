"""What a candidate says about a rating: they did make a point, they add something, they ask what a word means.

The rules match whole utterances. How the agent replies is decided elsewhere.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from agent.logic.dialogue.clarifications import asks
from agent.logic.speech.tokens import SMALL_WORDS, tokens
from agent.values.rubric import Point, Question
from agent.values.transcript import straight


class TalkBack(Enum):
    """Kind of an utterance after the feedback."""

    ADDS = auto()
    """Something to add to the answer, or a reply to the question that the feedback asked."""
    DISAGREES = auto()
    """The candidate made the point after all, or the rating is wrong."""
    ASKS_WHAT_WAS_MISSED = auto()
    ASKS_FOR_MEANING = auto()
    """Asks what a term means."""
    NOTHING = auto()
    """Too short to tell."""


FEWEST_WORDS = 5
"""Words; an utterance needs more than a noise or a "hm, I see"."""
FEWEST_CONTENT = 2
"""Words with a meaning of their own; a disagreement needs this many to be graded."""
_SAYING = frozenset(
    tokens("say said mention mentioned cover covered talk talked explain explained already actually did not")
)
_DISAGREES = re.compile(
    r"\bi did(?: \w+){0,2} (?:say|mention|cover|talk|explain)\b"
    r"|\bi (?:have|had|already|actually|clearly|definitely)(?: \w+){0,2} (?:said|mentioned|covered|talked|explained)\b"
    r"|\bi (?:said|mentioned|covered|talked about|explained) (?:that|it|this|exactly)\b"
    r"|\bthat(?:'s| is|'s just| is just)? not (?:what i said|right|correct|true|fair)\b"
    r"|\bi (?:don't|do not|can't) agree\b|\bi disagree\b"
    r"|\byou (?:misheard|got (?:that|me) wrong|did(?:n't| not) hear)\b",
    re.IGNORECASE,
)
_MISSED = re.compile(
    r"\b(?:what|which|where)\b.{0,40}"
    r"\b(?:miss(?:ed|ing)?|forg[eo]t(?:ten)?|lack(?:ed|ing)?|wrong|better|improved?|leave out|left out)\b"
    r"|\bwhat (?:else )?(?:should|could) i have (?:said|added|mentioned)\b",
    re.IGNORECASE,
)
_MEANING = re.compile(
    r"\bwhat(?:'s| is| are| does| do)(?: you mean by| (?:exactly|actually))? (?:an? |the )?(?P<term>[\w' -]{2,40}?)"
    r"(?: mean| again| exactly| actually)?[?.!]*$",
    re.IGNORECASE,
)
_PREFIX = re.compile(
    r"^\W*(?:(?:oh|ah|okay|ok|well|so|yes|yeah|right|and|wait|hm+|um+|uh+|sorry)\b[\s,.]*)*"
    r"(?:(?:one (?:more|other) thing|i (?:also )?forgot(?: to (?:say|mention|add))?(?: that)?"
    r"|i (?:would|'d|want to|should) (?:also )?add(?: that)?|let me add(?: that)?)\b[\s,.:]*)*",
    re.IGNORECASE,
)


def talk_back(text: str) -> TalkBack:
    """Classifies an utterance after the feedback."""
    said = straight(text).strip()
    if _MISSED.search(said):
        return TalkBack.ASKS_WHAT_WAS_MISSED
    if disagrees(said):
        return TalkBack.DISAGREES
    if asked_term(said) is not None and asks(said):
        return TalkBack.ASKS_FOR_MEANING
    return TalkBack.ADDS if len(tokens(_PREFIX.sub("", said))) >= FEWEST_WORDS else TalkBack.NOTHING


def disagrees(text: str) -> bool:
    """Whether it says that a point was made after all, or that the rating is wrong."""
    return _DISAGREES.search(straight(text)) is not None


def has_substance(text: str) -> bool:
    """Whether a disagreement says what the candidate said, so that it can
    be graded: "I did say all of that" does not.
    """
    return len(set(tokens(straight(text))) - SMALL_WORDS - _SAYING) >= FEWEST_CONTENT


def asked_term(text: str) -> str | None:
    """The term whose meaning the candidate asks for, or None."""
    found = _MEANING.search(straight(text))
    term = found["term"].strip().lower() if found else ""
    return term if term and not set(tokens(term)) <= SMALL_WORDS else None


def point_about(question: Question, term: str) -> Point | None:
    """The point of the question that the term belongs to, or None."""
    wanted = set(tokens(term)) - SMALL_WORDS
    return next((point for point in question.points if wanted and wanted <= _words(point)), None)


def _words(point: Point) -> set[str]:
    return set(tokens(" ".join([point.title or "", point.says, *(form for group in point.terms for form in group)])))
