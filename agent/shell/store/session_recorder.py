"""Keeps one interview: each turn as it comes, and the running answer's sound. Knows nothing of what is shown."""

from __future__ import annotations

import numpy as np

from agent.interview.setup import (
    AgentSpoke,
    AnswerCompleted,
    AnswerContinued,
    AnswerDrafted,
    Event,
    PauseChanged,
    QuestionAsked,
)
from agent.shell.store.audio_journal import AudioJournal, read_journal
from agent.shell.store.store import Store
from agent.values.audio import Clip
from agent.values.rubric import Question


class SessionRecorder:
    """One session of the store, from the first step to close()."""

    def __init__(self, store: Store, journal: AudioJournal | None) -> None:
        """`tape` is the one that the room's microphone writes to; None keeps no sound."""
        self._store, self._journal = store, journal
        self.session_id = store.begin()
        self.turns = 0
        """Kept so far."""
        self._question: Question | None = None
        self._attempt = 1
        self._answered = False
        """Whether that attempt has been answered."""
        self._heard = 0
        """Samples on the tape that belong to the answer heard last."""

    def handle(self, step: Event) -> None:
        """One step of the interview. Raises StoreError when a turn cannot be written."""
        match step:
            case QuestionAsked(question=question, attempt=attempt):
                self._question = question
                self._listen(question, attempt)
            case AgentSpoke(text):
                self._said(text)
            case AnswerContinued(indeed=True) if self._question is not None:
                self._listen(self._question, self._attempt)
            case AnswerContinued(indeed=False):
                self._answered = True
                if self._journal is not None:
                    self._journal.discard()
            case PauseChanged(begins) if self._journal is not None:
                self._journal.hold(begins)
            case AnswerDrafted() if self._journal is not None:
                self._heard = self._journal.samples
            case AnswerCompleted():
                self._keep(step)

    def save_unfinished(self, heard: AnswerDrafted) -> None:
        """An answer that was graded and then cut off in its follow-up: the turn, and all of its sound."""
        clip = heard.clip
        if self._journal is not None:
            self._journal.stop()
            left = read_journal(self._store.journal_path(self.session_id))
            if left is not None:
                rest = left[1].samples[self._heard :]
                clip = Clip(samples=np.concatenate([clip.samples, rest]), rate=clip.rate)
        self._keep(AnswerCompleted(heard.turn, clip))

    def close(self, complete: bool) -> None:
        """Ends the session. Unless the interview is complete, what is on the tape is an answer that was cut off."""
        if self._journal is not None:
            if complete:
                self._journal.discard()
            self._journal.stop()
        self._store.finish(self.session_id)

    def _listen(self, question: Question, attempt: int) -> None:
        self._attempt, self._answered = attempt, False
        if self._journal is not None:
            label = self._store.label(self.session_id, question.id, question.signal, attempt)
            self._journal.begin(self._store.journal_path(self.session_id), label)

    def _said(self, text: str) -> None:
        # After the feedback, what is heard is "next" or "explain": no answer, until the question is put once more.
        if self._question is not None and self._answered and text.endswith(self._question.ask):
            self._listen(self._question, self._attempt + 1)

    def _keep(self, step: AnswerCompleted) -> None:
        self._attempt, self._answered = step.turn.attempt, True
        if self._journal is None:
            self._store.keep(self.session_id, step.turn)
        else:
            self._journal.stop()
            self._store.keep(self.session_id, step.turn, step.clip)
            self._journal.discard()
        self.turns += 1
