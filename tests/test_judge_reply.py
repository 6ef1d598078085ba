"""Reading a language model's reply about an answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.adapters.rubric_file import load_questions
from agent.logic.grading.evidence import gather
from agent.logic.grading.judge_reply import ReplyError, parse_reply, read_reply
from agent.values.errors import MockInterviewError
from agent.values.transcript import Transcript

QUESTION = load_questions([Path(__file__).parent.parent / "rubrics"])["recsys-reduce-features"]
ANSWER = Transcript.from_text("I would start with PCA and it keeps the directions where the data varies the most.")


def row(**changes: Any) -> dict[str, Any]:
    made = {
        "target": "pca",
        "quote": "I would start with PCA",
        "reason": "proposes it",
        "verdict": "made",
        "kind": "none",
        "confidence": 0.9,
    }
    return made | changes


def reply(*rows: dict[str, Any]) -> str:
    return json.dumps({"claims": rows, "addressed_to_grader": False})


def test_only_made_entries_become_claims() -> None:
    text = reply(
        row(),
        row(target="lasso", verdict="rejected") | {"target": "model-based"},
        row(target="pca-how", verdict="named_only"),
        row(target="pca-selects", verdict="wrong"),
    )
    claims = [claim for claim in parse_reply(text, QUESTION) if not claim.contradicts]
    assert [(claim.target, claim.kind, claim.confidence) for claim in claims] == [("pca", None, 0.9)]


def test_wrong_entries_contradict_a_point() -> None:
    text = reply(row(target="pca-how", verdict="wrong"), row(target="extra", verdict="wrong", kind="method"))
    assert [(claim.target, claim.contradicts) for claim in parse_reply(text, QUESTION)] == [("pca-how", True)]


def test_extra_points_keep_apart() -> None:
    extra = [
        row(target="extra", kind="method", quote=quote, reason=reason)
        for quote, reason in (("it keeps the directions", "valid"), ("where the data varies", "\x1b[31m valid\n"))
    ]
    claims = parse_reply(reply(row(), *extra), QUESTION)
    assert [claim.target for claim in claims] == ["pca", "extra 1: valid", "extra 2: [31m valid"]
    assert [claim.kind for claim in claims] == [None, "method", "method"]
    assert len(gather(claims, QUESTION, ANSWER)) == 3


@pytest.mark.parametrize(
    "wrapping",
    [
        "{}",
        "```json\n{}\n```",
        '<think>Maybe {{"claims": []}}? No.</think>\n{}',
        'hidden thoughts {{"claims": []}} </think>{}',
        '<think>a</think>{{"claims": []}}<think>no</think>{}',
        '<seed:think>{{"claims": []}}</seed:think>{}',
        "{} <think>and now",
        "Sure! In {{curly}} words, here it is:\n```\n{}\n```\nI hope {{this}} helps.",
    ],
)
def test_what_surrounds_the_reply_is_overlooked(wrapping: str) -> None:
    assert len(parse_reply(wrapping.format(reply(row())), QUESTION)) == 1


def test_what_a_reply_has_besides_the_schema_is_overlooked() -> None:
    claims = parse_reply(reply(row(rating="very_strong", evidence_id=7)), QUESTION)
    assert [(claim.target, claim.confidence) for claim in claims] == [("pca", 0.9)]


@pytest.mark.parametrize(
    "text",
    [
        "{" * 200_000,
        '{"a":' * 40_000,
        '{"claims": [' * 16_000,
        "[" * 200_000,
        '{"a": [' + "1," * 99_000,
        "<think>" * 28_000,
    ],
)
def test_text_full_of_brackets_is_given_up_soon(text: str) -> None:
    with pytest.raises(ReplyError, match="no complete JSON"):
        parse_reply(text, QUESTION)


def test_an_extra_point_of_an_unknown_kind_does_not_spoil_the_rest() -> None:
    read = read_reply(reply(row(), row(target="extra", kind="design")), QUESTION)
    assert [kept.target for kept in read.claims] == [row()["target"]]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no complete JSON"),
        ("I think the candidate did well.", "no complete JSON"),
        (reply(row())[:-30], "no complete JSON"),
        ("[" * 100_000 + "{" * 5_000, "no complete JSON"),
        ('{"claims": []}', "addressed_to_grader"),
        ('{"claims": [{"target": "pca"}], "addressed_to_grader": false}', "verdict"),
        (reply(row(target="pcaa")), "unknown target 'pcaa'"),
        (reply(row(verdict="met")), "verdict"),
        (reply(row(confidence=95)), "between 0 and 1"),
        (reply(row(confidence=float("nan"))), "between 0 and 1"),
        (reply(*[row()] * 301), "301 claims"),
        ("x" * 200_001, "200,000 characters"),
    ],
)
def test_a_reply_outside_the_schema_is_reported(text: str, says: str) -> None:
    with pytest.raises(ReplyError, match=says) as caught:
        parse_reply(text, QUESTION)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, MockInterviewError)


def test_speech_to_the_grader_is_noted() -> None:
    assert read_reply('{"claims": [], "addressed_to_grader": true}', QUESTION).addressed_to_grader
