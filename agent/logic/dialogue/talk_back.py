"""What a candidate says about a rating: that something was said after all, what they would add, what a word means.

Rules over whole utterances; knows nothing of how it is answered.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from agent.logic.dialogue.clarifications import asks
from agent.logic.speech.tokens import SMALL_WORDS, tokens
from agent.values.rubric import Point, Question
from agent.values.transcript import straight


class TalkBack(Enum):
    """What an utterance after the feedback is."""

    ADDS = auto()
    """Something for the answer: an addition, or a reply to the question that the feedback asked."""
    DISAGREES = auto()
    """It was said, or the rating is wrong."""
    ASKS_WHAT_WAS_MISSED = auto()
    ASKS_FOR_MEANING = auto()
    """Of a term."""
    NOTHING = auto()
    """Too little to tell."""


FEWEST_WORDS = 5
"""Words that are more than a noise or a "hm, I see"."""
FEWEST_CONTENT = 2
"""Words with a meaning of their own that a disagreement needs to be graded."""
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
    """What an utterance after the feedback is."""
    said = straight(text).strip()
    if _MISSED.search(said):
        return TalkBack.ASKS_WHAT_WAS_MISSED
    if disagrees(said):
        return TalkBack.DISAGREES
    if asked_term(said) is not None and asks(said):
        return TalkBack.ASKS_FOR_MEANING
    return TalkBack.ADDS if len(tokens(_PREFIX.sub("", said))) >= FEWEST_WORDS else TalkBack.NOTHING


def disagrees(text: str) -> bool:
    """Whether it says that something was said after all, or that the rating is wrong."""
    return _DISAGREES.search(straight(text)) is not None


def has_substance(text: str) -> bool:
    """Whether a disagreement says what it was, so that it can be graded: "I did say all of that" does not."""
    return len(set(tokens(straight(text))) - SMALL_WORDS - _SAYING) >= FEWEST_CONTENT


def asked_term(text: str) -> str | None:
    """The term whose meaning is asked for; None when it is no such question."""
    found = _MEANING.search(straight(text))
    term = found["term"].strip().lower() if found else ""
    return term if term and not set(tokens(term)) <= SMALL_WORDS else None


def point_about(question: Question, term: str) -> Point | None:
    """The point of the question that the term belongs to; None when there is none."""
    wanted = set(tokens(term)) - SMALL_WORDS
    return next((point for point in question.points if wanted and wanted <= _words(point)), None)


def _words(point: Point) -> set[str]:
    return set(tokens(" ".join([point.title or "", point.says, *(form for group in point.terms for form in group)])))
