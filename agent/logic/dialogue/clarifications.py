"""Decides whether an utterance asks the interviewer something, and which known fact answers it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from agent.logic.grading.calibration import logistic
from agent.logic.speech.endpointing import unfinished
from agent.logic.speech.tokens import tokens
from agent.values.transcript import Transcript

FEWEST_STATED = 6
"""Minimum words before a comma for a statement; fewer begin the question itself: "so just to check, ..."."""
_LEADS_ON = re.compile(
    r"\b(?:questions?|problem|point|issue|whether|like|is)\W*$"
    r"|\b(?:asks?|asked|says?|said|thinks?|wonders?|if|when|given|suppose|assuming)\b"
    r"|^\W*(?:(?:so|and|but|okay|well|um+|hmm+)\W+)*(?:what|which|how|who|where|why|is|are|do|does|can|could|should)\b",
    re.IGNORECASE,
)
"""Words before a comma that does not end a statement, so that what follows belongs to it."""
LONGEST = 32
"""Words; a longer utterance is an answer, even if it ends with a question."""

_FIRST = (
    r"um+|uh+|okay|ok|so|well|sorry|just|and|but|first|actually|quick question|one question|to clarify|may i ask|"
    r"can i ask|could i ask|i(?:'d| would) like to (?:ask|know)|i wonder|i was wondering|before i (?:start|answer)|"
    r"just to be (?:clear|sure)"
)
_IS, _DOES = r"(?:is|are|was|were|has|have)", r"(?:do|does|did|can|could|should|shall|may|will|would|has|have|am)"
_SOMEBODY = r"(?:i|we|you|they|it|he|she|there|this|that|these|those|people|users|anyone|anybody|someone|somebody)"
_THING = rf"(?:{_SOMEBODY}|the|our|your|any|all|every|each|some|a|an)"
_WHAT = r"(?:how|what|which)"
_INVERTED = "|".join(
    (
        rf"{_IS} {_THING}",
        rf"{_DOES} {_SOMEBODY}",
        r"(?:can|could|should|may|will|would) (?:the|our|any|a)",
        r"(?:do|does|did) the (?:\w+ ){1,2}\w+",
        rf"(?:how|when|where|why|what) (?:exactly )?(?:{_IS}|{_DOES} {_SOMEBODY})",
        rf"which (?:exactly )?(?:{_DOES} {_SOMEBODY}|is (?:it|more|most|better|worse))",
        rf"{_WHAT} (?:[\w-]+ ){{1,4}}?{_DOES} {_SOMEBODY}",
        rf"{_WHAT} (?!(?:the|an?|{_SOMEBODY}) )(?:[\w-]+ ){{0,3}}?(?:do|does|did) (?:the|an?|our|every)",
        r"how (?:many|much|long|often|big|large|small|fast|soon|late|old|far|frequently|quickly|expensive)",
        r"who (?!knows|cares)\w+",
        r"what(?:'s| (?:kind|sort|type)s? of)",
        r"by .{1,30} do you mean",
    )
)
_BEGINS = rf"^(?:(?:{_FIRST})[ ,]+)*"
_ASKS = re.compile(rf"{_BEGINS}(?:{_INVERTED})\b", re.IGNORECASE)
"""Word order that marks a question without a question mark. Phrases such as "what I
would do" and "when it drops" begin answers instead.
"""
_FINITE = r"(?:is|are|was|were|depends?|decides?|determines?|matters?|means|needs?|must|should|will|can)"
_AUXILIARY = r"(?:is|are|was|were|do|does|did|can|could|should|will|would|has|have)"
_STATES = re.compile(
    rf"{_BEGINS}(?:"
    rf"what(?:'s| (?:is|are|was)) more\b"
    rf"|(?:what|who)(?:'s| (?:is|are|was|were)) .+ {_FINITE}\b"
    rf"|who (?!{_AUXILIARY}\b)[\w-]+ .+ {_FINITE}\b"
    rf"|how [\w-]+ (?:(?!{_AUXILIARY}\b)[\w-]+ ){{0,3}}?{_THING} (?!{_AUXILIARY}\b).*{_FINITE}\b"
    rf"|(?:should|had|were|has|have) [^,]+, (?:then |{_THING}\b)"
    r")",
    re.IGNORECASE,
)
"""Sentences that begin like a question but have a second verb, such as "what is
important is that" and "how often we train depends on".
"""
_INDIRECT = re.compile(
    r"\b(?:may|can|could) i ask|i(?:'d| would) like to know|i was wondering|do (?:you|we) (?:know|have)\b",
    re.IGNORECASE,
)
_RHETORICAL = re.compile(
    rf"{_BEGINS}(?:what|how|which|where|why)(?: [\w-]+){{0,3}} (?:do|would|can|will) i\b",
    re.IGNORECASE,
)
"""Questions that candidates ask themselves and then answer."""


def asks(text: str) -> bool:
    """Whether the whole utterance is a question to the interviewer."""
    if not 2 <= len(tokens(text)) <= LONGEST:
        return False
    last = re.split(r"(?<=[.!?])\s+", text.strip())[-1]
    if _RHETORICAL.match(last):
        return False
    return last.endswith("?") or (not unfinished(last) and _asks_indeed(last))


def question_start(transcript: Transcript) -> int:
    """Index of the word at which the question at the end begins; 0 if the whole
    text is a question. Call it only if asks() is true.
    """
    words, clause = transcript.words, last_clause(transcript)
    if clause is not None and _asks_indeed(" ".join(word.text for word in words[clause:])):
        return clause
    ends = [at + 1 for at, word in enumerate(words[:-1]) if word.text.endswith((".", "!", "?"))]
    start = ends.pop() if ends else 0
    for before in [*reversed(ends), 0]:
        sentence = " ".join(word.text for word in words[before:start])
        if not (sentence.endswith("?") or len(tokens(sentence)) <= 2 or _asks_indeed(sentence)):
            return start
        start = before
    return start


def last_clause(transcript: Transcript) -> int | None:
    """Index of the word that begins what follows the last comma, where a statement ends there: a recognizer may write a
    comma between an answer and a question to the interviewer. None if there is no such place.
    """
    words = transcript.words
    sentence = max((at + 1 for at, word in enumerate(words[:-1]) if word.text.endswith((".", "!", "?"))), default=0)
    comma = max((at + 1 for at, word in enumerate(words[:-1]) if word.text.endswith(",")), default=0)
    before = " ".join(word.text for word in words[sentence:comma])
    if comma <= sentence or len(tokens(before)) < FEWEST_STATED or _asks_indeed(before) or _LEADS_ON.search(before):
        return None
    return comma


def _asks_indeed(sentence: str) -> bool:
    if _INDIRECT.search(sentence) is not None:
        return True
    return _ASKS.match(sentence) is not None and _STATES.match(sentence) is None


class QuestionModel(NamedTuple):
    """A fitted regression: is an utterance a question to the interviewer, rather than a part of the answer?"""

    weights: npt.NDArray[np.float32]
    """Shape (features,)."""
    bias: float


LEAST = 0.8
"""Minimum probability of a question that does not have the form of one."""


def means_a_question(read: npt.NDArray[np.float32], known: QuestionModel) -> bool:
    """Whether the whole utterance is a question to the interviewer by its meaning: recognizers forget question marks.

    `read` holds its features, shape (features,).
    """
    return 1.0 / (1.0 + math.exp(-float(read @ known.weights) - known.bias)) >= LEAST


class Likeness(NamedTuple):
    """How similar a question to the interviewer is to one fact; cosines, -1 to 1."""

    asks: float
    """Mean over the known ways of asking for the fact."""
    fact: float
    together: float
    """To a text that joins both."""
    topic: float
    """To the interview question itself: a question about the topic in general is answered by no fact in particular."""

    @property
    def mean(self) -> float:
        """Mean of the three values that are about the fact."""
        return (self.asks + self.fact + self.together) / 3


class Weights(NamedTuple):
    """Weights of a logistic regression over a fact's likeness and its lead over the question's other facts."""

    bias: float
    asks: float
    fact: float
    together: float
    topic: float
    lead: float


FITTED = Weights(bias=-2.612, asks=4.509, fact=1.088, together=3.146, topic=-3.678, lead=7.634)
"""Fitted by training/train_clarifying.py."""
ANSWERS = 0.5
"""Minimum probability for answering with a fact; below it, "assume what you need" is the honest answer."""


def lead(facts: Sequence[Likeness], index: int) -> float:
    """How much more similar one fact is than the best of the others."""
    others = [item.mean for at, item in enumerate(facts) if at != index]
    return facts[index].mean - max(others, default=0.0)


def answering(facts: Sequence[Likeness]) -> int | None:
    """Index of the fact that answers the question, or None."""
    chances = [logistic(FITTED, (*item, lead(facts, index))) for index, item in enumerate(facts)]
    best = max(range(len(chances)), key=chances.__getitem__, default=None)
    return best if best is not None and chances[best] >= ANSWERS else None
