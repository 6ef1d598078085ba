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
