"""When questions come back, by the schedule of spaced repetition."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from agent.values.history import PastAnswer


def due(past: Sequence[PastAnswer]) -> list[str]:
    """Ids of the questions that are due now, the longest overdue first."""
    from agent.adapters import spaced_repetition

    return spaced_repetition.due(past, datetime.now().astimezone())


def due_dates(past: Sequence[PastAnswer]) -> dict[str, datetime]:
    """When each question that was answered before is due again."""
    from agent.adapters import spaced_repetition

    return spaced_repetition.due_dates(past)
