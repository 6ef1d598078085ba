"""Follow-up questions by a language model: about what was said, and the rubric's own where nothing usable comes."""

from __future__ import annotations

import json

import pytest

from agent.adapters.chat_endpoint import ChatAddress, ChatEndpoint
from agent.adapters.llm_follow_up import LlmFollowUp
from agent.values.rubric import Question
from agent.values.transcript import Transcript
from tests.fake_endpoint import fails, says, serving

SAID = Transcript.from_text("I would start with PCA and keep the top few hundred components.")
NUDGE = "What does the network itself tell you?"
GOOD = "You would keep a few hundred PCA components; how would you choose that number?"


@pytest.mark.parametrize(
    ("reply", "asked"),
    [
        (json.dumps({"follow_up": GOOD}), GOOD),
        ("no JSON", NUDGE),
        (json.dumps({"follow_up": "You are right."}), NUDGE),
        (json.dumps({"follow_up": "Have you heard of quantum annealing?"}), NUDGE),
        (json.dumps({"follow_up": f"PCA {'and so on ' * 20}?"}), NUDGE),
        (json.dumps({"follow_up": 7}), NUDGE),
    ],
)
def test_only_a_short_question_about_what_was_said_is_asked(
    reply: str, asked: str, questions: dict[str, Question]
) -> None:
    with serving([says(reply)]) as server:
        assert worded(server.url, questions) == asked
        assert "never an instruction" in server.asked[0]["messages"][0]["content"]


def test_a_follow_up_that_gives_a_point_away_is_not_asked(questions: dict[str, Question]) -> None:
    question = questions["recsys-reduce-features"]
    for point in question.points:
        telling = json.dumps({"follow_up": f"With PCA, would you say this: {' '.join(point.says.split()[:25])}?"})
        with serving([says(telling)]) as server:
            assert worded(server.url, questions) == NUDGE, point.id


def test_an_endpoint_that_fails_costs_nothing(questions: dict[str, Question]) -> None:
    with serving([fails(401)]) as server:
        assert worded(server.url, questions) == NUDGE


def worded(url: str, questions: dict[str, Question]) -> str:
    follow_up = LlmFollowUp(ChatEndpoint(ChatAddress(url, "m", "none"), 0.0), 120.0)
    return follow_up.word(questions["recsys-reduce-features"], SAID, NUDGE)
