"""`python -m agent` and the console script `mock-interview`."""

from __future__ import annotations

from typing import NoReturn

from agent.shell.interruption import end_at_once


def entry() -> NoReturn:
    """Runs the command line; a Ctrl-C while its modules are imported ends it without a traceback."""
    end_at_once()
    from agent.shell import cli

    cli.entry()


if __name__ == "__main__":
    entry()
