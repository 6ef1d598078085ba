"""Writes the report, and offers it when an interview is over."""

from __future__ import annotations

import sys
import webbrowser
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agent.logic.reporting.build import report
from agent.shell.output import write_text
from agent.shell.report.page import render
from agent.shell.withheld import rated_sessions

if TYPE_CHECKING:
    from agent.shell.store.store import Store
    from agent.values.rubric import Question
    from agent.values.session import Session

NAME = Path("interview-report.html")
"""Where the report goes when nothing else was asked for."""


def write_report(
    out: Path, sessions: Sequence[Session], known: Mapping[str, Question], every: Sequence[Session], store: Store
) -> None:
    """Writes the report of some sessions, with the progress over all of them, and says where. Raises InputError."""
    page = render(report(sessions, known, every, store.interviews.all()))
    write_text(out, page)
    print(f"Wrote {out.resolve()} ({len(page.encode()) / 1e6:.1f} MB)")


def offer_report(store: Store, known: Mapping[str, Question], session_id: str | None = None) -> None:
    """Asks whether to open the report of a session, by default the latest, and does so. Only in a terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return
    if session_id in store.interviews.unfinished():
        return
    print("Open the report with every answer now? [y/N] ", end="", flush=True)
    # Not input(), which ends in a traceback when there is nothing more to read.
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        return
    every = rated_sessions(store)
    mine = [session for session in every if session.id == session_id]
    write_report(NAME, mine or every[-1:], known, every, store)
    webbrowser.open(NAME.resolve().as_uri())
