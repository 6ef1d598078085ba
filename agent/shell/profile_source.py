"""The profile of a run: read from a CV and a job description, or from a file; and how it is shown."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from agent.logic.spelling import did_you_mean
from agent.shell.terminal import printable
from agent.values.errors import InputError
from agent.values.profile import ClaimKind, Profile, ProfileClaim, Source
from agent.values.rubric import Question

if TYPE_CHECKING:
    from agent.compose.settings import Settings
    from agent.logic.planning.claimed import ClaimedPlan

_KINDS: dict[ClaimKind, str] = {"field": "Fields", "seniority": "Level", "skill": "Skills"}
_WIDE = 96
SAVED = "saved"
"""The value that stands for the saved profile."""


def document_options(parser: argparse.ArgumentParser) -> None:
    """Declares the options for documents and their reader."""
    parser.add_argument("--cv", type=Path, metavar="FILE", help="your CV (PDF, .docx, Markdown or text), read locally")
    parser.add_argument("--job", type=Path, metavar="FILE", help="the job description, read locally")
    parser.add_argument(
        "--reader",
        choices=("built-in", "llm"),
        default="built-in",
        help="built-in: on this machine (default); llm: sends the documents to your endpoint",
    )


def profile_options(parser: argparse.ArgumentParser) -> None:
    """Declares all options that say whom the questions are for."""
    document_options(parser)
    parser.add_argument(
        "--profile",
        nargs="?",
        const=SAVED,
        metavar="FILE",
        help="a profile that 'mock-interview profile read' saved (without FILE: the last one)",
    )


def profile_of(args: argparse.Namespace, settings: Settings, known: Mapping[str, Question]) -> Profile | None:
    """Returns the profile that the options ask for; None if they ask for none. Raises InputError."""
    from agent.compose.profile_file import profile_file

    documents: list[tuple[Source, Path]] = [("cv", args.cv)] * bool(args.cv) + [("job", args.job)] * bool(args.job)
    if args.profile is not None:
        if documents:
            raise InputError("--profile and --cv or --job contradict one another; leave one out")
        return _with_claims(profile_file() if args.profile == SAVED else Path(args.profile))
    return read(documents, args.reader, settings, known) if documents else None


def _with_claims(path: Path) -> Profile:
    from agent.compose.profile_file import load_profile

    profile = load_profile(path)
    if not profile.claims:
        raise InputError(f"{path}: has no claims; add some (each begins with [[claim]]), or read a CV", "profile")
    return profile


def read(
    documents: list[tuple[Source, Path]], reader: str, settings: Settings, known: Mapping[str, Question]
) -> Profile:
    """The claims of all documents. Raises InputError for a file that cannot be read, ModelError, EndpointError."""
    from agent.adapters.document_file import read_document
    from agent.compose import profiles

    # All files first: a wrong one is reported before a model is loaded or asked.
    texts = [(source, read_document(path)) for source, path in documents]
    by_llm = reader == "llm"
    find = profiles.llm_reader(settings, known) if by_llm else profiles.reader(known, threads=settings.threads)
    profile = Profile()
    for source, text in texts:
        profile = profile.joined(find(text, source, date.today().year))
    return profile


def lines(profile: Profile) -> Iterator[str]:
    """Returns what was understood in readable lines: fields and level with their words, skills in one paragraph."""
    yield f"Read by {profile.found_by}:"
    for source, title in (("cv", "Your CV claims"), ("job", "The job asks for")):
        mine = [claim for claim in profile.claims if claim.source == source]
        if mine:
            yield f"  {title}"
            yield from _of_source(mine)
    if not profile.claims:
        yield "  nothing that the questions know"


def unknown_fields(profile: Profile, known: Mapping[str, Question]) -> Iterator[str]:
    """Names the fields that no question is about, with the existing fields, since one may be misspelled."""
    fields = sorted({question.field for question in known.values()})
    known_names = {field.casefold() for field in fields}
    for name in dict.fromkeys(c.name for c in profile.of("field") if c.name.casefold() not in known_names):
        fix = did_you_mean(name, fields) or f"there are questions about: {', '.join(fields)}"
        yield from textwrap.wrap(
            printable(f"No question is about the field: {name}; {fix}"), _WIDE, subsequent_indent="  "
        )


def left_out(plan: ClaimedPlan | None) -> Iterator[str]:
    """Names the claims that no question touches; empty without a plan."""
    if plan is None:
        return
    fields = ", ".join(claim.name for claim in plan.unmatched if claim.kind == "field")
    skills = ", ".join(dict.fromkeys(claim.name for claim in plan.unmatched if claim.kind == "skill"))
    later = ", ".join(dict.fromkeys(claim.name for claim in plan.not_today))
    for title, names in (("No question is about the field", fields), ("No question names", skills)):
        if names:
            yield from textwrap.wrap(printable(f"{title}: {names}"), _WIDE, subsequent_indent="  ")
    if later:
        yield from textwrap.wrap(
            printable(f"Not asked this time (raise --count): {later}"), _WIDE, subsequent_indent="  "
        )


def _of_source(claims: list[ProfileClaim]) -> Iterator[str]:
    for kind in ("field", "seniority"):
        for claim in (claim for claim in claims if claim.kind == kind):
            said = f'  "{_short(claim.line, _WIDE - 36)}"' if claim.line else ""
            yield printable(f"    {_KINDS[claim.kind]:7} {claim.name:22}{said}")
    skills = ", ".join(claim.name for claim in claims if claim.kind == "skill")
    if skills:
        indent = " " * 12
        text = textwrap.fill(skills, _WIDE, initial_indent=f"    {_KINDS['skill']:7} ", subsequent_indent=indent)
        yield from map(printable, text.splitlines())


def _short(text: str, size: int) -> str:
    return text if len(text) <= size else text[: size - 4].rsplit(" ", 1)[0] + " ..."
