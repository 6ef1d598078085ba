"""`completion`: prints a script that completes commands and options in your shell."""

from __future__ import annotations

import argparse
from pathlib import Path

from agent.shell import options


def add(commands: options.Commands) -> None:
    """Declares the command."""
    parser = options.add_command(
        commands,
        "completion",
        "print a script that completes commands in your shell",
        "completion bash >> ~/.bash_completion",
        description=__doc__,
    )
    parser.add_argument("shell", choices=("bash", "zsh"), help="your shell")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prints the script."""
    import shtab

    from agent.shell.cli import parser

    root = parser()
    _complete_files(root)
    print(shtab.complete(root, shell=args.shell))
    return 0


def _complete_files(parser: argparse.ArgumentParser) -> None:
    """Makes every argument that takes a path complete to files."""
    import shtab

    for action in parser._actions:
        if action.type is Path:
            action.complete = shtab.FILE  # type: ignore[attr-defined]  # the attribute that shtab looks for
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                _complete_files(inner)
