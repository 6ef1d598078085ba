"""The options of a whole interview; apart from what holds it, so that the command line is known quickly."""

from __future__ import annotations

import argparse


def whole_options(parser: argparse.ArgumentParser) -> None:
    """Declares them."""
    parser.add_argument(
        "--real",
        action="store_true",
        help="a whole interview: introduction, technical part, your questions; ratings only in the debrief at its end",
    )
    parser.add_argument(
        "--minutes", type=int, choices=(30, 45, 60), default=45, help="length of a --real interview (default 45)"
    )
    parser.add_argument("--resume", action="store_true", help="go on with the --real interview that was left last")
