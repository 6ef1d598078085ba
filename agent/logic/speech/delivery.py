"""How an answer was spoken, from its words and their times. Never part of the rating."""

from __future__ import annotations

import re
from itertools import pairwise

from agent.logic.speech.spacing import close_gaps
from agent.logic.speech.tokens import FILLERS
from agent.values.session import Delivery
from agent.values.transcript import Transcript, Word, straight

PAUSE_S = 0.3
"""Minimum gap between two words for a pause; shorter gaps belong to articulation."""
_PHRASES = re.compile(r"\b(?:you know|i mean)\b|, like,", re.IGNORECASE)
"""Leaves out "kind of" and "sort of", which carry meaning in "this kind of model". And "um" and "uh": the recognizer
writes hardly any of them, and no setting of it was found that does (docs/decisions.md), so a count would say nothing.
"""
_HEDGES = re.compile(
    r"\b(?:i guess|i suppose|i(?:'m| am) not (?:really |quite |too |entirely )?sure|maybe|perhaps"
    r"|i'm guessing|if i remember (?:right|correctly|it right)|to be honest|or something(?: like that)?|more or less"
    r"|hopefully|i could be wrong|not a hundred percent sure|i believe|probably)\b",
    re.IGNORECASE,
)
_FEWEST_WORDS = 5
"""Minimum number of words for a meaningful pace."""
_MEANT_TWICE = frozenset({"very", "really", "much", "many", "that", "had", "no", "so", "far", "way", "again", "bye"})
"""Words that are said twice on purpose, or by grammar."""
_ENOUGH_S = 15.0
"""Minimum seconds of speech for a remark."""
_LATE_S = 8.0
# From 2,824 turns of real people, word by word (docs/decisions.md): each is passed by about one turn in twenty.
# Pace rather than articulation, since who speaks fast and then pauses already does what is advised.
_FAST = 205.0
"""Words per minute, including pauses."""
_SLOW = 85.0
_SILENCE_S = 6.0
_MANY_FILLERS = 4.0
"""Filler phrases per minute."""
_MANY_HEDGES, _MANY_HEDGES_A_MINUTE = 4, 6.0


def delivery(transcript: Transcript) -> Delivery:
    """Pace, pauses, filler phrases, restarts and hedges; for typed text only what can be counted without times."""
    words, text = transcript.words, transcript.text
    if not words:
        return Delivery()
    fillers = len(_PHRASES.findall(text))
    counted = Delivery(
        words=len(words), fillers=fillers, restarts=_restarts(words), hedges=len(_HEDGES.findall(straight(text)))
    )
    return counted.model_copy(update=_timed(words, fillers)) if transcript.timed else counted


def _timed(words: tuple[Word, ...], fillers: int) -> dict[str, float | None]:
    talk = words[-1].end_s - words[0].start_s
    gaps = [max(0.0, b.start_s - a.end_s) for a, b in pairwise(words)]
    pauses = [gap for gap in gaps if gap >= PAUSE_S]
    enough = len(words) >= _FEWEST_WORDS and talk > 0
    speaking = talk - sum(pauses)
    return {
        "talk_s": round(talk, 2),
        "words_per_minute": round(60 * len(words) / talk, 1) if enough else None,
        "articulation": round(60 * len(words) / speaking, 1) if enough and speaking > 0 else None,
        "fillers_per_minute": round(60 * fillers / talk, 1) if enough else None,
        "longest_pause_s": round(max(gaps), 2) if gaps else None,
        "mean_pause_s": round(sum(pauses) / len(pauses), 2) if pauses else None,
        "time_to_first_word_s": round(words[0].start_s, 2),
    }


def _restarts(words: tuple[Word, ...]) -> int:
    """Runs of one or two words that are repeated at once, ignoring fillers between them."""
    said = [bare for word in words if (bare := _bare(word.text)) not in FILLERS]
    count, at = 0, 0
    while at < len(said):
        for size in (2, 1):
            again = said[at : at + size] == said[at + size : at + 2 * size]
            if again and len(said) >= at + 2 * size and not set(said[at : at + size]) <= _MEANT_TWICE:
                count, at = count + 1, at + size - 1
                break
        at += 1
    return count


def cleaned(text: str) -> str:
    """The text as it is displayed: without fillers, repeated words and gaps in numbers. The original text is graded."""
    kept: list[str] = []
    for word in close_gaps(text).split():
        bare = _bare(word)
        if bare in FILLERS:
            continue
        if kept and bare == _bare(kept[-1]) and bare not in _MEANT_TWICE and not kept[-1].endswith((".", "?", "!")):
            kept[-1] = word
            continue
        kept.append(word)
    joined = " ".join(kept)
    return joined[:1].upper() + joined[1:] if text[:1].isupper() else joined


def remark(spoken: Delivery) -> str | None:
    """The one remark about delivery that helps most; None if there is none, or if too little was said."""
    if spoken.talk_s < _ENOUGH_S or spoken.words_per_minute is None:
        return None
    if (spoken.time_to_first_word_s or 0.0) > _LATE_S:
        return (
            "You took a while to begin, which is fine; saying that you are thinking, and about what, lets the "
            "interviewer think along."
        )
    if spoken.words_per_minute > _FAST:
        return "You spoke fast. A short stop after each idea gives the interviewer time to follow."
    if (spoken.longest_pause_s or 0.0) > _SILENCE_S:
        return "There was a long silence in the middle. Thinking aloud there shows how you work."
    if (spoken.fillers_per_minute or 0.0) > _MANY_FILLERS:
        return "You filled time with words like you know quite often. A silent pause sounds more confident."
    if spoken.hedges >= _MANY_HEDGES and 60 * spoken.hedges / spoken.talk_s > _MANY_HEDGES_A_MINUTE:
        return "You hedged a lot. Say what you know plainly, and keep the maybe for what you don't know."
    if spoken.words_per_minute < _SLOW:
        return "Your pace was slow; naming the main idea first keeps the listener with you."
    return None


def _bare(word: str) -> str:
    return straight(word).lower().strip(".,?!;:-\u2026\"'")
