"""Which sessions may be shown with ratings: a whole interview that can go on keeps its own for the debrief."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.values.errors import InputError

if TYPE_CHECKING:
    from agent.shell.store.store import Store
    from agent.values.history import PastAnswer
    from agent.values.session import Session


def rated_sessions(store: Store, name: str | None = None) -> list[Session]:
    """The session of that id, or without one all that may be shown with ratings, the oldest first.

    Raises StoreError, and InputError for an interview that waits for its debrief.
    """
    unfinished = store.interviews.unfinished()
    if name is None:
        return [session for session in store.sessions() if session.id not in unfinished]
    session = store.session(name)
    if session.id in unfinished:
        raise InputError(f"interview {session.id} is not finished; its ratings come in the debrief", "resume")
    return [session]


def past_answers(store: Store) -> list[PastAnswer]:
    """The earlier answers that practice may speak of and choose questions by. Raises StoreError."""
    return store.past_answers(but=store.interviews.unfinished())


def exported_sessions(store: Store, form: str, name: str | None = None) -> list[Session]:
    """Returns what rated_sessions() returns; for JSON, which is for programs and backups, all that is stored."""
    if form != "json":
        return rated_sessions(store, name)
    return store.sessions() if name is None else [store.session(name)]
