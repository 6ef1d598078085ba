"""`practice --real`: plans a whole interview, holds it, saves how far it came, and shows the debrief at its end."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from agent.compose import question_bank
from agent.interview.whole import WholeInterview, WholeScript
from agent.logic.planning.pacing import question_count
from agent.logic.reporting.notes import interview_notes
from agent.shell import notes_view
from agent.shell.profile_source import left_out, lines, profile_of
from agent.shell.regrading import grade_afterwards
from agent.shell.session_plan import SessionPlan, Wishes
from agent.values.errors import InputError, StoreError
from agent.values.interview_record import InterviewRecord, Pace, PlannedQuestion
from agent.values.rubric import Question
from agent.values.session import Session

if TYPE_CHECKING:
    from agent.compose.settings import Settings
    from agent.interview.setup import InterviewSetup
    from agent.shell.session_runner import SessionRunner
    from agent.shell.store.store import Store

GO_ON = "To go on another day: mock-interview practice --resume"


class Begun(NamedTuple):
    """An interview to hold: a new one, or the rest of one."""

    record: InterviewRecord
    session: Session | None = None
    """What was answered on the days before; None for a new interview."""


def new(args: argparse.Namespace, settings: Settings, known: Mapping[str, Question]) -> Begun:
    """A plan that gives every signal its time. Raises InputError."""
    profile = profile_of(args, settings, known)
    signals = {question.signal for question in known.values()}
    count = question_count(args.minutes, len(args.signal or signals))
    wishes = Wishes((), args.signal, args.field, seed=args.seed, profile=profile)
    plan = SessionPlan(wishes, settings.model_copy(update={"count": count}), known)
    claimed = plan.claimed()
    planned = claimed.questions if claimed else tuple(PlannedQuestion(question_id=item.id) for item in plan.drawn())
    if profile is not None and not args.quiet:
        print("\n".join([*lines(profile), *left_out(claimed)]))
    record = InterviewRecord(profile=profile, plan=planned, company=settings.company, pace=Pace(minutes=args.minutes))
    return Begun(record)


def left_last(store: Store, known: Mapping[str, Question]) -> Begun:
    """The latest whole interview that was not finished. Raises InputError when there is none."""
    open_ones = {
        name: record
        for name, record in store.interviews.all().items()
        if record.pace is not None and record.pace.stage != "done"
    }
    if not open_ones:
        raise InputError("no --real interview waits to be finished; 'mock-interview practice --real' begins one")
    name = max(open_ones)
    record = open_ones[name]
    there = tuple(item for item in record.plan if item.question_id in known)
    if not there:
        raise InputError(f"the questions of session '{name}' are not known any more; begin a new interview")
    return Begun(record.model_copy(update={"plan": there}), store.session(name))


def hold(
    begun: Begun,
    runner: SessionRunner,
    setup: InterviewSetup,
    known: Mapping[str, Question],
    store: Store | None,
    afterwards: Settings | None = None,
) -> int:
    """Holds it, saves how far it came after every answer, and shows the debrief when it is finished.

    `afterwards` has the grader that was too slow for the conversation and grades before the debrief.
    """
    record = begun.record
    interview = WholeInterview(
        _script(begun, known), replace(setup, style=setup.style.for_a_job(), profile=record.profile)
    )

    def save_pace() -> None:
        # The turns are what matters, and they are saved by now; without its pace an interview only cannot go on.
        if store is not None and runner.session_id is not None:
            with suppress(StoreError):
                store.interviews.write(runner.session_id, record.model_copy(update={"pace": interview.pace}))

    outcome = runner.hold(interview, save_pace)
    if interview.pace.stage == "done":
        turns = interview.turns
        # Ctrl-C ends the program: nothing more is graded.
        goes_on = outcome.status == 0
        if goes_on and afterwards is not None and store is not None and runner.session_id is not None:
            print(f"Grading your answers with {afterwards.llm_model} ...", flush=True)
            grade_afterwards(afterwards, store, runner.session_id, known)
            turns = [kept.turn for kept in store.session(runner.session_id).turns]
        print("\n".join(notes_view.lines(interview_notes(turns, known, record.profile))))
    elif store is not None and interview.turns:
        print(GO_ON)
    return outcome.status


def _script(begun: Begun, known: Mapping[str, Question]) -> WholeScript:
    record = begun.record
    assert record.pace is not None
    # An answer that was cut off is asked for again.
    earlier = tuple(kept.turn for kept in begun.session.turns if not kept.interrupted) if begun.session else ()
    questions = [known[item.question_id] for item in record.plan]
    return WholeScript(questions, record.pace, question_bank.named_company(record.company), earlier)
