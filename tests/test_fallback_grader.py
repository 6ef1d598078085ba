"""The grader that grades when the LLM cannot: prepared beforehand, named, and with the reason."""

from __future__ import annotations

import pytest

from agent.adapters.fallback_grader import FallbackGrader
from agent.values.errors import EndpointError, ModelError
from agent.values.grade import Verdict
from agent.values.rubric import Question
from agent.values.transcript import Transcript
from tests.fake_endpoint import ANSWER, CLAIM, KEY, FakeGrader, fails, llm_at, says, serving, with_fallback


class Failing(FakeGrader):
    """Raises, or has no verdict."""

    name = "llm:m"

    def __init__(self, result: Exception | Verdict) -> None:
        super().__init__()
        self._result = result

    def claim(self, question: Question, transcript: Transcript) -> Verdict:
        if isinstance(self._result, Exception):
            raise self._result
        return self._result


def test_both_are_prepared_so_that_the_first_fallback_is_warm(questions: dict[str, Question]) -> None:
    primary, fallback = FakeGrader(), FakeGrader()
    FallbackGrader(primary, fallback).prepare(questions["recsys-refresh"])
    assert primary.prepared == fallback.prepared == ["recsys-refresh"]


@pytest.mark.parametrize(
    "result",
    [EndpointError("Nothing answers at host:1"), Verdict(grader="llm:m", ungraded_reason="Nothing answers at host:1.")],
)
def test_the_fallback_is_named_and_says_why(result: Exception | Verdict, questions: dict[str, Question]) -> None:
    verdict = FallbackGrader(Failing(result), FakeGrader()).claim(questions["recsys-refresh"], ANSWER)
    assert verdict.grader == "embedded"
    assert verdict.claims == (CLAIM,)
    assert verdict.notes == ("kept", "Nothing answers at host:1. The embedded grader graded this answer instead.")


def test_a_verdict_of_the_primary_stands(questions: dict[str, Question]) -> None:
    fallback, verdict = FakeGrader(), Verdict(grader="llm:m", claims=(CLAIM,))
    assert FallbackGrader(Failing(verdict), fallback).claim(questions["recsys-refresh"], ANSWER) == verdict
    assert fallback.asked == 0


def test_other_errors_are_not_hidden(questions: dict[str, Question]) -> None:
    with pytest.raises(ModelError):
        FallbackGrader(Failing(ModelError("damaged")), FakeGrader()).claim(questions["recsys-refresh"], ANSWER)


def test_garbage_twice_and_a_refused_key_end_in_the_fallback(questions: dict[str, Question]) -> None:
    replies = [says("Well."), says("Well, well."), fails(401, f"Incorrect API key: {KEY}")]
    with serving(replies) as endpoint:
        grader = with_fallback(llm_at(endpoint.url))
        first, second = (grader.claim(questions["recsys-refresh"], ANSWER) for _ in range(2))
    assert "no usable reply, twice" in first.notes[-1]
    assert "did not accept the key (HTTP 401: Incorrect API key: ...)" in second.notes[-1]
    assert {first.grader, second.grader} == {"embedded"}
