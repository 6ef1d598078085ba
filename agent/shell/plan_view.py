"""Shows which questions an interview would ask, and why."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator, Mapping

from agent.logic.planning.claimed import ClaimedPlan
from agent.shell import options
from agent.shell.output import print_json
from agent.shell.terminal import printable
from agent.values.interview_record import PlannedQuestion
from agent.values.rubric import Question

_WIDE = 76


def plan_options(parser: argparse.ArgumentParser) -> None:
    """Declares the options that shape a plan."""
    from agent.shell.profile_source import profile_options

    profile_options(parser)
    parser.add_argument("--seniority", choices=("junior", "senior"), help="only questions for this level")
    parser.add_argument("--count", type=options.count, metavar="N", help="number of questions (default 5)")
    parser.add_argument("--company", metavar="NAME|FILE", help="as this company would ask")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another draw (default 0)")
    parser.add_argument("--signal", action="append", default=[], metavar="NAME", help="only of this signal")
    parser.add_argument("--field", action="append", default=[], metavar="NAME", help="only of this field")
    options.grader_options(parser)


def run_plan(args: argparse.Namespace) -> int:
    """Prints the questions in order; with a profile also each one's reason, and the claims that no question touches."""
    from agent.compose import question_bank
    from agent.shell.profile_source import left_out, lines, profile_of
    from agent.shell.session_plan import SessionPlan, SessionRequest

    settings = options.settings(args)
    known = question_bank.questions(settings)
    profile = profile_of(args, settings, known)
    plan = SessionPlan(SessionRequest((), args.signal, args.field, seed=args.seed, profile=profile), settings, known)
    claimed = plan.claimed()
    if args.json:
        print_json(_json(plan.drawn(), claimed))
        return 0
    planned = claimed.questions if claimed else tuple(PlannedQuestion(question_id=q.id) for q in plan.drawn())
    shown = [*(lines(profile) if profile else ()), *_lines(planned, known), *left_out(claimed)]
    print("\n".join(shown))
    return 0


def _lines(planned: tuple[PlannedQuestion, ...], known: Mapping[str, Question]) -> Iterator[str]:
    for number, item in enumerate(planned, start=1):
        question = known[item.question_id]
        yield f"{number}. {question.id}  ({question.signal}, {question.seniority}, {question.weight}, {question.field})"
        for text in (item.why, question.ask):
            yield from textwrap.wrap(printable(text), _WIDE, initial_indent="   ", subsequent_indent="   ")


def _json(drawn: list[Question], claimed: ClaimedPlan | None) -> dict[str, object]:
    why = {item.question_id: item.why for item in claimed.questions} if claimed else {}
    return {
        "questions": [
            {"id": q.id, "signal": q.signal, "seniority": q.seniority, "weight": q.weight, "field": q.field}
            | {"why": why.get(q.id, "")}
            for q in drawn
        ],
        "unmatched": [claim.model_dump(mode="json") for claim in claimed.unmatched] if claimed else [],
        "not_today": [claim.model_dump(mode="json") for claim in claimed.not_today] if claimed else [],
    }
