"""Chooses the next question of an interview that adapts to the ratings and returns to earlier weaknesses."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence

from agent.logic.planning.plan import PlanOptions
from agent.values.history import PastAnswer
from agent.values.rubric import Question, Rating, Seniority, Weight
from agent.values.session import Turn

HARDEST = 5
_STEP = {Rating.VERY_WEAK: -2, Rating.WEAK: -1, Rating.STRONG: 1, Rating.VERY_STRONG: 2}


def difficulty(question: Question) -> int:
    """0 (junior and stereotypical) to 5 (senior and domain)."""
    return 3 * (question.seniority is Seniority.SENIOR) + list(Weight).index(question.weight)


def level_after(turns: Sequence[Turn], start: int) -> int:
    """The difficulty to ask next: the start, moved by each rating and kept
    between 0 and 5. An ungraded answer changes nothing.
    """
    level = start
    for turn in turns:
        if turn.grade.rating is not None:
            level = min(HARDEST, max(0, level + _STEP[turn.grade.rating]))
    return level


def next_question(
    questions: Sequence[Question],
    turns: Sequence[Turn],
    wanted: PlanOptions | None = None,
    *,
    past: Sequence[PastAnswer] = (),
    due: Collection[str] = (),
) -> Question | None:
    """The question to ask after `turns`; None if none is left.

    Signals take turns; in each round, the signal with the worst ratings in earlier sessions and this one comes first.
    Within a signal, questions due for review come first, then those nearest in difficulty, then a random order.
    """
    wanted, asked = wanted or PlanOptions(), {turn.question_id for turn in turns}
    left = [question for question in questions if question.id not in asked and wanted.company.pull(question) > 0]
    if not left:
        return None
    level = level_after(turns, 4 if (wanted.seniority or wanted.company.seniority) is Seniority.SENIOR else 1)
    signal = _signal(left, turns, past)
    draw = random.Random(f"{wanted.seed} {len(turns)}")
    luck = {question.id: draw.random() ** (1 / wanted.company.pull(question)) for question in left}
    return min(
        (question for question in left if question.signal == signal),
        key=lambda q: (q.id not in due, abs(difficulty(q) - level), -luck[q.id]),
    )


def _signal(left: Sequence[Question], turns: Sequence[Turn], past: Sequence[PastAnswer]) -> str:
    """The signal asked least often so far; on a tie the weakest by its last three ratings."""
    asked = [turn.grade.signal for turn in turns]
    return min(
        sorted({question.signal for question in left}),
        key=lambda name: (asked.count(name), _standing(name, turns, past)),
    )


def _standing(signal: str, turns: Sequence[Turn], past: Sequence[PastAnswer]) -> float:
    """Mean rank of a signal's last three ratings, 0 to 3; a signal without ratings gets the middle value."""
    before = [item.rating.rank for item in sorted(past, key=lambda item: item.at) if item.signal == signal]
    now = [turn.grade.rating.rank for turn in turns if turn.grade.signal == signal and turn.grade.rating is not None]
    last = [*before, *now][-3:]
    return sum(last) / len(last) if last else 1.5
