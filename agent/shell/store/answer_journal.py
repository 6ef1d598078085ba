"""The running answer on disk while it is spoken: its words as they are transcribed, and its audio if that is saved.

Whatever ends the program, the next start finds here what the database does not have yet. Audio goes to the system frame
by frame, without a buffer of ours. Independent of the database.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
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
"""Bytes reserved on the disk, so that the words of an answer can be written when it is full."""


class AnswerLabel(Value):
    """Identifies the answer."""

    session_id: str
    number: int
    """Number of the turn in its session, from 1."""
    question_id: str
    signal: str
    attempt: int
    at: datetime
    """When the question was asked, with its time zone."""


class AnswerState(Value):
    """What is known about the answer."""

    label: AnswerLabel
    transcript: Transcript = Transcript()
    turn: Turn | None = None
    """Its latest grade, if it has one."""
    complete: bool = False
    """Whether `turn` is complete."""


class FoundAnswer(NamedTuple):
    """What a run left of an answer."""

    state: AnswerState
    clip: Clip


class JournalFiles(NamedTuple):
    """The files of one answer."""

    words: Path
    audio: Path

    @classmethod
    def of(cls, folder: Path, session_id: str, number: int) -> JournalFiles:
        """The files in the folder for running sessions."""
        stem = f"{session_id}.{number:03d}"
        return cls(folder / f"{stem}.json", folder / f"{stem}.audio")


class AnswerJournal:
    """The journal of one answer after another; between answers nothing is written.
    Raises nothing: a full disk must not end an answer.
    """

    def __init__(self, keeps_audio: bool) -> None:
        self.keeps_audio = keeps_audio
        self.state: AnswerState | None = None
        """State of the running answer; None between answers."""
        self.on_disk = True
        """Whether the latest words could be written."""
        self._files: JournalFiles | None = None
        self._reserve: Path | None = None
        self._audio: BinaryIO | None = None
        self._paused = False
        self._samples = 0

    def reserve(self, path: Path) -> None:
        """Reserves space on the disk for words."""
        self._reserve = path
        with suppress(OSError):
            path.write_bytes(b"\0" * RESERVE_BYTES)

    def begin(self, files: JournalFiles, label: AnswerLabel) -> None:
        """From now on, audio and words belong to this answer; its files are created with the first of them."""
        self.stop()
        self._files, self.state = files, AnswerState(label=label)
        self._paused, self._samples = False, 0

    def pause(self, paused: bool) -> None:
        """Stops writing during a pause."""
        self._paused = paused

    def write(self, frame: Clip) -> None:
        """Appends one frame of audio, if audio is saved and an answer is running."""
        if self.state is None or self._paused or not self.keeps_audio:
            return
        try:
            _append(self._opened(), frame.pcm().tobytes())
            self._samples += len(frame.samples)
        except OSError:
            # The disk is full: the next frame is tried again, and the whole clip is saved with the turn.
            self._close_audio()

    def align(self, clip: Clip) -> None:
        """Replaces the audio with exactly this clip: commands and the like are not part of the answer."""
        if self.state is None or not self.keeps_audio or self._files is None:
            return
        if self._samples == len(clip.samples) and not self._is_gone():
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

    def make_up_for(self, clip: Callable[[], Clip]) -> None:
        """If the audio was deleted from the disk meanwhile, writes what there is of it in memory."""
        if self.state is not None and self._is_gone():
            self.align(clip())

    def note(self, transcript: Transcript, final: bool = False) -> None:
        """Writes the words of the answer so far. Until they are `final`, they replace the earlier ones only if they are
        at least as many.

        A short segment is transcribed again as a whole when the speaker continues. Until that is done, its words are
        missing from the partial transcript, and an interruption must not lose them.
        """
        if self.state is None or self._paused or not transcript.words:
            return
        if final or len(transcript.words) >= len(self.state.transcript.words):
            self._write_state(self.state.model_copy(update={"transcript": transcript}))

    def note_turn(self, turn: Turn, complete: bool) -> None:
        """Writes the answer with its grade."""
        if self.state is not None:
            update = {"transcript": turn.transcript, "turn": turn, "complete": complete}
            self._write_state(self.state.model_copy(update=update))

    def stop(self) -> None:
        """From now on, audio does not belong to an answer; the files stay."""
        self._close_audio()
        self.state = None

    def discard(self) -> None:
        """Removes the files: the answer is saved elsewhere, or it was not one."""
        self.stop()
        if self._files is not None:
            remove(self._files)
        self._files = None

    def close(self) -> None:
        """Releases the reserved space."""
        self.stop()
        if self._reserve is not None:
            with suppress(OSError):
                self._reserve.unlink(missing_ok=True)

    def _is_gone(self) -> bool:
        return self._samples > 0 and self._files is not None and not self._files.audio.exists()

    def _write_state(self, state: AnswerState) -> None:
        self.state = state
        if self._files is None:
            return
        data = state.model_dump_json().encode()
        try:
            _replace(self._files.words, data)
            self.on_disk = True
        except OSError:
            self._free_reserve()
            self.on_disk = False
            with suppress(OSError):
                _replace(self._files.words, data)
                self.on_disk = True

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
    """Returns what a session left, in the order of its answers; None for what cannot be read. Raises OSError."""
    # Version 0.1 wrote the audio alone, to one file for each session.
    stems = {path.stem for path in folder.glob(f"{session_id}.*.*") if path.suffix in (".json", ".audio")}
    files = [JournalFiles(folder / f"{stem}.json", folder / f"{stem}.audio") for stem in sorted(stems)]
    tape = folder / f"{session_id}.tape"
    files += [JournalFiles(folder / f"{session_id}.json", tape)] if tape.exists() else []
    return [(item, _found(item)) for item in files]


def put_away(files: JournalFiles) -> None:
    """Removes what was saved to the database.

    Words that this version cannot read stay, under another name. Raises OSError.
    """
    try:
        AnswerState.model_validate_json(files.words.read_bytes())
    except FileNotFoundError:
        pass
    except ValidationError:
        os.replace(files.words, files.words.with_suffix(".unreadable"))
    remove(files)


def remove(files: JournalFiles) -> None:
    """Removes the files of an answer. A file in use stays, and the next start tries again."""
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
    # Killed during a write: half a sample does not count.
    return label, Clip.from_pcm(pcm, WHISPER_RATE)


def _append(file: BinaryIO, data: bytes) -> None:
    """Appends all of the data or nothing.

    On a disk that fills up, only a part may be written, and sound after half a sample would be noise.
    """
    end = file.seek(0, os.SEEK_END)
    if file.write(data) != len(data):
        file.truncate(end)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _replace(path: Path, data: bytes) -> None:
    """Writes the file completely or not at all."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_bytes(data)
        os.replace(part, path)
    except OSError:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
