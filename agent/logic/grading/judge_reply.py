"""Reads a language model's reply about an answer into claims; any text may arrive.

The reply may be surrounded by thoughts, Markdown and chat. A draft inside the thoughts is never the reply.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.logic.grading.judge_prompt import EXTRA, RowVerdict, kinds, targets
from agent.values.errors import MockInterviewError
from agent.values.grade import Claim
from agent.values.rubric import Question

MOST_CHARACTERS = 200_000
"""Maximum length of a reply; a long one with its thoughts has a tenth of that."""
MOST_CLAIMS = 300
"""Maximum number of entries; a question has about twenty targets."""
_MOST_FAULTS = 1000
"""Maximum length of an error about a reply, which is sent back to the model."""
_MOST_EFFORT = 4_000_000
"""Maximum number of characters scanned without finding an object; text full of braces would take minutes."""
_OBJECT, _ROWS = re.compile(r'\{\s*"'), re.compile(r"\[\s*\{")
_DEEP = 10_000
"""Cost of a bracket that is nested too deep, in characters scanned."""
_REASON = 200
"""Maximum length of a reason that is saved."""
_TAG = re.compile(
    r"[<\[\u25c1](?P<end>/?)(?:\w{1,20}:)?(?:think|thinking|thoughts?|reasoning|scratchpad)"
    r"[>\]\u25b7]",
    re.IGNORECASE,
)
"""Where a model starts and stops thinking aloud: <think>, [/THINK], <seed:think> and the like."""
_FINAL = re.compile(r"<\|channel\|>\s*final\b[^<]*<\|message\|>")
"""Where the reply starts in the format of models that write in channels."""


class ReplyError(MockInterviewError, ValueError):
    """A model's reply does not follow the schema; the message says what is wrong with it."""


class _Lenient(BaseModel):
    """Ignores anything that a model adds to the schema."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Row(_Lenient):
    """One entry of a reply, as the model wrote it."""

    target: str
    quote: str
    reason: str
    verdict: RowVerdict
    kind: str
    confidence: float


class Reply(_Lenient):
    """A whole reply."""

    claims: tuple[Row, ...]
    addressed_to_grader: bool


def parse_reply(text: str, question: Question) -> tuple[Claim, ...]:
    """The claims of the reply inside `text`. Raises ReplyError when it is unusable."""
    return claims(read_reply(text, question))


def claims(reply: Reply) -> tuple[Claim, ...]:
    """The claims that a reply makes: its entries with the verdict `made`, unlisted points with a name of their own.

    An entry with the verdict `wrong` says that a point was contradicted.
    """
    wrong = [
        Claim(target=row.target, quote=row.quote, confidence=row.confidence, contradicts=True)
        for row in reply.claims
        if row.verdict == "wrong" and row.target != EXTRA
    ]
    made = [row for row in reply.claims if row.verdict == "made"]
    listed = [
        Claim(target=row.target, quote=row.quote, confidence=row.confidence) for row in made if row.target != EXTRA
    ]
    extras = [row for row in made if row.target == EXTRA]
    unlisted = [
        Claim(
            target=f"{EXTRA} {number}: {_shown(row.reason)}", quote=row.quote, confidence=row.confidence, kind=row.kind
        )
        for number, row in enumerate(extras, start=1)
    ]
    return (*listed, *unlisted, *wrong)


def read_reply(text: str, question: Question) -> Reply:
    """The reply inside `text`. Raises ReplyError."""
    try:
        reply = Reply.model_validate(_counted(json_object(text, "claims")))
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()[:5]]
        raise ReplyError("; ".join(faults)[:_MOST_FAULTS]) from error
    problems = [problem for row in reply.claims for problem in _problems(row, question)]
    if problems:
        raise ReplyError("; ".join(problems[:5])[:_MOST_FAULTS])
    # An extra point is a courtesy: one of an unknown kind is left out, and the rest of the reply still counts.
    known = kinds(question)
    kept = tuple(row for row in reply.claims if row.target != EXTRA or row.kind in known)
    return reply.model_copy(update={"claims": kept})


def _problems(row: Row, question: Question) -> Iterator[str]:
    known = [*targets(question), EXTRA]
    if row.target not in known:
        yield f"unknown target {row.target[:80]!r}; use one of: {', '.join(known)}"
    if not 0 <= row.confidence <= 1:
        yield f"confidence {row.confidence} of {row.target[:80]!r} does not lie between 0 and 1"


def _shown(text: str) -> str:
    """A model's text made safe for a terminal."""
    return " ".join("".join(char if char.isprintable() else " " for char in text[:_REASON]).split())


def json_object(text: str, key: str) -> dict[str, Any]:
    """The last JSON object with that key outside any thinking; the last, since models correct themselves downwards.

    Raises ReplyError.
    """
    if len(text) > MOST_CHARACTERS:
        raise ReplyError(f"it has more than {MOST_CHARACTERS:,} characters")
    said = _without_thoughts(text)
    # Some models end a list with a comma.
    for spoken in (said, re.sub(r",(?=\s*[\]}])", "", said)):
        found = [item for item in _values(spoken, _OBJECT) if key in item]
        if not found and key == "claims":
            found = list(_bare(spoken))
        if found:
            made: dict[str, Any] = found[-1]
            return made
    raise ReplyError(f"no complete JSON object with the key '{key}'")


def _bare(spoken: str) -> Iterator[dict[str, Any]]:
    """Lists of claims without the object around them; a list inside a truncated object does not count."""
    for rows in [] if '"claims"' in spoken else _values(spoken, _ROWS):
        if rows and all(isinstance(row, dict) and "target" in row for row in rows):
            yield {"claims": rows, "addressed_to_grader": False}


def _counted(item: dict[str, Any]) -> dict[str, Any]:
    rows = item["claims"]
    if isinstance(rows, list) and len(rows) > MOST_CLAIMS:
        raise ReplyError(f"{len(rows)} claims are too many; give at most one for each target")
    return item


def _without_thoughts(text: str) -> str:
    """The text outside all thinking.

    Thinking that is not closed, or that is opened again before it is closed, extends to the end. A closing tag alone
    ends thinking that the server's template had opened.
    """
    channels = list(_FINAL.finditer(text))
    if channels:
        return text[channels[-1].end() :]
    if "<|channel|>" in text:
        return ""
    said, depth, at = "", 0, 0
    for tag in _TAG.finditer(text):
        said, at = said + ("" if depth else text[at : tag.start()]), tag.end()
        if not tag["end"]:
            depth += 1
        elif depth:
            depth -= 1
        else:
            said = ""
    return said if depth else said + text[at:]


def _values(text: str, opening: re.Pattern[str]) -> Iterator[Any]:
    """The outermost JSON values in a text that begin as `opening` says, in order."""
    decoder, found, effort = json.JSONDecoder(), opening.search(text), 0
    while found and effort < _MOST_EFFORT:
        at = found.start()
        try:
            item, end = decoder.raw_decode(text, at)
            yield item
        except json.JSONDecodeError as error:
            # An error counts the lines before it as well.
            end, effort = at + 1, effort + max(1, error.pos - at) + at // 20
        except (ValueError, RecursionError):
            end, effort = at + 1, effort + _DEEP
        found = opening.search(text, end)
