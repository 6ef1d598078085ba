"""What a CV claims and what a job asks for."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from agent.values.base import Value
from agent.values.rubric import Seniority, Text

ClaimKind = Literal["field", "seniority", "skill"]
Source = Literal["cv", "job"]
"""Where a claim comes from: the candidate's CV, or the job description."""


class ProfileClaim(Value):
    """One thing that a CV claims, or that a job asks for."""

    kind: ClaimKind
    name: Text
    """A field of the questions such as fraud, `junior` or `senior`, or a skill such as Kafka."""
    source: Source = "cv"
    line: str = ""
    """The words that it was found in; empty when a person added it."""

    @model_validator(mode="after")
    def _known_seniority(self) -> Self:
        if self.kind == "seniority" and self.name not in list(Seniority):
            raise ValueError("a claim of seniority is named 'junior' or 'senior'")
        return self


class Profile(Value):
    """All claims of one candidate, with those of the job that they prepare for."""

    found_by: Text = "you"
    """Who read the documents: "the built-in reader", or the name of a language model."""
    claims: tuple[ProfileClaim, ...] = Field(default=())

    def of(self, kind: ClaimKind, source: Source | None = None) -> tuple[ProfileClaim, ...]:
        """Returns the claims of one kind, from one source or from both."""
        return tuple(claim for claim in self.claims if claim.kind == kind and source in (None, claim.source))

    @property
    def seniority(self) -> Seniority | None:
        """The level of the questions: what the CV claims, else what the job asks for; None if neither says."""
        stated = [*self.of("seniority", "cv"), *self.of("seniority", "job")]
        return Seniority(stated[0].name) if stated else None

    def joined(self, other: Profile) -> Profile:
        """Joins the claims of both; of claims that differ only in their quoted words, the first is kept."""
        found: dict[tuple[str, str, str], ProfileClaim] = {}
        for claim in (*self.claims, *other.claims):
            found.setdefault((claim.source, claim.kind, claim.name.casefold()), claim)
        return Profile(found_by=other.found_by, claims=tuple(found.values()))

    def without(self, source: Source) -> Profile:
        """Returns the profile without the claims of one source."""
        return self.model_copy(update={"claims": tuple(claim for claim in self.claims if claim.source != source)})
