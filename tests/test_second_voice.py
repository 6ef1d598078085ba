"""Recordings in which an interviewer speaks too are not graded as one person's answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agent.adapters.audio_file import read_clip
from agent.adapters.embedded_grader import EmbeddedGrader
from agent.adapters.framing import resampled
from agent.adapters.silero_vad import speech_parts
from agent.adapters.voice_check import VoiceCheckingTranscriber
from agent.logic.grading.grading import grade_answer
from agent.logic.grading.other_person import note_on_others, others_reason
from agent.logic.speech.second_voice import second_voice
from agent.values.audio import WHISPER_RATE, Clip
from agent.values.rubric import Question
from agent.values.transcript import SecondVoice, Transcript, joined
from tests.conftest import FIXTURES, ROOT

SPEECH = ROOT.parent / "shared" / "speech"
ANSWER = (
    "I watch the click through rate and the calibration over time, measure the drift of the inputs with the population "
    "stability index, and retrain on a schedule."
)
ASKED = "How would you tell that the model in production needs a refresh?"
GIVES_UP = "Okay, I have no idea, sorry."


def found(clip: Clip) -> SecondVoice | None:
    return second_voice(clip, speech_parts(clip))


def higher(clip: Clip, semitones: float) -> Clip:
    """As if a smaller person spoke: pitch and spectrum are moved, and it is faster."""
    return Clip(samples=resampled(clip, round(WHISPER_RATE / 2 ** (semitones / 12))), rate=WHISPER_RATE)


def cut(clip: Clip, start_s: float, end_s: float) -> Clip:
    return Clip(samples=clip.samples[round(start_s * WHISPER_RATE) : round(end_s * WHISPER_RATE)], rate=WHISPER_RATE)


def in_turn(*clips: Clip) -> Clip:
    pause = np.zeros(WHISPER_RATE // 2, np.float32)
    return Clip.joined([part for clip in clips for part in (clip.samples, pause)], WHISPER_RATE)


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.ogg")), ids=lambda path: path.stem)
def test_one_voice_is_one_voice(path: Path) -> None:
    assert found(read_clip(path)) is None


@pytest.mark.parametrize(
    ("name", "semitones"),
    [("sparse-loss-strong", -6), ("sparse-loss-strong", 6), ("choose-model-strong", 6), ("choose-model-strong", 9)],
)
def test_a_second_voice_is_noticed_with_its_place(name: str, semitones: float) -> None:
    candidate = read_clip(FIXTURES / f"{name}.ogg")
    other = higher(cut(candidate, 5, 15), semitones)
    voice = found(in_turn(cut(candidate, 0, 10), other, cut(candidate, 10, 18)))
    assert voice is not None
    assert voice.semitones == pytest.approx(abs(semitones), abs=2.5)
    # The spans are those of the voice that speaks less, at each of these pitches the other one.
    first, last = 10.5, 10.5 + other.seconds
    inside = sum(max(0.0, min(end, last) - max(start, first)) for start, end in voice.spans)
    share = inside / sum(end - start for start, end in voice.spans)
    assert share > 0.9


def test_silence_noise_and_a_single_word_have_no_second_voice() -> None:
    noise = np.random.default_rng(0).standard_normal(WHISPER_RATE * 5).astype(np.float32) * 0.1
    assert found(Clip.silence(5.0)) is None
    assert second_voice(Clip(noise, WHISPER_RATE), [(0.0, 5.0)]) is None
    assert found(cut(read_clip(FIXTURES / "metrics-weak.ogg"), 0, 1)) is None


def test_real_monologues_pass_and_real_dialogues_do_not() -> None:
    if not SPEECH.is_dir():
        pytest.skip(f"{SPEECH} is not there")
    alone = [
        *("read/dictation-1.flac", "read/dictation-2.flac", "read/non-native.flac", "voicenote/crying-child.mp3"),
        *("interview/en-GB_Broadband_sample1.flac", "fillers/mfa_laughter.flac", "fillers/mfa_registershift.flac"),
    ]
    two = ["dialogue/katiesteve.flac", "dialogue/commercial_mono.flac", "interview/english2.g712.flac"]
    assert [name for name in alone if found(read_clip(SPEECH / name)) is not None] == []
    assert [name for name in two if found(read_clip(SPEECH / name)) is None] == []


# What the words tell


def of_others(text: str) -> Transcript:
    return Transcript.from_text(text).model_copy(update={"others_may_speak": True})


def test_an_answer_that_somebody_then_disowns_is_not_graded(
    questions: dict[str, Question], embedded: EmbeddedGrader
) -> None:
    question = questions["recsys-refresh"]
    said = of_others(f"{ASKED} {ANSWER} {GIVES_UP}")
    result = grade_answer(question, said, embedded)
    assert result.rating is None
    assert "somebody says 'Okay, I have no idea, sorry.'" in str(result.ungraded_reason)
    # Where the user vouches for one voice, or the program recorded it, it is an answer like any other.
    alone = grade_answer(question, said.model_copy(update={"others_may_speak": False}), embedded)
    assert alone.rating is not None
    assert not any("asked aloud" in note for note in alone.notes)


def test_a_question_that_is_read_aloud_is_noted(questions: dict[str, Question], embedded: EmbeddedGrader) -> None:
    result = grade_answer(questions["recsys-refresh"], of_others(f"{ASKED} {ANSWER}"), embedded)
    assert result.rating is not None
    assert any("A question is asked aloud" in note for note in result.notes)


@pytest.mark.parametrize(
    "text",
    [
        ANSWER,
        f"{ANSWER} I have no idea how often, though.",
        "I have no idea, sorry.",
        f"{ASKED} I have no idea, sorry.",
        f"What do you mean by refresh? {ANSWER}",
        f"How would I find that out? {ANSWER} {GIVES_UP}",
        "Would you like me to start? " + ANSWER,
    ],
)
def test_one_persons_answer_is_not_taken_for_two(text: str, questions: dict[str, Question]) -> None:
    assert others_reason(questions["recsys-refresh"], of_others(text)) is None


def test_any_interviewers_question_counts(questions: dict[str, Question]) -> None:
    said = of_others(f"So, how would you handle that at work? {ANSWER} I don't know.")
    assert others_reason(questions["recsys-metrics"], said) is not None
    assert note_on_others(questions["recsys-metrics"], said) is not None


class Words:
    """Transcribes everything as the same words."""

    def warm(self) -> None: ...

    def transcribe(self, clip: Clip, glossary: object = ()) -> Transcript:
        return Transcript.from_text(ANSWER) if clip.peak else Transcript()


def test_a_second_voice_leaves_an_answer_ungraded(questions: dict[str, Question], embedded: EmbeddedGrader) -> None:
    candidate = read_clip(FIXTURES / "sparse-loss-strong.ogg")
    both = in_turn(candidate, higher(candidate, 7))
    said = VoiceCheckingTranscriber(Words()).transcribe(both)
    reason = grade_answer(questions["recsys-refresh"], said, embedded).ungraded_reason
    assert reason is not None
    assert "semitones away in pitch, speaks from" in reason
    assert said.second_voice is not None
    # It survives being put together with later parts of the answer, at its place there.
    whole = joined([(0.0, Transcript()), (10.0, said)], 60.0)
    assert whole.second_voice is not None
    assert whole.second_voice.spans[0][0] == pytest.approx(said.second_voice.spans[0][0] + 10)
    assert VoiceCheckingTranscriber(Words()).transcribe(Clip.silence(3)) == Transcript()
