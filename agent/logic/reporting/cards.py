"""Makes cards to learn from what was missed, each with sentences to say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from agent.logic.grading.naming import title
from agent.logic.reporting.missing import missing_points
from agent.values.base import Value
from agent.values.grade import Grade
from agent.values.rubric import Point, Question
from agent.values.session import Session

_MOST_SENTENCES = 2
_FEWEST_WORDS = 6
"""Minimum words of an exemplar; a shorter one is not a sentence worth learning."""


class Card(Value):
    """One thing to learn."""

    key: str
    """Question and point; the same in every export, so that a card keeps its learning history."""
    front: str
    back: str
    sentences: tuple[str, ...]
    """Ways of saying it out loud."""
    tags: tuple[str, ...]
    """Signal and field."""


def cards(sessions: Sequence[Session], questions: Mapping[str, Question]) -> list[Card]:
    """Returns cards for the latest graded answer to each question: what the next level needed, and what was wrong."""
    latest: dict[str, Grade] = {}
    for session in sorted(sessions, key=lambda item: item.started):
        for saved in session.turns:
            if saved.turn.grade.rating is not None:
                latest[saved.turn.question_id] = saved.turn.grade
    known = ((questions[name], grade) for name, grade in latest.items() if name in questions)
    return [card for question, grade in known for card in _of(question, grade)]


def _of(question: Question, grade: Grade) -> Iterator[Card]:
    tags = (question.signal, question.field.replace(" ", "-"))
    needed = {item.label for item in missing_points(question, grade) if item.needed}
    for point in question.points:
        if title(point) in needed:
            front = f"{question.scenario} {question.ask}\n\n{point.nudge}"
            yield Card(
                key=f"{question.id}/{point.id}",
                front=front,
                back=f"{point.says} {point.why}",
                sentences=tuple(_sentences(point)),
                tags=tags,
            )
    stated = {item.target for item in grade.misconceptions}
    for wrong in (item for item in question.misconceptions if item.id in stated):
        yield Card(
            key=f"{question.id}/{wrong.id}",
            front=f"{question.scenario} {question.ask}\n\nWhat is wrong with this? {wrong.says}",
            back=wrong.truth,
            sentences=(),
            tags=tags,
        )


def _sentences(point: Point) -> list[str]:
    whole = [text for text in point.exemplars if len(text.split()) >= _FEWEST_WORDS]
    chosen = sorted(whole or point.exemplars, key=lambda text: -len(text.split()))[:_MOST_SENTENCES]
    return [f"{text[0].upper()}{text[1:].rstrip('.')}." for text in chosen]
