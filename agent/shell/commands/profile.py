"""`profile`: what your CV claims and the job asks for: read, show and correct it."""

from __future__ import annotations

import argparse
from pathlib import Path

from agent.shell import options
from agent.shell.output import counted, print_json
from agent.values.errors import InputError
from agent.values.profile import Profile, Source


def add(commands: options.Commands) -> None:
    """Declares the command and its own subcommands."""
    from agent.shell.profile_source import document_options

    parser = options.add_command(
        commands,
        "profile",
        "what your CV claims and the job asks for",
        "profile read --cv cv.pdf --job job.txt",
        description=__doc__,
    )
    parser.set_defaults(run=run_show)
    inner = parser.add_subparsers(dest="action", metavar="ACTION")
    reads = options.add_command(
        inner, "read", "read documents, show what was understood, and save it", "profile read --cv cv.pdf --job job.txt"
    )
    document_options(reads)
    reads.add_argument("--out", type=Path, metavar="FILE.toml", help="save here instead of beside the settings")
    reads.add_argument("--json", action="store_true", help="print one JSON object")
    options.rubric_options(reads)
    options.endpoint_options(reads)
    reads.set_defaults(run=run_read)
    path = options.add_command(inner, "path", "where the saved profile is", "profile path")
    path.set_defaults(run=run_path)
    forget = options.add_command(inner, "forget", "delete the saved profile", "profile forget")
    forget.set_defaults(run=run_forget)


def run_read(args: argparse.Namespace) -> int:
    """Shows the claims and where they were saved. The documents themselves are saved nowhere."""
    from agent.compose import question_bank
    from agent.compose.profile_file import profile_file, replace_profile
    from agent.shell.profile_source import lines, read

    documents: list[tuple[Source, Path]] = [("cv", args.cv)] * bool(args.cv) + [("job", args.job)] * bool(args.job)
    if not documents:
        raise InputError("name a document: --cv FILE, --job FILE or both")
    settings = options.settings(args)
    path = args.out or profile_file()
    profile = _kept_half(path, documents).joined(
        read(documents, args.reader, settings, question_bank.questions(settings))
    )
    before = replace_profile(profile, path)
    if args.json:
        print_json({"file": str(path), **profile.model_dump(mode="json")})
        return 0
    print("\n".join(lines(profile)))
    if before is not None:
        print(f"What was there before is now in {before}")
    option = "--profile" if args.out is None else f"--profile {path}"
    print(f"Saved these lines, not the documents, in {path}")
    print(f"Correct them there; then: mock-interview practice {option}")
    return 0


def _kept_half(path: Path, documents: list[tuple[Source, Path]]) -> Profile:
    """Returns what the saved profile has from the document that is not read now: a new CV leaves the job as it is.

    A file that is no valid profile adds nothing; it is set aside like any other.
    """
    from agent.compose.profile_file import load_profile

    try:
        kept = load_profile(path)
    except InputError:
        return Profile()
    for source, _ in documents:
        kept = kept.without(source)
    return kept


def run_show(args: argparse.Namespace) -> int:
    """The saved profile."""
    from agent.compose import question_bank
    from agent.compose.profile_file import load_profile, profile_file
    from agent.shell.profile_source import lines, unknown_fields

    profile = load_profile(profile_file())
    known = question_bank.questions(options.settings(args))
    print("\n".join([*lines(profile), *unknown_fields(profile, known)]))
    return 0


def run_path(args: argparse.Namespace) -> int:
    """Prints the path in one line, whether or not the file exists."""
    from agent.compose.profile_file import profile_file

    print(profile_file())
    return 0


def run_forget(args: argparse.Namespace) -> int:
    """Deletes the file and its earlier copies, which is all that was saved of the profile."""
    from agent.compose.profile_file import forget_profile, profile_file

    path = profile_file()
    deleted = forget_profile(path)
    copies = f" and {counted(deleted - 1, 'earlier version')}" if deleted > 1 else ""
    print(f"Deleted {path}{copies}" if deleted else "No profile is saved")
    return 0
