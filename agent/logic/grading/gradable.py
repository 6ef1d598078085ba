"""Decides whether an answer can be graded at all, whatever the question.

"I don't know" is an answer; silence, one word, another language or a guess by the recognizer is not.
"""

from __future__ import annotations

import re

from agent.logic.speech.english import is_english
from agent.logic.speech.tokens import tokens
from agent.values.transcript import Transcript

FEWEST_WORDS = 3
LEAST_PROBABILITY = 0.35
"""Mean word probability below which a transcript is guesswork."""
_PASS = re.compile(r"\b(?:don'?t know|no idea|not sure|dunno|pass|skip|can'?t answer|no clue)\b", re.IGNORECASE)


def ungraded_reason(transcript: Transcript) -> str | None:
    """Why the answer cannot be graded, in plain words with what to do next; None if it can."""
    said, english = tokens(transcript.text), is_english(transcript.text)
    if english and not said:
        return "No answer was heard. Check the microphone, then answer again."
    if english and len(said) < FEWEST_WORDS and not _PASS.search(transcript.text):
        return f"Only '{transcript.text.strip()}' was heard, too little to grade. Answer in at least one sentence."
    if transcript.language != "en" and transcript.language_probability > 0.5:
        return f"The answer seems to be in another language ({transcript.language}). Answer in English."
    if not english:
        return "The answer does not seem to be in English. Answer in English."
    if sum(word.probability for word in transcript.words) < LEAST_PROBABILITY * len(transcript.words):
        return "Most words were too unclear to trust. Move closer to the microphone and answer again."
    return None
