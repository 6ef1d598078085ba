"""What follows what in an interview: commands, follow-ups, lost devices. Only sound and its writing are scripted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from agent.adapters.embedded_grader import EmbeddedGrader
from agent.adapters.intent_classifier import EmbeddingIntentClassifier
from agent.adapters.system_clock import SystemClock
from agent.interview import turn_taking
from agent.interview.answering import OFFER, STILL_THERE
from agent.interview.assessment import NOTHING_HEARD, SKIPPED
from agent.interview.endpointer import Endpointer, EndpointerModels, TurnEnd
from agent.interview.events import (
    AgentSpeaks,
    AnswerCompleted,
    Event,
    InterviewConcluded,
    ListeningStarted,
    PauseEnded,
    PauseStarted,
    ProblemReported,
    QuestionAsked,
    RequestRecognized,
    from_json,
)
from agent.interview.feedback_talk import CORRECTED, MENU
from agent.interview.interview import FAREWELL, HELLO, WAITS, Interview, in_order
from agent.interview.requests import STILL_PAUSED
from agent.interview.setup import InterviewSetup, Style
from agent.interview.streaming_transcriber import StreamingTranscriber
from agent.interview.turn_taking import ACKNOWLEDGED, LOST_AUDIO
from agent.logic.ports import Microphone
from agent.logic.speech.endpointing import EndpointingPolicy
from agent.logic.speech.speakable import sentences, speakable
from agent.shell.interruption import INTERRUPTED
from agent.shell.screen import Screen
from agent.shell.session_runner import SessionRunner
from agent.shell.store.answer_journal import AnswerJournal
from agent.shell.store.recording import RecordingMicrophone
from agent.shell.store.session_recorder import SessionRecorder
from agent.shell.store.store import Store
from agent.values.audio import FRAME, WHISPER_RATE, Clip
from agent.values.dialogue import Intent, Moment
from agent.values.errors import DeviceError, ModelError
from agent.values.profile import Profile, ProfileClaim
from agent.values.rubric import Question
from agent.values.transcript import Transcript
from tests.conftest import Loudness, frames, settled
from tests.test_store import sound

ANSWER = "I would log every prediction and compare it each week with what people bought, and retrain below a threshold."
BACK, SKIP, STOP = "Go back to the previous question.", "Skip this question.", "Stop the interview."


class Late(NamedTuple):
    """A line that is said after a long silence."""

    text: str
    silence_s: float


class Ends(NamedTuple):
    """The microphone, or the candidate's patience, ends after some seconds of speech."""

    error: BaseException
    speech_s: float


Line = str | Late | Ends | None


class Script:
    """Microphone, transcriber and loudspeaker: each time somebody listens, the next line is said and transcribed."""

    name = "script"

    def __init__(self, *lines: Line, mute_after: int | None = None) -> None:
        """A line None is silence. `mute_after`: so many sounds are played before the loudspeaker is gone."""
        self._lines, self._line, self._left = iter(lines), "", mute_after

    def frames(self) -> Generator[Clip, None, None]:
        match next(self._lines, None):
            case Ends(error, speech_s):
                yield from frames(0.5, speech_s)
                raise error
            case Late(text, silence_s):
                self._line = text
                yield from frames(0.0, silence_s)
                yield from frames(0.5, 6.0)
            case str() as text:
                self._line = text
                yield from frames(0.5, 6.0)
        yield from frames(0.0, 4000.0)

    def say(self, line: str) -> None:
        """What is transcribed from now on, until there is another line."""
        self._line = line

    def warm(self) -> None:
        """Nothing to load."""

    def transcribe(self, clip: Clip, glossary: Sequence[str] = ()) -> Transcript:
        return Transcript.from_text(self._line)

    def play(self, clip: Clip, until: Callable[[], bool] | None = None) -> bool:
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise DeviceError("The loudspeaker stopped accepting audio.")
        return True

    def synthesize(self, text: str, speed: float = 1.0) -> Clip:
        return Clip(samples=np.zeros(FRAME, np.float32), rate=WHISPER_RATE)


@cache
def intent_classifier() -> EmbeddingIntentClassifier:
    """One for all interviews: loading it takes longer than most of them."""
    return EmbeddingIntentClassifier()


def setup_of(
    script: Script, grader: EmbeddedGrader, microphone: Microphone | None = None, follow_ups: int = 0
) -> InterviewSetup:
    return InterviewSetup(
        voice=script,
        speaker=script,
        microphone=microphone or script,
        detector=Loudness(),
        transcriber=script,
        grader=grader,
        clock=SystemClock(),
        policy=EndpointingPolicy(),
        style=Style(follow_ups=follow_ups),
        intents=intent_classifier(),
    )


@pytest.fixture
def asked(questions: dict[str, Question]) -> list[Question]:
    return [questions[name] for name in ("recsys-refresh", "recsys-metrics", "recsys-choose-model")]


def names(steps: list[Event]) -> list[str]:
    return [step.question.id.removeprefix("recsys-") for step in steps if isinstance(step, QuestionAsked)]


def run(script: Script, grader: EmbeddedGrader, asked: list[Question], follow_ups: int = 0) -> list[Event]:
    return list(Interview(in_order(asked), len(asked), setup_of(script, grader, follow_ups=follow_ups)).events())


def said(steps: list[Event]) -> str:
    return " ".join(step.text for step in steps if isinstance(step, AgentSpeaks))


def test_silence_after_a_follow_up_ends_the_answer(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    steps = run(Script(ANSWER, None, None), embedded, asked[:1], follow_ups=1)
    [turn] = [step.turn for step in steps if isinstance(step, AnswerCompleted)]
    assert len(turn.probed) == 1
    assert turn.probed[0] in said(steps)


@pytest.mark.parametrize(
    ("reply", "follow_ups"),
    [
        ("I can't think of more there.", 1),
        ("I'd say that covers it.", 1),
        ("We ask a few of the customers by telephone what they thought of it.", 2),
    ],
)
def test_who_has_no_more_to_say_is_not_asked_on(
    embedded: EmbeddedGrader, asked: list[Question], reply: str, follow_ups: int
) -> None:
    steps = run(Script(ANSWER, reply, None), embedded, asked[:1], follow_ups=2)
    [turn] = [step.turn for step in steps if isinstance(step, AnswerCompleted)]
    assert len(turn.probed) == follow_ups


def test_a_skipped_question_can_be_gone_back_to(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    steps = run(Script(SKIP, BACK, ANSWER, None, ANSWER, None), embedded, asked[:2])
    assert names(steps) == ["refresh", "metrics", "refresh", "metrics"]
    first, second, _ = (step.turn.grade for step in steps if isinstance(step, AnswerCompleted))
    assert first.ungraded_reason == SKIPPED
    assert second.rating is not None


def test_going_back_from_the_first_question_asks_it_once_more(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    steps = run(Script(BACK, ANSWER, None, ANSWER, None), embedded, asked[:2])
    assert names(steps) == ["refresh", "refresh", "metrics"]


def test_going_back_twice_leads_two_questions_back(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    script = Script(ANSWER, None, ANSWER, None, BACK, BACK, ANSWER, None, ANSWER, None)
    assert names(run(script, embedded, asked)) == [
        "refresh",
        "metrics",
        "choose-model",
        "metrics",
        "refresh",
        "choose-model",
    ]


def test_going_back_after_an_answer_needs_to_be_said_once(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    script = Script(ANSWER, None, ANSWER, BACK, ANSWER, None)
    assert names(run(script, embedded, asked[:2])) == ["refresh", "metrics", "refresh"]


@pytest.mark.parametrize(("command", "turns"), [(SKIP, 1), (STOP, 0)])
def test_who_only_asked_something_has_not_answered(
    embedded: EmbeddedGrader, asked: list[Question], command: str, turns: int
) -> None:
    steps = run(Script("How many users are there?", command), embedded, asked[:1])
    answers = [step.turn.grade for step in steps if isinstance(step, AnswerCompleted)]
    assert [grade.ungraded_reason for grade in answers] == [SKIPPED] * turns
    assert "I would call this answer" not in said(steps)


def test_a_pause_may_last_and_ends_with_any_command(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    script = Script("Pause.", Late("Resume.", 900.0), ANSWER, None)
    assert "Welcome back" in said(run(script, embedded, asked[:1]))
    steps = run(Script("Pause.", STOP), embedded, asked)
    assert names(steps) == ["refresh"]
    assert "let's stop here" in said(steps)


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
    events, steps = Interview(in_order(asked), 3, setup_of(script, embedded)).events(), list[Event]()
    with pytest.raises(DeviceError, match="was disconnected"):
        steps.extend(events)
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


def test_a_reply_to_the_agent_is_a_segment_of_its_own() -> None:
    endpointer = Endpointer(
        EndpointerModels(StreamingTranscriber(Script("")), Loudness()), EndpointingPolicy(early_speech_s=0.0)
    )

    def listened(*levels: tuple[float, float]) -> TurnEnd:
        source = (frame for level, seconds in levels for frame in frames(level, seconds))
        list(endpointer.listen(source))
        return endpointer.ended()

    first = listened((0.5, 2.0), (0.0, 9.0))
    endpointer.reply()
    second = listened((0.0, 0.2), (0.5, 1.0), (0.0, 9.0))
    assert first.segment_s == 0.0
    assert second.segment_s == pytest.approx(2.0 + first.wait_s, abs=0.1)


def test_silence_is_answered_with_an_offer_of_time_a_hint_or_skipping(
    embedded: EmbeddedGrader, asked: list[Question]
) -> None:
    steps = run(Script(None, ANSWER, None), embedded, asked[:1])
    assert said(steps).count(STILL_THERE) == 1
    turns = [step.turn for step in steps if isinstance(step, AnswerCompleted)]
    assert [(turn.attempt, turn.transcript.text) for turn in turns] == [(1, ANSWER)]
    assert isinstance(steps[-1], InterviewConcluded)
    assert [item.rating for item in steps[-1].ratings] == [turns[0].grade.rating]
    [silent] = [step.turn for step in run(Script(None, None), embedded, asked[:1]) if isinstance(step, AnswerCompleted)]
    assert silent.grade.ungraded_reason == NOTHING_HEARD


def test_who_asked_something_has_time_to_think(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    script = Script("Is that about clicks or purchases?", None, ANSWER, None)
    steps = run(script, embedded, asked[:1])
    assert said(steps).count(STILL_THERE) == 1
    [turn] = [step.turn for step in steps if isinstance(step, AnswerCompleted)]
    assert turn.transcript.text == ANSWER
    assert [item.text for item in turn.clarified] == ["Is that about clicks or purchases?"]


def test_who_does_not_know_is_offered_a_hint(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    steps = run(Script("I don't know.", "Yes please.", ANSWER, None), embedded, asked[:1])
    assert OFFER in said(steps)
    assert asked[0].hints[0] in said(steps)
    [turn] = [step.turn for step in steps if isinstance(step, AnswerCompleted)]
    assert (turn.transcript.text, turn.grade.hints_used) == (ANSWER, 1)
    steps = run(Script("I don't know.", None), embedded, asked[:1])
    [turn] = [step.turn for step in steps if isinstance(step, AnswerCompleted)]
    assert turn.transcript.text == "I don't know."


@pytest.mark.parametrize(
    ("spoken", "answer"),
    [
        (f"{ANSWER} That's my answer.", ANSWER),
        (f"{ANSWER} Is that about clicks or purchases?", ANSWER),
        (f"{ANSWER} I think that's all.", ANSWER),
    ],
)
def test_only_the_answer_is_the_answer(
    embedded: EmbeddedGrader, asked: list[Question], spoken: str, answer: str
) -> None:
    [turn] = [
        step.turn for step in run(Script(spoken, None, None), embedded, asked[:1]) if isinstance(step, AnswerCompleted)
    ]
    assert turn.transcript.text == answer


ADDED = "I would also compare the distribution of the inputs with training, by the population stability index."


def test_what_is_added_after_the_feedback_is_graded_with_the_answer(
    embedded: EmbeddedGrader, asked: list[Question]
) -> None:
    steps = run(Script(ANSWER, ADDED, None), embedded, asked[:1])
    first, whole = (step.turn for step in steps if isinstance(step, AnswerCompleted))
    assert whole.transcript.text == f"{ANSWER} {ADDED}"
    met = [{point.id for point in turn.grade.points if point.met} for turn in (first, whole)]
    assert met[0] < met[1]
    assert "Good, I added that. That gives you" in said(steps)
    assert isinstance(steps[-1], InterviewConcluded)
    assert [item.rating for item in steps[-1].ratings] == [whole.grade.rating]


def test_who_disagrees_is_shown_what_was_heard(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    steps = run(Script(ANSWER, "But I did say all of that already.", None), embedded, asked[:1])
    assert "I looked again, and I still don't hear" in said(steps) or CORRECTED in said(steps)
    assert "retrain below a threshold" in said(steps)


def test_questions_about_the_rating_are_answered(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    script = Script(ANSWER, "Which point did I miss?", "What does concept drift mean?", "What can I say?", None)
    steps = run(script, embedded, asked[:1])
    assert "I would also want to hear about" in said(steps)
    assert "In short, it's about concept drift, that the relation" in said(steps)
    assert MENU in said(steps)
    assert sum(isinstance(step, AnswerCompleted) for step in steps) == 1


def test_a_pressed_key_is_a_command(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    script = Script(None, ANSWER, None)
    setup = setup_of(script, embedded)
    setup.controls.press(Intent.HINT)
    steps = list(Interview(in_order(asked), 1, setup).events())
    assert asked[0].hints[0] in said(steps)


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


def test_every_event_can_be_written_as_json_and_read_back(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    steps = run(Script("Is that about clicks or purchases?", ANSWER, ADDED, None), embedded, asked[:1])
    assert len({step.kind for step in steps}) >= 11
    assert [from_json(step.model_dump_json()) for step in steps] == steps


def test_what_is_said_on_the_telephone_in_a_pause_ends_no_pause_and_is_no_answer(
    embedded: EmbeddedGrader, asked: list[Question]
) -> None:
    calls = ("Yes mum, I came home an hour ago and all is well here.", "And the dog has eaten its dinner too.")
    steps = run(Script("Pause.", *calls, "Resume.", ANSWER, None), embedded, asked[:1])
    assert said(steps).count(STILL_PAUSED) == 1
    assert [step.kind for step in steps if isinstance(step, PauseStarted | PauseEnded)] == [
        "pause_started",
        "pause_ended",
    ]
    [turn] = [step.turn for step in steps if isinstance(step, AnswerCompleted)]
    assert turn.transcript.text == ANSWER


def test_after_the_rating_nothing_but_next_leads_on(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    steps = run(
        Script(ANSWER, "How long do I have?", "Repeat that please.", "Pause.", "Resume.", None), embedded, asked[:1]
    )
    assert said(steps).count(MENU) == 2
    assert said(steps).count("I would call this answer") == 2
    assert f"Welcome back. {MENU}" in said(steps)


def test_who_says_when_an_answer_is_over_is_waited_for_from_then_on(
    embedded: EmbeddedGrader, asked: list[Question]
) -> None:
    steps = run(Script(f"{ANSWER} That's my answer.", None, ANSWER, None), embedded, asked[:2])
    waits = [step.turn.timings_s["wait"] for step in steps if isinstance(step, AnswerCompleted)]
    assert waits[0] < waits[1]
    assert waits[1] > EndpointingPolicy().unfinished_silence_s
    assert [step for step in steps if isinstance(step, RequestRecognized) and step.what == WAITS]
    hurried = run(Script(ANSWER, None, ANSWER, None), embedded, asked[:2])
    assert all(step.turn.timings_s["wait"] < 3.0 for step in hurried if isinstance(step, AnswerCompleted))


def test_the_time_in_which_the_agent_speaks_is_no_pause_of_the_candidate(
    embedded: EmbeddedGrader, asked: list[Question]
) -> None:
    class Timed(Script):
        def transcribe(self, clip: Clip, glossary: Sequence[str] = ()) -> Transcript:
            every = super().transcribe(clip).words
            words = (
                word.model_copy(update={"start_s": 3 + at / 3, "end_s": 3.2 + at / 3}) for at, word in enumerate(every)
            )
            return Transcript(words=tuple(words), duration_s=clip.seconds)

    steps = run(Timed(ANSWER, ANSWER, None), embedded, asked[:1], follow_ups=1)
    [turn] = [step.turn for step in steps if isinstance(step, AnswerCompleted)]
    assert len(turn.transcript.words) == 2 * len(ANSWER.split())
    assert turn.delivery.longest_pause_s is not None
    assert turn.delivery.longest_pause_s < 0.2
    assert turn.delivery.words_per_minute == pytest.approx(180, rel=0.05)


def test_the_first_sentence_of_the_feedback_is_made_while_it_is_still_silent(
    embedded: EmbeddedGrader, asked: list[Question]
) -> None:
    made: list[tuple[int, str]] = []

    class Noting(Script):
        played = 0
        settle: Callable[[], object]

        def frames(self) -> Generator[Clip, None, None]:
            for frame in super().frames():
                self.settle()
                yield frame

        def synthesize(self, text: str, speed: float = 1.0) -> Clip:
            made.append((self.played, text))
            return super().synthesize(text)

        def play(self, clip: Clip, until: Callable[[], bool] | None = None) -> bool:
            self.played += 1
            return True

    script = Noting(ANSWER, None)
    interview = Interview(in_order(asked), 1, setup_of(script, embedded))
    script.settle = settled(interview)
    steps = list(interview.events())
    first = sentences(
        next(step.text for step in steps if isinstance(step, AgentSpeaks) and "I would call" in step.text)
    )[0]
    question = sentences(f"{asked[0].scenario} {asked[0].ask}")
    [before] = [played for played, text in made if text == speakable(first, asked[0].glossary)]
    assert before == len(sentences(HELLO)) + len(question)


def test_the_candidate_is_thanked_once(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    thanked = threading.Event()

    class Slow(Script):
        listened = False

        def frames(self) -> Generator[Clip, None, None]:
            self.listened = True
            yield from super().frames()

        def transcribe(self, clip: Clip, glossary: Sequence[str] = ()) -> Transcript:
            # Until then the words are not known, and the silence is bridged with thanks.
            assert thanked.wait(60)
            return super().transcribe(clip)

        def play(self, clip: Clip, until: Callable[[], bool] | None = None) -> bool:
            if self.listened:
                thanked.set()
            return super().play(clip, until)

    steps = run(Slow("I do not know.", None), embedded, asked[:1])
    assert "I would call this answer" in said(steps)
    assert ACKNOWLEDGED not in said(steps).removesuffix(FAREWELL)


def test_lost_sound_is_reported_once_and_the_rest_is_graded(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    script = Script(ANSWER, None)

    class Lossy:
        numbers = count()

        def frames(self) -> Generator[Clip, None, None]:
            for frame in script.frames():
                yield replace(frame, after_gap=next(self.numbers) in (20, 40))

    steps = list(Interview(in_order(asked), 1, setup_of(script, embedded, Lossy())).events())
    assert [step.text for step in steps if isinstance(step, ProblemReported)].count(LOST_AUDIO) == 1
    [turn] = [step.turn for step in steps if isinstance(step, AnswerCompleted)]
    assert turn.grade.rating is not None


def test_an_interview_ends_with_where_the_candidate_stands(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    steps = run(Script(ANSWER, None, mute_after=8), embedded, asked[:1])
    [turn] = [step.turn for step in steps if isinstance(step, AnswerCompleted)]
    end = steps[-1]
    assert isinstance(end, InterviewConcluded)
    assert [(item.signal, item.rating) for item in end.ratings] == [("production", turn.grade.rating)]


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


def test_an_answer_of_the_greatest_length_is_full() -> None:
    endpointer = Endpointer(
        EndpointerModels(StreamingTranscriber(Script(""), ahead=False), Loudness()), EndpointingPolicy(longest_s=3.0)
    )
    list(endpointer.listen(frames(0.5, 5.0)))
    assert endpointer.ended().full


def test_a_question_says_why_it_is_asked_of_this_candidate(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    profile = Profile(claims=(ProfileClaim(kind="field", name="recommenders", line="Built the home feed."),))
    setup = replace(setup_of(Script(ANSWER, None), embedded), profile=profile)
    events = list(Interview(in_order(asked[:1]), 1, setup).events())
    [announced] = [event for event in events if isinstance(event, QuestionAsked)]
    assert announced.why == 'You say that you worked in recommenders: "Built the home feed".'
