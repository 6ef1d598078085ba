"""Where a command saves an interview, if it does: the store, the candidate's consent, and the answer journal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from agent.logic.dialogue.memory import Memory
from agent.values.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.compose.settings import Settings
    from agent.interview.setup import InterviewSetup
    from agent.shell.store.answer_journal import AnswerJournal
    from agent.shell.store.store import Store
    from agent.values.history import PastAnswer


def open_store(settings: Settings) -> Store:
    """The saved sessions. Raises StoreError."""
    from platformdirs import user_data_dir

    from agent.shell.store.store import Store

    return Store.open(settings.data_dir or Path(user_data_dir("mock-interview", appauthor=False)))


def agrees_to_audio(settings: Settings, store: Store, *, may_ask: bool) -> bool:
    """Whether to save audio: by the setting, else by the candidate's choice, asked once if there is a terminal."""
    if settings.keep_audio is not None:
        return settings.keep_audio
    agreed = store.consent.to_audio
    if agreed is None and may_ask and sys.stdin.isatty() and sys.stdout.isatty():
        print(f"Save the audio of your answers, on this machine only, in {store.folder}? [y/N] ", end="", flush=True)
        # Not input(), which ends in a traceback when there is nothing more to read.
        agreed = sys.stdin.readline().strip().lower() in ("y", "yes")
        store.consent.remember(agreed)
        print("Your choice is saved. To change it for one session: --keep-audio or --no-keep-audio")
    return bool(agreed)


def remembering(setup: InterviewSetup, past: Sequence[PastAnswer]) -> InterviewSetup:
    """Returns a setup that remembers earlier answers, given in order of time."""
    return replace(setup, memory=Memory.of(past, datetime.now().astimezone()))


def journaled(setup: InterviewSetup, journal: AnswerJournal) -> InterviewSetup:
    """The setup with a microphone that also writes each answer's audio to the journal."""
    from agent.shell.store.recording import RecordingBargeIn, RecordingMicrophone

    barge_in = None if setup.barge_in is None else RecordingBargeIn(setup.barge_in, journal)
    return replace(setup, microphone=RecordingMicrophone(setup.microphone, journal), barge_in=barge_in)


@contextmanager
def knowing_the_candidate(setup: InterviewSetup, store: Store | None) -> Iterator[None]:
    """Loads what earlier interviews showed about the candidate, and saves what this one shows.

    Failures are ignored: without it, the agent waits as long as for anybody else.
    """
    if store is None:
        yield
        return
    with suppress(StoreError):
        setup.learned_habit.habit = store.habit.load()
    try:
        yield
    finally:
        with suppress(StoreError):
            store.habit.remember(setup.learned_habit.habit)
