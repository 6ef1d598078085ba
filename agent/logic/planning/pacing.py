"""How the time of a whole interview is shared out, so that every signal gets its part."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from agent.values.interview_record import Minutes
from agent.values.rubric import Question

SPOKEN_WORDS_PER_S = 2.6
"""How fast the agent speaks, to estimate how long a text will take."""
LEAST_S = 90.0
"""Minimum seconds for a question; with less time left, none is begun."""
MOST_OF_USUAL = 1.5
"""How much longer than usual a question may take when there is time."""
GRACE_S = 20.0
"""Seconds to finish a thought when the time is up."""


class Shares(NamedTuple):
    """Seconds of each part."""

    warm_up_s: float
    your_questions_s: float
    closing_s: float


_SHARES: dict[Minutes, Shares] = {
    30: Shares(150.0, 180.0, 30.0),
    45: Shares(210.0, 300.0, 30.0),
    60: Shares(240.0, 420.0, 30.0),
}
_PER_QUESTION_S = 330.0
"""Seconds that one question takes with its follow-up, to decide how many to plan."""


def shares(minutes: Minutes) -> Shares:
    """The parts around the technical one."""
    return _SHARES[minutes]


def technical_end_s(minutes: Minutes) -> float:
    """Second at which the technical part ends. The rest is for the candidate's questions and the closing."""
    return 60.0 * minutes - shares(minutes).your_questions_s - shares(minutes).closing_s


def question_count(minutes: Minutes, signals: int) -> int:
    """Number of questions to plan: at least one per signal, and one to spare in case answers are short."""
    room_s = technical_end_s(minutes) - shares(minutes).warm_up_s
    return max(signals, round(room_s / _PER_QUESTION_S)) + 1


def time_for(question: Question, left_s: float, ahead: Sequence[Question], covered: Collection[str]) -> float | None:
    """Returns the seconds for this question if `left_s` are left of the technical part; None if it should not be begun.

    The rest is shared with the signals still to come in the questions `ahead`. A signal without a question so far gets
    one however late it is.
    """
    to_come = {item.signal for item in ahead} - {*covered, question.signal}
    new = question.signal not in covered
    if not new and left_s < max(LEAST_S, 30.0 * question.minutes):
        return None
    fair = left_s / (len(to_come) + 1)
    return max(LEAST_S, min(fair, MOST_OF_USUAL * 60.0 * question.minutes))


def spoken_s(text: str) -> float:
    """Estimated seconds to say a text."""
    return len(text.split()) / SPOKEN_WORDS_PER_S
