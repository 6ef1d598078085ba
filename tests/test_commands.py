"""Commands are understood as whole utterances, and never found in an answer; figures: benchmarks/spoken_commands."""

from __future__ import annotations

import json

import pytest

from agent.adapters.intent_classifier import EmbeddingIntentClassifier
from agent.logic.dialogue.clarifications import asks
from agent.logic.dialogue.commands import NAMES
from agent.values.dialogue import Intent
from benchmarks.spoken_commands import meant, understood
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def meaning() -> EmbeddingIntentClassifier:
    return EmbeddingIntentClassifier()


def rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (ROOT / "benchmarks" / "commands" / name).read_text("utf-8").splitlines()]


@pytest.mark.parametrize(("name", "least"), [("unseen.jsonl", 0.95), ("unseen-2.jsonl", 0.98)])
def test_unseen_commands_are_understood(meaning: EmbeddingIntentClassifier, name: str, least: float) -> None:
    listed = rows(name)
    right = [meaning.command(row["text"]) == Intent[row["intent"].upper()] for row in listed]
    assert sum(right) / len(listed) >= least


def test_what_people_say_is_understood_at_its_moment_and_answers_are_left_alone(
    meaning: EmbeddingIntentClassifier,
) -> None:
    got = [(meant(row), understood(meaning, row["text"], row["when"])) for row in rows("utterances-3.jsonl")]
    assert sum(want == given for want, given in got) / len(got) >= 0.97
    assert all(given == want for want, given in got if want == "answer")


@pytest.mark.parametrize("name", sorted(NAMES))
def test_each_command_is_understood_by_its_name(meaning: EmbeddingIntentClassifier, name: str) -> None:
    assert meaning.command(f"{name.capitalize()}, please.") is NAMES[name]


@pytest.mark.parametrize("name", ["answers.jsonl", "answers-2.jsonl"])
def test_answers_are_hardly_ever_taken_for_commands(meaning: EmbeddingIntentClassifier, name: str) -> None:
    listed = rows(name)
    assert sum(meaning.command(row["text"]) is not None for row in listed) / len(listed) <= 0.01


def test_a_command_inside_an_answer_is_no_command(meaning: EmbeddingIntentClassifier) -> None:
    said = "I would stop training early, skip the next epochs, and go back to the best checkpoint that we have saved."
    assert meaning.command(said) is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("From pitch and the completeness of the sentence, not only silence. That's my answer.", None),
        ("From the pitch of the voice and whether the sentence is complete. That's my answer.", None),
        ("Skip it, that's all.", Intent.SKIP),
        ("Um, yeah, I guess that's it.", Intent.DONE),
    ],
)
def test_a_short_answer_with_a_closing_phrase_is_no_command(
    meaning: EmbeddingIntentClassifier, text: str, meant: Intent | None
) -> None:
    assert meaning.command(text) is meant


@pytest.mark.parametrize("text", ["", " ", "um", "...", "é", "hm hm hm"])
def test_hardly_anything_is_no_command(meaning: EmbeddingIntentClassifier, text: str) -> None:
    assert meaning.command(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "What I would do first is.", "When I get a new dataset.", "If the data is.", "How I'd approach this is simple.",
        "When the metric drops, I would first check the data.", "Which brings me to the split.", "So what would I do?",
        "I would use logistic regression first. If the data is imbalanced.", "What matters is the cost of a mistake.",
        "Where the labels come late we wait.", "How many users do we have and.", "Is it meant to, um.",
        "What is important here is that the labels come late.", "What's more, the classes are imbalanced.",
        "We have few positives. Which is why I would use focal loss.", "How often you retrain depends on the drift.",
        "How many trees we use is tuned by cross-validation.", "Who labels the data decides what the model learns.",
        "Should we see drift, we retrain.",
    ],
)  # fmt: skip
def test_the_beginning_of_an_answer_is_no_question_to_the_interviewer(text: str) -> None:
    assert not asks(text)


@pytest.mark.parametrize(
    "text",
    [
        "How many users do we have", "Is it clicks or sales", "do the labels come late", "What sort of data do we get",
        "Okay. Before I start, is there a budget for serving", "Who labels the data", "what do you mean by drift",
        "Can I ask whether the data is labelled", "By conversion do you mean a purchase", "Clicks or purchases?",
    ],
)  # fmt: skip
def test_a_question_is_known_by_its_word_order_when_no_question_mark_is_written(text: str) -> None:
    assert asks(text)


def test_clarifying_questions_are_seen_as_such_mostly_also_without_a_question_mark() -> None:
    texts = [row["text"] for row in rows("clarifying.jsonl")]
    assert all(asks(text) for text in texts)
    assert sum(asks(text.replace("?", ".")) for text in texts) / len(texts) >= 0.7


def test_no_line_of_the_unseen_lists_is_in_the_training() -> None:
    learned = {
        json.loads(line)["text"].lower().strip(" .!?")
        for file in (ROOT / "training" / "commands").glob("*.jsonl")
        for line in file.read_text("utf-8").splitlines()
    }
    for file in sorted((ROOT / "benchmarks" / "commands").glob("*.jsonl")):
        assert not {row["text"].lower().strip(" .!?") for row in rows(file.name)} & learned, file.name
