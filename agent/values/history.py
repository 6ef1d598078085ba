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
    """With its time zone."""
