"""What a candidate may want of the agent instead of answering; knows nothing of wordings."""

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
    """That was the answer, or time is up."""
    TRY_AGAIN = "try again"
    EXPLAIN = "explain the rating"
    MODEL_ANSWER = "model answer"
    STOP = "stop"
    OPTIONS = "what can I say"
    PROGRESS = "how am I doing"
