"""The running answer on disk while it is spoken: its words as they are transcribed, and its audio if that is kept.

Whatever ends the program, the next start finds here what the database does not have yet. Audio goes to the system frame
by frame, without a buffer of ours. Knows nothing of the database.
"""

from __future__ import annotations

import errno
import json
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pydantic import ValidationError

from agent.values.audio import WHISPER_RATE, Clip
from agent.values.base import Value
from agent.values.session import Turn
from agent.values.transcript import Transcript

RESERVE_BYTES = 1 << 20
"""Set aside on the disk, so that the words of an answer can be written when it is full."""


class AnswerLabel(Value):
    """Which answer it is."""

    session_id: str
    number: int
    """Of the turn in its session, from 1."""
    question_id: str
    signal: str
    attempt: int
    at: datetime
    """When the question was asked, with its time zone."""


class AnswerState(Value):
    """What is known of the answer."""

    label: AnswerLabel
    transcript: Transcript = Transcript()
    turn: Turn | None = None
    """Its latest grade, if it has one."""
    complete: bool = False
    """Whether `turn` is the whole of it."""


class FoundAnswer(NamedTuple):
    """What a run left of an answer."""

    state: AnswerState
    clip: Clip


class JournalFiles(NamedTuple):
    """Where one answer is written."""

    words: Path
    audio: Path

    @classmethod
    def of(cls, folder: Path, session_id: str, number: int) -> JournalFiles:
        """In the folder of what is running."""
        stem = f"{session_id}.{number:03d}"
        return cls(folder / f"{stem}.json", folder / f"{stem}.audio")


class AnswerJournal:
    """Of one answer after the other; between answers nothing is written. Raises nothing: a full disk ends no answer."""

    def __init__(self, keeps_audio: bool) -> None:
        self.keeps_audio = keeps_audio
        self.state: AnswerState | None = None
        """Of the running answer; None between answers."""
        self._files: JournalFiles | None = None
        self._reserve: Path | None = None
        self._audio: BinaryIO | None = None
        self._held = False
        self._samples = 0

    def reserve(self, path: Path) -> None:
        """Sets room aside on the disk for words."""
        self._reserve = path
        with suppress(OSError):
            path.write_bytes(b"\0" * RESERVE_BYTES)

    def begin(self, files: JournalFiles, label: AnswerLabel) -> None:
        """From now on what is heard belongs to this answer; its files are made with the first sound or word."""
        self.stop()
        self._files, self.state = files, AnswerState(label=label)
        self._held, self._samples = False, 0

    def hold(self, held: bool) -> None:
        """In a pause nothing is written."""
        self._held = held

    def write(self, frame: Clip) -> None:
        """Appends one frame of audio, if audio is kept and an answer is running."""
        if self.state is None or self._held or not self.keeps_audio:
            return
        try:
            _append(self._opened(), frame.pcm().tobytes())
            self._samples += len(frame.samples)
        except OSError:
            # A full disk: the next frame is tried anew, and the whole clip is saved with the turn.
            self._close_audio()

    def align(self, clip: Clip) -> None:
        """Makes the audio exactly this clip: commands and what else is no part of the answer are left out."""
        if self.state is None or not self.keeps_audio or self._samples == len(clip.samples) or self._files is None:
            return
        self._close_audio()
        try:
            if len(clip.samples):
                _replace(self._files.audio, self._head() + clip.pcm().tobytes())
            else:
                self._files.audio.unlink(missing_ok=True)
            self._samples = len(clip.samples)
        except OSError:
            return

    def note(self, transcript: Transcript, final: bool = False) -> None:
        """The words of the answer so far. Until they are `final`, fewer words than before are not taken over.

        A short segment is transcribed again as a whole when the speaker goes on; until that is done its words are gone
        from the partial transcript, and an interruption must not lose them.
        """
        if self.state is None or self._held or not transcript.words:
            return
        if final or len(transcript.words) >= len(self.state.transcript.words):
            self._write_state(self.state.model_copy(update={"transcript": transcript}))

    def note_turn(self, turn: Turn, complete: bool) -> None:
        """The answer with its grade."""
        if self.state is not None:
            update = {"transcript": turn.transcript, "turn": turn, "complete": complete}
            self._write_state(self.state.model_copy(update=update))

    def stop(self) -> None:
        """What is heard from now on is no answer; the files stay."""
        self._close_audio()
        self.state = None

    def discard(self) -> None:
        """The answer is saved otherwise, or was none: removes its files."""
        self.stop()
        if self._files is not None:
            remove(self._files)
        self._files = None

    def close(self) -> None:
        """Gives the reserved room back."""
        self.stop()
        if self._reserve is not None:
            with suppress(OSError):
                self._reserve.unlink(missing_ok=True)

    def _write_state(self, state: AnswerState) -> None:
        self.state = state
        if self._files is None:
            return
        data = state.model_dump_json().encode()
        try:
            _replace(self._files.words, data)
        except OSError:
            self._free_reserve()
            with suppress(OSError):
                _replace(self._files.words, data)

    def _free_reserve(self) -> None:
        if self._reserve is not None:
            with suppress(OSError):
                self._reserve.unlink(missing_ok=True)

    def _opened(self) -> BinaryIO:
        assert self._files is not None
        if self._audio is None:
            self._audio = self._files.audio.open("ab", buffering=0)
            if self._audio.tell() == 0:
                _append(self._audio, self._head())
        return self._audio

    def _head(self) -> bytes:
        assert self.state is not None
        return self.state.label.model_dump_json().encode() + b"\n"

    def _close_audio(self) -> None:
        if self._audio is not None:
            self._audio.close()
        self._audio = None


def found_answers(folder: Path, session_id: str) -> list[tuple[JournalFiles, FoundAnswer | None]]:
    """What a session left, in the order of its answers; None where nothing can be read. Raises OSError."""
    # Version 0.1 wrote the audio alone, to one file for each session.
    stems = {path.stem for path in folder.glob(f"{session_id}.*.*") if path.suffix in (".json", ".audio")}
    files = [JournalFiles(folder / f"{stem}.json", folder / f"{stem}.audio") for stem in sorted(stems)]
    tape = folder / f"{session_id}.tape"
    files += [JournalFiles(folder / f"{session_id}.json", tape)] if tape.exists() else []
    return [(item, _found(item)) for item in files]


def put_away(files: JournalFiles) -> None:
    """Removes what was taken in. Words that this version cannot read stay, under another name. Raises OSError."""
    try:
        AnswerState.model_validate_json(files.words.read_bytes())
    except FileNotFoundError:
        pass
    except ValidationError:
        os.replace(files.words, files.words.with_suffix(".unreadable"))
    remove(files)


def remove(files: JournalFiles) -> None:
    """Removes what is there of an answer. A file in use stays; it is looked at again at the next start."""
    for path in files:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _found(files: JournalFiles) -> FoundAnswer | None:
    label, clip = _read_audio(files.audio)
    state: AnswerState | None
    try:
        state = AnswerState.model_validate_json(files.words.read_bytes())
    except (FileNotFoundError, ValidationError):
        state = None if label is None else AnswerState(label=label)
    if state is None or not (len(clip.samples) or state.transcript.words or state.turn):
        return None
    return FoundAnswer(state, clip)


def _read_audio(path: Path) -> tuple[AnswerLabel | None, Clip]:
    try:
        head, _, pcm = path.read_bytes().partition(b"\n")
        label = AnswerLabel.model_validate(json.loads(head))
    except (FileNotFoundError, ValueError):
        return None, Clip.silence()
    # Killed within a write: half a sample is none.
    return label, Clip.from_pcm(pcm, WHISPER_RATE)


def _append(file: BinaryIO, data: bytes) -> None:
    """All of it or nothing: a disk that fills up takes a part, and whatever came after half a sample would be noise."""
    end = file.seek(0, os.SEEK_END)
    if file.write(data) != len(data):
        file.truncate(end)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _replace(path: Path, data: bytes) -> None:
    """Whole or not at all."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    except OSError:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
