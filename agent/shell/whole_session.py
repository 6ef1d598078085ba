"""`practice --real`: plans a whole interview, runs it, saves how far it came, and shows the debrief at its end."""

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
from agent.shell.regrading import graded_later
from agent.shell.session_plan import SessionPlan, SessionRequest
from agent.shell.whole_options import MINUTES
from agent.values.errors import InputError, StoreError
from agent.values.interview_record import InterviewProgress, InterviewRecord, Minutes, PlannedQuestion
from agent.values.rubric import Question
from agent.values.session import Session, Turn

if TYPE_CHECKING:
    from agent.compose.settings import Settings
    from agent.interview.setup import InterviewSetup
    from agent.logic.planning.claimed import ClaimedPlan
    from agent.shell.session_runner import SessionOutcome, SessionRunner
    from agent.shell.store.store import Store

GO_ON = "To go on another day: mock-interview practice --resume"


class Begun(NamedTuple):
    """An interview to run: a new one, or the rest of one."""

    record: InterviewRecord
    session: Session | None = None
    """The answers of earlier days; None for a new interview."""
    claimed: ClaimedPlan | None = None
    """The plan of a new interview, with the claims that it leaves out; None without a profile."""


class SaveOptions(NamedTuple):
    """Where the interview is saved."""

    store: Store | None = None
    """None saves nothing."""
    afterwards: Settings | None = None
    """Settings with a grader that was too slow for the conversation and grades before the debrief; None leaves the
    grades.
    """


def new(args: argparse.Namespace, settings: Settings, known: Mapping[str, Question]) -> Begun:
    """Returns a new interview whose plan gives every signal its time. Raises InputError."""
    profile = profile_of(args, settings, known)
    request = SessionRequest((), args.signal, args.field, seed=args.seed, profile=profile)
    begun = planned(request, args.minutes or MINUTES, settings, known)
    if profile is not None and not args.quiet:
        print("\n".join([*lines(profile), *left_out(begun.claimed)]))
    return begun


def planned(request: SessionRequest, minutes: Minutes, settings: Settings, known: Mapping[str, Question]) -> Begun:
    """Returns a plan of the given minutes that gives every signal its time. Raises InputError."""
    signals = {question.signal for question in known.values()}
    count = question_count(minutes, len(request.signals or signals))
    plan = SessionPlan(request, settings.model_copy(update={"count": count}), known)
    claimed = plan.claimed()
    asked = claimed.questions if claimed else tuple(PlannedQuestion(question_id=item.id) for item in plan.drawn())
    record = InterviewRecord(
        profile=request.profile, plan=asked, company=settings.company, progress=InterviewProgress(minutes=minutes)
    )
    return Begun(record, claimed=claimed)


def left_last(store: Store, known: Mapping[str, Question]) -> Begun:
    """Returns the latest whole interview that was not finished. Raises InputError if there is none."""
    open_ones = store.interviews.unfinished()
    if not open_ones:
        raise InputError("no --real interview waits to be finished; 'mock-interview practice --real' begins one")
    name = max(open_ones)
    record = open_ones[name]
    there = tuple(item for item in record.plan if item.question_id in known)
    if not there:
        raise InputError(f"the questions of session '{name}' are not known any more; begin a new interview")
    return Begun(record.model_copy(update={"plan": there}), store.session(name))


def how_far(begun: Begun) -> str:
    """Says in a line which interview is continued: there may be several, and it may be old."""
    assert begun.session is not None
    assert begun.record.progress is not None
    started, progress = begun.session.started, begun.record.progress
    answered = len({saved.turn.question_id for saved in begun.session.turns if not saved.interrupted})
    left = max(1, progress.minutes - round(progress.used_s / 60))
    return (
        f"Going on with the interview of {started:%B} {started.day}: {answered} of {len(begun.record.plan)} questions "
        f"answered, about {left} minutes left."
    )


def run_with_debrief(
    begun: Begun, runner: SessionRunner, setup: InterviewSetup, known: Mapping[str, Question], options: SaveOptions
) -> int:
    """Runs an interview, saves after every answer how far it came, and shows the debrief when it is finished."""
    record, store = begun.record, options.store
    interview = interview_of(begun, setup, known)
    outcome = run_and_save(interview, record, runner, store)
    if interview.progress.stage == "done":
        # Ctrl-C ends the program: nothing more is graded.
        turns = (None if outcome.status else _graded_afterwards(options, runner.session_id, known)) or interview.turns
        print("\n".join(notes_view.lines(interview_notes(turns, known, record.profile))))
    elif store is not None and runner.session_id is not None and store.has_turns(runner.session_id):
        print(GO_ON)
    return outcome.status


def interview_of(begun: Begun, setup: InterviewSetup, known: Mapping[str, Question]) -> WholeInterview:
    """Builds the interview, which can be run once."""
    style = setup.style.for_a_job()
    return WholeInterview(_script(begun, known), replace(setup, style=style, profile=begun.record.profile))


def run_and_save(
    interview: WholeInterview, record: InterviewRecord, runner: SessionRunner, store: Store | None
) -> SessionOutcome:
    """Runs the interview, and saves after every answer how far it came."""

    def save_progress() -> None:
        # The turns are what matters, and they are saved by now; without its progress an interview only cannot go on.
        if store is not None and runner.session_id is not None:
            with suppress(StoreError):
                store.interviews.write(runner.session_id, record.model_copy(update={"progress": interview.progress}))

    return runner.run_interview(interview, save_progress)


def _graded_afterwards(options: SaveOptions, session_id: str | None, known: Mapping[str, Question]) -> list[Turn]:
    """Returns the turns as regraded by the slower grader; empty if there is none."""
    store, settings = options
    if settings is None or store is None or session_id is None:
        return []
    print(graded_later(settings, store, session_id, known))
    return [saved.turn for saved in store.session(session_id).turns]


def _script(begun: Begun, known: Mapping[str, Question]) -> WholeScript:
    record = begun.record
    assert record.progress is not None
    # An answer that was cut off is asked for again.
    earlier = tuple(saved.turn for saved in begun.session.turns if not saved.interrupted) if begun.session else ()
    questions = [known[item.question_id] for item in record.plan]
    return WholeScript(questions, record.progress, question_bank.named_company(record.company), earlier)
