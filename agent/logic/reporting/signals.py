"""Where the candidate stands on each signal, and how that changed from session to session.

Second attempts come after feedback, so they count neither for the standing nor for the progress.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from agent.logic.grading.overall import MEANING, first_tries, overall
from agent.logic.reporting.trend import FEWEST_SESSIONS, course_text
from agent.logic.reporting.values import RatedAnswer, SignalProgress, SignalStanding
from agent.values.rubric import Question, Rating, in_words
from agent.values.session import Session, Turn

Numbered = tuple[int, Session]
"""A session and its number, from 1, among all saved sessions."""


def first_tries_of(session: Session) -> list[Turn]:
    """The turns of a session that count."""
    return first_tries([saved.turn for saved in session.turns])


def standings(numbered: Sequence[Numbered], questions: Mapping[str, Question]) -> Iterator[SignalStanding]:
    """The rating of each signal over all these sessions."""
    turns = [turn for _, session in numbered for turn in first_tries_of(session)]
    for item in overall(turns, questions):
        yield SignalStanding(
            signal=in_words(item.signal),
            rating=item.rating,
            meaning=MEANING[item.rating],
            answers=_answers(numbered, item.signal),
        )


def progress(numbered: Sequence[Numbered], questions: Mapping[str, Question]) -> Iterator[SignalProgress]:
    """The rating of each signal, session by session."""
    courses: dict[str, list[tuple[int, Rating]]] = {}
    for number, session in numbered:
        for item in overall(first_tries_of(session), questions):
            courses.setdefault(item.signal, []).append((number, item.rating))
    for signal, course in courses.items():
        yield SignalProgress(
            signal=in_words(signal),
            answers=_answers(numbered, signal),
            course=tuple(course),
            is_trend=len(course) >= FEWEST_SESSIONS,
            text=course_text([rating for _, rating in course]),
        )


def _answers(numbered: Iterable[Numbered], signal: str) -> tuple[RatedAnswer, ...]:
    return tuple(
        RatedAnswer(session=number, rating=turn.grade.rating, confidence=turn.grade.confidence)
        for number, session in numbered
        for turn in first_tries_of(session)
        if turn.grade.signal == signal and turn.grade.rating is not None
    )
