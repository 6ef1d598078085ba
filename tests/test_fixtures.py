"""The recorded answers: there, described, transcribed rightly by Whisper, and graded near their intent."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import jiwer
import pytest

from agent.adapters.audio_file import read_clip
from agent.adapters.embedded_grader import EmbeddedGrader
from agent.adapters.whisper import Whisper
from agent.logic.grading.grading import grade
from agent.logic.speech.tokens import tokens
from agent.values.rubric import Question, Rating
from agent.values.transcript import Transcript
from tests.conftest import FIXTURES

pytestmark = pytest.mark.slow


def test_there_are_four_answers_to_each_example_question_by_several_voices(recordings: list[dict[str, Any]]) -> None:
    assert len(recordings) >= 20
    assert set(Counter(entry["question_id"] for entry in recordings).values()) == {4}
    assert len({(entry["question_id"], entry["intended_rating"]) for entry in recordings}) == 20
    assert len({entry["voice"] for entry in recordings}) >= 4
    assert sum(entry["noise_db"] is not None for entry in recordings) >= 4
    assert all(entry["synthetic"] for entry in recordings)
    assert {path.name for path in FIXTURES.glob("*.ogg")} == {entry["file"] for entry in recordings}


@pytest.fixture(scope="module")
def transcripts(
    recordings: list[dict[str, Any]], whisper: Whisper, questions: dict[str, Question]
) -> dict[str, Transcript]:
    return {
        entry["id"]: whisper.transcribe(read_clip(FIXTURES / entry["file"]), _terms(questions, entry))
        for entry in recordings
    }


def _terms(questions: dict[str, Question], entry: dict[str, Any]) -> list[str]:
    return [term.term for term in questions[entry["question_id"]].glossary]


def test_whisper_hears_the_words_that_were_spoken(
    recordings: list[dict[str, Any]], transcripts: dict[str, Transcript]
) -> None:
    spoken = [" ".join(tokens(entry["words"])) for entry in recordings]
    transcribed = [" ".join(tokens(transcripts[entry["id"]].text)) for entry in recordings]
    assert jiwer.wer(spoken, transcribed) < 0.2


def test_word_times_run_forward_and_lie_within_the_recording(
    recordings: list[dict[str, Any]], transcripts: dict[str, Transcript]
) -> None:
    for entry in recordings:
        words = transcripts[entry["id"]].words
        assert words, entry["id"]
        assert all(a.start_s <= b.start_s for a, b in pairwise(words)), entry["id"]
        assert words[-1].end_s <= transcripts[entry["id"]].duration_s + 0.5, entry["id"]
        assert all(0 <= word.probability <= 1 for word in words)


def test_recorded_answers_are_graded_near_their_intent(
    recordings: list[dict[str, Any]],
    transcripts: dict[str, Transcript],
    questions: dict[str, Question],
    embedded: EmbeddedGrader,
) -> None:
    distance = []
    for entry in recordings:
        question, transcript = questions[entry["question_id"]], transcripts[entry["id"]]
        result = grade(question, transcript, embedded.claim(question, transcript))
        assert result.rating is not None, entry["id"]
        distance.append(abs(result.rating.rank - Rating(entry["intended_rating"]).rank))
    assert max(distance) <= 1
    assert sum(step == 0 for step in distance) >= 0.75 * len(distance)
