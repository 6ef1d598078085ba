"""Runs an interview for a command: shows each step, keeps finished turns, ends with the rating per signal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.interview.interview import interview
from agent.interview.room import Answered, Choose, Room
from agent.shell.screen import Screen
from agent.steps.overall import overall, summary
from agent.steps.speakable import sentences, speakable
from agent.values.rubric import Question
from agent.values.session import Turn


def hold(choose: Choose, of: int, known: Mapping[str, Question], room: Room, screen: Screen) -> list[Turn]:
    """All turns that were finished; an interruption ends the interview and keeps them."""
    turns: list[Turn] = []
    steps = interview(choose, of, room)
    try:
        for step in steps:
            screen.show(step)
            if isinstance(step, Answered):
                turns.append(step.turn)
    except KeyboardInterrupt:
        screen.note("\nStopped. What was answered so far:")
    screen.overall(overall(turns, known))
    return turns


def say_overall(turns: Sequence[Turn], known: Mapping[str, Question], room: Room) -> None:
    """Speaks the rating per signal."""
    for sentence in sentences(summary(overall(turns, known))):
        room.speaker.play(room.voice.synthesize(speakable(sentence)))
