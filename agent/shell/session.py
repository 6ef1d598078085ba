"""Runs an interview for a command: shows each step, keeps finished turns, ends with the rating per signal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from agent.interview.interview import interview
from agent.interview.room import Answered, Choose, Heard, Room, Step
from agent.shell.screen import Screen
from agent.steps.overall import overall, summary
from agent.steps.speakable import sentences, speakable
from agent.values.errors import StoreError
from agent.values.rubric import Question
from agent.values.session import Turn

if TYPE_CHECKING:
    from agent.shell.store.keeper import Keeper


def hold(
    choose: Choose,
    of: int,
    known: Mapping[str, Question],
    room: Room,
    screen: Screen,
    keeper: Keeper | None = None,
) -> list[Turn]:
    """All turns that were finished; an interruption ends the interview and keeps them."""
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
    screen.overall(overall(turns, known))
    return turns


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


def say_overall(turns: Sequence[Turn], known: Mapping[str, Question], room: Room) -> None:
    """Speaks the rating per signal."""
    for sentence in sentences(summary(overall(turns, known))):
        room.speaker.play(room.voice.synthesize(speakable(sentence)))
