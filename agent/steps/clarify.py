"""Whether an utterance puts a question to the interviewer; knows nothing of what it means."""

from __future__ import annotations

import re

from agent.steps.tokens import tokens

LONGEST = 32
"""Words; who talks longer is answering, even when it ends with a question."""

_FIRST = (
    r"um+|uh+|okay|ok|so|well|sorry|just|and|but|first|actually|quick question|one question|to clarify|may i ask|"
    r"can i ask|could i ask|i(?:'d| would) like to (?:ask|know)|i wonder|i was wondering|before i (?:start|answer)"
)
_ASKS = re.compile(
    rf"^(?:(?:{_FIRST})[ ,]+)*"
    r"(?:is|are|was|were|do|does|did|can|could|should|shall|may|will|would|has|have|what|which|how|who|when|where|why|"
    r"am i|if|whether|by .{1,30} do you mean)\b",
    re.IGNORECASE,
)
_INDIRECT = re.compile(
    r"\b(?:may|can|could) i ask|i(?:'d| would) like to know|i was wondering|do (?:you|we) (?:know|have)\b",
    re.IGNORECASE,
)


def asks(text: str) -> bool:
    """Whether the whole utterance is a question to the interviewer."""
    if not 2 <= len(tokens(text)) <= LONGEST:
        return False
    last = re.split(r"(?<=[.!?])\s+", text.strip())[-1]
    return last.endswith("?") or _ASKS.match(last) is not None or _INDIRECT.search(last) is not None
