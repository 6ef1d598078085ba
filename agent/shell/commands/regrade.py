"""`regrade`: grades the stored answers of a session again, with another grader or changed rubrics."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from agent.shell import options
from agent.values.grade import Claim, Grade
from agent.values.rubric import Question
from agent.values.session import KeptTurn, Turn


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command."""
    parser = commands.add_parser("regrade", help="grade the answers of a past session again", description=__doc__)
    parser.add_argument("session", metavar="SESSION", help="as 'mock-interview history' lists them")
    parser.add_argument("--keep", action="store_true", help="let the new grades count; the old ones stay on record")
    for share in (options.rubric_options, options.grader_options, options.store_options):
        share(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prints old and new grades beside one another."""
    store = options.store(args)
    session = store.session(args.session)
    new = _grades(args, session.turns, options.questions(args))
    print(f"{'':3} {'question':32} {'before':20} {'now':20}")
    changed = 0
    for number, kept in enumerate(session.turns, start=1):
        old, now = kept.turn.grade, new.get(number)
        changed += now is not None and now.rating is not old.rating
        told = _told(now) if now is not None else _why_not(kept)
        print(f"{number:2}. {kept.turn.question_id:32} {_told(old):20} {told}")
    print(f"{changed} of {len(new)} ratings changed")
    if args.keep and new:
        store.regrade(session.id, new)
        print("The new grades count from now on; the old ones stay on record")
    return 0


def _grades(args: argparse.Namespace, turns: tuple[KeptTurn, ...], known: Mapping[str, Question]) -> dict[int, Grade]:
    """The new grade of each turn that has words and whose question there still is, by the turn's number."""
    from agent.steps.grading import grade

    judge = options.grader(args)
    grades = {}
    for number, kept in enumerate(turns, start=1):
        turn = kept.turn
        if not turn.transcript.words or turn.question_id not in known:
            continue
        question = known[turn.question_id]
        verdict = judge.claim(question, turn.transcript)
        verdict = verdict.model_copy(update={"claims": (*verdict.claims, *_clarified(question, turn))})
        grades[number] = grade(question, turn.transcript, verdict, turn.grade.hints_used)
    return grades


def _clarified(question: Question, turn: Turn) -> list[Claim]:
    """The points that were made by asking the interviewer, as in the interview itself."""
    from agent.adapters.understanding import Understood

    if not turn.clarified:
        return []
    understood = Understood()
    found = [(text, understood.asks(question, text)) for text in turn.clarified]
    return [Claim(target=known.point, quote=text) for text, known in found if known and known.point]


def _told(grade: Grade) -> str:
    return "ungraded" if grade.rating is None else f"{grade.rating.spoken} ({grade.confidence:.0%})"


def _why_not(kept: KeptTurn) -> str:
    return "no such question now" if kept.turn.transcript.words else "no words to grade"
