"""Saves one interview as it happens. A write that fails is tried again until it succeeds."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from agent.interview.events import (
    AgentSpeaks,
    AnswerCompleted,
    AnswerContinued,
    AnswerDrafted,
    AnswerTranscribed,
    AttemptStarted,
    Event,
    ListeningStarted,
    NothingAdded,
    PartialTranscript,
    PauseEnded,
    PauseStarted,
    QuestionAsked,
)
from agent.shell.store.answer_journal import AnswerJournal
from agent.shell.store.rows import UnsavedTurn, unsaved
from agent.shell.store.store import QUICK_S, Store
from agent.values.audio import Clip
from agent.values.errors import StoreError
from agent.values.rubric import Question
from agent.values.transcript import Transcript


class SessionRecorder:
    """One session of the store, from the first event to close()."""

    def __init__(self, store: Store, journal: AnswerJournal, session_id: str | None = None) -> None:
        """`journal` is the one that the interview's microphone writes to; `session_id` is one to go on with."""
        self._store, self._journal = store, journal
        self._number = 0 if session_id is None else store.resume(session_id)
        self.session_id = store.begin() if session_id is None else session_id
        journal.reserve(store.reserve_path(self.session_id))
        self.turns = 0
        """Turns completed so far."""
        self._question: Question | None = None
        self._attempt = 1
        self._waiting: list[UnsavedTurn] = []

    def is_on_record(self) -> bool:
        """Whether the session has any answers. Raises StoreError."""
        return self._store.has_turns(self.session_id)

    @property
    def unsaved(self) -> int:
        """Completed turns that are not saved yet."""
        return len(self._waiting)

    @property
    def in_journal(self) -> bool:
        """Whether the words that are not saved yet are in the journal, where the next start finds them."""
        waiting = [self._store.journal_files(self.session_id, turn.number) for turn in self._waiting]
        return self._journal.on_disk and all(files.words.exists() for files in waiting)

    def handle(self, event: Event, audio: Callable[[], Clip] = Clip.silence) -> None:
        """Saves one event; `audio` gives the running answer's audio.

        Raises StoreError if a completed turn could not be saved at once; the turn stays in memory, and saving is
        tried again.
        """
        match event:
            case QuestionAsked() | AttemptStarted() | AnswerContinued():
                self._begin(event)
            case NothingAdded():
                self._journal.discard()
                self._number -= 1
            case PauseStarted() | PauseEnded():
                self._journal.pause(isinstance(event, PauseStarted))
            case ListeningStarted(continues=False):
                self._journal.align(audio())
            case PartialTranscript(transcript=transcript):
                self._journal.note(transcript)
            case AnswerTranscribed() | AnswerDrafted():
                self._draft(event, audio())
            case AnswerCompleted(turn=turn):
                self._journal.note_turn(turn, complete=True)
                self._complete(audio())
            case AgentSpeaks() if self._waiting:
                with suppress(StoreError):
                    self._save_waiting()

    def close(
        self, complete: bool, running: Transcript | None = None, audio: Callable[[], Clip] = Clip.silence
    ) -> None:
        """Ends the session. Unless the interview is complete, the running answer is saved as interrupted.

        `running` are its words, of which the latest may not have been in any event. Raises StoreError if something
        could not be saved; the next start finds it in the journal.
        """
        self._restore_folder()
        if complete:
            self._leave_running()
        elif (state := self._journal.state) is not None:
            longest = max(state.transcript, running or Transcript(), key=lambda item: len(item.words))
            self._journal.note(longest)
            self._journal.make_up_for(audio)
        self._journal.close()
        try:
            self._save_waiting()
        finally:
            self._store.finish(self.session_id)

    def _begin(self, event: QuestionAsked | AttemptStarted | AnswerContinued) -> None:
        """Starts a new answer. If the previous one has words but was never completed, it is saved as interrupted."""
        if isinstance(event, QuestionAsked):
            self._question = event.question
        if not isinstance(event, AnswerContinued):
            self._attempt = event.attempt
        assert self._question is not None
        self._restore_folder()
        self._leave_running()
        self._number += 1
        label = self._store.label(self.session_id, self._number, self._question, self._attempt)
        self._journal.begin(self._store.journal_files(self.session_id, self._number), label)

    def _restore_folder(self) -> None:
        """Restores a deleted folder. If this fails now, saving reports it later."""
        with suppress(StoreError):
            self._store.restore()

    def _leave_running(self) -> None:
        state = self._journal.state
        if state is None:
            return
        if state.transcript.words:
            self._journal.stop()
        else:
            self._journal.discard()
            self._number -= 1

    def _draft(self, event: AnswerTranscribed | AnswerDrafted, clip: Clip) -> None:
        """Stores an answer before it is graded, and again with its grade while a follow-up may still add to it."""
        self._restore_folder()
        self._journal.align(clip)
        if isinstance(event, AnswerDrafted):
            self._journal.note_turn(event.turn, complete=False)
        else:
            self._journal.note(event.transcript, final=True)
        state = self._journal.state
        if state is not None and (state.transcript.words or state.turn):
            # If it cannot be written now, the journal has it.
            with suppress(StoreError):
                self._store.write(self.session_id, unsaved(state, None), QUICK_S)

    def _complete(self, clip: Clip) -> None:
        state = self._journal.state
        if state is None:
            return
        self.turns += 1
        self._waiting.append(unsaved(state, clip if self._journal.keeps_audio else None))
        self._journal.align(clip)
        self._journal.stop()
        self._save_waiting()

    def _save_waiting(self) -> None:
        while self._waiting:
            turn = self._waiting[0]
            self._store.write(self.session_id, turn, QUICK_S)
            self._store.forget_journal(self.session_id, turn.number)
            self._waiting.pop(0)
