"""Which questions bear on a claim."""

from __future__ import annotations

import re
from functools import lru_cache

from agent.values.profile import ProfileClaim
from agent.values.rubric import Question, Seniority

_SHORTEST = 3
"""Minimum letters of a name that is searched for in running text, where "R" and "Go" would be found by chance."""
_STEM = 4
"""Minimum letters that are left of a name without its ending."""


def bears_on(claim: ProfileClaim, question: Question) -> bool:
    """Whether an answer to the question tells something about the claim."""
    match claim.kind:
        case "field":
            return question.field.casefold() == claim.name.casefold()
        case "seniority":
            return question.seniority is Seniority(claim.name)
        case "skill":
            return _names(claim.name, question)


def _names(skill: str, question: Question) -> bool:
    name = _key(skill)
    if any(_key(term) == name for term in (*question.tags, *(term.term for term in question.glossary))):
        return True
    text = f"{question.scenario} {question.ask}"
    # Looked for plainly first: a plan asks this of every question and skill.
    return len(skill) >= _SHORTEST and skill.casefold() in text.casefold() and _whole(skill).search(text) is not None


@lru_cache(maxsize=8192)
def _key(name: str) -> str:
    """Returns a name without signs and ending, so that "A/B testing", "A/B tests" and the tag "ab-test" are one."""
    letters = re.sub(r"[^\w+#]|_", "", name.casefold())
    for ending in ("ing", "s"):
        if len(letters.removesuffix(ending)) >= _STEM:
            letters = letters.removesuffix(ending)
    return letters


@lru_cache(maxsize=2048)
def _whole(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(name)}s?(?!\w)", re.IGNORECASE)
