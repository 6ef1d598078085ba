"""`history`: lists, shows, deletes and exports saved sessions."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agent.shell import options
from agent.shell.history_view import rated, ratings, so_far, unrated
from agent.shell.output import counted, write_text
from agent.values.errors import InputError
from agent.values.session import Session

if TYPE_CHECKING:
    from agent.shell.store.store import Store

FORMATS = ("json", "csv", "markdown", "anki")


def add(commands: options.Commands) -> None:
    """Declares the command and its own subcommands."""
    parser = options.add_command(
        commands, "history", "list, show, delete and export past sessions", "history show latest", description=__doc__
    )
    options.store_options(parser)
    parser.set_defaults(run=run_list)
    inner = parser.add_subparsers(dest="action", metavar="ACTION")
    for part in (_add_show, _add_delete, _add_audio, _add_export):
        options.store_options(part(inner), default=argparse.SUPPRESS)


def _add_show(inner: options.Commands) -> argparse.ArgumentParser:
    show = options.add_command(inner, "show", "show one session with its answers and grades", "history show latest")
    show.add_argument("id", metavar="ID|latest", help="session id, or a unique prefix of it")
    show.add_argument(
        "--ratings", action="store_true", help="with the ratings of an interview that still waits for its debrief"
    )
    options.rubric_options(show)
    show.set_defaults(run=run_show)
    return show


def _add_delete(inner: options.Commands) -> argparse.ArgumentParser:
    delete = options.add_command(
        inner, "delete", "permanently delete a session, or all of them, with their audio", "history delete all"
    )
    delete.add_argument("id", metavar="ID|all", help="the session to delete, or all")
    _yes_option(delete)
    delete.set_defaults(run=run_delete)
    return delete


def _add_audio(inner: options.Commands) -> argparse.ArgumentParser:
    audio = options.add_command(
        inner,
        "audio",
        "turn saving audio on or off, or delete saved audio",
        "history audio delete all",
        aliases=["sound"],
    )
    audio.add_argument(
        "choice",
        choices=("keep", "drop", "delete"),
        help="keep: save audio from now on; drop: stop saving it; delete: delete saved audio",
    )
    audio.add_argument(
        "id", nargs="?", default="all", metavar="ID|all", help="the session whose audio is deleted, or all"
    )
    _yes_option(audio)
    audio.set_defaults(run=run_audio)
    return audio


def _yes_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes", action="store_true", help="delete everything without asking for confirmation")


def _add_export(inner: options.Commands) -> argparse.ArgumentParser:
    export = options.add_command(
        inner,
        "export",
        "export one session, or all, for other programs",
        "history export all --format csv --out sessions.csv",
    )
    export.add_argument("id", metavar="ID|all", help="the session to export, or all")
    export.add_argument("--format", choices=FORMATS, default="json", help="json (default), csv, markdown or anki")
    export.add_argument(
        "--anki",
        dest="format",
        action="store_const",
        const="anki",
        help="what was missed as cards for Anki, with sentences to say; needs --out FILE.apkg",
    )
    options.rubric_options(export)
    export.add_argument("--out", type=Path, metavar="FILE", help="write here instead of to standard output")
    export.set_defaults(run=run_export)
    return export


def _store(args: argparse.Namespace) -> Store:
    from agent.shell.saving import open_store

    return open_store(options.settings(args))


def run_list(args: argparse.Namespace) -> int:
    """One line per session, the latest last."""
    store = _store(args)
    sessions = store.sessions()
    if not sessions:
        print(f"No sessions are saved in {store.folder} yet; 'mock-interview practice' saves every session")
        return 0
    unfinished = store.interviews.unfinished()
    for session in sessions:
        shown = so_far(session) if session.id in unfinished else ratings(session)
        print(f"{session.id}  {session.started:%a %d %b %Y %H:%M}  {shown}")
    print(f"{counted(len(sessions), 'session')}; 'mock-interview history show ID' shows one")
    return 0


def run_show(args: argparse.Namespace) -> int:
    """The turns in plain text."""
    from agent.compose import question_bank

    store = _store(args)
    session, questions = store.session(args.id), question_bank.questions(options.settings(args))
    withheld = not args.ratings and session.id in store.interviews.unfinished()
    shown = unrated(session) if withheld else rated(session, store.grades(session.id), questions)
    print("\n".join(shown))
    return 0


def run_delete(args: argparse.Namespace) -> int:
    """Deletes sessions: all that are named, or none."""
    store = _store(args)
    names = _named(store, args.id)
    if not names:
        print("No sessions are saved.")
        return 0
    if args.id == "all" and not _agreed(
        f"Permanently delete all {counted(len(names), 'session')} and their audio?", args
    ):
        print("Nothing was deleted.")
        return 0
    ids = store.delete(names)
    print(f"Deleted {counted(len(ids), 'session')} with their audio: {', '.join(ids)}")
    return 0


def run_audio(args: argparse.Namespace) -> int:
    """Turns saving audio on or off, or deletes audio and keeps words and grades."""
    store = _store(args)
    if args.choice != "delete":
        store.consent.remember(args.choice == "keep")
        state = "is saved from now on" if args.choice == "keep" else "is no longer saved"
        print(
            f"The audio of answers {state}. Audio saved earlier stays; 'mock-interview history audio delete' removes it"
        )
        return 0
    names = _named(store, args.id)
    if args.id == "all" and names and not _agreed(f"Delete the audio of all {counted(len(names), 'session')}?", args):
        print("Nothing was deleted.")
        return 0
    print(f"Deleted the audio of {counted(len(store.delete_audio(names)), 'session')}")
    return 0


def _named(store: Store, name: str) -> list[str]:
    return [session.id for session in store.sessions()] if name == "all" else [name]


def _agreed(question: str, args: argparse.Namespace) -> bool:
    """Asks for confirmation before deleting everything. Raises InputError if there is no terminal to ask on."""
    if args.yes:
        return True
    if not sys.stdin.isatty():
        raise InputError("this deletes everything; add --yes to confirm")
    print(f"{question} [y/N] ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _export_cards(args: argparse.Namespace, sessions: Sequence[Session]) -> int:
    from agent.adapters.anki_file import write_anki
    from agent.compose import question_bank
    from agent.logic.reporting.cards import cards

    if args.out is None:
        raise InputError("an Anki package is a binary file; add --out missed.apkg")
    found = cards(sessions, question_bank.questions(options.settings(args)))
    if not found:
        print("No rated answer lacks what its next level asks for, so there is no card; skipped questions have none")
        return 0
    write_anki(found, args.out)
    print(f"Wrote {counted(len(found), 'card')} to {args.out}; open it with Anki")
    return 0


def run_export(args: argparse.Namespace) -> int:
    """Exports sessions in one of the formats."""
    from agent.compose import question_bank
    from agent.shell.store import export
    from agent.shell.withheld import exported_sessions

    store = _store(args)
    sessions = exported_sessions(store, args.format, None if args.id == "all" else args.id)
    if args.id == "all" and len(sessions) < (every := len(store.sessions())):
        left_out = counted(every - len(sessions), "unfinished interview")
        print(f"Left out: {left_out}; the ratings come in the debrief", file=sys.stderr)
    if args.format == "anki":
        return _export_cards(args, sessions)
    if args.format == "markdown":
        text = export.as_markdown(sessions, question_bank.questions(options.settings(args)))
    else:
        text = export.as_json(sessions) if args.format == "json" else export.as_csv(sessions)
    if args.out is None:
        sys.stdout.write(text)
        return 0
    write_text(args.out, text)
    print(f"Wrote {args.out}, sessions: {len(sessions)}")
    return 0
