"""Keeps one interview: each turn as it comes, and the running answer's sound. Knows nothing of what is shown."""

from __future__ import annotations

from agent.interview.room import Answered, Asked, GoesOn, Heard, Said, Step
from agent.shell.store.recorder import Tape, read_tape, with_rest
from agent.shell.store.store import Store
from agent.values.rubric import Question


class Keeper:
    """One session of the store, from the first step to close()."""

    def __init__(self, store: Store, tape: Tape | None) -> None:
        """`tape` is the one that the room's microphone writes to; None keeps no sound."""
        self._store, self._tape = store, tape
        self.session_id = store.begin()
        self.turns = 0
        """Kept so far."""
        self._question: Question | None = None
        self._answered: int | None = None
        """The attempt that was answered last, once the question has been."""

    def heed(self, step: Step) -> None:
        """One step of the interview. Raises StoreError when a turn cannot be written."""
        match step:
            case Asked(question=question, attempt=attempt):
                self._question = question
                self._listen(question, attempt)
            case Said(text):
                self._said(text)
            case GoesOn() if self._question is not None and self._answered is not None:
                self._listen(self._question, self._answered)
            case Answered():
                self._keep(step)

    def keep_unfinished(self, heard: Heard) -> None:
        """An answer that was graded and then cut off in its follow-up: the turn, and all of its sound."""
        clip = heard.clip
        if self._tape is not None:
            self._tape.stop()
            clip = with_rest(clip, read_tape(self._store.tape_path(self.session_id)))
        self._keep(Answered(heard.turn, clip))

    def close(self, complete: bool) -> None:
        """Ends the session. Unless the interview is complete, what is on the tape is an answer that was cut off."""
        if self._tape is not None:
            if complete:
                self._tape.discard()
            self._tape.stop()
        self._store.finish(self.session_id)

    def _listen(self, question: Question, attempt: int) -> None:
        self._answered = None
        if self._tape is not None:
            label = self._store.label(self.session_id, question.id, question.signal, attempt)
            self._tape.begin(self._store.tape_path(self.session_id), label)

    def _said(self, text: str) -> None:
        # After the feedback, what is heard is "next" or "explain": no answer, until the question is put once more.
        if self._question is not None and self._answered is not None and text.endswith(self._question.ask):
            self._listen(self._question, self._answered + 1)

    def _keep(self, step: Answered) -> None:
        self._answered = step.turn.attempt
        if self._tape is None:
            self._store.keep(self.session_id, step.turn)
        else:
            self._tape.stop()
            self._store.keep(self.session_id, step.turn, step.clip)
            self._tape.discard()
        self.turns += 1
