"""`report`: sessions as one HTML page with ratings, progress and every answer, to read, hear or print.

With --batch, the answers of a cohort: one page for the whole, and one for each candidate.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from agent.shell import options
from agent.values.errors import InputError


def add(commands: options.Commands) -> None:
    """Declares the command."""
    parser = options.add_command(
        commands, "report", "write sessions as one HTML page", "report all --open", description=__doc__
    )
    parser.add_argument(
        "session",
        nargs="?",
        metavar="SESSION|all",
        help="session id, as 'mock-interview history' lists them (default: the latest)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE.html",
        help="write the page here (default: interview-report.html; with --batch cohort-report.html)",
    )
    parser.add_argument("--open", action="store_true", help="show the page in the browser")
    _cohort_options(parser)
    options.rubric_options(parser)
    options.store_options(parser)
    parser.set_defaults(run=run)


def _cohort_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--batch",
        type=Path,
        nargs="+",
        metavar="DIR",
        help="the answers in the folder of a 'batch'; further folders are compared with it: other graders",
    )
    parser.add_argument("--csv", type=Path, metavar="FILE.csv", help="with --batch: also a table for spreadsheets")
    parser.add_argument(
        "--pseudonyms",
        type=Path,
        nargs="?",
        const="",
        metavar="KEYFILE",
        help="with --batch: replace candidates' names, always alike with the same key (default: a key of yours)",
    )
    parser.add_argument(
        "--with-sound",
        action="store_true",
        help="with --batch: candidates' pages play their recordings of this machine",
    )


def run(args: argparse.Namespace) -> int:
    """Writes the page and says where."""
    if args.batch:
        return _cohort(args)
    if args.csv or args.pseudonyms is not None or args.with_sound:
        raise InputError("--csv, --pseudonyms and --with-sound are for --batch; add that, or leave them out")
    return _sessions(args)


def _cohort(args: argparse.Namespace) -> int:
    from agent.compose import question_bank
    from agent.shell.report.cohort import CohortOptions, CohortReport

    if args.session is not None:
        raise InputError(f"'{args.session}' is a session, and --batch has none; leave one of them out")
    if args.with_sound and args.pseudonyms is not None:
        raise InputError("a voice tells who speaks: leave out --with-sound, or --pseudonyms")
    key = _key(args.pseudonyms) if args.pseudonyms is not None else None
    out = args.out or Path("cohort-report.html")
    settings = options.settings(args)
    wanted = CohortOptions(out, args.csv, key, args.with_sound)
    report = CohortReport(args.batch, question_bank.questions(settings), wanted)
    pages = report.write()
    for name in report.uncompared:
        print(
            f"Nothing could be compared with {name}: no recording, question and candidate are graded in both; give "
            "another grader's batch of the same manifest",
            file=sys.stderr,
        )
    print(f"Wrote {out.resolve()} and {pages} {'page' if pages == 1 else 'pages'} of candidates")
    if args.csv:
        print(f"Wrote {args.csv.resolve()}")
    _open(args, out)
    return 0


def _key(given: Path) -> bytes:
    """Returns the key of the pseudonyms and prints where it is; an empty path means the option without a file."""
    from agent.shell.report.pseudonym_key import default_key_file, read_key

    file = given if given != Path() else default_key_file()
    key = read_key(file)
    print(f"The key of the pseudonyms is in {file}; names that candidates say stay in their transcripts")
    return key


def _open(args: argparse.Namespace, page: Path) -> None:
    if args.open:
        import webbrowser

        webbrowser.open(page.resolve().as_uri())


def _sessions(args: argparse.Namespace) -> int:
    from agent.compose import question_bank
    from agent.shell.report.offer import NAME, write_report
    from agent.shell.saving import open_store
    from agent.shell.withheld import rated_sessions

    settings = options.settings(args)
    store = open_store(settings)
    unfinished, record = store.interviews.unfinished(), rated_sessions(store)
    if args.session not in (None, "all"):
        chosen = rated_sessions(store, args.session)
    elif record:
        chosen = record if args.session == "all" else record[-1:]
    elif unfinished:
        raise InputError("the only interview is not finished; its ratings come in the debrief", "resume")
    else:
        raise InputError("no sessions are saved yet; 'mock-interview practice' saves every session")
    out = args.out or NAME
    write_report(out, chosen, question_bank.questions(settings), record, store)
    _open(args, out)
    return 0
