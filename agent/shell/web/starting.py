"""Builds the interview that the page ordered: practice with feedback, or a whole interview for a job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from agent.compose.settings import Settings
from agent.shell.session_plan import SessionPlan
from agent.shell.web.models import Models
from agent.shell.web.order import Order, adjusted, time_boxed
from agent.shell.web.session import Devices, RunInterview
from agent.shell.web.stage import Stage
from agent.shell.withheld import past_answers
from agent.values.errors import InputError
from agent.values.interview_record import InterviewRecord
from agent.values.rubric import Question

if TYPE_CHECKING:
    from agent.interview.setup import InterviewSetup
    from agent.shell.session_runner import SessionRunner
    from agent.shell.store.store import Store


class Means(NamedTuple):
    """Everything that an interview on the page needs."""

    settings: Settings
    questions: Mapping[str, Question]
    store: Store
    models: Models


def practice(order: Order, means: Means) -> RunInterview:
    """Builds practice, with feedback after each answer. Raises InputError if there is nothing to ask."""
    order.check()
    settings, past = adjusted(order, means.settings, means.questions), past_answers(means.store)
    plan = SessionPlan(order.request, settings, means.questions)
    nothing_due = plan.nothing_due(past)
    if nothing_due is not None:
        raise InputError(nothing_due)
    choose, of = plan.chooser(past)
    chosen = choose if order.minutes is None else time_boxed(choose, order.minutes)

    def run(devices: Devices, stage: Stage) -> None:
        from agent.shell.saving import knowing_the_candidate, remembering

        runner, setup = _ready(order, means._replace(settings=settings), devices, stage)
        saved_in = means.store if order.save else None
        if order.profile is not None and saved_in is not None and runner.session_id is not None:
            saved_in.interviews.write(
                runner.session_id, InterviewRecord(profile=order.profile, company=settings.company)
            )
        with knowing_the_candidate(setup, saved_in):
            runner.run(chosen, of, replace(remembering(setup, past), profile=order.profile))

    return run


def whole(order: Order, means: Means) -> RunInterview:
    """Builds a whole interview, without ratings before the debrief.

    Raises InputError if there is nothing to ask or to continue.
    """
    from agent.shell import whole_session

    order.check()
    settings = adjusted(order, means.settings, means.questions)
    if order.resume:
        begun = whole_session.left_last(means.store, means.questions)
    else:
        assert order.real is not None
        begun = whole_session.planned(order.request, order.real, settings, means.questions)

    def run(devices: Devices, stage: Stage) -> None:
        from agent.shell.saving import knowing_the_candidate

        session_id = None if begun.session is None else begun.session.id
        runner, setup = _ready(order, means._replace(settings=settings), devices, stage, session_id)
        saved_in = means.store if order.save else None
        interview = whole_session.interview_of(begun, setup, means.questions)
        stage.whole(lambda: interview.progress, begun.session)
        with knowing_the_candidate(setup, saved_in):
            whole_session.run_and_save(interview, begun.record, runner, saved_in)
        if interview.progress.stage == "done":
            stage.debrief(begun.record.profile)

    return run


def _ready(
    order: Order, means: Means, devices: Devices, stage: Stage, session_id: str | None = None
) -> tuple[SessionRunner, InterviewSetup]:
    from agent.shell.saving import journaled
    from agent.shell.session_runner import SessionRunner
    from agent.shell.store.answer_journal import AnswerJournal
    from agent.shell.store.session_recorder import SessionRecorder

    setup, recorder = means.models.setup(means.settings, *devices), None
    # Nothing of a session that is not saved touches the disk, its sound least of all.
    if order.save:
        journal = AnswerJournal(order.keep_audio)
        setup, recorder = journaled(setup, journal), SessionRecorder(means.store, journal, session_id)
    runner = SessionRunner(stage, means.questions, recorder)
    stage.answer_audio = runner.answer_audio
    return runner, setup
