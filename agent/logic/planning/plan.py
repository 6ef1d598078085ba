"""Chooses an interview's questions: a draw balanced over signals, weights and seniority, repeatable by its seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import NamedTuple

from agent.values.company import ANY, Company
from agent.values.rubric import Question, Seniority


class PlanOptions(NamedTuple):
    """What shapes a plan, beside the questions that there are."""

    company: Company = ANY
    seniority: Seniority | None = None
    """None takes that of the candidate's profile or of the company."""
    seed: int | None = None


def plan(
    questions: Sequence[Question],
    count: int,
    *,
    seniority: Seniority | None = None,
    company: Company = ANY,
    seed: int | None = None,
) -> list[Question]:
    """Up to `count` questions: signals take turns, and heavier questions are more likely (domain three to one).

    Within a signal, questions of a field that was not asked about yet come first. A senior interview asks senior
    questions first, and other questions of a signal only when those run out.
    """
    draw = random.Random(seed)
    wanted = seniority or company.seniority
    open_to = [q for q in questions if company.pull(q) > 0]
    piles = {
        signal: shuffled([q for q in open_to if q.signal == signal], wanted, company, draw)
        for signal in sorted({question.signal for question in open_to})
    }
    order = signal_order(list(piles), company, draw)
    chosen: list[Question] = []
    while len(chosen) < count and any(piles.values()):
        for signal in order:
            if piles[signal] and len(chosen) < count:
                chosen.append(_take(piles[signal], chosen))
    return chosen


def shuffled(
    questions: Sequence[Question], seniority: Seniority | None, company: Company, draw: random.Random
) -> list[Question]:
    """Weighted random order (Efraimidis and Spirakis, 2006), with the wanted seniority first."""
    keyed = [(draw.random() ** (1 / company.pull(question)), question) for question in questions]
    keyed.sort(key=lambda pair: (seniority is not None and pair[1].seniority is not seniority, -pair[0]))
    return [question for _, question in keyed]


def signal_order(signals: Sequence[str], company: Company, draw: random.Random) -> list[str]:
    """The signals' turns: a signal that the company weighs twice comes earlier, so a short interview has it."""
    return sorted(signals, key=lambda name: -(draw.random() ** (1 / company.signals.get(name, 1.0))))


def _take(pile: list[Question], chosen: Sequence[Question]) -> Question:
    """The signal's next question: among its first four, one of a field that has not come up, if there is one."""
    asked = {question.field for question in chosen}
    near = [n for n, question in enumerate(pile[:4]) if question.seniority is pile[0].seniority]
    return pile.pop(next((n for n in near if pile[n].field not in asked), 0))
