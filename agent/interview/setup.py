"""What an interview needs from the outside world, and how it is conducted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from agent.interview.controls import Controls
from agent.interview.endpointer import LearnedHabit
from agent.logic.dialogue.memory import Memory
from agent.logic.ports import (
    BargeIn,
    Clock,
    FollowUp,
    Grader,
    IntentClassifier,
    Microphone,
    Speaker,
    SpeechDetector,
    Transcriber,
    TurnDetector,
    Voice,
)
from agent.logic.speech.endpointing import EndpointingPolicy
from agent.values.base import Value
from agent.values.profile import Profile
from agent.values.rubric import Question
from agent.values.session import Turn


class Style(Value):
    """How the interview is conducted. The defaults are for a person at a microphone."""

    follow_ups: int = 1
    """Maximum number of follow-up questions after an incomplete answer."""
    live: bool = True
    """Whether a person is present: speech is transcribed as it arrives, and after the feedback they may ask for more.
    """
    grade_ahead: bool = True
    """Grade in every pause, so that the rating is ready when the answer ends. Not for graders that cost money."""
    feedback: bool = True
    """Say the rating after each answer, and talk about it; otherwise the agent is silent about ratings until the end.
    """
    learns_closing_phrase: bool = True
    """Once a candidate has ended an answer with "that's my answer", wait for a closing phrase in later answers."""

    def for_a_job(self) -> Style:
        """An interview for a job: no ratings, and follow-ups wherever an answer is thin."""
        return self.model_copy(update={"feedback": False, "follow_ups": 2})

    @classmethod
    def recorded(cls) -> Style:
        """An interview on recordings: one answer for each question, and nothing else."""
        return cls(follow_ups=0, live=False, grade_ahead=False, learns_closing_phrase=False)


@dataclass(frozen=True)
class InterviewSetup:
    """Everything an interview needs from the outside world."""

    voice: Voice
    speaker: Speaker
    microphone: Microphone
    detector: SpeechDetector
    transcriber: Transcriber
    grader: Grader
    clock: Clock
    policy: EndpointingPolicy
    style: Style = field(default_factory=Style)
    turns: TurnDetector | None = None
    """Without it every silence is doubtful, and the agent waits longer."""
    intents: IntentClassifier | None = None
    """Without it there are no spoken commands and no clarifying questions."""
    barge_in: BargeIn | None = None
    """The microphone while the agent speaks; None if the agent listens only while it is silent."""
    follow_up: FollowUp | None = None
    """Words follow-up questions; None asks those of the rubric."""
    profile: Profile | None = None
    """What the candidate claims and the job asks for; None when nothing is known of that."""
    controls: Controls = field(default_factory=Controls)
    memory: Memory = field(default_factory=Memory)
    """What the candidate answered in earlier sessions."""
    learned_habit: LearnedHabit = field(default_factory=LearnedHabit)
    """How long the candidate pauses, from earlier sessions too."""


Choose = Callable[[list[Turn]], Question | None]
"""Chooses the next question after these turns, one for each question; None ends the interview."""
