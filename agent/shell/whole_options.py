"""The options of a whole interview, in a module of their own so that the command line loads quickly."""

from __future__ import annotations

import argparse

from agent.values.errors import InputError
from agent.values.interview_record import Minutes

MINUTES: Minutes = 45
_PLANNED = ("question", "count", "adaptive", "review")
"""Options that a whole interview decides by itself."""
_DECIDED = ("minutes", "cv", "job", "profile", "signal", "field", "company", "seniority", "seed")
"""Options that were decided when the continued interview began."""


def whole_options(parser: argparse.ArgumentParser) -> None:
    """Declares the options."""
    parser.add_argument(
        "--real",
        action="store_true",
        help="a whole interview: introduction, technical part, your questions; ratings only in the debrief at its end",
    )
    parser.add_argument(
        "--minutes", type=int, choices=(30, 45, 60), help=f"length of a --real interview (default {MINUTES})"
    )
    parser.add_argument("--resume", action="store_true", help="go on with the --real interview that was left last")


def check_whole(args: argparse.Namespace) -> None:
    """Raises InputError for options that contradict one another, so that none is silently ignored."""
    if args.resume and not args.save:
        raise InputError("--resume and --no-save contradict one another; leave one out")
    if args.real or args.resume:
        _refuse(args, _PLANNED, "--real plans its questions itself")
    if args.resume:
        _refuse(args, _DECIDED, "--resume goes on with what was planned")
    elif args.minutes is not None and not args.real:
        raise InputError("--minutes is the length of a --real interview; add --real, or leave it out")


def _refuse(args: argparse.Namespace, names: tuple[str, ...], why: str) -> None:
    values = {name: getattr(args, name) for name in names}
    # A seed of 0 was given too, although it equals False.
    given = [f"--{name}" for name, value in values.items() if value not in (None, []) and value is not False]
    if given:
        raise InputError(f"{why}; leave out {' and '.join(given)}")
