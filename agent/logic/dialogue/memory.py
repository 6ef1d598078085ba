"""What the agent remembers of earlier sessions, and how it says so when it asks a question again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from agent.logic.grading.naming import listed, title_of
from agent.values.grade import Grade
from agent.values.history import PastAnswer
from agent.values.rubric import Question

MOST_NAMED = 2
"""Maximum number of missed points that are named, so that the reminder stays short."""
_WEEK, _MONTH, _YEAR = 7, 30, 365
"""Days."""


class Memory(NamedTuple):
    """The latest graded answer to each question, and today's date."""

    latest: tuple[PastAnswer, ...] = ()
    today: date | None = None

    @classmethod
    def of(cls, past: Iterable[PastAnswer], now: datetime) -> Memory:
        """Builds the memory from answers in order of time; `now` has a time zone."""
        latest = {answer.question_id: answer for answer in past}
        return cls(tuple(latest.values()), now.date())

    def answer(self, question_id: str) -> PastAnswer | None:
        """The latest answer to a question; None if it is new."""
        return next((item for item in self.latest if item.question_id == question_id), None)

    def reminder(self, question: Question) -> str:
        """Says what was weak the last time, before the question; empty if there is nothing to say."""
        last = self.answer(question.id)
        if last is None or self.today is None:
            return ""
        when = ago(last.at.date(), self.today)
        known = {point.id for point in question.points}
        missed = [title_of(question, name) for name in last.missed if name in known][:MOST_NAMED]
        if not missed:
            return ""
        return f"We had this one before. {when[0].upper()}{when[1:]} you missed {listed(missed)} here."

    def progress(self, question: Question, grade: Grade) -> str:
        """Says which of the points missed then were made now; empty if there is nothing to say."""
        last = self.answer(question.id)
        if last is None or self.today is None or grade.rating is None:
            return ""
        made = {point.id for point in grade.points if point.met}
        gained = [title_of(question, name) for name in last.missed if name in made][:MOST_NAMED]
        if gained:
            return f"And this time you had {listed(gained)}."
        if grade.rating > last.rating:
            when = ago(last.at.date(), self.today)
            return f"That's better than {when}, when it was {question.level_name(last.rating)}."
        return ""


def ago(then: date, today: date) -> str:
    """How people say when something was: "yesterday", "last week", "two months ago"."""
    days = (today - then).days
    if days < _WEEK:
        return _within_a_week(days)
    for size, name in ((_YEAR, "year"), (_MONTH, "month"), (_WEEK, "week")):
        if days >= size:
            count = days // size
            return f"last {name}" if count == 1 else f"{_COUNTS.get(count, str(count))} {name}s ago"
    raise AssertionError(days)


def _within_a_week(days: int) -> str:
    if days <= 0:
        return "earlier today"
    return "yesterday" if days == 1 else f"{_COUNTS[days]} days ago"


_COUNTS = dict(enumerate("zero one two three four five six seven eight nine ten eleven twelve".split()))
