"""Grades answers outside of an interview; what programs import:

    from agent.compose.library import grade_recording
    turn = grade_recording("answer.wav", "recsys-metrics")
    print(turn.grade.rating, [hint.text for hint in turn.grade.hints])

Models load with the first answer and stay loaded. Neither the user's settings file nor the environment is read.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import NamedTuple

from agent.adapters.audio_file import read_recording
from agent.adapters.audio_source import Source
from agent.compose import build, question_bank
from agent.compose.settings import Settings
from agent.logic.grading.grading import grade_answer
from agent.logic.ports import Grader, Transcriber
from agent.logic.speech.delivery import delivery
from agent.values.batch import TranscribedRecording
from agent.values.rubric import Question
from agent.values.selection import Selection
from agent.values.session import Turn
from agent.values.transcript import Transcript


class RecordingOptions(NamedTuple):
    """What to grade in a recording."""

    selection: Selection = Selection()
    """Track and channel; by default those with speech."""
    one_voice: bool = False
    """Whether the user has confirmed that only the candidate speaks."""


class AnswerGrader:
    """Grades one answer after another with the same models, which load on first use."""

    def __init__(
        self, settings: Settings | None = None, *, grader: Grader | None = None, transcriber: Transcriber | None = None
    ) -> None:
        """A grader or transcriber that is passed replaces that of the settings. Raises InputError."""
        self._settings = settings or Settings()
        self._grader = grader or build.grader(self._settings)
        self._given = transcriber

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        """Every question by id. Raises RubricError."""
        return question_bank.questions(self._settings)

    def recording(
        self, source: Source, question: Question | str, hints_used: int = 0, wanted: RecordingOptions | None = None
    ) -> Turn:
        """The graded answer in a recording: a path, bytes, or a file open for reading in binary mode.

        Raises InputError (AudioError for a recording that cannot be used), ModelError, or EndpointError.
        """
        asked = self._question(question)
        started = time.monotonic()
        transcript, notes = self.transcribe(source, asked, wanted)
        words = TranscribedRecording(transcript=transcript, notes=notes)
        return self.transcribed(words, asked, hints_used, time.monotonic() - started)

    def transcribed(
        self, words: TranscribedRecording, question: Question | str, hints_used: int = 0, transcribe_s: float = 0.0
    ) -> Turn:
        """The graded answer whose words are known; finding them took `transcribe_s` seconds.

        Raises InputError, ModelError or EndpointError.
        """
        turn = self._turn(self._question(question), words.transcript, hints_used, transcribe_s)
        grade = turn.grade.model_copy(update={"notes": (*words.notes, *turn.grade.notes)})
        return turn.model_copy(update={"grade": grade})

    def warm(self) -> None:
        """Loads the transcriber now, so that the first answer need not wait. Raises ModelError."""
        self._whisper.warm()

    def text(self, answer: str, question: Question | str, hints_used: int = 0) -> Turn:
        """The graded typed answer. Raises InputError, ModelError or EndpointError."""
        return self._turn(self._question(question), Transcript.from_text(answer), hints_used, 0.0)

    def transcribe(
        self, source: Source, question: Question, wanted: RecordingOptions | None = None
    ) -> tuple[Transcript, tuple[str, ...]]:
        """The words of a recording, with the question's terms as hotwords, and what there is to say about it.

        Raises AudioError or ModelError.
        """
        wanted = wanted or RecordingOptions()
        found = read_recording(source, wanted.selection)
        transcriber = self._whisper if wanted.one_voice else self._voice_checking
        return transcriber.transcribe(found.clip, [term.term for term in question.glossary]), found.notes

    @cached_property
    def _whisper(self) -> Transcriber:
        return self._given or build.transcriber(self._settings)

    @cached_property
    def _voice_checking(self) -> Transcriber:
        from agent.adapters.voice_check import VoiceCheckingTranscriber

        return VoiceCheckingTranscriber(self._whisper)

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
    source: Source,
    question: Question | str,
    settings: Settings | None = None,
    *,
    hints_used: int = 0,
    wanted: RecordingOptions | None = None,
) -> Turn:
    """The graded answer in a recording; models stay loaded between calls with equal settings.

    Raises InputError (AudioError for a recording that cannot be used), ModelError, or EndpointError.
    """
    return _shared(settings or Settings()).recording(source, question, hints_used, wanted)


def grade_text(answer: str, question: Question | str, settings: Settings | None = None, *, hints_used: int = 0) -> Turn:
    """The graded typed answer. Raises InputError, ModelError or EndpointError."""
    return _shared(settings or Settings()).text(answer, question, hints_used)


@lru_cache(maxsize=1)
def _shared(settings: Settings) -> AnswerGrader:
    return AnswerGrader(settings)
