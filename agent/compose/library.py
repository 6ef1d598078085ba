"""Grades answers outside of an interview; what programs import:

    from agent.compose.library import grade_recording
    turn = grade_recording("answer.wav", "recsys-metrics")
    print(turn.grade.rating, [hint.text for hint in turn.grade.hints])

Models load with the first answer and stay loaded. Neither the user's settings file nor the environment is read.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property, lru_cache
from pathlib import Path
from typing import BinaryIO

from agent.adapters.audio_file import read_clip
from agent.compose import build, question_bank
from agent.compose.settings import Settings
from agent.logic.grading.grading import grade_answer
from agent.logic.ports import Grader, Transcriber
from agent.logic.speech.delivery import delivery
from agent.values.errors import AudioError
from agent.values.rubric import Question
from agent.values.session import Turn
from agent.values.transcript import Transcript

Source = str | Path | bytes | BinaryIO
"""A recording: its path, its bytes, or a file open for reading in binary mode. Any format that FFmpeg knows."""


class AnswerGrader:
    """Grades one answer after the other with the same models, which load on first use."""

    def __init__(
        self, settings: Settings | None = None, *, grader: Grader | None = None, transcriber: Transcriber | None = None
    ) -> None:
        """A grader or transcriber that is given replaces that of the settings. Raises InputError."""
        self._settings = settings or Settings()
        self._grader = grader or build.grader(self._settings)
        self._given = transcriber

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """Every question by id. Raises RubricError."""
        return question_bank.questions(self._settings)

    def recording(self, source: Source, question: Question | str, hints_used: int = 0) -> Turn:
        """The graded answer in a recording.

        Raises InputError (AudioError for a recording that cannot be used), ModelError, or EndpointError.
        """
        asked = self._question(question)
        started = time.monotonic()
        transcript = self.transcribe(source, asked)
        return self._turn(asked, transcript, hints_used, time.monotonic() - started)

    def text(self, answer: str, question: Question | str, hints_used: int = 0) -> Turn:
        """The graded typed answer. Raises InputError, ModelError or EndpointError."""
        return self._turn(self._question(question), Transcript.from_text(answer), hints_used, 0.0)

    def transcribe(self, source: Source, question: Question) -> Transcript:
        """The words of a recording; the question's terms are listened for. Raises AudioError or ModelError."""
        with _as_path(source) as path:
            clip = read_clip(path)
        return self._transcriber.transcribe(clip, [term.term for term in question.glossary])

    @cached_property
    def _transcriber(self) -> Transcriber:
        return self._given or build.transcriber(self._settings)

    def _question(self, question: Question | str) -> Question:
        return question_bank.question(self.questions, question) if isinstance(question, str) else question

    def _turn(self, question: Question, transcript: Transcript, hints_used: int, transcribe_s: float) -> Turn:
        started = time.monotonic()
        grade = grade_answer(question, transcript, self._grader, hints_used)
        return Turn(
            question_id=question.id,
            transcript=transcript,
            grade=grade,
            delivery=delivery(transcript),
            timings_s={"transcribe": round(transcribe_s, 3), "grade": round(time.monotonic() - started, 3)},
        )


def grade_recording(
    source: Source, question: Question | str, settings: Settings | None = None, *, hints_used: int = 0
) -> Turn:
    """The graded answer in a recording; models stay loaded between calls with equal settings.

    Raises InputError (AudioError for a recording that cannot be used), ModelError, or EndpointError.
    """
    return _shared(settings or Settings()).recording(source, question, hints_used)


def grade_text(answer: str, question: Question | str, settings: Settings | None = None, *, hints_used: int = 0) -> Turn:
    """The graded typed answer. Raises InputError, ModelError or EndpointError."""
    return _shared(settings or Settings()).text(answer, question, hints_used)


@lru_cache(maxsize=1)
def _shared(settings: Settings) -> AnswerGrader:
    return AnswerGrader(settings)


@contextmanager
def _as_path(source: Source) -> Iterator[Path]:
    """A file with the recording, for decoders that need one; what is no file becomes one for a moment."""
    if isinstance(source, str | Path):
        yield Path(source)
        return
    with tempfile.TemporaryDirectory(prefix="mock-interview-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "recording"
        if isinstance(source, bytes):
            path.write_bytes(source)
        else:
            with path.open("wb") as copy:
                shutil.copyfileobj(source, copy)
        try:
            yield path
        except AudioError as error:
            raise AudioError(str(error).replace(str(path), "the recording")) from error
