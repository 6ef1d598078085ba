"""Keeps one interview: each turn as it comes, and the running answer's sound. Knows nothing of what is shown."""

from __future__ import annotations

import numpy as np

from agent.interview.room import Answered, Asked, GoesOn, Heard, Pauses, Said, Step
from agent.shell.store.recorder import Tape, read_tape
from agent.shell.store.store import Store
from agent.values.audio import Clip
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
        self._attempt = 1
        self._answered = False
        """Whether that attempt has been answered."""
        self._heard = 0
        """Samples on the tape that belong to the answer heard last."""

    def heed(self, step: Step) -> None:
        """One step of the interview. Raises StoreError when a turn cannot be written."""
        match step:
            case Asked(question=question, attempt=attempt):
                self._question = question
                self._listen(question, attempt)
            case Said(text):
                self._said(text)
            case GoesOn(indeed=True) if self._question is not None:
                self._listen(self._question, self._attempt)
            case GoesOn(indeed=False):
                self._answered = True
                if self._tape is not None:
                    self._tape.discard()
            case Pauses(begins) if self._tape is not None:
                self._tape.hold(begins)
            case Heard() if self._tape is not None:
                self._heard = self._tape.samples
            case Answered():
                self._keep(step)

    def keep_unfinished(self, heard: Heard) -> None:
        """An answer that was graded and then cut off in its follow-up: the turn, and all of its sound."""
        clip = heard.clip
        if self._tape is not None:
            self._tape.stop()
            left = read_tape(self._store.tape_path(self.session_id))
            if left is not None:
                rest = left[1].samples[self._heard :]
                clip = Clip(samples=np.concatenate([clip.samples, rest]), rate=clip.rate)
        self._keep(Answered(heard.turn, clip))

    def close(self, complete: bool) -> None:
        """Ends the session. Unless the interview is complete, what is on the tape is an answer that was cut off."""
        if self._tape is not None:
            if complete:
                self._tape.discard()
            self._tape.stop()
        self._store.finish(self.session_id)

    def _listen(self, question: Question, attempt: int) -> None:
        self._attempt, self._answered = attempt, False
        if self._tape is not None:
            label = self._store.label(self.session_id, question.id, question.signal, attempt)
            self._tape.begin(self._store.tape_path(self.session_id), label)

    def _said(self, text: str) -> None:
        # After the feedback, what is heard is "next" or "explain": no answer, until the question is put once more.
        if self._question is not None and self._answered and text.endswith(self._question.ask):
            self._listen(self._question, self._attempt + 1)

    def _keep(self, step: Answered) -> None:
        self._attempt, self._answered = step.turn.attempt, True
        if self._tape is None:
            self._store.keep(self.session_id, step.turn)
        else:
            self._tape.stop()
            self._store.keep(self.session_id, step.turn, step.clip)
            self._tape.discard()
        self.turns += 1
