"""What produced a transcript or a grade; independent of how it was produced."""

from __future__ import annotations

from agent.values.base import Value

SHORT = 12
"""Hexadecimal digits of a sha256 that are recorded: enough to tell any two apart."""


class ModelId(Value):
    """Model weights, by name and content."""

    name: str
    sha256: str | None = None
    """Its first SHORT hexadecimal digits; None if the weights are behind an endpoint."""

    @classmethod
    def of(cls, name: str, sha256: str) -> ModelId:
        """Makes a ModelId from a whole sha256, which is shortened."""
        return cls(name=name, sha256=sha256[:SHORT])

    def __str__(self) -> str:
        return self.name if self.sha256 is None else f"{self.name} {self.sha256}"


class Provenance(Value):
    """What produced a grade. None means unknown: versions before 0.2 did not record it."""

    program: str | None = None
    """Version of this program."""
    transcriber: ModelId | None = None
    """None for typed text, too."""
    grader: str | None = None
    """Name of the grader that made the verdict."""
    grader_models: tuple[ModelId, ...] = ()
    """Empty for a language model behind an endpoint, whose name is in `grader`."""
    rubric: str | None = None
    """First SHORT digits of the sha256 of the question as JSON."""
    prompt_version: str | None = None
    """Version of the prompt for a language model; None if none was used."""
