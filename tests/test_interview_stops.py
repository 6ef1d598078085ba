"""Interviews that are stopped, or lose a device, a model or sound: no answer is lost. Only sound is scripted."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from agent.adapters.embedded_grader import EmbeddedGrader
from agent.adapters.intent_classifier import EmbeddingIntentClassifier
from agent.interview import turn_taking
from agent.interview.events import (
    AnswerCompleted,
    Event,
    InterviewConcluded,
    ListeningStarted,
    ProblemReported,
)
from agent.interview.interview import FAREWELL, Interview, in_order
from agent.interview.turn_taking import LOST_AUDIO
from agent.shell.interruption import INTERRUPTED
from agent.shell.screen import Screen
from agent.shell.session_runner import SessionRunner
from agent.shell.store.answer_journal import AnswerJournal
from agent.shell.store.recording import RecordingMicrophone
from agent.shell.store.session_recorder import SessionRecorder
from agent.shell.store.store import Store
from agent.values.audio import WHISPER_RATE, Clip
from agent.values.dialogue import Intent, Moment
from agent.values.errors import DeviceError, ModelError
from agent.values.rubric import Question
from tests.conftest import settled
from tests.interviews import (
    ANSWER,
    Ends,
    Script,
    names,
    run,
    said,
    setup_of,
)
from tests.sessions import sound


def test_a_loudspeaker_that_goes_away_costs_no_answer(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    steps = run(Script(ANSWER, None, mute_after=8), embedded, asked[:1])
    [turn] = [step.turn for step in steps if isinstance(step, AnswerCompleted)]
    assert turn.grade.rating is not None
    assert any(isinstance(step, ProblemReported) and "stopped accepting audio" in step.text for step in steps)


def test_a_microphone_that_stays_away_costs_no_answer(
    embedded: EmbeddedGrader, asked: list[Question], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn_taking, "REOPENS", 1)
    gone = DeviceError("The microphone was disconnected.")
    script = Script(Ends(gone, 6.0), *[Ends(gone, 0.0)] * 9)
    script.say(ANSWER)
    held, steps = Interview(in_order(asked), 3, setup_of(script, embedded)).events(), list[Event]()
    with pytest.raises(DeviceError, match="was disconnected"):
        steps.extend(held)
    assert ANSWER in [step.turn.transcript.text for step in steps if isinstance(step, AnswerCompleted)]


def test_stopped_in_the_follow_up_the_answer_is_graded_and_on_record_with_all_its_sound(
    embedded: EmbeddedGrader, asked: list[Question], tmp_path: Path
) -> None:
    store, journal = Store.open(tmp_path), AnswerJournal(keeps_audio=True)
    # The hint that is asked for is recorded too, and no part of the answer.
    script = Script("Could I have a hint please?", ANSWER, Ends(KeyboardInterrupt(), 1.0))
    recorder = SessionRecorder(store, journal)
    setup = setup_of(script, embedded, RecordingMicrophone(script, journal), follow_ups=1)
    runner = SessionRunner(Screen(quiet=True), {item.id: item for item in asked}, recorder)
    turns, status = runner.run(in_order(asked), 1, setup)
    assert status == INTERRUPTED
    [session] = Store.open(tmp_path).sessions()
    [saved] = session.turns
    assert [turn.grade.rating for turn in turns] == [saved.turn.grade.rating]
    assert saved.turn.grade.rating is not None
    assert saved.audio is not None
    assert len(sound(saved.audio)) / WHISPER_RATE == pytest.approx(saved.turn.transcript.duration_s + 1.0, abs=0.1)
    assert not list((tmp_path / "live").iterdir())


def test_a_stop_from_outside_ends_the_interview_without_a_word(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    setup = setup_of(Script(ANSWER, None), embedded)
    steps = list[Event]()
    for step in Interview(in_order(asked), 3, setup).events():
        steps.append(step)
        if isinstance(step, AnswerCompleted):
            setup.controls.stop()
    assert isinstance(steps[-1], InterviewConcluded)
    assert names(steps) == ["refresh"]
    assert FAREWELL not in said(steps)


class StopsOnCommand(EmbeddingIntentClassifier):
    """Asks for a stop while it looks at what was typed."""

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop

    def warm(self) -> None:
        """Nothing to load."""

    def command(self, text: str, moment: Moment = Moment.ANSWERING) -> Intent | None:
        self._stop()
        return None

    def is_question(self, text: str) -> bool:
        return False


@pytest.mark.parametrize("in_hand", [False, True], ids=["waiting", "in hand"])
def test_words_that_were_typed_just_before_a_stop_belong_to_the_answer(
    in_hand: bool, embedded: EmbeddedGrader, asked: list[Question]
) -> None:
    setup = setup_of(Script(None), embedded)
    controls = setup.controls
    if in_hand:
        setup = replace(setup, intents=StopsOnCommand(controls.stop))
    interview = Interview(in_order(asked), 1, setup)
    for step in interview.events():
        if isinstance(step, ListeningStarted):
            controls.write(ANSWER)
            if not in_hand:
                controls.stop()
    # In hand, the answer may just have been completed.
    on_record = [turn.transcript.text for turn in interview.turns]
    assert (on_record or [interview.answer_transcript.text]) == [ANSWER]


def test_lost_sound_is_reported_once_and_the_rest_is_graded(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    script = Script(ANSWER, None)

    class Lossy:
        heard = count()

        def frames(self) -> Generator[Clip, None, None]:
            for frame in script.frames():
                yield replace(frame, after_gap=next(self.heard) in (20, 40))

    steps = list(Interview(in_order(asked), 1, setup_of(script, embedded, Lossy())).events())
    assert [step.text for step in steps if isinstance(step, ProblemReported)].count(LOST_AUDIO) == 1
    [turn] = [step.turn for step in steps if isinstance(step, AnswerCompleted)]
    assert turn.grade.rating is not None


def test_a_model_that_cannot_be_loaded_is_reported_before_anything_is_asked(
    embedded: EmbeddedGrader, asked: list[Question]
) -> None:
    class Broken(Script):
        settle: Callable[[], object]

        def warm(self) -> None:
            raise ModelError("The Whisper model cannot be loaded.")

        def play(self, clip: Clip, until: Callable[[], bool] | None = None) -> bool:
            # The greeting takes longer than loading the model.
            self.settle()
            return True

    script, steps = Broken(ANSWER), list[Event]()
    interview = Interview(in_order(asked), 1, setup_of(script, embedded))
    script.settle = settled(interview)
    with pytest.raises(ModelError, match="cannot be loaded"):
        steps.extend(interview.events())
    assert names(steps) == []
