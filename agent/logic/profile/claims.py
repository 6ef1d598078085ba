"""Finds what a document claims: fields, seniority and skills, each with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from agent.logic.profile.document import Document
from agent.logic.profile.seniority import seniority
from agent.logic.profile.vocabulary import Terms
from agent.values.profile import Profile, ProfileClaim, Source

ENOUGH = 1.0
"""Score at which a field counts as claimed: one of its words, or several weaker signs."""
WEAK = 0.5
"""Score of a weaker sign: a tag that only this field has, words that a job only wishes for, or a course."""
NAMED = 0.1
"""Extra score of the field's own name, so that the line with it is quoted."""
BUILT_IN = "the built-in reader"


class FieldMeaning(Protocol):
    """Tells which field a line is about, by its meaning."""

    def field_of(self, lines: Sequence[str]) -> list[str | None]:
        """Returns the field that each line is clearly about; None if there is none."""
        ...


class Sign(NamedTuple):
    """Evidence for a field."""

    field: str
    score: float
    line: str


def profile_of(text: str, source: Source, terms: Terms, meaning: FieldMeaning | None, this_year: int) -> Profile:
    """Returns the claims of one document: fields first, those with the most signs foremost."""
    document = Document(text)
    claims = [*_fields(document, source, terms, meaning)]
    stated = seniority(document, source, this_year)
    if stated is not None:
        claims.append(ProfileClaim(kind="seniority", name=stated.level, source=source, line=stated.line))
    claims += _skills(document, source, terms)
    return Profile(found_by=BUILT_IN, claims=tuple(claims))


def _fields(document: Document, source: Source, terms: Terms, meaning: FieldMeaning | None) -> Iterator[ProfileClaim]:
    signs = [*_signs(document, terms), *_meant(document, meaning)]
    totals: dict[str, float] = {}
    for sign in signs:
        totals[sign.field] = totals.get(sign.field, 0.0) + sign.score
    for field in sorted(totals, key=lambda name: -totals[name]):
        if totals[field] >= ENOUGH:
            best = max((sign for sign in signs if sign.field == field), key=lambda sign: sign.score)
            yield ProfileClaim(kind="field", name=field, source=source, line=best.line)


def _signs(document: Document, terms: Terms) -> Iterator[Sign]:
    """Returns each word once, and only the first word of a line about wishes or courses."""
    seen = set[tuple[str, str]]()
    for patterns, score in ((terms.fields, ENOUGH), (terms.hints, WEAK)):
        for field, pattern in patterns.items():
            for match in _stated(document, pattern):
                word, weak = match[0].casefold(), document.is_weak(match.start())
                line = document.line_of(match.start(), match.end())
                once = (field, line if weak else word)
                if once not in seen:
                    seen.add(once)
                    weighed = (min(score, WEAK) if weak else score) + (NAMED if word == field.casefold() else 0.0)
                    yield Sign(field, weighed, line)


def _meant(document: Document, meaning: FieldMeaning | None) -> Iterator[Sign]:
    if meaning is None:
        return
    lines = [line for line in document.lines if len(line.split()) >= 5 and not Document(line).denied(0)]
    needed = [line for line in lines if not document.is_weak(document.text.index(line))]
    for line, field in zip(needed, meaning.field_of(needed), strict=True):
        if field is not None:
            yield Sign(field, ENOUGH, line)


def _skills(document: Document, source: Source, terms: Terms) -> Iterator[ProfileClaim]:
    for name, pattern in terms.skills.items():
        match = next(_stated(document, pattern), None)
        if match is not None:
            yield ProfileClaim(
                kind="skill", name=name, source=source, line=document.line_of(match.start(), match.end())
            )


def _stated(document: Document, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """Returns the places of the words where they are not denied."""
    return (match for match in pattern.finditer(document.searched) if not document.denied(match.start()))
