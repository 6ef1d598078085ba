"""What the candidate wants to rehearse, as the page sends it, and what that means for settings and plan."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, Literal

from pydantic import Field

from agent.compose import question_bank
from agent.compose.settings import Settings
from agent.interview.setup import Choose
from agent.shell.session_plan import SessionRequest
from agent.values.base import Value
from agent.values.errors import InputError
from agent.values.interview_record import Minutes
from agent.values.profile import Profile
from agent.values.rubric import Question


class Order(Value):
    """The choices made on the page; the command line has the same."""

    questions: tuple[str, ...] = Field(default=(), max_length=200)
    signals: tuple[str, ...] = Field(default=(), max_length=50)
    fields: tuple[str, ...] = Field(default=(), max_length=100)
    seniority: Literal["junior", "senior"] | None = None
    company: str | None = None
    count: int | None = Field(default=None, ge=1, le=200)
    minutes: float | None = Field(default=None, gt=0, le=600)
    """Time box: no further question is asked after this many minutes."""
    adaptive: bool = False
    review: bool = False
    profile: Profile | None = None
    """What the CV claims and the job asks for, as read and corrected on the page."""
    seed: int | None = Field(default=None, ge=0, lt=2**32)
    """The same seed repeats the plan that the page has shown."""
    real: Minutes | None = None
    """Length of a whole interview without ratings before its debrief; None for practice."""
    resume: bool = False
    """Whether to continue the whole interview that was left last; then all other choices have no effect."""
    patient: bool | None = None
    interrupt: bool | None = None
    """Whether the candidate's voice stops the agent."""
    save: bool = True
    keep_audio: bool = False

    @property
    def request(self) -> SessionRequest:
        """The choices that shape the plan."""
        return SessionRequest(
            self.questions, self.signals, self.fields, self.adaptive, self.review, self.seed, profile=self.profile
        )

    def check(self) -> None:
        """Raises InputError for choices that contradict one another, or for a company that is not in the list."""
        if self.company is not None and self.company not in company_names():
            raise InputError(f"no company profile '{self.company}'; choose one of the list")
        if self.real is not None and (self.questions or self.adaptive or self.review):
            raise InputError("a whole interview plans its questions itself; choose signals, fields or a company")
        if self.resume and not self.save:
            raise InputError("an interview that goes on is saved; tick 'Save this interview'")


def adjusted(order: Order, settings: Settings, known: Mapping[str, Question]) -> Settings:
    """The settings of this interview."""
    given = {
        "seniority": order.seniority,
        "company": order.company,
        "count": order.count or (len(known) if order.minutes else None),
        "patient": order.patient if settings.end_silence is None else None,
        "interrupt": order.interrupt,
    }
    return settings.model_copy(update={name: value for name, value in given.items() if value is not None})


def company_names() -> list[str]:
    """The profiles that come with the program."""
    return sorted(path.stem for path in question_bank.own_companies().glob("*.yaml"))


def time_boxed(choose: Choose, minutes: float, now: Callable[[], float] = time.monotonic) -> Choose:
    """Limits the chooser to the given time; an answer under way may be finished."""
    ends = now() + 60 * minutes

    def chosen(turns: list[Any]) -> Question | None:
        return choose(turns) if now() < ends else None

    return chosen
