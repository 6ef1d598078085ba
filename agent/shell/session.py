"""Runs an interview for a command: shows each step and keeps finished turns, also when it is interrupted."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from agent.interview.interview import interview
from agent.interview.setup import AnswerCompleted, AnswerDrafted, Choose, Event, InterviewSetup
from agent.logic.grading.overall import first_tries, overall
from agent.shell.screen import Screen
from agent.values.errors import StoreError
from agent.values.rubric import Question
from agent.values.session import Turn

if TYPE_CHECKING:
    from agent.shell.store.session_recorder import SessionRecorder


INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""


class SessionOutcome(NamedTuple):
    """What came of an interview."""

    turns: list[Turn]
    status: int
    """0, or INTERRUPTED."""


def run_session(
    choose: Choose,
    of: int,
    known: Mapping[str, Question],
    setup: InterviewSetup,
    screen: Screen,
    recorder: SessionRecorder | None = None,
) -> SessionOutcome:
    """Holds it to its end; an interruption ends it, keeps what was answered and shows where the candidate stands."""
    turns: list[Turn] = []
    unfinished: AnswerDrafted | None = None
    complete = False
    try:
        with closing(interview(choose, of, setup)) as steps:
            for step in steps:
                # Before anything is shown: a turn that was seen is on record.
                _keep(recorder, step, screen)
                unfinished = _unfinished(step, unfinished)
                if isinstance(step, AnswerCompleted):
                    turns.append(step.turn)
                screen.show(step)
        complete = True
    except KeyboardInterrupt:
        screen.note("\nStopped. What was answered so far:")
    finally:
        if unfinished is not None:
            turns.append(unfinished.turn)
        _end(recorder, complete, unfinished, screen)
    if not complete:
        screen.overall(overall(first_tries(turns), known))
    return SessionOutcome(turns, 0 if complete else INTERRUPTED)


def _unfinished(step: Event, before: AnswerDrafted | None) -> AnswerDrafted | None:
    """The answer that is graded already, and whose follow-up is still to come."""
    if isinstance(step, AnswerDrafted):
        return step
    return None if isinstance(step, AnswerCompleted) else before


def _keep(recorder: SessionRecorder | None, step: Event, screen: Screen) -> None:
    """A full disk ends the keeping of an answer, not the interview."""
    try:
        if recorder is not None:
            recorder.handle(step)
    except StoreError as error:
        screen.note(f"This answer is not kept whole: {error}")


def _end(recorder: SessionRecorder | None, complete: bool, unfinished: AnswerDrafted | None, screen: Screen) -> None:
    try:
        if recorder is not None:
            _close(recorder, complete, unfinished)
    except StoreError as error:
        screen.note(f"The session could not be ended properly: {error}")
    if recorder is not None and recorder.turns:
        screen.note(f"On record as {recorder.session_id}: mock-interview history show {recorder.session_id}")


def _close(recorder: SessionRecorder, complete: bool, unfinished: AnswerDrafted | None) -> None:
    try:
        if unfinished is not None:
            recorder.save_unfinished(unfinished)
    finally:
        recorder.close(complete)
