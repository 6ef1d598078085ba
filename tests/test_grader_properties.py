"""What must hold for the embedded grader whatever is said: order, repetition, removal, padding. On tagged answers."""

from __future__ import annotations

import random
import re

import pytest

from agent.adapters.embedded_grader import EmbeddedGrader
from agent.logic.grading.grading import grade
from agent.logic.grading.sentences import transcript_sentences
from agent.values.grade import Grade
from agent.values.rubric import Question
from agent.values.transcript import Transcript
from tests.conftest import ROOT
from training.pairs import Answer, read_answers

pytestmark = pytest.mark.slow
PADDING = (
    "Let me put it like this. I think that is an interesting question and there are many ways to look at it. "
    "At my last company we had a similar situation, and I talked about it with my colleagues for quite some time. "
    "In the end it always depends on the team and on the company, and one should keep an open mind about it."
)


@pytest.fixture(scope="module")
def sixty(questions: dict[str, Question]) -> list[Answer]:
    """Enough to tell four in five from chance: among twelve, one answer is a twelfth."""
    every = [item for item in read_answers(ROOT / "training" / "calibration") if item.question_id in questions]
    long_enough = [answer for answer in every if len(answer.segments) >= 3]
    return random.Random(0).sample(long_enough, len(long_enough))[:60]


@pytest.fixture(scope="module")
def answers(sixty: list[Answer]) -> list[Answer]:
    return sixty[:12]


_GRADES = dict[tuple[str, str], Grade]()
"""Grades so far: every test compares with those of the same unchanged answers."""


def graded(embedded: EmbeddedGrader, question: Question, text: str) -> Grade:
    if (question.id, text) not in _GRADES:
        transcript = Transcript.from_text(text)
        _GRADES[question.id, text] = grade(question, transcript, embedded.claim(question, transcript))
    return _GRADES[question.id, text]


def rank(result: Grade) -> int:
    assert result.rating is not None
    return result.rating.rank


def test_the_order_of_sentences_hardly_matters(
    embedded: EmbeddedGrader, questions: dict[str, Question], sixty: list[Answer]
) -> None:
    moved = []
    for answer in sixty:
        # Not the tagged segments: some are parts of a sentence, which would be torn apart.
        parts = [sentence.text for sentence in transcript_sentences(Transcript.from_text(answer.text))]
        turned = " ".join(random.Random(1).sample(parts, len(parts)))
        question = questions[answer.question_id]
        moved.append(rank(graded(embedded, question, turned)) - rank(graded(embedded, question, answer.text)))
    assert max(map(abs, moved)) <= 1
    assert sum(change == 0 for change in moved) >= 0.8 * len(moved)


def test_an_answer_given_twice_scores_no_more(
    embedded: EmbeddedGrader, questions: dict[str, Question], answers: list[Answer]
) -> None:
    for answer in answers:
        question = questions[answer.question_id]
        once, twice = (graded(embedded, question, text) for text in (answer.text, f"{answer.text} {answer.text}"))
        assert rank(twice) <= rank(once), answer.id


def test_padding_does_not_raise_a_rating(
    embedded: EmbeddedGrader, questions: dict[str, Question], answers: list[Answer]
) -> None:
    raised = [
        rank(graded(embedded, questions[a.question_id], f"{PADDING} {a.text} {PADDING}"))
        > rank(graded(embedded, questions[a.question_id], a.text))
        for a in answers
    ]
    assert sum(raised) == 0


def test_without_the_quoted_words_a_point_is_no_longer_made_by_them(
    embedded: EmbeddedGrader, questions: dict[str, Question], answers: list[Answer]
) -> None:
    removed = lost = raised = 0
    for answer in answers:
        question = questions[answer.question_id]
        before = graded(embedded, question, answer.text)
        for point in [point for point in before.points if point.met and point.quote][:2]:
            rest = re.sub(r"\s+", " ", answer.text.replace(str(point.quote), " ")).strip()
            if rest == answer.text or len(rest.split()) < 8:
                continue
            after = graded(embedded, question, rest)
            removed += 1
            lost += not next(item for item in after.points if item.id == point.id).met
            raised += rank(after) > rank(before)
    assert removed >= 10
    # What stands beside a sentence is read with it, so that now and then its removal makes another one clearer.
    assert raised <= 0.15 * removed
    # The rest may make the point as well: people say things twice.
    assert lost >= 0.75 * removed


def test_an_answer_that_grew_is_graded_as_the_whole_one(questions: dict[str, Question], answers: list[Answer]) -> None:
    """Practice grades in every pause, `grade` and `regrade` at once: rating and confidence must be the same."""
    answer = answers[0]
    question, transcript = questions[answer.question_id], Transcript.from_text(answer.text)
    grown, whole = EmbeddedGrader(), EmbeddedGrader()
    for count in (len(transcript.words) // 3, 2 * len(transcript.words) // 3):
        grown.claim(question, transcript.model_copy(update={"words": transcript.words[:count]}))
    assert grown.claim(question, transcript).claims == whole.claim(question, transcript).claims
