"""What a candidate says about a rating: they did make a point, they add something, they ask what a word means.

The rules match whole utterances. How the agent replies is decided elsewhere.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from agent.logic.dialogue.clarifications import asks
from agent.logic.speech.tokens import SMALL_WORDS, tokens
from agent.values.dialogue import Intent
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
    tokens(
        "say said mention mentioned cover covered talk talked explain explained already actually did not all "
        "everything "
        "exactly fair unfair harsh low right wrong true correct think sure rating answer answered you're you both "
        "clearly definitely literally misheard wait hey sorry yes oh well no really points agree "
        "disagree"
    )
)
_DISAGREES = re.compile(
    r"\bi did(?: \w+){0,2} (?:say|mention|cover|talk|explain)\b"
    r"|(?<!\bas )(?<!\blike )\bi (?:have|had|already|actually|clearly|definitely)(?: \w+){0,2}"
    r" (?:said|mentioned|covered|talked|explained)\b"
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
    r"\bwhat(?:'s| is| are| does| do| was)(?: you mean by| (?:exactly|actually))? (?:an? |the )?"
    r"(?P<term>[\w' -]{2,40}?)"
    r"(?: mean| again| exactly| actually)?[?.!]*$",
    re.IGNORECASE,
)
_TERMS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:define|definition of|meaning of|mean(?:t)? by|(?:the|this|that) (?:term|word|abbreviation)|called)"
        r"(?: (?:the|this|that|a|an|term|word|of))*[ ,:]+(?P<term>[\w' -]{2,40})",
        r"\b(?:explain|remind me|tell me|know|understand|say)(?: to me)? what (?:an? |the )?(?P<term>[\w' -]{2,40}?)"
        r" (?:is|are|was|means?|stands? for)\b",
        r"\bwhat (?:does|did|do) (?P<term>[\w' -]{2,40}?) (?:mean|stand for)\b",
        r"\b(?:heard of|heard about|familiar with|you (?:said|mentioned|used)|by)(?: the (?:word|term))? "
        r"(?P<term>[\w' -]{2,40}?)(?:[,.?!]|$| (?:you mean|before)\b)",
        r"\b(?P<term>[\w' -]{2,40}?)[ ,]+(?:means?|meaning|is|that's|stands? for|is short for) what\b",
        r"\bexplain (?:the )?(?P<term>[\w' -]{2,40}?)(?: (?:to|for) me)?(?: please)?[?.!]*$",
        r"^\W*(?P<term>[\w' -]{2,40}?)\?",
    )
)
"""Other ways to ask for a meaning. The intent classifier recognizes them; these patterns find the term."""
_AROUND = re.compile(
    r"^(?:(?:the|this|that|an?|term|word|of|called|exactly)\b\s*)+"
    r"|(?:\s*\b(?:for me|to me|please|exactly|again|here|before))+$"
)
_PREFIX = re.compile(
    r"^\W*(?:(?:oh|ah|okay|ok|well|so|yes|yeah|right|and|wait|hm+|um+|uh+|sorry)\b[\s,.]*)*"
    r"(?:(?:one (?:more|other) thing|i (?:also )?forgot(?: to (?:say|mention|add))?(?: that)?"
    r"|i (?:would|'d|want to|should) (?:also )?add(?: that)?|let me add(?: that)?)\b[\s,.:]*)*",
    re.IGNORECASE,
)


_BESIDE = re.compile(
    _PREFIX.pattern + r"(?:(?:but |no |hey )*i (?:did|already|actually|clearly|definitely|have|had)"
    r"(?: (?:already|actually|clearly|definitely))?"
    r" (?:say|said|mention|mentioned|cover|covered|explain|explained|talk about|talked about)(?: that)?\b[\s,.:]*)?",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(
    r"\b(?:one (?:more|other|last|final) thing|(?:also )?forgot|(?:to|would|'d|could|should|can|me) (?:just )?"
    r"(?:also )?add|also|in addition|plus|another (?:thing|point)|(?:missing|left out) (?:is|was))\b",
    re.IGNORECASE,
)
"""Words that announce an addition, which may then be short."""


def talk_back(text: str, meant: Intent | None = None) -> TalkBack:
    """What an utterance after the feedback is; `meant` is what the intent classifier makes of it."""
    said = straight(text).strip()
    if _MISSED.search(said):
        return TalkBack.ASKS_WHAT_WAS_MISSED
    if disagrees(said):
        return TalkBack.DISAGREES
    if meant is Intent.MEANING or (asked_term(said) is not None and asks(said)):
        return TalkBack.ASKS_FOR_MEANING
    if meant is Intent.DISAGREE:
        return TalkBack.DISAGREES
    added = _PREFIX.sub("", said)
    announced = _ANNOUNCES.search(said) is not None
    enough = len(tokens(added)) >= FEWEST_WORDS or (announced and bool(set(tokens(added)) - SMALL_WORDS))
    return TalkBack.ADDS if enough else TalkBack.NOTHING


def start_of_the_answer(text: str) -> int:
    """Returns the index of the first word that belongs to the answer: after "one more thing" and "but I did say that".
    0 if nothing would be left.
    """
    said = straight(text)
    found = _BESIDE.match(said)
    start = len(said[: found.end()].split()) if found else 0
    return start if start < len(said.split()) else 0


def disagrees(text: str) -> bool:
    """Whether the utterance says that a point was made after all, or that the rating is wrong."""
    return _DISAGREES.search(straight(text)) is not None


def has_substance(text: str) -> bool:
    """Whether a disagreement says what the candidate said, so that it can
    be graded: "I did say all of that" does not.
    """
    return len(set(tokens(straight(text))) - SMALL_WORDS - _SAYING) >= FEWEST_CONTENT


def asked_term(text: str) -> str | None:
    """Returns the term whose meaning is asked for; None if the utterance asks for none."""
    return _term(_MEANING.search(straight(text)))


def term_in(text: str) -> str | None:
    """Returns the term in an utterance that is known to ask for a meaning; None if no term is named."""
    said = straight(text)
    found = (_term(pattern.search(said)) for pattern in (*_TERMS, _MEANING))
    return next((term for term in found if term is not None), None)


def _term(found: re.Match[str] | None) -> str | None:
    term = _AROUND.sub("", found["term"].strip().lower()) if found else ""
    return term if term and not set(tokens(term)) <= SMALL_WORDS else None


def point_about(question: Question, term: str) -> Point | None:
    """Returns the point of the question that the term belongs to, or None; first choice is a point that is named after
    it.
    """
    wanted = set(tokens(term)) - SMALL_WORDS
    if not wanted:
        return None
    views = (lambda point: tokens(point.title or ""), lambda point: tokens(point.says), _of_its_terms)
    found = (next((point for point in question.points if wanted <= set(view(point))), None) for view in views)
    return next((point for point in found if point is not None), None)


def _of_its_terms(point: Point) -> list[str]:
    """Everything that names a point."""
    return tokens(" ".join([point.title or "", point.says, *(form for group in point.terms for form in group)]))
