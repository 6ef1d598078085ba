"""The one way from an answer to a grade, the same for every grader."""

from __future__ import annotations

import pytest

from agent.adapters.fallback_grader import FallbackGrader
from agent.logic.grading.coaching import advice, corrections
from agent.logic.grading.grading import NOBODY, grade, grade_answer, judge
from agent.logic.grading.sentences import transcript_sentences
from agent.values.grade import Claim, Verdict
from agent.values.rubric import Question
from agent.values.session import Clarified
from agent.values.transcript import Transcript, Word
from tests.fake_endpoint import ANSWER, CLAIM, FakeGrader

UNCLEAR = tuple(Word(text=text, start_s=0, end_s=1, probability=0.1) for text in "I use PCA here".split())
GERMAN = Transcript.from_text("Ich würde jede Woche neu trainieren, wenn die Güte fällt.")
NOT_GRADABLE = [
    (Transcript(), "No answer was heard"),
    (Transcript.from_text(""), "No answer was heard"),
    (Transcript.from_text("..."), "No answer was heard"),
    (Transcript.from_text("Mhm."), "too little to grade"),
    (GERMAN.model_copy(update={"language": "de", "language_probability": 0.99}), "another language"),
    (Transcript(words=UNCLEAR), "too unclear"),
]


@pytest.fixture
def question(questions: dict[str, Question]) -> Question:
    return questions["recsys-reduce-features"]


@pytest.mark.parametrize(("transcript", "why"), NOT_GRADABLE)
def test_no_grader_is_asked_about_what_cannot_be_graded(question: Question, transcript: Transcript, why: str) -> None:
    grader = FakeGrader()
    for one in (grader, FallbackGrader(grader, grader)):
        graded = grade_answer(question, transcript, one)
        assert graded.rating is None
        assert why in (graded.ungraded_reason or "")
        assert (graded.grader, graded.confidence) == (NOBODY, 0.0)
        assert judge(question, transcript, one).ungraded_reason == graded.ungraded_reason
    assert grader.asked == 0


@pytest.mark.parametrize(("transcript", "why"), NOT_GRADABLE)
def test_no_verdict_makes_it_gradable(question: Question, transcript: Transcript, why: str) -> None:
    for claims in ((), (CLAIM,)):
        graded = grade(question, transcript, Verdict(grader="replies", claims=claims))
        assert graded.rating is None
        assert why in (graded.ungraded_reason or "")


def test_an_answer_is_graded_with_what_was_clarified(question: Question) -> None:
    plain = grade_answer(question, ANSWER, FakeGrader(), hints_used=1)
    assert plain == grade(question, ANSWER, FakeGrader().claim(question, ANSWER), 1)
    other = next(point.id for point in question.points if point.id != "pca")
    asked = [Clarified(text="Which features?", point=other)]
    met = {point.id for point in grade_answer(question, ANSWER, FakeGrader(), 0, asked).points if point.met}
    assert {other, "pca"} <= met


def test_i_do_not_know_is_an_answer(question: Question) -> None:
    class Deaf(FakeGrader):
        def claim(self, question: Question, transcript: Transcript) -> Verdict:
            return Verdict(grader=self.name)

    assert grade_answer(question, Transcript.from_text("No idea."), Deaf()).rating is not None


def test_the_reason_names_no_command(question: Question) -> None:
    for transcript, _ in NOT_GRADABLE:
        assert "mock-interview" not in (grade_answer(question, transcript, FakeGrader()).ungraded_reason or "")


def test_no_words_are_no_sentences() -> None:
    assert transcript_sentences(Transcript()) == []


def test_the_opposite_of_a_point_earns_nothing_and_is_corrected(question: Question) -> None:
    answer = Transcript.from_text("I'd never use PCA, it keeps the directions where nothing varies.")
    opposite = Claim(target="pca-how", quote="it keeps the directions where nothing varies", contradicts=True)
    graded = grade(question, answer, Verdict(grader="replies", claims=(opposite,)))
    assert not [point.id for point in graded.points if point.met]
    assert [item.target for item in graded.contradicted] == ["pca-how"]
    [correction] = corrections(question, graded)
    assert correction.quote == f"{opposite.quote}."
    assert correction.truth.endswith(question.point("pca-how").exemplars[0])
    assert correction.truth in advice(question, graded)
