"""Sentences that make one point of a question, and sentences that only seem to: training/point_sentences/*.jsonl.

Their writers saw the points. Each line has ten ways to make a point, by ten kinds of speakers, and five near misses.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from agent.logic.grading.point_features import targets, term_share
from agent.values.rubric import Question
from training.drafts import CHATTER, Draft, beside

NEAR_MISS = 1.5
"""Weight of a sentence that only seems to make its point."""
ELSEWHERE = 2
"""Of each point's sentences, how many are also shown as not making another point of the question."""
COMPANY = 0.25
"""Share of all sentences beside which something else is said."""
ALONE = slice(0, 9)
"""The last of the ten makes another point as well."""


class PointSentences(NamedTuple):
    """One line of a file."""

    question_id: str
    point_id: str
    made: tuple[str, ...]
    not_made: tuple[str, ...]


def read_sentences(folder: Path) -> list[PointSentences]:
    """All lines of a folder's files, in file order."""
    return [
        PointSentences(row["q"], row["p"], tuple(row["yes"]), tuple(row["no"]))
        for file in sorted(folder.glob("*.jsonl"))
        for row in map(json.loads, file.read_text("utf-8").splitlines())
    ]


def drafts(question: Question, sentences: PointSentences, draw: random.Random) -> Iterator[Draft]:
    """The examples of one point."""
    others = [target for target in targets(question) if target.id != sentences.point_id]
    target = next(target for target in targets(question) if target.id == sentences.point_id)
    for text in sentences.made:
        yield Draft(question, target, _in_company(text, draw), 1)
    for text in sentences.not_made:
        yield Draft(question, target, _in_company(text, draw), 0, weight=NEAR_MISS)
    for text in draw.sample(sentences.made[ALONE], ELSEWHERE):
        other = draw.choice(others)
        if term_share(other, text) < 1.0:
            yield Draft(question, other, text, 0)


def _in_company(text: str, draw: random.Random) -> str:
    return beside(text, draw.choice(CHATTER), draw) if draw.random() < COMPANY else text
