"""Writes misheard terms as the question's glossary spells them; the candidate's own words are kept beside.

A repair needs a known mishearing from the glossary: nothing is guessed towards the expected answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from agent.values.rubric import Term


def repair(text: str, glossary: Sequence[Term]) -> str:
    """The text with every known mishearing replaced by its term."""
    pattern, terms = _compiled(tuple(glossary))
    if pattern is None:
        return text
    return pattern.sub(lambda found: terms[_key(found.group(0))], text)


@lru_cache(maxsize=128)
def _compiled(glossary: tuple[Term, ...]) -> tuple[re.Pattern[str] | None, dict[str, str]]:
    terms = {_key(form): term.term for term in glossary for form in term.misheard}
    if not terms:
        return None, {}
    longest_first = sorted({form for term in glossary for form in term.misheard}, key=len, reverse=True)
    forms = (r"[\s-]+".join(map(re.escape, re.split(r"[\s-]+", form.strip()))) for form in longest_first)
    return re.compile(r"\b(?:" + "|".join(forms) + r")\b", re.IGNORECASE), terms


def _key(form: str) -> str:
    return " ".join(re.split(r"[\s-]+", form.strip().lower()))
