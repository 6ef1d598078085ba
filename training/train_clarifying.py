"""Fits the weights by which a clarifying question is matched with the facts of an interview question.

    python -m training.train_clarifying

Prints the weights for agent/logic/dialogue/clarifications.py, and how they do on questions that they were not fitted
to. Needs the group `train` of pyproject.toml.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

from agent.adapters.intent_classifier import EmbeddingIntentClassifier
from agent.adapters.rubric_file import load_questions
from agent.logic.dialogue.clarifications import ANSWERS, Likeness, lead
from training.pairs import QUESTIONS, ROOT

FOLDS = 5
Asked = tuple[list[Likeness], int | None]
"""A clarifying question: its likeness to each fact, and the one that answers it."""


def main() -> None:
    """Command line."""
    questions, meaning = load_questions(QUESTIONS), EmbeddingIntentClassifier()
    file = ROOT / "training" / "clarifying" / "clarifying.jsonl"
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    asked = [(meaning.likenesses(questions[row["question_id"]], row["text"]), row["fact"]) for row in rows]
    ids = sorted({row["question_id"] for row in rows})
    fold = [ids.index(row["question_id"]) % FOLDS for row in rows]
    right: list[tuple[bool, bool]] = []
    for held in range(FOLDS):
        model = fitted([item for item, number in zip(asked, fold, strict=True) if number != held])
        right += [_right(model, item) for item, number in zip(asked, fold, strict=True) if number == held]
    for known in (True, False):
        share = [good for is_known, good in right if is_known is known]
        print("answered by a fact" if known else "answered by none", sum(share), "of", len(share))
    model = fitted(asked)
    print([round(float(value), 3) for value in (*model.intercept_, *model.coef_[0])])


def fitted(asked: Sequence[Asked]) -> LogisticRegression:
    """One example for each question and fact: does the fact answer it?"""
    examples = [(_measured(facts, index), index == fact) for facts, fact in asked for index in range(len(facts))]
    return LogisticRegression(C=3.0, max_iter=1000).fit([x for x, _ in examples], [y for _, y in examples])


def _measured(facts: Sequence[Likeness], index: int) -> list[float]:
    return [*facts[index], lead(facts, index)]


def _right(model: LogisticRegression, item: Asked) -> tuple[bool, bool]:
    facts, fact = item
    chances = model.predict_proba([_measured(facts, index) for index in range(len(facts))])[:, 1]
    best = int(np.argmax(chances))
    return fact is not None, (best if chances[best] >= ANSWERS else None) == fact


if __name__ == "__main__":
    main()
