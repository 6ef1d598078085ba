"""The sessions on record: begun, written turn by turn, read, graded again, deleted.

A folder holds `sessions.sqlite`, `audio/SESSION/` with the kept answers, and `live/` with a lock and the running
answer's sound for each run under way. A lock that nobody holds is that of a run which died: opening the store takes in
what it left.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Connection, RowMapping, and_, delete, exists, func, insert, select, true

from agent.adapters.flac_file import write_flac
from agent.shell.store.audio_journal import AnswerLabel, read_journal
from agent.shell.store.database import Database
from agent.shell.store.lock import Lock
from agent.shell.store.tables import REGRADES, SESSIONS, SETTINGS, TURNS
from agent.values.audio import Clip
from agent.values.errors import InputError, StoreError
from agent.values.grade import Grade
from agent.values.history import PastAnswer
from agent.values.rubric import Rating
from agent.values.session import Delivery, KeptTurn, Session, Turn
from agent.values.transcript import Transcript

INTERRUPTED = "The program ended before this answer was graded."
_DATE = len("20261231")
_LETTERS = "abcdefghijkmnpqrstuvwxyz"
_AGREED = "keep_audio"
Kept = TypeVar("Kept")


class Store:
    """All sessions in one folder. Several runs may use it at once."""

    def __init__(self, folder: Path) -> None:
        """Use open()."""
        self.folder = folder
        self._database = Database(folder / "sessions.sqlite")
        self._audio, self._live = folder / "audio", folder / "live"
        self._locks: dict[str, Lock] = {}

    @classmethod
    def open(cls, folder: Path) -> Store:
        """The store in a folder, made when missing; what dead runs left is taken in. Raises StoreError."""
        store = cls(folder)
        with _told(folder):
            # Answers are nobody else's business.
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            store._live.mkdir(mode=0o700, exist_ok=True)
            store._audio.mkdir(mode=0o700, exist_ok=True)
        with store._alone():
            store._database.migrate()
            store._take_in_leftovers()
        return store

    # Writing

    def begin(self, started: datetime | None = None) -> str:
        """A new session's id; finish() ends it."""
        started = started or datetime.now().astimezone()
        session_id = f"{started:%Y%m%d-%H%M%S}-{''.join(secrets.choice(_LETTERS) for _ in range(4))}"
        lock = Lock(self._lock_path(session_id))
        with self._alone():
            lock.take()
            self._locks[session_id] = lock
            with self._database.writing() as connection:
                connection.execute(insert(SESSIONS).values(id=session_id, started=started.isoformat()))
        return session_id

    def keep(self, session_id: str, turn: Turn, clip: Clip | None = None, at: datetime | None = None) -> KeptTurn:
        """Writes a finished turn in one transaction, and then its sound; `clip` None keeps no sound.

        Killed between the two, the store finds the sound on the tape.
        """
        has_sound = clip is not None and len(clip.samples) > 0
        with self._database.writing() as connection:
            number = _next_number(connection, session_id)
            audio = self._sound_path(session_id, number, turn.question_id) if has_sound else None
            kept = KeptTurn(turn=turn, at=at or datetime.now().astimezone(), audio=audio)
            connection.execute(insert(TURNS).values(self._row(session_id, number, kept)))
        if clip is not None and audio is not None:
            write_flac(audio, clip)
        return kept

    def label(self, session_id: str, question_id: str, signal: str, attempt: int) -> AnswerLabel:
        """What to write on the tape of the answer that begins now."""
        with self._database.reading() as connection:
            number = _next_number(connection, session_id)
        return AnswerLabel(
            session_id=session_id,
            number=number,
            question_id=question_id,
            signal=signal,
            attempt=attempt,
            at=datetime.now().astimezone(),
        )

    def journal_path(self, session_id: str) -> Path:
        """Where the running answer's sound is written."""
        return self._live / f"{session_id}.tape"

    def finish(self, session_id: str) -> None:
        """Ends a session of this run. A tape still there becomes an interrupted turn; a session without turns goes."""
        with self._alone():
            try:
                self._take_in(session_id)
            finally:
                self._locks.pop(session_id).release()
            self._lock_path(session_id).unlink(missing_ok=True)

    def regrade(self, session_id: str, grades: dict[int, Grade]) -> None:
        """Writes new grades of turns, by their number, beside the old ones; from now on the new ones count."""
        at = _utc(datetime.now().astimezone())
        with self._database.writing() as connection:
            for number, grade in grades.items():
                same = and_(REGRADES.c.session_id == session_id, REGRADES.c.number == number)
                last = connection.scalar(select(func.max(REGRADES.c.revision)).where(same)) or 1
                row = {"session_id": session_id, "number": number, "revision": last + 1, "at": at}
                rating = grade.rating.value if grade.rating else None
                connection.execute(insert(REGRADES).values({**row, "rating": rating, "grade": _json(grade)}))

    def delete(self, name: str) -> str:
        """Removes a session with its sound for good; returns its id. Raises InputError when unknown or under way."""
        session_id = self.find(name)
        with self._alone(), _told(self.folder):
            # The sound first: killed between the two, the session is still listed and can be deleted again.
            self._remove_sound(session_id)
            with self._database.writing() as connection:
                connection.execute(delete(SESSIONS).where(SESSIONS.c.id == session_id))
        return session_id

    def delete_sound(self, name: str) -> str:
        """Removes the sound of a session, whose words and grades stay; returns its id. Raises as delete()."""
        session_id = self.find(name)
        with self._alone(), _told(self.folder):
            self._remove_sound(session_id)
        return session_id

    def _remove_sound(self, session_id: str) -> None:
        lock = Lock(self._lock_path(session_id))
        if session_id in self._locks or not lock.take():
            raise InputError(f"session '{session_id}' is under way; end it first")
        lock.release()
        self._lock_path(session_id).unlink(missing_ok=True)
        if self._sounds(session_id).exists():
            shutil.rmtree(self._sounds(session_id))

    # Reading

    def sessions(self) -> list[Session]:
        """All sessions, the oldest first."""
        return self._read(true())

    def find(self, name: str) -> str:
        """The id that begins with `name`, its date at least, or that of the "latest" session.

        Raises InputError with near ids.
        """
        with self._database.reading() as connection:
            rows = connection.execute(select(SESSIONS.c.id, SESSIONS.c.started)).all()
        known = [str(row.id) for row in sorted(rows, key=lambda row: datetime.fromisoformat(row.started))]
        if name in known:
            return name
        # What begins with less fits by chance, and may be about to be deleted.
        fitting = [item for item in known if len(name) >= _DATE and item.startswith(name)]
        if name == "latest":
            fitting = known[-1:]
        if len(fitting) != 1:
            raise InputError(_unknown(name, fitting or known))
        return fitting[0]

    def session(self, name: str) -> Session:
        """One session, as find() finds it, each turn with its latest grade. Raises InputError."""
        return self._read(SESSIONS.c.id == self.find(name))[0]

    def _read(self, which: ColumnElement[bool]) -> list[Session]:
        of_these = select(TURNS).join(SESSIONS).where(which).order_by(TURNS.c.number)
        with self._database.reading() as connection:
            rows = connection.execute(select(SESSIONS).where(which).order_by(SESSIONS.c.id)).mappings().all()
            turns = connection.execute(of_these).mappings().all()
            latest = _latest_grades(connection)
        kept: dict[str, list[KeptTurn]] = {row["id"]: [] for row in rows}
        for row in turns:
            kept[row["session_id"]].append(self._kept(row, latest.get((row["session_id"], row["number"]))))
        sessions = [_session(row["id"], row["started"], kept[row["id"]]) for row in rows]
        # Ids begin with the local time, which goes back when winter comes or the candidate travels.
        return sorted(sessions, key=lambda session: session.started)

    def grades(self, session_id: str) -> list[list[Grade]]:
        """For each turn of a session its grades, the first one first."""
        with self._database.reading() as connection:
            turns = connection.scalars(
                select(TURNS.c.turn).where(TURNS.c.session_id == session_id).order_by(TURNS.c.number)
            ).all()
            further = connection.execute(
                select(REGRADES.c.number, REGRADES.c.grade)
                .where(REGRADES.c.session_id == session_id)
                .order_by(REGRADES.c.revision)
            ).all()

        def build() -> list[list[Grade]]:
            found = [[Turn.model_validate(turn).grade] for turn in turns]
            for number, grade in further:
                found[number - 1].append(Grade.model_validate(grade))
            return found

        return _loaded(session_id, build)

    def past_answers(self) -> list[PastAnswer]:
        """Every graded answer by its latest grade, the oldest first; one that was gone on with counts once."""
        newer = and_(REGRADES.c.session_id == TURNS.c.session_id, REGRADES.c.number == TURNS.c.number)
        last = select(func.max(REGRADES.c.revision)).where(newer).correlate(TURNS).scalar_subquery()
        regraded = select(REGRADES.c.rating).where(newer, REGRADES.c.revision == last).correlate(TURNS)
        # coalesce would bring the old rating back where the new grade is "ungraded".
        rating = regraded.scalar_subquery()
        later = TURNS.alias()
        same = (later.c[name] == TURNS.c[name] for name in ("session_id", "question_id", "attempt"))
        superseded = exists().where(*same, later.c.number > TURNS.c.number, later.c.rating.is_not(None))
        columns = (TURNS.c.question_id, TURNS.c.signal, TURNS.c.at, TURNS.c.rating, rating, exists().where(newer))
        with self._database.reading() as connection:
            rows = connection.execute(select(*columns).where(~superseded).order_by(TURNS.c.at)).all()
        return [
            PastAnswer(
                question_id=question, signal=signal, rating=Rating(new if again else old), at=datetime.fromisoformat(at)
            )
            for question, signal, at, old, new, again in rows
            if (new if again else old) is not None
        ]

    # The candidate's word

    @property
    def agreed_to_audio(self) -> bool | None:
        """Whether the candidate agreed that the sound of answers is kept; None when never asked."""
        with self._database.reading() as connection:
            value = connection.scalar(select(SETTINGS.c.value).where(SETTINGS.c.name == _AGREED))
        return None if value is None else value == "yes"

    def remember_audio(self, agreed: bool) -> None:
        """Remembers the candidate's answer."""
        value = "yes" if agreed else "no"
        with self._database.writing() as connection:
            connection.execute(delete(SETTINGS).where(SETTINGS.c.name == _AGREED))
            connection.execute(insert(SETTINGS).values(name=_AGREED, value=value))

    # What dead runs left

    def _take_in_leftovers(self) -> None:
        for path in sorted(self._live.glob("*.lock")):
            lock = Lock(path)
            if path.stem in self._locks or not lock.take():
                continue
            try:
                self._take_in(path.stem)
            except StoreError:
                # The disk may be full: what is left stays where it is for the next start, and this one goes on.
                continue
            finally:
                lock.release()
            path.unlink(missing_ok=True)

    def _take_in(self, session_id: str) -> None:
        """Safe to be killed at any step and begun anew: each step looks whether it was done."""
        journal = self.journal_path(session_id)
        left = read_journal(journal)
        if left is not None:
            self._take_in_answer(*left)
        with _told(self.folder):
            journal.unlink(missing_ok=True)
            for part in self._sounds(session_id).glob(".*.part"):
                part.unlink()
        with self._database.writing() as connection:
            has_turns = exists().where(TURNS.c.session_id == SESSIONS.c.id)
            connection.execute(delete(SESSIONS).where(SESSIONS.c.id == session_id, ~has_turns))

    def _take_in_answer(self, label: AnswerLabel, clip: Clip) -> None:
        same = and_(TURNS.c.session_id == label.session_id, TURNS.c.number == label.number)
        with self._database.writing() as connection:
            there = connection.execute(select(TURNS.c.audio).where(same)).one_or_none()
            audio: Path | None
            if there is None:
                audio = self._sound_path(label.session_id, label.number, label.question_id)
                kept = KeptTurn(turn=_cut_off(label, clip), at=label.at, audio=audio, interrupted=True)
                connection.execute(insert(TURNS).values(self._row(label.session_id, label.number, kept)))
            else:
                # Killed after the turn was written; a skipped one has no sound.
                audio = self.folder / there.audio if there.audio else None
        if audio is not None and not audio.exists():
            write_flac(audio, clip)

    # Rows and values

    def _row(self, session_id: str, number: int, kept: KeptTurn) -> dict[str, Any]:
        grade = kept.turn.grade
        return {
            "session_id": session_id,
            "number": number,
            "question_id": kept.turn.question_id,
            "signal": grade.signal,
            "rating": grade.rating.value if grade.rating else None,
            "attempt": kept.turn.attempt,
            "at": _utc(kept.at),
            "interrupted": kept.interrupted,
            # Relative, so that the folder can be moved.
            "audio": kept.audio.relative_to(self.folder).as_posix() if kept.audio else None,
            "turn": _json(kept.turn),
        }

    def _kept(self, row: RowMapping, regraded: Any) -> KeptTurn:
        def build() -> KeptTurn:
            turn = Turn.model_validate(row["turn"])
            if regraded is not None:
                turn = turn.model_copy(update={"grade": Grade.model_validate(regraded)})
            audio = self.folder / row["audio"] if row["audio"] else None
            there = audio if audio is not None and audio.exists() else None
            at = datetime.fromisoformat(row["at"]).astimezone()
            return KeptTurn(turn=turn, at=at, audio=there, interrupted=row["interrupted"])

        return _loaded(row["session_id"], build)

    def _lock_path(self, session_id: str) -> Path:
        return self._live / f"{session_id}.lock"

    def _sounds(self, session_id: str) -> Path:
        return self._audio / session_id

    def _sound_path(self, session_id: str, number: int, question_id: str) -> Path:
        return self._sounds(session_id) / f"{number:02d}-{question_id}.flac"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else opens the store, begins or ends a session meanwhile. Lock files appear and go only in here."""
        with _told(self.folder), Lock(self.folder / "lock"):
            yield


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{folder}: sessions cannot be kept there ({error.strerror or error}); "
            "give another folder with --data-dir, or practise with --no-save"
        ) from error


def _next_number(connection: Connection, session_id: str) -> int:
    last = connection.scalar(select(func.max(TURNS.c.number)).where(TURNS.c.session_id == session_id))
    return (last or 0) + 1


def _latest_grades(connection: Connection) -> dict[tuple[str, int], Any]:
    rows = connection.execute(select(REGRADES).order_by(REGRADES.c.revision)).mappings()
    return {(row["session_id"], row["number"]): row["grade"] for row in rows}


def _cut_off(label: AnswerLabel, clip: Clip) -> Turn:
    return Turn(
        question_id=label.question_id,
        transcript=Transcript(duration_s=clip.seconds),
        grade=Grade(
            question_id=label.question_id,
            signal=label.signal,
            rating=None,
            ungraded_reason=INTERRUPTED,
            confidence=0.0,
            grader="none",
        ),
        delivery=Delivery(),
        attempt=label.attempt,
    )


def _session(session_id: str, started: str, turns: Sequence[KeptTurn]) -> Session:
    return Session(id=session_id, started=datetime.fromisoformat(started), turns=tuple(turns))


def _loaded(session_id: str, build: Callable[[], Kept]) -> Kept:
    try:
        return build()
    except (ValidationError, ValueError) as error:
        raise StoreError(
            f"session '{session_id}' cannot be read by this version of mock-interview; update it, or delete the "
            f"session with: mock-interview history delete {session_id}"
        ) from error


def _json(value: Turn | Grade) -> Any:
    return value.model_dump(mode="json")


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _unknown(session_id: str, known: Sequence[str]) -> str:
    import difflib

    near = difflib.get_close_matches(session_id, known, n=3, cutoff=0.4)
    if not known:
        return f"no session '{session_id}'; nothing is on record yet"
    fix = f"did you mean {' or '.join(near)}?" if near else "'mock-interview history' lists them"
    return f"no session '{session_id}'; {fix}"
