"""`report`: sessions as one HTML page with ratings, progress and every answer, to read, hear or print."""

from __future__ import annotations

import argparse
from pathlib import Path

from agent.shell import options
from agent.shell.output import write_text
from agent.values.errors import InputError


def add(commands: options.Commands) -> None:
    """Declares the command."""
    parser = options.add_command(
        commands, "report", "write sessions as one HTML page", "report all --open", description=__doc__
    )
    parser.add_argument(
        "session", nargs="?", metavar="SESSION|all", help="as 'mock-interview history' lists them (default: the latest)"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("interview-report.html"),
        metavar="FILE.html",
        help="write the page here (default: interview-report.html)",
    )
    parser.add_argument("--open", action="store_true", help="show the page in the browser")
    options.rubric_options(parser)
    options.store_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Writes the page and says where."""
    from agent.compose import question_bank
    from agent.logic.reporting.build import report
    from agent.shell.report.page import render
    from agent.shell.saving import open_store

    settings = options.settings(args)
    store = open_store(settings)
    record = store.sessions()
    if args.session not in (None, "all"):
        chosen = [store.session(args.session)]
    elif record:
        chosen = record if args.session == "all" else record[-1:]
    else:
        raise InputError("nothing is on record yet; 'mock-interview practice' saves every session")
    page = render(report(chosen, question_bank.questions(settings), record, store.interviews.all()))
    write_text(args.out, page)
    print(f"Wrote {args.out.resolve()} ({len(page.encode()) / 1e6:.1f} MB)")
    if args.open:
        import webbrowser

        webbrowser.open(args.out.resolve().as_uri())
    return 0
