"""What is doubtful about the texts of a question: few examples, long
sentences, hints that give too much away. Uses no models.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from agent.logic.grading.point_features import term_share
from agent.logic.rubrics.check import Finding, Place
from agent.logic.speech.speakable import sentences
from agent.logic.speech.tokens import content
from agent.values.rubric import Misconception, Point, Question

FEWEST_EXEMPLARS = 8
FEWEST_COUNTERS = 3
FEWEST_WRONG = 3
"""Minimum number of wrong exemplars of a misconception."""
MOST_TITLE_WORDS = 5
MOST_WORDS = 25
"""Maximum number of words in a sentence that is heard once and must be understood."""
_HALF = 0.5
_NEARLY_ALL = 0.8

_PRAISE = re.compile(
    r"(?:(?:very |really |pretty |so far |that's |that is )*"
    r"(?:good|great|nice|fine|right|correct|exactly|excellent|perfect|well done|not bad|yes)"
    r"(?: so far| start| point| idea| thinking| work| job)?\s*(?:[,.!;:]|\band\b))"
    r"|(?:keep going|go on|carry on|take your time|no rush)\b",
    re.IGNORECASE,
)


_SENTENCE = re.compile(r"\b(?:is|are|was|were|cannot|can't|don't|doesn't|must)\b", re.IGNORECASE)
_CLAUSE = re.compile(r"^\w+ing\b|\b(?:how|why|what|when|where|who|whether|which|that)\b", re.IGNORECASE)
"""A title such as "recall is not cause" cannot follow "about"; "why recall is not cause" can."""


def text_warnings(question: Question) -> Iterator[Finding]:
    """All warnings about texts, with their places inside the question."""
    for index, point in enumerate(question.points):
        yield from _point(point, ("points", index))
    for index, wrong in enumerate(question.misconceptions):
        yield from _misconception(wrong, ("misconceptions", index))
    for index, hint in enumerate(question.hints):
        yield from _hint(hint, ("hints", index))
    for where, text in spoken(question):
        yield from _long_sentences(where, text)
    yield from _telling_hints(question)
    yield from _overlaps(question)


def spoken(question: Question) -> Iterator[tuple[Place, str]]:
    """Every text that the agent speaks, with its place. Reference answers are a candidate's words and may be longer."""
    yield ("scenario",), question.scenario
    yield ("ask",), question.ask
    yield ("rephrase",), question.rephrase
    for index, point in enumerate(question.points):
        yield ("points", index, "nudge"), point.nudge
        yield ("points", index, "why"), point.why
    for index, hint in enumerate(question.hints):
        yield ("hints", index), hint
    for index, probe in enumerate(question.probes):
        yield ("probes", index), probe
    for index, clarification in enumerate(question.clarifications):
        yield ("clarifications", index, "fact"), clarification.fact
    for index, wrong in enumerate(question.misconceptions):
        yield ("misconceptions", index, "truth"), wrong.truth


def _point(point: Point, where: Place) -> Iterator[Finding]:
    if point.title is None:
        yield Finding(where, f"'{point.id}' has no title; add 'title' with at most {MOST_TITLE_WORDS} plain words")
    elif len(point.title.split()) > MOST_TITLE_WORDS:
        yield Finding(
            (*where, "title"), f"{len(point.title.split())} words; shorten it to {MOST_TITLE_WORDS} words at most"
        )
    if point.title is not None and _SENTENCE.search(point.title) and not _CLAUSE.search(point.title):
        yield Finding(
            (*where, "title"), "is a sentence, but it follows 'about' in speech; begin with a noun or '...ing'"
        )
    yield from _few(point.exemplars, FEWEST_EXEMPLARS, (*where, "exemplars"), "ways of saying it")
    yield from _few(point.counter, FEWEST_COUNTERS, (*where, "counter"), "near misses")
    if _gives_away(point, point.nudge, terms_and=_HALF):
        yield Finding((*where, "nudge"), f"says most of '{point.id}'; lead toward the point without saying it")
    elif _gives_away(point, f"{point.nudge} {point.why}", terms_and=_HALF):
        yield Finding(
            (*where, "why"), f"says most of '{point.id}', and is spoken after the nudge; give a reason instead"
        )


def _misconception(wrong: Misconception, where: Place) -> Iterator[Finding]:
    yield from _few(wrong.exemplars, FEWEST_WRONG, (*where, "exemplars"), "ways of saying it")
    yield from _few(wrong.counter, FEWEST_COUNTERS, (*where, "counter"), "right statements that sound alike")


def _few(texts: tuple[str, ...], fewest: int, where: Place, what: str) -> Iterator[Finding]:
    if len(texts) < fewest:
        yield Finding(where, f"too few {what}: {len(texts)} of {fewest}; add {fewest - len(texts)}")


def _hint(hint: str, where: Place) -> Iterator[Finding]:
    if hint.endswith(("...", "…")):
        yield Finding(where, "trails off; ask a whole question instead")
    elif not hint.rstrip("\"')").endswith((".", "?", "!")):
        yield Finding(where, "does not end with a full stop or a question mark; add one")
    elif hint[0].islower():
        yield Finding(where, "begins in the middle of a sentence; write a whole sentence with a capital letter")
    if _PRAISE.match(hint):
        yield Finding(
            where,
            f'begins with "{" ".join(hint.split()[:3])}", which may follow silence or a wrong answer; '
            "begin with the question",
        )


def _long_sentences(where: Place, text: str) -> Iterator[Finding]:
    for sentence in sentences(text):
        words = sentence.split()
        if len(words) > MOST_WORDS:
            beginning = " ".join(words[:6])
            yield Finding(
                where,
                f'the sentence "{beginning} ..." has {len(words)} words; split it, at most {MOST_WORDS} each',
            )


def _telling_hints(question: Question) -> Iterator[Finding]:
    """Hints that give too much away: the first two must only lead, the last one may give half of an answer."""
    for index, hint in enumerate(question.hints):
        for point in question.points:
            if _gives_away(point, hint, terms_and=_HALF if index == 2 else 0.0):
                yield Finding(("hints", index), f"says most of '{point.id}'; lead toward the point without saying it")


def _gives_away(point: Point, text: str, terms_and: float) -> bool:
    """Whether a text has a form of each of the point's terms and a share of its words, or nearly all of its words."""
    words = content(point.says)
    share = len(words & content(text)) / max(1, len(words))
    return share >= _NEARLY_ALL or (share >= terms_and and term_share(point, text) == 1.0)


def _overlaps(question: Question) -> Iterator[Finding]:
    for index, point in enumerate(question.points):
        for other in question.points[:index]:
            mine, theirs = content(point.says), content(other.says)
            if _shared(point.exemplars, other.exemplars) or len(mine & theirs) >= 0.8 * min(len(mine), len(theirs)):
                yield Finding(
                    ("points", index),
                    f"'{point.id}' overlaps with '{other.id}', so one sentence counts twice; merge or separate them",
                )


def _shared(some: Iterable[str], others: Iterable[str]) -> bool:
    return not {text.lower() for text in some}.isdisjoint(text.lower() for text in others)
