"""What is known about earlier answers; independent of where they are stored."""

from __future__ import annotations

from datetime import datetime

from agent.values.base import Value
from agent.values.rubric import Rating


class PastAnswer(Value):
    """One graded answer of an earlier session."""

    question_id: str
    signal: str
    rating: Rating
    at: datetime
    """When it was answered, with time zone."""
    missed: tuple[str, ...] = ()
    """Ids of the points that the next rating up would have taken, the most valuable first."""
