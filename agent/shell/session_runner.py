"""Runs an interview for a command: shows each event and saves every answer, whatever ends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from typing import TYPE_CHECKING, NamedTuple, Protocol

from agent.interview.events import AnswerCompleted, Event, InterviewConcluded
from agent.interview.interview import Interview
from agent.interview.setup import Choose, InterviewSetup
from agent.logic.grading.overall import SignalRating, first_tries, overall
from agent.shell.interruption import INTERRUPTED
from agent.values.audio import Clip
from agent.values.errors import StoreError
from agent.values.rubric import Question
from agent.values.session import Turn

if TYPE_CHECKING:
    from agent.shell.store.session_recorder import SessionRecorder

NOT_SAVED_YET = "This answer is not saved yet, and is tried again: {error}"
LOST = "{count} could not be saved anywhere. {error} Copy the words from the screen before you close it."
LEFT = "{count} could not be saved now. {error} Nothing is lost: they are added when mock-interview starts next."


class View(Protocol):
    """Where an interview is shown."""

    def show(self, event: Event) -> None:
        """Shows one event."""
        ...

    def note(self, text: str) -> None:
        """A line from the program itself."""
        ...

    def saved(self, session_id: str) -> None:
        """Reports that the session has ended and is saved."""
        ...

    def overall(self, ratings: list[SignalRating]) -> None:
        """Shows the rating per signal."""
        ...


class SessionOutcome(NamedTuple):
    """The result of an interview."""

    turns: list[Turn]
    status: int
    """0, or INTERRUPTED."""


def _nothing() -> None:
    pass


class SessionRunner:
    """One interview with its view and, if it is saved, its recorder."""

    def __init__(self, view: View, known: Mapping[str, Question], recorder: SessionRecorder | None = None) -> None:
        self._view, self._questions, self._recorder = view, known, recorder
        self._interview: Interview | None = None

    def answer_audio(self) -> Clip:
        """The audio of the running answer, or of the one that was just completed; empty when there is none."""
        return Clip.silence() if self._interview is None else self._interview.answer_audio

    def run(self, choose: Choose, of: int, setup: InterviewSetup) -> SessionOutcome:
        """Runs the interview to its end. An interruption ends it and shows where the candidate stands.

        Whatever else ends it, every answer is saved before the error is raised again.
        """
        return self.run_interview(Interview(choose, of, setup))

    @property
    def session_id(self) -> str | None:
        """Id of the saved session; None if the interview is not saved."""
        return None if self._recorder is None else self._recorder.session_id

    def run_interview(self, interview: Interview, after_saving: Callable[[], None] = _nothing) -> SessionOutcome:
        """Runs a given interview to its end. `after_saving` is called after an answer was saved, and before the end."""
        self._interview = interview
        complete = interrupted = False
        try:
            with closing(interview.events()) as events:
                for event in events:
                    # Before anything is shown: a turn that was seen is on record.
                    self._save(event, interview)
                    if isinstance(event, AnswerCompleted | InterviewConcluded):
                        after_saving()
                    self._view.show(event)
            # Stopped from outside is cut off, like an interruption: the running answer is saved with all its words.
            complete = not interview.stopped
        except KeyboardInterrupt:
            interrupted = True
            self._note("\nStopped. Saving your answers ...")
        finally:
            after_saving()
            self._end(complete, interview)
            if not complete:
                with suppress(OSError):
                    self._view.overall(overall(first_tries(interview.turns), self._questions))
        return SessionOutcome(interview.turns, INTERRUPTED if interrupted else 0)

    def _note(self, text: str) -> None:
        """Shows a line, and ignores a closed terminal."""
        with suppress(OSError):
            self._view.note(text)

    def _save(self, event: Event, interview: Interview) -> None:
        """Saves an event. A full disk or a locked database delays saving an answer, but does not end the interview."""
        if self._recorder is None:
            return
        try:
            self._recorder.handle(event, lambda: interview.answer_audio)
        except StoreError as error:
            self._view.note(NOT_SAVED_YET.format(error=error))

    def _end(self, complete: bool, interview: Interview) -> None:
        recorder = self._recorder
        if recorder is None:
            return
        try:
            recorder.close(complete, interview.answer_transcript, lambda: interview.answer_audio)
        except StoreError as error:
            count = "1 answer" if recorder.unsaved == 1 else f"{recorder.unsaved} answers"
            text = LEFT if recorder.in_journal else LOST
            self._note(text.format(count=count if recorder.unsaved else "The last answer", error=error))
        with suppress(StoreError):
            if recorder.is_on_record():
                with suppress(OSError):
                    self._view.saved(recorder.session_id)
