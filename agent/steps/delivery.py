"""How an answer was spoken, from its word times. Never part of the rating."""

from __future__ import annotations

import re
from itertools import pairwise

from agent.steps.tokens import FILLERS
from agent.values.session import Delivery
from agent.values.transcript import Transcript

_PHRASES = re.compile(r"\b(?:you know|i mean)\b|, like,", re.IGNORECASE)
"""Not "kind of" and "sort of": in "this kind of model" they carry meaning, and the count is to be a lower bound."""
_FEWEST_WORDS = 5
"""Words below which a pace means nothing."""


def delivery(transcript: Transcript) -> Delivery:
    """Pace, pauses and fillers; only words and fillers for typed text."""
    words = transcript.words
    if not words:
        return Delivery()
    fillers = sum(word.text.lower().strip(".,?!-") in FILLERS for word in words) + len(
        _PHRASES.findall(transcript.text)
    )
    if not transcript.timed:
        return Delivery(words=len(words), fillers=fillers)
    talk = words[-1].end_s - words[0].start_s
    pauses = [max(0.0, b.start_s - a.end_s) for a, b in pairwise(words)]
    return Delivery(
        talk_s=round(talk, 2),
        words=len(words),
        words_per_minute=round(60 * len(words) / talk, 1) if len(words) >= _FEWEST_WORDS and talk > 0 else None,
        fillers=fillers,
        longest_pause_s=round(max(pauses), 2) if pauses else None,
        time_to_first_word_s=round(words[0].start_s, 2),
    )
