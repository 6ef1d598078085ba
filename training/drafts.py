"""An example for the point model before its nearest exemplar is known."""

from __future__ import annotations

import random
from typing import NamedTuple

from agent.logic.grading.point_features import Target
from agent.values.rubric import Question

CHATTER = (
    "Let me think about that for a second.",
    "That is a good question.",
    "I have seen this before at my last job.",
    "I would talk to the team about it.",
    "It depends on the situation of course.",
    "I am quite passionate about this topic.",
    "We did something like that in a project once.",
    "There is a lot of literature about this.",
    "I hope that makes sense.",
    "Data is the new oil as they say.",
    "I would google it and see what other people do.",
    "Deep learning could help here.",
)
"""What people say in any answer, and what makes no point."""


class Draft(NamedTuple):
    """Whether something that is said makes a point."""

    question: Question
    target: Target
    said: str
    """As written; roughened later."""
    label: int
    weight: float = 1.0
    without: str | None = None
    """The exemplar that is being judged, which must not stand in its own description."""


def beside(text: str, other: str, draw: random.Random) -> str:
    """Both, in either order."""
    first, second = (text, other) if draw.random() < 0.5 else (other, text)
    return f"{first.rstrip('.')}. {second[:1].upper()}{second[1:]}"
