"""Typical answers to every question, as the points that they make, get the level that a fair interviewer would give."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest
import yaml

from agent.adapters.rubric_file import load_questions, rubric_files
from agent.logic.grading.rating import rate
from agent.values.base import Value
from agent.values.rubric import Question, Rating, Slug, Text

FOLDER = Path(__file__).parent / "typical_answers"
QUESTIONS = load_questions([Path(__file__).parent.parent / "rubrics"])
FEWEST_ANSWERS = 10
FEWEST_OF_A_LEVEL = 2


class Typical(Value):
    """An answer that people really give."""

    says: Text
    """What the answer says, in a few words."""
    points: tuple[Slug, ...]
    misconceptions: tuple[Slug, ...] = ()
    hints: int = 0
    """How many hints were used."""
    rating: Rating


@cache
def written() -> dict[str, tuple[Typical, ...]]:
    """The answers by question, of all files; each question stands in one file only."""
    found: dict[str, tuple[Typical, ...]] = {}
    for file in rubric_files(FOLDER) if FOLDER.exists() else ():
        for question_id, answers in yaml.safe_load(file.read_text("utf-8")).items():
            assert question_id not in found, f"{file.name}: {question_id} stands in another file as well"
            found[question_id] = tuple(Typical.model_validate(answer) for answer in answers)
    return found


def rated_otherwise(question: Question, answer: Typical) -> str | None:
    """What is wrong with one answer; None when the rule gives it the level that it must get."""
    unknown = {*answer.points} - {point.id for point in question.points}
    unknown |= {*answer.misconceptions} - {wrong.id for wrong in question.misconceptions}
    if unknown:
        return f"'{answer.says}' names {', '.join(sorted(unknown))}, which the question does not have"
    rating = rate(question, answer.points, (), answer.misconceptions, answer.hints).rating
    return None if rating is answer.rating else f"'{answer.says}' must be {answer.rating}, but the rule says {rating}"


@pytest.mark.parametrize("question_id", sorted(QUESTIONS))
def test_typical_answers_get_the_level_that_they_deserve(question_id: str) -> None:
    answers = written().get(question_id, ())
    assert answers, f"no typical answers to {question_id}; write ten in tests/typical_answers"
    assert [wrong for answer in answers if (wrong := rated_otherwise(QUESTIONS[question_id], answer))] == []
    assert len(answers) >= FEWEST_ANSWERS
    levels = Counter(answer.rating for answer in answers)
    assert {level.value: levels[level] for level in Rating if levels[level] < FEWEST_OF_A_LEVEL} == {}


def test_no_typical_answer_is_to_a_question_that_is_gone() -> None:
    assert set(written()) - set(QUESTIONS) == set()
