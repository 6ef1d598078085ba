"""`regrade`: grades the saved answers of a session again, with another grader or changed rubrics."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from agent.logic.ports import Grader
from agent.shell import options
from agent.values.grade import Grade
from agent.values.rubric import Question
from agent.values.session import SavedTurn


def add(commands: options.Commands) -> None:
    """Declares the command."""
    parser = options.add_command(
        commands, "regrade", "grade the answers of a past session again", "regrade latest --keep", description=__doc__
    )
    parser.add_argument("session", metavar="SESSION", help="session id, as 'mock-interview history' lists them")
    parser.add_argument(
        "--keep", action="store_true", help="use the new grades from now on; the old ones stay on record"
    )
    for share in (options.rubric_options, options.grader_options, options.store_options):
        share(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prints old and new grades side by side."""
    from agent.compose import build, question_bank
    from agent.shell.saving import open_store
    from agent.shell.withheld import rated_sessions

    settings = options.settings(args)
    store = open_store(settings)
    [session] = rated_sessions(store, args.session)
    known = question_bank.questions(settings)
    # A fallback would pass its grades off as those of the grader that was chosen.
    judge = build.grader(settings, falls_back=False)
    print(f"{'':3} {'question':32} {'before':20} {'now':20}")
    graded = changed = 0
    for number, saved in enumerate(session.turns, start=1):
        now = _again(number, saved, known, judge)
        if now is None:
            continue
        old = saved.turn.grade
        graded, changed = graded + 1, changed + (now.rating is not old.rating)
        if args.keep and (now.rating is not None or old.rating is None):
            # One by one, so that a user who stops here keeps what was graded, and perhaps paid for, so far.
            store.regrade(session.id, {number: now})
    print(f"{changed} of {graded} ratings changed")
    if args.keep and graded:
        print("The new grades count from now on; the old ones stay on record")
    return 0


def _again(number: int, saved: SavedTurn, known: Mapping[str, Question], judge: Grader) -> Grade | None:
    """The new grade, shown beside the old one; None if the turn cannot be graded."""
    from agent.shell.regrading import graded_again

    question = known.get(saved.turn.question_id)
    print(f"{number:2}. {saved.turn.question_id:32} {_described(saved.turn.grade):20} ", end="", flush=True)
    if question is None or not saved.turn.transcript.words:
        print(_why_not(saved))
        return None
    now = graded_again(judge, question, saved.turn)
    print(_described(now) if now.rating is not None else f"ungraded: {now.ungraded_reason}", flush=True)
    return now


def _described(grade: Grade) -> str:
    return "ungraded" if grade.rating is None else f"{grade.rating.spoken} ({grade.confidence:.0%})"


def _why_not(saved: SavedTurn) -> str:
    return "the question no longer exists" if saved.turn.transcript.words else "no words to grade"
