"""Grades saved answers again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from agent.values.grade import Grade
from agent.values.rubric import Question
from agent.values.session import Clarified, Turn

if TYPE_CHECKING:
    from agent.compose.settings import Settings
    from agent.logic.ports import Grader
    from agent.shell.store.store import Store


def graded_again(judge: Grader, question: Question, turn: Turn) -> Grade:
    """The grade of a stored answer. Raises ModelError or EndpointError."""
    from agent.logic.grading.grading import grade_answer

    return grade_answer(question, turn.transcript, judge, turn.grade.hints_used, _asked(question, turn))


def _asked(question: Question, turn: Turn) -> list[Clarified]:
    """Returns the questions to the interviewer; sessions of version 0.1 did not save which points they made."""
    if all(item.point is not None for item in turn.clarified):
        return list(turn.clarified)
    from agent.compose.build import intents
    from agent.compose.settings import Settings

    classifier = intents(Settings())
    known = [(item, classifier.asks(question, item.text)) for item in turn.clarified]
    return [Clarified(text=item.text, point=item.point or (fact.point if fact else None)) for item, fact in known]


def grade_afterwards(settings: Settings, store: Store, session_id: str, known: Mapping[str, Question]) -> int:
    """Grades a session with the grader that was too slow for it; returns the number of new grades.

    Answers that it cannot grade keep their earlier grade. Raises EndpointError or StoreError.
    """
    from agent.compose.build import grader

    judge, count = grader(settings, falls_back=False), 0
    for number, saved in enumerate(store.session(session_id).turns, start=1):
        question = known.get(saved.turn.question_id)
        if question is None or not saved.turn.transcript.words:
            continue
        now = graded_again(judge, question, saved.turn)
        if now.rating is not None:
            store.regrade(session_id, {number: now})
            count += 1
    return count


def graded_later(settings: Settings, store: Store, session_id: str, known: Mapping[str, Question]) -> str:
    """Calls grade_afterwards() when an interview is over, and returns a line about it.

    If it fails, the earlier grades stay. Raises StoreError.
    """
    from agent.values.errors import EndpointError

    print(f"Grading your answers with {settings.llm_model} ...", flush=True)
    try:
        count = grade_afterwards(settings, store, session_id, known)
    except EndpointError as error:
        return f"Your answers keep the ratings of the embedded grader: {error}"
    graded = "1 answer was" if count == 1 else f"{count} answers were"
    return f"{graded} graded by {settings.llm_model}."
