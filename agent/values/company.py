"""What one company's interviews are like; independent of files and of how questions are drawn."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from pydantic import Field

from agent.values.base import Value
from agent.values.rubric import Clarification, Question, Seniority, Slug, Text, Weight

Factor = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""How many times more likely something is; 0 for never."""


class Company(Value):
    """A profile that makes some questions more likely than others. Anything that it does not name has a factor of 1."""

    company: Text
    about: Text
    """Who they are and what they look for, in one or two sentences."""
    signals: dict[Slug, Factor] = Field(default_factory=dict)
    """How many times more likely a question of that signal is; 0 leaves the signal out."""
    fields: dict[Text, Factor] = Field(default_factory=dict)
    """The same for the question's field, such as fraud."""
    tags: dict[Slug, Factor] = Field(default_factory=dict)
    weights: dict[Weight, Factor] = Field(default_factory=dict)
    """The same for stereotypical, standard and domain questions; by default 1, 2 and 3."""
    seniority: Seniority | None = None
    """The level that they are hiring for; None for both."""
    facts: tuple[Clarification, ...] = ()
    """What they tell candidates who ask at the end of a whole interview."""

    def pull(self, question: Question) -> float:
        """How many times more likely the company is to ask a question; 0 for never."""
        pull = self.weights.get(question.weight, float(question.weight.factor))
        pull *= self.signals.get(question.signal, 1.0) * self.fields.get(question.field, 1.0)
        for tag in question.tags:
            pull *= self.tags.get(tag, 1.0)
        return pull

    def idle(self, questions: Collection[Question]) -> list[str]:
        """The signals, fields and tags of the profile that no question has; mostly misspellings."""
        signals = {question.signal for question in questions}
        fields = {question.field for question in questions}
        tags = {tag for question in questions for tag in question.tags}
        named = ((self.signals, signals), (self.fields, fields), (self.tags, tags))
        return [name for mine, there in named for name in mine if name not in there]


ANY = Company(company="any", about="No company in particular.")
