"""Parses the command line and turns errors into one plain line; independent of what the commands do."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import NoReturn, TextIO, cast

from agent import __version__
from agent.shell.advice import advised
from agent.shell.interruption import INTERRUPTED
from agent.shell.terminal import PrintableStream, never_fail_to_encode, open_what_is_closed
from agent.values.errors import InputError, MockInterviewError

GREETING = f"""\
mock-interview {__version__}: rehearse a machine-learning interview out loud, on your own machine.

  mock-interview doctor       checks microphone, loudspeaker and models
  mock-interview practice     asks, listens, grades and coaches, all by voice
  mock-interview web          the same on a page in your browser
  mock-interview demo         shows an interview on recorded answers; needs no microphone

'mock-interview --help' lists every command."""


class _Parser(argparse.ArgumentParser):
    """One clear line on standard error instead of the whole usage."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}; see '{self.prog} --help'", file=sys.stderr)
        raise SystemExit(2)


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    root = _Parser(
        prog="mock-interview",
        description="Rehearse a machine-learning interview out loud, on your own machine.",
        epilog="Example: mock-interview practice --count 2",
    )
    root.add_argument("--version", action="version", version=f"mock-interview {__version__}")
    root.set_defaults(run=_greet)
    commands = root.add_subparsers(dest="command", metavar="COMMAND")
    for command in _commands():
        command.add(commands)
    return root


def _commands() -> tuple[ModuleType, ...]:
    """Adds the commands, in the order of the help."""
    from agent.shell.commands import batch, completion, config, demo, doctor, evaluate, grade
    from agent.shell.commands import history, practice, profile, questions, regrade, replay, report, web  # isort: skip

    first = (practice, web, demo, replay, grade, batch, regrade, evaluate)
    return (*first, history, report, questions, profile, doctor, config, completion)


def _greet(args: argparse.Namespace) -> int:
    print(GREETING)
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command. Exit status: 0 done, 1 failed, 2 bad input, 130 interrupted."""
    out, err = (cast(TextIO, PrintableStream(stream)) for stream in (sys.stdout, sys.stderr))
    with redirect_stdout(out), redirect_stderr(err):
        try:
            args = parser().parse_args(arguments)
            status = int(args.run(args))
            sys.stdout.flush()
            return status
        except InputError as error:
            return _failed(advised(error), 2)
        except MockInterviewError as error:
            return _failed(advised(error), 1)
        except KeyboardInterrupt:
            return _failed("stopped", INTERRUPTED)
        except BrokenPipeError:
            # The reader of our output is gone, so there is nobody to report to.
            return 1
        except OSError as error:
            return _failed(f"cannot write or read: {error}", 1)


def _failed(message: str, status: int) -> int:
    try:
        print(f"mock-interview: {message}", file=sys.stderr)
    except OSError:
        # Standard error is gone too.
        return status
    return status


def entry() -> NoReturn:
    """The console script, which runs main() and ends the process."""
    from agent.shell.interruption import leave

    try:
        status = _status()
    except KeyboardInterrupt:
        # While main() was reporting an error, or had ended already.
        status = INTERRUPTED
    leave(status)


def _status() -> int:
    from agent.shell.interruption import end_in_order

    open_what_is_closed()
    never_fail_to_encode()
    end_in_order()
    try:
        return main()
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else 1
    except Exception as error:
        return _unexpected(error)


def _unexpected(error: Exception) -> int:
    """Reports a bug in one line, and writes the details to a file."""
    import traceback

    from platformdirs import user_log_dir

    log = Path(user_log_dir("mock-interview", appauthor=False)) / "crash.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        where = f"; details for a bug report are in {log}"
    except OSError:
        where = ""
    return _failed(f"something unexpected went wrong ({type(error).__name__}: {error}){where}", 1)
