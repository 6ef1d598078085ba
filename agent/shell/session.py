"""Runs an interview for a command: shows each step and keeps finished turns, also when it is interrupted."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from agent.interview.interview import interview
from agent.interview.room import Answered, Choose, Heard, Room, Step
from agent.shell.screen import Screen
from agent.steps.overall import first_tries, overall
from agent.values.errors import StoreError
from agent.values.rubric import Question
from agent.values.session import Turn

if TYPE_CHECKING:
    from agent.shell.store.keeper import Keeper


INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""


class Held(NamedTuple):
    """What came of an interview."""

    turns: list[Turn]
    status: int
    """0, or INTERRUPTED."""


def hold(
    choose: Choose,
    of: int,
    known: Mapping[str, Question],
    room: Room,
    screen: Screen,
    keeper: Keeper | None = None,
) -> Held:
    """Holds it to its end; an interruption ends it, keeps what was answered and shows where the candidate stands."""
    turns: list[Turn] = []
    unfinished: Heard | None = None
    complete = False
    try:
        with closing(interview(choose, of, room)) as steps:
            for step in steps:
                # Before anything is shown: a turn that was seen is on record.
                _keep(keeper, step, screen)
                unfinished = _unfinished(step, unfinished)
                if isinstance(step, Answered):
                    turns.append(step.turn)
                screen.show(step)
        complete = True
    except KeyboardInterrupt:
        screen.note("\nStopped. What was answered so far:")
    finally:
        if unfinished is not None:
            turns.append(unfinished.turn)
        _end(keeper, complete, unfinished, screen)
    if not complete:
        screen.overall(overall(first_tries(turns), known))
    return Held(turns, 0 if complete else INTERRUPTED)


def _unfinished(step: Step, before: Heard | None) -> Heard | None:
    """The answer that is graded already, and whose follow-up is still to come."""
    if isinstance(step, Heard):
        return step
    return None if isinstance(step, Answered) else before


def _keep(keeper: Keeper | None, step: Step, screen: Screen) -> None:
    """A full disk ends the keeping of an answer, not the interview."""
    try:
        if keeper is not None:
            keeper.heed(step)
    except StoreError as error:
        screen.note(f"This answer is not kept whole: {error}")


def _end(keeper: Keeper | None, complete: bool, unfinished: Heard | None, screen: Screen) -> None:
    try:
        if keeper is not None:
            _close(keeper, complete, unfinished)
    except StoreError as error:
        screen.note(f"The session could not be ended properly: {error}")
    if keeper is not None and keeper.turns:
        screen.note(f"On record as {keeper.session_id}: mock-interview history show {keeper.session_id}")


def _close(keeper: Keeper, complete: bool, unfinished: Heard | None) -> None:
    try:
        if unfinished is not None:
            keeper.keep_unfinished(unfinished)
    finally:
        keeper.close(complete)
