"""The saved sessions: begins them, writes turn by turn, reads, regrades, deletes.

A folder contains `sessions.sqlite`, `audio/SESSION/` with the saved audio, and `live/` with a lock and the running
answer's journal for each active run. A lock that no process holds belongs to a run that died: opening the store saves
what that run left. `spare` is space reserved for a full disk.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import delete, exists, func, select
from sqlalchemy.dialects.sqlite import insert

from agent.shell.store.answer_journal import AnswerLabel, JournalFiles, remove
from agent.shell.store.consent import Consent
from agent.shell.store.database import Database, readable_copy
from agent.shell.store.deletion import Deletion
from agent.shell.store.history import History
from agent.shell.store.interviews import Interviews
from agent.shell.store.judges import Judges
from agent.shell.store.locks import WAITS_S, is_free, is_writable, lock_file, translated
from agent.shell.store.recovery import Recovery
from agent.shell.store.remembered_habit import RememberedHabit
from agent.shell.store.rows import UnsavedTurn, as_json, utc
from agent.shell.store.spare_room import use_or_keep
from agent.shell.store.tables import REGRADES, SESSIONS, TURNS
from agent.shell.store.turn_writer import TurnWriter, next_number
from agent.values.audio import Clip
from agent.values.errors import InputError, StoreError
from agent.values.grade import Grade
from agent.values.rubric import Question
from agent.values.session import SavedTurn, Turn

DATABASE = "sessions.sqlite"
_LETTERS = "abcdefghijkmnpqrstuvwxyz"
_ENDS_WITHIN_S = 0.7
QUICK_S = 0.3
"""How long a write may wait for another program while the user waits: the
journal has the turn, and the write is retried.
"""


class Store(History):
    """All sessions in one folder. Several runs may use it at the same time."""

    def __init__(self, folder: Path, database: Database) -> None:
        """Use open()."""
        super().__init__(database, folder)
        self.consent = Consent(database)
        self.habit = RememberedHabit(database)
        self.interviews = Interviews(database)
        self.judges = Judges(database)
        self._live = folder / "live"
        self._writer = TurnWriter(database, folder)
        self._recovery = Recovery(database, self._live, self._writer)
        self._deletion = Deletion(database, folder)
        self._locks: dict[str, FileLock] = {}

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Opens the store in a folder, which is created if missing, and saves what dead runs left. Raises StoreError.

        In a read-only folder, the sessions can still be read.
        """
        database = folder / DATABASE
        with translated(folder):
            only_read = database.exists() and not is_writable(folder)
        if only_read:
            return cls(folder, Database(readable_copy(database), copy_of=database))
        store = cls(folder, Database(database))
        store._make_folders()
        with store._alone():
            use_or_keep(folder)
            store._database.migrate()
            store._deletion.finish_earlier()
            store._take_in_leftovers()
        return store

    def _make_folders(self) -> None:
        with translated(self.folder):
            # Only the user may read the answers.
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._live.mkdir(mode=0o700, exist_ok=True)
            (self.folder / "audio").mkdir(mode=0o700, exist_ok=True)

    # Writing

    def restore(self) -> None:
        """Creates the folder again, with this run's sessions, if it was deleted meanwhile. Raises StoreError."""
        if self._database.path.exists() and self._live.exists():
            return
        self._make_folders()
        with self._alone():
            self._database.migrate()
            for session_id in self._locks:
                # The lock that is held belongs to a file that is gone.
                self._locks[session_id].release()
                self._locks[session_id] = lock = lock_file(self._lock_path(session_id))
                lock.acquire(blocking=False)
                self._add(session_id, datetime.now().astimezone())

    def begin(self, started: datetime | None = None) -> str:
        """Begins a session and returns its id; finish() ends it. Raises StoreError."""
        self.restore()
        started = started or datetime.now().astimezone()
        session_id = f"{started:%Y%m%d-%H%M%S}-{''.join(secrets.choice(_LETTERS) for _ in range(4))}"
        lock = lock_file(self._lock_path(session_id))
        with self._alone():
            lock.acquire(blocking=False)
            self._locks[session_id] = lock
            self._add(session_id, started)
        return session_id

    def _add(self, session_id: str, started: datetime) -> None:
        row = insert(SESSIONS).values(id=session_id, started=started.isoformat())
        with self._database.writing() as connection:
            connection.execute(row.on_conflict_do_nothing())

    def resume(self, session_id: str) -> int:
        """Goes on with a session of an earlier run, which finish() ends again; returns the number of its last turn.

        Raises InputError when another run holds it, and StoreError.
        """
        lock = lock_file(self._lock_path(session_id))
        with self._alone():
            try:
                lock.acquire(blocking=False)
            except Timeout as error:
                raise InputError(f"session '{session_id}' is under way in another run; end that first") from error
            self._locks[session_id] = lock
        with self._database.reading() as connection:
            return next_number(connection, session_id) - 1

    def save(self, session_id: str, turn: Turn, clip: Clip | None = None, at: datetime | None = None) -> SavedTurn:
        """Adds a finished turn to the session; without a `clip`, no audio is saved. Raises StoreError."""
        with self._database.reading() as connection:
            number = next_number(connection, session_id)
        item = UnsavedTurn(number, turn, clip, at or datetime.now().astimezone())
        return SavedTurn(turn=turn, at=item.at, audio=self.write(session_id, item))

    def write(self, session_id: str, item: UnsavedTurn, busy_s: float | None = None) -> Path | None:
        """Writes a turn under its number, as TurnWriter does."""
        self.restore()
        return self._writer.write(session_id, item, busy_s)

    def finish(self, session_id: str) -> None:
        """Ends a session of this run: saves what is in its journal, and removes a session without turns.

        Raises StoreError; then the next start does it.
        """
        try:
            with self._alone(_ENDS_WITHIN_S):
                self._close(session_id, QUICK_S)
        finally:
            lock = self._locks.pop(session_id)
            lock.release()
        self._lock_path(session_id).unlink(missing_ok=True)

    def regrade(self, session_id: str, grades: dict[int, Grade]) -> None:
        """Saves new grades of turns, by their number, in addition to the old ones; from now on the new ones count."""
        at = utc(datetime.now().astimezone())
        with self._database.writing() as connection:
            for number, grade in grades.items():
                same = (REGRADES.c.session_id == session_id, REGRADES.c.number == number)
                last = connection.scalar(select(func.max(REGRADES.c.revision)).where(*same)) or 1
                row = {"session_id": session_id, "number": number, "revision": last + 1, "at": at}
                rating = grade.rating.value if grade.rating else None
                connection.execute(insert(REGRADES).values({**row, "rating": rating, "grade": as_json(grade)}))

    # The running answer

    def label(self, session_id: str, number: int, question: Question, attempt: int) -> AnswerLabel:
        """The label for the journal of the answer that begins now."""
        return AnswerLabel(
            session_id=session_id,
            number=number,
            question_id=question.id,
            signal=question.signal,
            attempt=attempt,
            at=datetime.now().astimezone(),
        )

    def journal_files(self, session_id: str, number: int) -> JournalFiles:
        """The journal for answers while they are spoken."""
        return JournalFiles.of(self._live, session_id, number)

    def forget_journal(self, session_id: str, number: int) -> None:
        """Removes the journal, since the answer is saved."""
        remove(self.journal_files(session_id, number))

    def reserve_path(self, session_id: str) -> Path:
        """Where space is reserved on the disk."""
        return self._live / f"{session_id}.reserve"

    # Deleting

    def delete(self, names: Sequence[str]) -> list[str]:
        """Permanently deletes sessions with their audio, all or none; returns their ids.

        Raises InputError if one is unknown or still running, and StoreError.
        """
        ids = [self.find(name) for name in names]
        with self._alone(), translated(self.folder):
            self._refuse_running(ids)
            self._deletion.delete(ids)
        return ids

    def delete_audio(self, names: Sequence[str]) -> list[str]:
        """Deletes the audio of sessions, all or none; words and grades stay. Raises the same errors as delete()."""
        ids = [self.find(name) for name in names]
        with self._alone(), translated(self.folder):
            self._refuse_running(ids)
            self._deletion.delete_audio(ids)
        return ids

    def _refuse_running(self, ids: Sequence[str]) -> None:
        for session_id in ids:
            path = self._lock_path(session_id)
            if session_id in self._locks or (path.exists() and not is_free(path)):
                raise InputError(f"session '{session_id}' is still running; end it first. Nothing was deleted")

    # What dead runs left

    def _take_in_leftovers(self) -> None:
        for path in sorted(self._live.glob("*.lock")):
            if path.stem in self._locks or not is_free(path):
                continue
            # The disk may be full: what is left waits for the next start, and this one continues.
            with suppress(StoreError):
                self._close(path.stem)
                path.unlink(missing_ok=True)

    def _close(self, session_id: str, busy_s: float | None = None) -> None:
        with translated(self.folder):
            self._recovery.take_in(session_id, busy_s)
            self.reserve_path(session_id).unlink(missing_ok=True)
        with self._database.writing(busy_s) as connection:
            has_turns = exists().where(TURNS.c.session_id == SESSIONS.c.id)
            connection.execute(delete(SESSIONS).where(SESSIONS.c.id == session_id, ~has_turns))

    def _lock_path(self, session_id: str) -> Path:
        return self._live / f"{session_id}.lock"

    @contextmanager
    def _alone(self, wait_s: float = WAITS_S) -> Iterator[None]:
        """Within this context, no other run opens the store, or begins or ends a
        session. Lock files are created and removed only in here.
        """
        with translated(self.folder):
            lock = lock_file(self.folder / "lock")
            try:
                lock.acquire(timeout=wait_s)
            except Timeout as error:
                raise StoreError(
                    f"{self.folder}: another mock-interview is using the sessions there and did not finish within "
                    f"{wait_s:.0f} s; end it, or use another folder"
                ) from error
        try:
            yield
        finally:
            lock.release()
