"""What candidates say after the feedback, and when they are stuck."""

from __future__ import annotations

import pytest

from agent.adapters.intent_classifier import EmbeddingIntentClassifier
from agent.logic.dialogue.help import agrees, declines, does_not_know, needs_time
from agent.logic.dialogue.talk_back import TalkBack, asked_term, point_about, talk_back
from agent.values.dialogue import Intent
from agent.values.rubric import Question


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Oh, and one more thing. I forgot warmup in a cosine schedule.", TalkBack.ADDS),
        ("I would also compare the inputs with the training data.", TalkBack.ADDS),
        ("By the population stability index, I'd say.", TalkBack.ADDS),
        ("I did say that we retrain below a threshold.", TalkBack.DISAGREES),
        ("But I already mentioned the threshold.", TalkBack.DISAGREES),
        ("That's not what I said.", TalkBack.DISAGREES),
        ("I disagree, precision matters more here.", TalkBack.DISAGREES),
        ("Which point did I miss?", TalkBack.ASKS_WHAT_WAS_MISSED),
        ("What did I forget?", TalkBack.ASKS_WHAT_WAS_MISSED),
        ("What could I have said better?", TalkBack.ASKS_WHAT_WAS_MISSED),
        ("What does drift mean?", TalkBack.ASKS_FOR_MEANING),
        ("What is concept drift?", TalkBack.ASKS_FOR_MEANING),
        ("Hm, I see.", TalkBack.NOTHING),
        ("Okay, thanks.", TalkBack.NOTHING),
    ],
)
def test_what_is_said_about_a_rating(text: str, kind: TalkBack) -> None:
    assert talk_back(text) is kind


def test_a_term_is_explained_by_the_point_that_it_belongs_to(questions: dict[str, Question]) -> None:
    point = point_about(questions["recsys-refresh"], asked_term("What does concept drift mean?") or "")
    assert point is not None
    assert point.id == "concept-drift"
    drift = point_about(questions["recsys-refresh"], "drift")
    assert drift is not None
    assert drift.title == "drift of the inputs"
    assert point_about(questions["recsys-refresh"], "zebra crossing") is None


@pytest.mark.parametrize(
    "text", ["I need more time.", "Give me a moment, please.", "Let me think about it.", "Hold on."]
)
def test_time_is_asked_for(text: str) -> None:
    assert needs_time(text)


@pytest.mark.parametrize(
    "text", ["I don't know.", "Um, I have no idea, sorry.", "I'm not sure about this one.", "No clue."]
)
def test_not_knowing_is_said(text: str) -> None:
    assert does_not_know(text)


@pytest.mark.parametrize(
    "text",
    [
        "I don't know the exact number but I would start with logistic regression.",
        "I need more data before I train anything.",
        "I'm not sure that accuracy is right here.",
        "I would wait a minute before I retry the request.",
    ],
)
def test_answers_are_neither(text: str) -> None:
    assert not needs_time(text)
    assert not does_not_know(text)


def test_yes_and_no() -> None:
    assert agrees("Yes, please.")
    assert agrees("Sure, a hint.")
    assert declines("No, thanks.")
    assert not agrees("Yes, I would retrain it every week.")
    assert not declines("No model is perfect.")
    assert agrees("Yes, please. B.")
    assert not agrees("Yes, I.")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("What can I say?", Intent.OPTIONS),
        ("Okay, what can I do now?", Intent.OPTIONS),
        ("How am I doing?", Intent.PROGRESS),
        ("Am I on the right track so far?", Intent.PROGRESS),
        ("Let me try that again.", Intent.TRY_AGAIN),
        ("Can I answer this one again?", Intent.TRY_AGAIN),
    ],
)
def test_requests_that_were_misread(text: str, intent: Intent, intents: EmbeddingIntentClassifier) -> None:
    assert intents.command(text) is intent
