"""Wraps any microphone so that it writes its audio to the journal."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing

from agent.logic.ports import BargeIn, Microphone
from agent.shell.store.answer_journal import AnswerJournal
from agent.values.audio import Clip


class RecordingMicrophone:
    """Implements Microphone: each frame is in the journal before it is passed on."""

    def __init__(self, microphone: Microphone, journal: AnswerJournal) -> None:
        self._microphone, self._journal = microphone, journal

    def frames(self) -> Generator[Clip, None, None]:
        """Frames of the wrapped microphone."""
        return _recorded(self._microphone.frames(), self._journal)


class RecordingBargeIn:
    """Implements BargeIn: the journal gets only what the interview listens
    to, not what arrives while the agent speaks.
    """

    def __init__(self, barge_in: BargeIn, journal: AnswerJournal) -> None:
        self._barge_in, self._journal = barge_in, journal

    def begin(self) -> None:
        """The agent is about to speak."""
        self._barge_in.begin()

    def interrupted(self) -> bool:
        """Whether the candidate has begun to speak."""
        return self._barge_in.interrupted()

    def frames(self) -> Generator[Clip, None, None]:
        """Frames of the wrapped microphone."""
        return _recorded(self._barge_in.frames(), self._journal)

    def close(self) -> None:
        """Releases the device."""
        self._barge_in.close()


def _recorded(frames: Generator[Clip, None, None], journal: AnswerJournal) -> Generator[Clip, None, None]:
    with closing(frames):
        for frame in frames:
            journal.write(frame)
            yield frame
