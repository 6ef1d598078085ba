"""Claims become evidence: words that make a listed point make no unlisted point as well, whichever grader claims it."""

from __future__ import annotations

import pytest

from agent.logic.grading.evidence import gather
from agent.values.grade import Claim
from agent.values.rubric import Question
from agent.values.transcript import Transcript

ANSWER = Transcript.from_text("I would start with PCA and it keeps the directions where the data varies the most.")
LISTED = Claim(target="pca", quote="I would start with PCA", confidence=0.9)


def extra(name: str, quote: str, confidence: float = 0.9) -> Claim:
    return Claim(target=name, quote=quote, confidence=confidence, kind="method")


def found(question: Question, *claims: Claim) -> list[str]:
    return [item.target for item in gather(claims, question, ANSWER)]


@pytest.fixture
def question(questions: dict[str, Question]) -> Question:
    return questions["recsys-reduce-features"]


@pytest.mark.parametrize("quote", ["start with PCA", "I would start with PCA", "I would start with PCA and it keeps"])
def test_the_words_of_a_listed_point_count_once(question: Question, quote: str) -> None:
    assert found(question, LISTED, extra("more", quote)) == ["pca"]
    assert found(question, extra("more", quote), LISTED) == ["pca"]


def test_the_words_of_an_unlisted_point_count_once(question: Question) -> None:
    first, again = extra("one", "it keeps the directions"), extra("two", "keeps the directions where the data varies")
    assert found(question, first, again.model_copy(update={"quote": "keeps the directions"})) == ["one"]
    assert found(question, first, again) == ["one", "two"]


def test_other_words_are_other_evidence(question: Question) -> None:
    assert found(question, LISTED, extra("more", "it keeps the directions")) == ["pca", "more"]


def test_a_claim_that_is_no_evidence_takes_no_words_away(question: Question) -> None:
    unsure = LISTED.model_copy(update={"confidence": 0.2})
    assert found(question, unsure, extra("more", "start with PCA")) == ["more"]
    assert found(question, extra("never said", "start with PCA and UMAP"), extra("more", "start with PCA")) == ["more"]


def test_part_of_a_word_is_not_that_word(question: Question) -> None:
    assert found(question, LISTED, extra("more", "with PCA and it")) == ["pca", "more"]


def test_a_point_made_anywhere_was_not_contradicted(question: Question) -> None:
    opposite = Claim(target="pca", quote="it keeps the directions", contradicts=True)
    assert found(question, opposite) == ["pca"]
    [item] = gather([LISTED, opposite], question, ANSWER)
    assert not item.contradicts


def test_only_a_point_is_contradicted(question: Question) -> None:
    wrong = question.misconceptions[0].id
    assert found(question, Claim(target=wrong, quote="it keeps the directions", contradicts=True)) == []
