"""When a question should come back: the FSRS schedule, computed from all saved answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from agent.values.history import PastAnswer
from agent.values.rubric import Rating


def due_dates(past: Sequence[PastAnswer]) -> dict[str, datetime]:
    """When each question that was answered before is due again.

    Nothing is stored: the schedule follows from the history, so that a regraded answer or a newer library changes it
    without a migration. A very weak answer counts as forgotten, a very strong one as easy.
    """
    from fsrs import Card, Scheduler
    from fsrs import Rating as Recall

    recall = dict(zip(Rating, (Recall.Again, Recall.Hard, Recall.Good, Recall.Easy), strict=True))
    # No fuzz: the same history must give the same days. No learning steps of minutes: sessions are days apart.
    scheduler = Scheduler(enable_fuzzing=False, learning_steps=(), relearning_steps=())
    cards: dict[str, Card] = {}
    for answer in sorted(past, key=lambda item: item.at):
        card = cards.get(answer.question_id) or Card()
        cards[answer.question_id], _ = scheduler.review_card(card, recall[answer.rating], review_datetime=answer.at)
    return {question_id: card.due for question_id, card in cards.items()}


def due(past: Sequence[PastAnswer], now: datetime) -> list[str]:
    """Ids of the questions that are due, the longest overdue first."""
    dates = due_dates(past)
    return sorted((name for name, date in dates.items() if date <= now), key=lambda name: dates[name])
