"""The few things that a candidate should work on after an interview."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from agent.logic.grading.naming import listed, title
from agent.logic.grading.overall import superseded
from agent.values.base import Value
from agent.values.rubric import Question, in_words
from agent.values.session import Turn

MOST = 3


class WorkItem(Value):
    """One thing to work on."""

    question_id: str
    point_id: str
    title: str
    """Short name of the point that was missed."""
    subject: str
    """The question's signal in readable form."""
    nudge: str
    """The question that leads to the point."""
    why: str


def work_on(turns: Sequence[Turn], questions: Mapping[str, Question], most: int = MOST) -> list[WorkItem]:
    """What the answers lacked most: the weakest answers first, one thing of each before a second of any.

    If a question was tried again, the last try counts, since what was learned by then needs no more work.
    """
    steps = [list(_steps(questions[turn.question_id], turn)) for turn in _last_tries(turns, questions)]
    in_turn = [row[at] for at in range(max(map(len, steps), default=0)) for row in steps if at < len(row)]
    seen: dict[str, WorkItem] = {}
    for item in in_turn:
        seen.setdefault(item.title.casefold(), item)
    return list(seen.values())[:most]


def _last_tries(turns: Sequence[Turn], questions: Mapping[str, Question]) -> list[Turn]:
    last = {
        turn.question_id: turn
        for index, turn in enumerate(turns)
        if turn.grade.rating is not None and turn.question_id in questions and not superseded(turns, index)
    }
    return sorted(last.values(), key=lambda turn: turn.grade.rating.rank if turn.grade.rating is not None else 0)


def _steps(question: Question, turn: Turn) -> Iterator[WorkItem]:
    known = {point.id: point for point in question.points}
    for hint in turn.grade.hints:
        if hint.point_id in known:
            yield WorkItem(
                question_id=question.id,
                point_id=hint.point_id,
                title=title(known[hint.point_id]),
                subject=in_words(question.signal),
                nudge=hint.nudge,
                why=hint.why,
            )


def spoken(items: Sequence[WorkItem]) -> str:
    """Says what to work on at the end; empty if there is nothing."""
    if not items:
        return ""
    counts = {1: "One thing", 2: "Two things", 3: "Three things"}
    return f"{counts.get(len(items), f'{len(items)} things')} to work on: {listed([item.title for item in items])}."
