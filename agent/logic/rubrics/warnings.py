"""Everything that makes a topic weaker than it could be, rule by rule; independent of files and models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from agent.logic.rubrics.check import Finding
from agent.logic.rubrics.likeness import Vectors, likeness_warnings
from agent.logic.rubrics.needs import need_warnings
from agent.logic.rubrics.texts import text_warnings
from agent.values.rubric import Topic


def warnings(topic: Topic) -> Iterator[Finding]:
    """Warnings that need no model."""
    for number, question in enumerate(topic.questions):
        yield from _placed(number, chain(need_warnings(question), text_warnings(question)))


def warnings_by_meaning(topic: Topic, vectors: Vectors) -> Iterator[Finding]:
    """Warnings from the vectors of the texts; `vectors` holds those of `compared` for every question."""
    for number, question in enumerate(topic.questions):
        yield from _placed(number, likeness_warnings(question, vectors))


def _placed(number: int, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings of one question with their places inside the topic."""
    for finding in findings:
        yield Finding(("questions", number, *finding.where), finding.says)
