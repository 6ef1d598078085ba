"""Chooses and shows questions in a list."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from agent.logic.spelling import did_you_mean
from agent.values.errors import InputError
from agent.values.rubric import Question


class Filters(NamedTuple):
    """Which questions to list; None means any."""

    signal: str | None = None
    field: str | None = None
    tag: str | None = None
    search: str | None = None
    """Words that must all occur in the question or its tags."""


def chosen(questions: Iterable[Question], filters: Filters) -> list[Question]:
    """The matching questions, sorted by signal, level and id. Raises InputError for a name that no question has."""
    every = list(questions)
    names = (
        ("signal", filters.signal, {question.signal for question in every}),
        ("field", filters.field, {question.field for question in every}),
        ("tag", filters.tag, {tag for question in every for tag in question.tags}),
    )
    for what, name, known in names:
        if name is not None and name not in known:
            fix = did_you_mean(name, known) or f"there are: {', '.join(sorted(known))}"
            raise InputError(f"no question has the {what} '{name}'; {fix}")
    found = [question for question in every if _fits(question, filters)]
    if not found:
        raise InputError("no question matches all of these options; leave one out")
    return sorted(found, key=lambda question: (question.signal, question.seniority, question.id))


def _fits(question: Question, filters: Filters) -> bool:
    text = " ".join((question.id, question.scenario, question.ask, question.field, *question.tags)).casefold()
    return (
        filters.signal in (None, question.signal)
        and filters.field in (None, question.field)
        and (filters.tag is None or filters.tag in question.tags)
        and all(word in text for word in (filters.search or "").casefold().split())
    )


def rows(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """Rows for JSON."""
    return [
        {
            "id": question.id,
            "signal": question.signal,
            "seniority": question.seniority,
            "weight": question.weight,
            "field": question.field,
            "tags": list(question.tags),
            "minutes": question.minutes,
            "ask": question.ask,
        }
        for question in questions
    ]


def lines(questions: Sequence[Question], asked: bool) -> list[str]:
    """Lines for people: one per question; `asked` adds the text of the question below it."""
    width = max(len(question.id) for question in questions)
    shown = []
    for question in questions:
        shown.append(
            f"{question.id:{width}}  {question.signal:15}  {question.seniority:6}  {question.weight:13}  "
            f"{question.field}"
        )
        if asked:
            shown += textwrap.wrap(question.ask, 76, initial_indent="    ", subsequent_indent="    ")
    count = "1 question" if len(questions) == 1 else f"{len(questions)} questions"
    return [*shown, f"{count}; 'mock-interview questions show ID' shows one"]
