"""The library's entry: recordings and texts to turns, without a command line; and what each turn says of its making."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from agent import __version__
from agent.adapters.embedded_grader import EmbeddedGrader
from agent.adapters.whisper import Whisper
from agent.compose.library import AnswerGrader, grade_text
from agent.compose.settings import Settings
from agent.logic.grading.grading import grade, ungraded
from agent.logic.grading.provenance import rubric_hash
from agent.values.errors import AudioError, InputError
from agent.values.grade import Grade, Verdict
from agent.values.provenance import ModelId, Provenance
from agent.values.rubric import Question
from agent.values.session import Turn
from agent.values.transcript import Transcript, joined
from tests.conftest import FIXTURES

ONE = FIXTURES / "refresh-weak.ogg"
ANSWER = "I would watch precision on fresh purchases every week and retrain when it falls below a threshold."


@pytest.fixture(scope="module")
def grader(whisper: Whisper, embedded: EmbeddedGrader) -> AnswerGrader:
    return AnswerGrader(Settings(), grader=embedded, transcriber=whisper)


def test_a_path_bytes_and_a_file_give_the_same_turn(grader: AnswerGrader, questions: dict[str, Question]) -> None:
    with ONE.open("rb") as file:
        turns = [
            grader.recording(source, question)
            for source, question in (
                (str(ONE), "recsys-refresh"),
                (ONE.read_bytes(), questions["recsys-refresh"]),
                (file, "recsys-refresh"),
            )
        ]
    assert turns[0].grade.rating is not None
    assert len({turn.model_copy(update={"timings_s": {}}).model_dump_json() for turn in turns}) == 1
    assert set(turns[0].timings_s) == {"transcribe", "grade"}


@pytest.mark.parametrize("source", [b"", b"no sound", io.BytesIO(b"RIFF")])
def test_bytes_that_are_no_recording_are_refused_without_a_temporary_name(
    grader: AnswerGrader, source: bytes | io.BytesIO
) -> None:
    with pytest.raises(AudioError, match=r"^the recording: ") as caught:
        grader.recording(source, "recsys-refresh")
    assert "tmp" not in str(caught.value)


def test_an_unknown_question_is_refused(grader: AnswerGrader) -> None:
    with pytest.raises(InputError, match="did you mean 'recsys-refresh'"):
        grader.text(ANSWER, "recsys-refreshing")


def test_a_text_is_graded_with_the_settings_given(questions: dict[str, Question], tmp_path: Path) -> None:
    turn = grade_text(ANSWER, questions["recsys-refresh"], Settings(threads=1), hints_used=1)
    assert turn.grade.hints_used == 1
    assert turn.grade.rating is not None


def test_a_turn_records_what_produced_it(grader: AnswerGrader, questions: dict[str, Question]) -> None:
    made = grader.recording(ONE, "recsys-refresh").provenance
    assert made.program == __version__
    assert made.transcriber == ModelId(name="base", sha256="905e5bf8336b")
    assert made.grader == "embedded"
    assert {model.name for model in made.grader_models} == {"sentence encoder", "point model", "calibration"}
    assert all(model.sha256 and len(model.sha256) == 12 for model in made.grader_models)
    assert made.rubric == rubric_hash(questions["recsys-refresh"])
    typed = grader.text(ANSWER, "recsys-refresh").provenance
    assert typed == made.model_copy(update={"transcriber": None})


def test_the_hash_of_a_rubric_changes_with_any_of_its_texts(questions: dict[str, Question]) -> None:
    question = questions["recsys-refresh"]
    points = (question.points[0].model_copy(update={"says": "Something else."}), *question.points[1:])
    changed = question.model_copy(update={"points": points})
    assert rubric_hash(question) == rubric_hash(question.model_copy())
    assert rubric_hash(changed) != rubric_hash(question)


def test_a_prompt_version_and_the_grader_that_spoke_are_recorded(questions: dict[str, Question]) -> None:
    question = questions["recsys-refresh"]
    verdict = Verdict(grader="llm:x", prompt_version="3")
    made = grade(question, Transcript.from_text(ANSWER), verdict).provenance
    assert (made.grader, made.grader_models, made.prompt_version) == ("llm:x", (), "3")
    failed = verdict.model_copy(update={"ungraded_reason": "no reply"})
    assert grade(question, Transcript.from_text(ANSWER), failed).provenance == made
    assert ungraded(question, "skipped", "none").provenance == Provenance(
        program=__version__, rubric=rubric_hash(question)
    )


def test_parts_that_are_joined_keep_their_transcriber() -> None:
    part = Transcript.from_text("one two").model_copy(update={"transcriber": ModelId(name="base")})
    assert joined([(0.0, part), (1.0, Transcript())], 2.0).transcriber == ModelId(name="base")


def test_rows_of_version_one_load_and_say_nothing_of_their_making(questions: dict[str, Question]) -> None:
    turn = AnswerGrader(grader=_Silent()).text(ANSWER, questions["recsys-refresh"])
    old = turn.model_dump(mode="json")
    del old["grade"]["provenance"], old["transcript"]["transcriber"]
    assert Turn.model_validate(old).provenance == Provenance()
    assert Grade.model_validate(old["grade"]).provenance.program is None


class _Silent:
    def prepare(self, question: Question) -> None:
        """Nothing."""

    def claim(self, question: Question, transcript: Transcript) -> Verdict:
        return Verdict(grader="silent")
