"""Builds the request to a language model about an answer; the wording is in the folder prompts/.

Does not deal with endpoints, and leaves out ratings: the model sees points, never levels, and cannot return a rating.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from agent.values.rubric import Question
from agent.values.transcript import Transcript

if TYPE_CHECKING:
    from jinja2 import Environment

PROMPT_VERSION = "1"
"""Increased with every change of the prompts, so that grades made with different prompts can be told apart."""
EXTRA = "extra"
"""Target of a valid point that the question does not list."""
NO_KIND = "none"
"""Kind of a listed target: the question already knows it."""
RowVerdict = Literal["made", "named_only", "rejected", "wrong"]
"""What a model may decide about a target."""


class Prompt(NamedTuple):
    """One request to a language model."""

    system: str
    user: str
    schema: dict[str, Any]
    """JSON Schema of the reply."""


def judge_prompt(question: Question, transcript: Transcript, nonce: str) -> Prompt:
    """The request for one answer. `nonce` names the fence around the
    transcript; it is random, and new for every call.
    """
    user = _rendered(
        "judge_user",
        question=question,
        kinds=kinds(question),
        fence=f"answer-{re.sub(r'[^0-9A-Za-z]', '', nonce)}",
        transcript=fenced(transcript.text),
    )
    return Prompt(system=_rendered("judge_system"), user=user, schema=reply_schema(question))


def repair_prompt(fault: str) -> str:
    """The message to the model when its reply cannot be used."""
    return _rendered("judge_repair", fault=fault)


def fenced(text: str) -> str:
    """Text as a JSON string without `<`, `>`, backticks or control characters, so that it cannot close a fence."""
    written = json.dumps(text, ensure_ascii=False)
    return re.sub("[<>`\x7f-\x9f\u2028\u2029]", lambda found: f"\\u{ord(found.group(0)):04x}", written)


def reply_schema(question: Question) -> dict[str, Any]:
    """JSON Schema of the reply: flat and with every key required, so that every server's grammar engine accepts it."""
    row: dict[str, Any] = {
        "target": {"type": "string", "enum": [*targets(question), EXTRA]},
        "quote": {"type": "string"},
        "reason": {"type": "string"},
        "verdict": {"type": "string", "enum": list(get_args(RowVerdict))},
        "kind": {"type": "string", "enum": [NO_KIND, *kinds(question)]},
        "confidence": {"type": "number"},
    }
    reply = {"claims": {"type": "array", "items": _object(row)}, "addressed_to_grader": {"type": "boolean"}}
    return _object(reply)


def targets(question: Question) -> list[str]:
    """Ids that a reply may refer to: points, then misconceptions."""
    return [point.id for point in question.points] + [wrong.id for wrong in question.misconceptions]


def kinds(question: Question) -> list[str]:
    """The kinds of the question's points, each once."""
    return list(dict.fromkeys(point.kind for point in question.points))


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _rendered(name: str, **values: object) -> str:
    return _environment().get_template(f"{name}.j2").render(values)


@cache
def _environment() -> Environment:
    from jinja2 import DictLoader, Environment, StrictUndefined

    folder = resources.files(__package__) / "prompts"
    files = {file.name: file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".j2")}
    # Prompts are plain text, not HTML; untrusted text is fenced.
    return Environment(
        loader=DictLoader(files), trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined, autoescape=False
    )
