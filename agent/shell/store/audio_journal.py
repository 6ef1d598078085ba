"""Writes the running answer's sound to a file while it is spoken, and reads what a killed run left of one.

Knows nothing of the database. Sound goes to the system frame by frame, without a buffer of ours: whatever kills the
program, nothing that a frame was yielded for is lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import numpy as np
from pydantic import ValidationError

from agent.interview.barge_in import BargeInMicrophone
from agent.logic.ports import Microphone, SpeechDetector
from agent.values.audio import WHISPER_RATE, Clip
from agent.values.base import Value
from agent.values.errors import StoreError

_FULL = 32767


class AnswerLabel(Value):
    """Whose answer it is."""

    session_id: str
    number: int
    """Of the turn in its session, from 1."""
    question_id: str
    signal: str
    attempt: int
    at: datetime
    """When the question was asked, with its time zone."""


class AudioJournal:
    """The file of the running answer; between answers there is none."""

    def __init__(self) -> None:
        self._label: AnswerLabel | None = None
        self._path: Path | None = None
        self._file: BinaryIO | None = None
        self._held = False
        self.samples = 0
        """Written since begin()."""

    def begin(self, path: Path, label: AnswerLabel) -> None:
        """From now on what is heard is written to `path`; the file is made with the first sound."""
        self.discard()
        self._path, self._label = path, label
        self._held, self.samples = False, 0

    def hold(self, held: bool) -> None:
        """In a pause nothing is written."""
        self._held = held

    def write(self, frame: Clip) -> None:
        """Appends one frame, when an answer is running. When that fails it is recorded no further."""
        if self._label is None or self._path is None or self._held:
            return
        pcm = (np.clip(frame.samples, -1.0, 1.0) * _FULL).round().astype("<i2").tobytes()
        try:
            if self._file is None:
                self._file = self._path.open("wb", buffering=0)
                pcm = self._label.model_dump_json().encode() + b"\n" + pcm
            self._file.write(pcm)
            self.samples += len(frame.samples)
        except OSError:
            # A full disk must not end the interview in the midst of an answer; keeping the turn will tell of it.
            self.stop()

    def stop(self) -> None:
        """What is heard from now on is no answer; the file stays."""
        if self._file is not None:
            self._file.close()
        self._file = self._label = None

    def discard(self) -> None:
        """The answer is kept otherwise, or was none: removes the file."""
        self.stop()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        self._path = None


class RecordingMicrophone:
    """A microphone that writes to the tape what it hears."""

    def __init__(self, microphone: Microphone, journal: AudioJournal) -> None:
        self._microphone, self._journal = microphone, journal

    def frames(self) -> Iterator[Clip]:
        """As the microphone's; each frame is written before it is handed on."""
        yield from _written(self._microphone.frames(), self._journal)


class RecordingBargeIn(BargeInMicrophone):
    """Hears all the time, and writes to the tape only what the interview listens to."""

    def __init__(self, microphone: Microphone, detector: SpeechDetector, journal: AudioJournal) -> None:
        super().__init__(microphone, detector)
        self._journal = journal

    def frames(self) -> Iterator[Clip]:
        """As Overhearing's; each frame is written before it is handed on."""
        yield from _written(super().frames(), self._journal)


def _written(frames: Iterator[Clip], journal: AudioJournal) -> Iterator[Clip]:
    try:
        for frame in frames:
            journal.write(frame)
            yield frame
    finally:
        # The device is open as long as its generator; a `for` alone would leave that to the garbage collector.
        close = getattr(frames, "close", None)
        if close is not None:
            close()


def read_journal(path: Path) -> tuple[AnswerLabel, Clip] | None:
    """What a killed run left of an answer; None when there is no file or no sound in it."""
    try:
        head, found, pcm = path.read_bytes().partition(b"\n")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{path}: an answer that was cut off cannot be read ({error.strerror})") from error
    if not found or len(pcm) < 2:
        return None
    try:
        label = AnswerLabel.model_validate(json.loads(head))
    except (ValueError, ValidationError):
        return None
    # Killed in the midst of a write: half a sample is none.
    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2").astype(np.float32) / _FULL
    return label, Clip(samples=samples, rate=WHISPER_RATE)
