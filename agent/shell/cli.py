"""Parses the command line and turns errors into one plain line; knows nothing of what the commands do."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from agent import __version__
from agent.values.errors import InputError, MockInterviewError


class _Parser(argparse.ArgumentParser):
    """One clear line on standard error instead of the whole usage."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}; see '{self.prog} --help'", file=sys.stderr)
        raise SystemExit(2)


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    from agent.shell.commands import doctor, evaluate, grade, history, practice, questions, regrade, replay, report

    root = _Parser(
        prog="mock-interview", description="Rehearse a machine-learning interview out loud, on your own machine."
    )
    root.add_argument("--version", action="version", version=f"mock-interview {__version__}")
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in (practice, replay, grade, regrade, evaluate, history, report, questions, doctor):
        command.add(commands)
    return root


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command. Exit status: 0 done, 1 failed, 2 bad input, 130 interrupted."""
    try:
        args = parser().parse_args(arguments)
        return int(args.run(args))
    except InputError as error:
        print(f"mock-interview: {error}", file=sys.stderr)
        return 2
    except MockInterviewError as error:
        print(f"mock-interview: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output has gone; there is nobody left to tell.
        sys.stderr.close()
        return 1
