"""What a candidate may want from the agent instead of answering; independent of the wording."""

from __future__ import annotations

from enum import StrEnum


class Intent(StrEnum):
    """A spoken command."""

    REPEAT = "repeat"
    REPHRASE = "rephrase"
    HINT = "hint"
    SKIP = "skip"
    NEXT = "next"
    BACK = "go back"
    SLOWER = "slower"
    FASTER = "faster"
    LOUDER = "louder"
    QUIETER = "quieter"
    PAUSE = "pause"
    RESUME = "resume"
    HOW_LONG = "how long"
    DONE = "done"
    """The answer is finished, or time is up."""
    TRY_AGAIN = "try again"
    EXPLAIN = "explain the rating"
    MODEL_ANSWER = "model answer"
    STOP = "stop"
    OPTIONS = "what can I say"
    PROGRESS = "how am I doing"
    MORE_TIME = "more time"
    REPORT = "report"
    DISAGREE = "disagree"
    """The candidate did say it, or the rating is wrong."""
    MEANING = "what does that mean"
    """Asks for the meaning of a word that the interviewer used."""


class Moment(StrEnum):
    """When something is said, since the same words may mean different things."""

    ANSWERING = "answering"
    """After the question."""
    FEEDBACK = "feedback"
    """After the feedback on an answer."""


ABOUT_A_RATING = frozenset({Intent.DISAGREE, Intent.MEANING})
"""Commands that exist only after the feedback; elsewhere the same words are part of an answer or a question to the
interviewer.
"""
