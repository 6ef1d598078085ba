"""Sessions to save: an answer, its sound, and what is left of it on disk."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from agent.adapters.rubric_file import load_questions
from agent.logic.grading.grading import grade
from agent.logic.speech.delivery import delivery
from agent.shell.store.answer_journal import found_answers
from agent.shell.store.store import Store
from agent.values.audio import WHISPER_RATE, Clip
from agent.values.grade import Claim, Verdict
from agent.values.rubric import Question
from agent.values.session import Turn
from agent.values.transcript import Transcript
from tests.conftest import ROOT

SOUND = ROOT / "audio_fixtures" / "refresh-strong.ogg"


@cache
def question() -> Question:
    return load_questions([ROOT / "rubrics" / "recsys-5-refresh.yaml"])["recsys-refresh"]


def answered(about: Question, attempt: int = 1) -> Turn:
    transcript = Transcript.from_text("I retrain the model every week because tastes change.")
    claim = Claim(target=about.points[0].id, quote="because tastes change")
    result = grade(about, transcript, Verdict(grader="by hand", claims=(claim,)))
    spoken = delivery(transcript)
    return Turn(question_id=about.id, transcript=transcript, grade=result, delivery=spoken, attempt=attempt)


def joined(frames: list[Clip]) -> Clip:
    return Clip(samples=np.concatenate([frame.samples for frame in frames]), rate=WHISPER_RATE)


def sound(path: Path) -> npt.NDArray[np.int16]:
    """The samples of a kept answer, bit by bit."""
    with av.open(str(path)) as container:
        blocks = [frame.to_ndarray().reshape(-1) for frame in container.decode(container.streams.audio[0])]
    return np.concatenate(blocks).astype(np.int16)


def as_written(clip: Clip) -> npt.NDArray[np.int16]:
    return (np.clip(clip.samples, -1, 1) * 32767).round().astype(np.int16)


def left_in(store: Store, session_id: str) -> npt.NDArray[np.int16] | None:
    """The samples in the journal of the running answer; None when there is none."""
    found = [item for _, item in found_answers(store.folder / "live", session_id) if item is not None]
    return as_written(found[-1].clip) if found else None
