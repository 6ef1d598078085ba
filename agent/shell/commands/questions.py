"""`questions`: lists, shows, checks and writes questions."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agent.logic.grading.naming import title
from agent.shell import options
from agent.shell.output import counted, print_json, write_text
from agent.values.errors import InputError
from agent.values.rubric import Need, Question, Rating

if TYPE_CHECKING:
    from agent.logic.rubrics.likeness import Vector, Vectors

TEMPLATE = Path(__file__).parent.parent / "template.yaml"
_QUIET_S = 1.0
"""Seconds after which a check starts to show its progress."""


def add(commands: options.Commands) -> None:
    """Declares the command and its own subcommands."""
    parser = options.add_command(
        commands,
        "questions",
        "list, show, check and write questions",
        "questions list --field fraud",
        description=__doc__,
    )
    _listing_options(parser)
    parser.set_defaults(run=run_list, asked=False)
    inner = parser.add_subparsers(dest="action", metavar="ACTION")
    _reading_actions(inner)
    _writing_actions(inner)


def _reading_actions(inner: options.Commands) -> None:
    from agent.shell.plan_view import plan_options, run_plan

    listing = options.add_command(inner, "list", "list questions with their full text", "questions list --search drift")
    # Also accepted after the subcommand; SUPPRESS keeps a value that was given before it.
    _listing_options(listing, default=argparse.SUPPRESS)
    listing.set_defaults(asked=True)
    show = options.add_command(
        inner,
        "show",
        "show one question with its levels, points, hints and model answers",
        "questions show recsys-metrics",
    )
    show.add_argument("id", metavar="ID")
    options.rubric_options(show, default=argparse.SUPPRESS)
    show.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")
    show.set_defaults(run=run_show)
    companies = options.add_command(
        inner, "companies", "list the company profiles for practice --company", "questions companies"
    )
    companies.set_defaults(run=run_companies)
    plan = options.add_command(
        inner, "plan", "which questions an interview would ask, and why", "questions plan --cv cv.pdf --job job.txt"
    )
    options.rubric_options(plan, default=argparse.SUPPRESS)
    plan.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print JSON")
    plan_options(plan)
    plan.set_defaults(run=run_plan)


def _writing_actions(inner: options.Commands) -> None:
    from agent.shell.drafting import draft_options, run_draft

    check = options.add_command(inner, "check", "validate a rubric file or folder", "questions check mine.yaml")
    check.add_argument("path", type=Path, metavar="PATH")
    check.set_defaults(run=run_check)
    new = options.add_command(inner, "new", "write a commented template", "questions new mine.yaml")
    new.add_argument("path", type=Path, metavar="FILE")
    new.set_defaults(run=run_new)
    schema = options.add_command(
        inner, "schema", "print the JSON Schema of rubric files, for editors", "questions schema"
    )
    schema.set_defaults(run=run_schema)
    draft = options.add_command(
        inner,
        "draft",
        "have a language model write a question, and check it",
        'questions draft "How would you find broken sensors?"',
    )
    options.rubric_options(draft, default=argparse.SUPPRESS)
    draft_options(draft)
    draft.set_defaults(run=run_draft)


def _listing_options(parser: argparse.ArgumentParser, default: object = None) -> None:
    options.rubric_options(parser, default=default)
    json_default = False if default is None else default
    parser.add_argument("--json", action="store_true", default=json_default, help="print JSON")
    parser.add_argument("--signal", default=default, metavar="NAME", help="only questions of this signal")
    parser.add_argument("--field", default=default, metavar="NAME", help="only questions of this field")
    parser.add_argument("--tag", default=default, metavar="NAME", help="only questions with this tag")
    parser.add_argument("--search", default=default, metavar="TEXT", help="only questions that contain these words")


def run_list(args: argparse.Namespace) -> int:
    """One line per question; two if the text of the question is shown."""
    from agent.compose import question_bank
    from agent.shell.question_list import Filters, chosen, lines, rows

    known = question_bank.questions(options.settings(args))
    found = chosen(known.values(), Filters(args.signal, args.field, args.tag, args.search))
    if args.json:
        print_json(rows(found))
        return 0
    print("\n".join(lines(found, args.asked)))
    return 0


def run_show(args: argparse.Namespace) -> int:
    """One question in plain text."""
    from agent.compose import question_bank

    question = question_bank.question(question_bank.questions(options.settings(args)), args.id)
    if args.json:
        print_json(question.model_dump(mode="json"))
        return 0
    print("\n".join(_shown(question)))
    return 0


def _shown(question: Question) -> list[str]:
    lines = [
        f"{question.id} ({question.signal}, {question.seniority}, {question.weight}, {question.field}; "
        f"about {question.minutes:g} minutes)",
        "",
        question.scenario,
        "",
        question.ask,
        f"In other words: {question.rephrase}",
        "",
    ]
    lines += [f"{question.level_name(level):12} {question.levels.of(level)}" for level in Rating]
    lines += [
        f"  for {question.level_name(level)}: {_need(need, question)}"
        for level in list(Rating)[1:]
        for need in question.needs.of(level)
    ]
    lines += ["", "Points:"] + [f"  {title(point)} ({point.kind}): {point.says}" for point in question.points]
    lines += ["", "Hints, in order:"] + [f"  {hint}" for hint in question.hints]
    lines += ["", "Follow-ups:"] + [f"  {probe}" for probe in question.probes]
    lines += ["", "Facts given on request:"] + [f"  {item.fact}" for item in question.clarifications]
    lines += ["", "Misconceptions:"] + [f"  {item.says} Correct: {item.truth}" for item in question.misconceptions]
    lines += ["", "Reference answers:"] + [
        f"  {question.level_name(level)}: {question.answers.of(level)}" for level in Rating
    ]
    lines += ["", f"Glossary: {', '.join(term.term for term in question.glossary)}"]
    return lines


def _need(need: Need, question: Question) -> str:
    return f"at least {need.at_least} of: {_counted(need, question)}"


def _counted(need: Need, question: Question) -> str:
    if need.counts_every_kind:
        return "any point"
    if need.points is not None:
        return "; ".join(title(question.point(name)) for name in need.points)
    return f"any {' or '.join(need.kinds)} point"


def run_check(args: argparse.Namespace) -> int:
    """The exit status is 0 if valid (warnings may be printed), 2 if not."""
    from agent.adapters.rubric_file import read
    from agent.logic.rubrics.warnings import warnings, warnings_by_meaning

    files = read(args.path)
    threads = options.settings(args).threads
    vectors = _vectors([question for file in files for question in file.topic.questions], threads)
    found = 0
    for source, topic in files:
        for warning in (*warnings(topic), *warnings_by_meaning(topic, vectors)):
            print(source.describe(warning.where, warning.says, "warning"), file=sys.stderr)
            found += 1
    count = sum(len(file.topic.questions) for file in files)
    valid = "is valid" if count == 1 else "are valid"
    print(f"{counted(count, 'question')} in {counted(len(files), 'file')} {valid}, {_warned(found)}")
    return 0


def _vectors(questions: Sequence[Question], threads: int) -> Vectors:
    """Unit vectors of the texts whose meanings are compared; shows progress if that takes over a second."""
    from agent.compose.build import rubric_encoder
    from agent.logic.rubrics.likeness import compared

    encoder = rubric_encoder(threads)
    vectors: dict[str, Vector] = {}
    start = time.monotonic()
    for number, question in enumerate(questions, 1):
        texts = compared(question)
        vectors |= zip(texts, encoder.embed(texts), strict=True)
        if sys.stderr.isatty() and time.monotonic() - start > _QUIET_S:
            end = "\n" if number == len(questions) else ""
            print(f"\rComparing meanings: {number} of {len(questions)} questions", end=end, file=sys.stderr, flush=True)
    return vectors


def _warned(count: int) -> str:
    return counted(count, "warning") if count else "no warnings"


def run_new(args: argparse.Namespace) -> int:
    """Writes the template; never over an existing file."""
    if os.path.lexists(args.path):
        raise InputError(f"{args.path} exists already; give another name")
    write_text(args.path, TEMPLATE.read_text("utf-8"))
    print(f"Wrote {args.path}. Edit it, then run: mock-interview questions check {args.path}")
    return 0


def run_schema(args: argparse.Namespace) -> int:
    """JSON Schema on standard output."""
    from agent.adapters.rubric_file import json_schema

    print(json.dumps(json_schema(), indent=1))
    return 0


def run_companies(args: argparse.Namespace) -> int:
    """One line per profile."""
    from agent.adapters.company_file import load_company, names
    from agent.compose.question_bank import own_companies

    folder = own_companies()
    for name in names(folder):
        print(f"{name:12} {load_company(name, folder).about}")
    return 0
