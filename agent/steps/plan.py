"""Which questions an interview asks: a balanced draw over signals, weights and seniority. Repeatable by its seed."""

from __future__ import annotations

import random
from collections.abc import Sequence

from agent.values.rubric import Question, Seniority


def plan(
    questions: Sequence[Question],
    count: int,
    *,
    signals: Sequence[str] = (),
    seniority: Seniority | None = None,
    seed: int | None = None,
) -> list[Question]:
    """Up to `count` questions: signals take turns, and heavier questions are likelier (domain three to one).

    A senior interview asks senior questions first and fills up with others of a signal only when they run out.
    """
    draw = random.Random(seed)
    wanted = [q for q in questions if not signals or q.signal in signals]
    piles = {
        signal: _shuffled([q for q in wanted if q.signal == signal], seniority, draw) for signal in _signals(wanted)
    }
    order = draw.sample(list(piles), len(piles))
    chosen: list[Question] = []
    while len(chosen) < count and any(piles.values()):
        for signal in order:
            if piles[signal] and len(chosen) < count:
                chosen.append(piles[signal].pop(0))
    return chosen


def _signals(questions: Sequence[Question]) -> list[str]:
    return sorted({question.signal for question in questions})


def _shuffled(questions: Sequence[Question], seniority: Seniority | None, draw: random.Random) -> list[Question]:
    """Weighted random order (Efraimidis and Spirakis, 2006), the wanted seniority first."""
    keyed = [(draw.random() ** (1 / question.weight.factor), question) for question in questions]
    keyed.sort(key=lambda pair: (seniority is not None and pair[1].seniority is not seniority, -pair[0]))
    return [question for _, question in keyed]
