"""The profile and plan of an interview, and how far a whole interview has come."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from agent.values.base import Value
from agent.values.profile import Profile

Stage = Literal["warm_up", "technical", "your_questions", "done"]
Minutes = Literal[30, 45, 60]


class PlannedQuestion(Value):
    """One question of a plan, and why it is asked."""

    question_id: str
    why: str = ""
    """One sentence spoken to the candidate; empty when there is no particular reason."""


class InterviewProgress(Value):
    """How far a whole interview has come, so that it can go on another day."""

    minutes: Minutes
    """Length of the whole interview."""
    stage: Stage = "warm_up"
    used_s: float = Field(default=0.0, ge=0)
    """Seconds spent so far, pauses left out."""


class InterviewRecord(Value):
    """What is saved about an interview beside its turns."""

    profile: Profile | None = None
    plan: tuple[PlannedQuestion, ...] = ()
    company: str | None = None
    """The company as named by the user: a profile that comes with the program, or a file."""
    progress: InterviewProgress | None = None
    """None for practice with feedback after each answer."""

    @property
    def unfinished(self) -> bool:
        """Whether this is a whole interview that can go on; its ratings wait for the debrief."""
        return self.progress is not None and self.progress.stage != "done"
