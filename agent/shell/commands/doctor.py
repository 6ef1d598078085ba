"""`doctor`: checks everything that an interview needs, one line each, with the fix."""

from __future__ import annotations

import argparse

from agent.shell import options


def add(commands: options.Commands) -> None:
    """Declares the command."""
    parser = options.add_command(
        commands,
        "doctor",
        "check microphone, speaker, voice, models and privacy",
        "doctor --microphone headset",
        description=__doc__,
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--listen", type=options.seconds, default=2.0, metavar="SECONDS", help="seconds to listen to the microphone"
    )
    parser.add_argument(
        "--judge",
        action="store_true",
        help="grade reference answers with the language model that was found, and say whether to trust it (minutes)",
    )
    parser.add_argument("--yes", action="store_true", help="agree that answers are sent to a server on this machine")
    for share in (
        options.device_options,
        options.rubric_options,
        options.grader_options,
        options.whisper_options,
        options.voice_options,
        options.store_options,
    ):
        share(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prints the report; the exit status is 0 if an interview on recordings can run, else 1."""
    from itertools import chain

    from agent.shell.checks import NEEDED, checks, judge_checks
    from agent.shell.weights import ensure_whisper

    settings, found = options.settings(args), []
    if args.download:
        ensure_whisper(settings, args)
    tried = judge_checks(settings, trial=args.judge, yes=args.yes)
    for check in tried if args.judge else chain(checks(settings, args.listen), tried):
        found.append(check)
        if not args.json:
            print(f"{'ok ' if check.good else 'FIX'}  {check.name:13} {check.says}", flush=True)
    if args.json:
        from agent.shell.output import print_json

        print_json({check.name: {"good": check.good, "says": check.says} for check in found})
    return 0 if all(check.good for check in found if check.name in NEEDED) else 1
