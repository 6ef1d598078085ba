"""Commands are understood as whole utterances, and never found in an answer; figures: benchmarks/spoken_commands."""

from __future__ import annotations

import json

import pytest

from agent.adapters.understanding import Understood
from agent.steps.commands import NAMES
from agent.values.dialogue import Intent
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def meaning() -> Understood:
    return Understood()


def rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (ROOT / "benchmarks" / "commands" / name).read_text("utf-8").splitlines()]


@pytest.mark.parametrize(("name", "least"), [("unseen.jsonl", 0.95), ("unseen-2.jsonl", 0.98)])
def test_unseen_commands_are_understood(meaning: Understood, name: str, least: float) -> None:
    listed = rows(name)
    right = [meaning.command(row["text"]) == Intent[row["intent"].upper()] for row in listed]
    assert sum(right) / len(listed) >= least


@pytest.mark.parametrize("name", sorted(NAMES))
def test_each_command_is_understood_by_its_name(meaning: Understood, name: str) -> None:
    assert meaning.command(f"{name.capitalize()}, please.") is NAMES[name]


@pytest.mark.parametrize("name", ["answers.jsonl", "answers-2.jsonl"])
def test_answers_are_hardly_ever_taken_for_commands(meaning: Understood, name: str) -> None:
    listed = rows(name)
    assert sum(meaning.command(row["text"]) is not None for row in listed) / len(listed) <= 0.01


def test_a_command_inside_an_answer_is_no_command(meaning: Understood) -> None:
    said = "I would stop training early, skip the next epochs, and go back to the best checkpoint that we have saved."
    assert meaning.command(said) is None


@pytest.mark.parametrize("text", ["", " ", "um", "...", "é", "hm hm hm"])
def test_hardly_anything_is_no_command(meaning: Understood, text: str) -> None:
    assert meaning.command(text) is None


def test_no_line_of_the_unseen_lists_is_in_the_training() -> None:
    learned = {
        json.loads(line)["text"].lower().strip(" .!?")
        for file in (ROOT / "training" / "commands").glob("*.jsonl")
        for line in file.read_text("utf-8").splitlines()
    }
    for file in sorted((ROOT / "benchmarks" / "commands").glob("*.jsonl")):
        assert not {row["text"].lower().strip(" .!?") for row in rows(file.name)} & learned, file.name
