"""The question bank itself: complete, balanced, and graded as its writers intended."""

from __future__ import annotations

import json
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest
from rapidfuzz import fuzz

from agent.adapters.embedded_grader import EmbeddedGrader
from agent.adapters.rubric_file import json_schema, load_file, rubric_files
from agent.adapters.text_model import SentenceEncoder
from agent.logic.rubrics.likeness import compared, likeness_warnings
from agent.logic.rubrics.texts import FEWEST_COUNTERS, FEWEST_EXEMPLARS
from agent.logic.rubrics.warnings import warnings
from agent.values.rubric import Question, Rating, Seniority, Weight
from benchmarks.reference_answers import graded

RUBRICS = Path(__file__).parent.parent / "rubrics"
FILES = rubric_files(RUBRICS)
SIGNALS = ("data_handling", "model_selection", "optimization", "evaluation", "production")
FIELDS = {
    "recommenders", "search and ranking", "fraud", "forecasting", "computer vision", "language models",
    "generative models", "speech", "ads", "healthcare",
}  # fmt: skip


def test_the_bank_is_broad(questions: dict[str, Question]) -> None:
    bank = list(questions.values())
    assert len(bank) >= 106
    assert all(count >= 15 for count in Counter(q.signal for q in bank).values())
    assert {q.signal for q in bank} == set(SIGNALS)
    assert sum(q.seniority is Seniority.SENIOR for q in bank) >= len(bank) / 3
    assert {q.weight for q in bank} == set(Weight)
    assert {q.field for q in bank} >= FIELDS


def test_every_question_is_complete(questions: dict[str, Question]) -> None:
    for q in questions.values():
        assert len(q.points) >= 5, q.id
        assert q.misconceptions, q.id
        assert q.clarifications, q.id
        assert q.glossary, q.id
        assert q.tags, q.id
        assert all(point.title for point in q.points), q.id
        assert min(len(point.exemplars) for point in q.points) >= FEWEST_EXEMPLARS, q.id
        counters = [point.counter for point in q.points] + [wrong.counter for wrong in q.misconceptions]
        assert min(map(len, counters)) >= FEWEST_COUNTERS, q.id


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_file_has_warnings(file: Path) -> None:
    topic = load_file(file)
    assert [f"{topic.questions[int(place[1])].id}: {says}" for place, says in warnings(topic)] == []


ALLOWED: dict[tuple[str, str], str] = {
    ("recsys-sparse-loss", '"penalize large weights with their square" (l2)'): "one word tells L2 from L1",
    ("search-ranking-loss", "nearly says 'rank-lambdamart'"): "names the libraries; the method is still to be named",
    ("recsys-implicit-feedback", '"hard negatives are often false'): "the price of what the other point proposes",
}
"""Warnings by meaning that may stand: question and beginning of the warning, with the reason."""


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder()


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_file_has_warnings_by_meaning(file: Path, encoder: SentenceEncoder) -> None:
    found = []
    for question in load_file(file).questions:
        texts = compared(question)
        for _, says in likeness_warnings(question, dict(zip(texts, encoder.embed(texts), strict=True))):
            if not any(question.id == name and says.startswith(start) for name, start in ALLOWED):
                found.append(f"{question.id}: {says}")
    assert found == []


def test_the_schema_for_editors_is_current() -> None:
    assert json.loads((RUBRICS / "schema.json").read_text("utf-8")) == json_schema()


def test_reference_answers_do_not_contain_one_another(questions: dict[str, Question]) -> None:
    for q in questions.values():
        answers = [q.answers.of(level) for level in Rating]
        for one, other in combinations(answers, 2):
            assert fuzz.partial_ratio(one.lower(), other.lower()) < 80, (q.id, one)


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_reference_answers_are_graded_as_intended(questions: dict[str, Question], embedded: EmbeddedGrader) -> None:
    """At least 95 of 100, and none by two levels."""
    found = list(graded(questions.values(), embedded))
    missed = [one for one in found if one.apart]
    assert len(missed) <= 0.05 * len(found), missed
    assert not [one for one in missed if one.apart >= 2]
