"""Whole conversations with real parts: synthetic speech in; Whisper, turn detector and grader; what the agent says out.

No test waits: speech is heard as fast as it can be read, and a frame of silence comes once Whisper and the grader are
done with what was heard before.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import cache

import numpy as np
import pytest
import soxr

from agent.adapters.embedded_grader import EmbeddedGrader
from agent.adapters.intent_classifier import EmbeddingIntentClassifier
from agent.adapters.pyttsx3_voice import Pyttsx3Voice
from agent.adapters.silero_vad import SileroDetector
from agent.adapters.smart_turn import SmartTurn
from agent.adapters.whisper import Whisper
from agent.interview.barge_in import BargeInMicrophone
from agent.interview.events import (
    AgentSpeaks,
    AnswerCompleted,
    Event,
    ListeningStarted,
    ProblemReported,
    RequestRecognized,
)
from agent.interview.interview import Interview, in_order
from agent.interview.setup import InterviewSetup, Style
from agent.logic.grading.coaching import change, explained, model_answer
from agent.logic.ports import Microphone, Speaker
from agent.logic.speech.endpointing import EndpointingPolicy
from agent.values.audio import FRAME, WHISPER_RATE, Clip, Samples
from agent.values.errors import DeviceError
from agent.values.rubric import Question, Rating
from agent.values.session import Turn
from tests.conftest import VirtualClock, settled, wait_until
from tests.interviews import rating_sentence, said

ANSWER = (
    "I would log every prediction and compare it each week with what people really bought. I plot precision over time "
    "against the value from launch. When it falls below a threshold that we agreed on, we retrain the model."
)
MORE = (
    "I would also compare the distribution of each input feature with the training data, "
    "by a population stability index."
)


CANDIDATE = Pyttsx3Voice("English (America)", words_per_minute=150)


class Silent:
    """A loudspeaker that nobody listens to; keeps what it was given."""

    def __init__(self) -> None:
        self.clips: list[Clip] = []

    def play(self, clip: Clip, until: Callable[[], bool] | None = None) -> bool:
        self.clips.append(clip)
        return True


class Candidate:
    """A microphone into which one utterance is spoken each time the agent listens; None is silence."""

    def __init__(self, utterances: Sequence[str | None], gone_at: int | None = None) -> None:
        """`gone_at`: the microphone is unplugged in the middle of that opening, counted from 1."""
        voice = CANDIDATE
        self._utterances = iter([None if text is None else _spoken(voice, text) for text in utterances])
        self.settle: Callable[[], object] = lambda: None
        """Returns once what was heard before is transcribed and graded."""
        self._gone_at, self._opened = gone_at, 0
        self._rest: Samples | None = None

    def frames(self) -> Generator[Clip, None, None]:
        self._opened += 1
        samples = self._next() if self._rest is None else self._rest
        self._rest = None
        for count, first in enumerate(range(0, len(samples) - FRAME, FRAME)):
            if self._gone_at == self._opened and count == 150:
                self._rest = samples[first:]
                raise DeviceError("The microphone stopped sending audio.")
            frame = samples[first : first + FRAME]
            if not frame.any():
                self.settle()
            yield Clip(samples=frame, rate=WHISPER_RATE)

    def _next(self) -> Samples:
        said, silence = next(self._utterances, None), np.zeros(30 * WHISPER_RATE, np.float32)
        return silence if said is None else np.concatenate([silence[:8000], said, silence])


@cache
def _spoken(voice: Pyttsx3Voice, text: str) -> Samples:
    clip = voice.synthesize(text)
    samples: Samples = soxr.resample(clip.samples, clip.rate, WHISPER_RATE).astype(np.float32)
    return samples


class Mute:
    """A voice for whom nobody listens: what the agent says is known from its events."""

    name = "mute"

    def warm(self) -> None:
        """Nothing to load."""

    def synthesize(self, text: str, speed: float = 1.0) -> Clip:
        return Clip.silence(0.03)


@cache
def _turns() -> SmartTurn:
    return SmartTurn()


@cache
def _intents() -> EmbeddingIntentClassifier:
    return EmbeddingIntentClassifier()


def _setup(
    whisper: Whisper,
    embedded: EmbeddedGrader,
    speaker: Speaker,
    microphone: Microphone,
    policy: EndpointingPolicy,
    style: Style,
    barge_in: BargeInMicrophone | None = None,
) -> InterviewSetup:
    return InterviewSetup(
        voice=Mute(),
        speaker=speaker,
        microphone=microphone,
        detector=SileroDetector(),
        transcriber=whisper,
        grader=embedded,
        clock=VirtualClock(),
        policy=policy,
        style=style,
        turns=_turns(),
        intents=_intents(),
        barge_in=barge_in,
    )


@pytest.fixture
def run_interview(
    whisper: Whisper, embedded: EmbeddedGrader, questions: dict[str, Question]
) -> Callable[..., tuple[list[Event], list[Turn]]]:
    """Runs an interview on the refresh question and gives its steps and turns."""

    def run(*utterances: str | None, **more: object) -> tuple[list[Event], list[Turn]]:
        asked = [questions[name] for name in more.pop("ask", ["recsys-refresh"])]  # type: ignore[attr-defined]
        candidate = Candidate(utterances, more.pop("gone_at", None))  # type: ignore[arg-type]
        setup = _setup(
            whisper,
            embedded,
            Silent(),
            candidate,
            EndpointingPolicy(no_answer_s=3.0, unfinished_silence_s=4.0, early_silence_s=3.0),
            Style(**more),
        )
        interview = Interview(in_order(asked), len(asked), setup)
        candidate.settle = settled(interview)
        steps = list(interview.events())
        return steps, [step.turn for step in steps if isinstance(step, AnswerCompleted)]

    return run


RunInterview = Callable[..., tuple[list[Event], list[Turn]]]


def understood(steps: list[Event]) -> list[str]:
    return [step.what for step in steps if isinstance(step, RequestRecognized)]


def test_an_answer_is_heard_graded_and_fed_back(run_interview: RunInterview, questions: dict[str, Question]) -> None:
    steps, turns = run_interview(ANSWER, follow_ups=0)
    assert len(turns) == 1
    assert turns[0].grade.rating in (Rating.WEAK, Rating.STRONG)
    assert {"over-time", "threshold"} & {point.id for point in turns[0].grade.points if point.met}
    assert "threshold" in turns[0].transcript.text
    assert rating_sentence(questions["recsys-refresh"], turns[0].grade) in said(steps)


def test_commands_are_obeyed_and_are_no_part_of_the_answer(
    run_interview: RunInterview, questions: dict[str, Question]
) -> None:
    steps, turns = run_interview("Could you repeat the question?", "Can I have a hint please?", ANSWER, follow_ups=0)
    assert understood(steps)[:2] == ["repeat", "hint"]
    assert questions["recsys-refresh"].hints[0] in said(steps)
    assert turns[0].grade.hints_used == 1
    assert "hint" not in turns[0].transcript.text.lower()


def test_a_probe_adds_to_the_same_answer(run_interview: RunInterview) -> None:
    _, alone = run_interview(ANSWER, follow_ups=0)
    steps, turns = run_interview(ANSWER, MORE, follow_ups=1)
    assert len(turns) == 1
    assert len(turns[0].probed) == 1
    assert turns[0].probed[0] in said(steps)
    met = {point.id for point in turns[0].grade.points if point.met}
    assert {point.id for point in alone[0].grade.points if point.met} < met
    assert {"input-drift", "input-drift-measure"} & met
    assert all(
        point.start_s is None or point.start_s <= turns[0].transcript.duration_s for point in turns[0].grade.points
    )


@pytest.mark.slow
def test_trying_again_shows_the_change(run_interview: RunInterview, questions: dict[str, Question]) -> None:
    steps, turns = run_interview(
        "I would look at the numbers once a year.", "Let me try again.", f"{ANSWER} {MORE}", follow_ups=0
    )
    assert [turn.attempt for turn in turns] == [1, 2]
    assert change(questions["recsys-refresh"], turns[0].grade, turns[1].grade) in said(steps)
    before, after = turns[0].grade.rating, turns[1].grade.rating
    assert before is not None
    assert after is not None
    assert after.rank > before.rank


@pytest.mark.slow
def test_a_question_to_the_interviewer_is_answered_from_the_facts(
    run_interview: RunInterview, questions: dict[str, Question]
) -> None:
    question = questions["recsys-metrics"]
    asked = f"{question.clarifications[0].asks[0].capitalize()}?"
    steps, turns = run_interview(
        asked, "I would look at the accuracy. That's my answer.", ask=["recsys-metrics"], follow_ups=0
    )
    assert question.clarifications[0].fact in said(steps)
    assert len(turns[0].clarified) == 1


def test_an_unknown_question_gets_an_honest_answer(run_interview: RunInterview) -> None:
    steps, _ = run_interview("Is the office in Berlin or in Lisbon?", ANSWER, follow_ups=0)
    assert "Assume what you need" in said(steps)


def test_stop_ends_the_session_at_once(run_interview: RunInterview) -> None:
    steps, turns = run_interview("Stop the interview.", ask=["recsys-refresh", "recsys-metrics"])
    assert turns == []
    assert "let's stop here" in said(steps)


@pytest.mark.slow
def test_explanation_and_model_answer_after_the_feedback(
    run_interview: RunInterview, questions: dict[str, Question]
) -> None:
    question = questions["recsys-refresh"]
    steps, turns = run_interview(
        ANSWER, "Explain the rating.", "Give me a model answer.", "Next question please.", follow_ups=0
    )
    assert explained(question, turns[0].grade) in said(steps)
    assert model_answer(question) in said(steps)


def test_silence_is_no_answer(run_interview: RunInterview) -> None:
    _, turns = run_interview(None, follow_ups=0)
    assert turns[0].grade.rating is None
    assert "No answer was heard" in (turns[0].grade.ungraded_reason or "")


def test_an_unplugged_microphone_loses_nothing(run_interview: RunInterview) -> None:
    steps, turns = run_interview(ANSWER, follow_ups=0, gone_at=1)
    assert any(isinstance(step, ProblemReported) and "stopped sending audio" in step.text for step in steps)
    assert "every prediction" in turns[0].transcript.text
    assert "threshold" in turns[0].transcript.text


@pytest.mark.slow
def test_spoken_pace_and_loudness_change(run_interview: RunInterview) -> None:
    steps, _ = run_interview("Could you speak a little slower please?", "Speak louder.", ANSWER, follow_ups=0)
    assert understood(steps)[:2] == ["slower", "louder"]
    assert said(steps).count("Is this better?") == 2


class Headset:
    """A loudspeaker that the microphone does not hear, and a candidate who speaks when told to."""

    def __init__(self) -> None:
        self._voice = CANDIDATE
        self._air: queue.SimpleQueue[Samples] = queue.SimpleQueue()
        self._over_it: Samples | None = None
        self.settle: Callable[[], object] = lambda: None

    def speak(self, text: str) -> None:
        self._utter(_spoken(self._voice, text))

    def speak_over_what_comes(self, text: str) -> None:
        self._over_it = _spoken(self._voice, text)

    def _utter(self, samples: Samples) -> None:
        for first in range(0, len(samples) - FRAME, FRAME):
            self._air.put(samples[first : first + FRAME])

    def frames(self) -> Generator[Clip, None, None]:
        while True:
            if self._air.empty():
                self.settle()
                # The thread that reads must not run away from the interview, which is paced by the work above.
                time.sleep(0.001)
                yield Clip(samples=np.zeros(FRAME, np.float32), rate=WHISPER_RATE)
            else:
                yield Clip(samples=self._air.get(), rate=WHISPER_RATE)

    def play(self, clip: Clip, until: Callable[[], bool] | None = None) -> bool:
        for _ in range(round(clip.seconds / 0.03)):
            if until is not None and until():
                return False
            if self._over_it is not None:
                self._utter(self._over_it)
                self._over_it = None
            # However slow the machine is, what is said over a sentence is heard before the sentence ends.
            wait_until(lambda: self._air.empty() or (until is not None and until()))
            time.sleep(0.001)
        return True


@pytest.fixture
def talked_over(
    whisper: Whisper, embedded: EmbeddedGrader, questions: dict[str, Question]
) -> Iterator[Callable[[str], list[Event]]]:
    """Holds an interview in which the candidate answers, and says something over the first rating; gives its steps."""
    headset = Headset()
    barge_in = BargeInMicrophone(headset, SileroDetector())
    setup = _setup(whisper, embedded, headset, headset, EndpointingPolicy(), Style(follow_ups=0), barge_in)

    def run(text: str) -> list[Event]:
        steps, interrupted = list[Event](), False
        interview = Interview(in_order([questions["recsys-refresh"]]), 1, setup)
        headset.settle = settled(interview)
        for step in interview.events():
            steps.append(step)
            if isinstance(step, ListeningStarted) and sum(isinstance(item, ListeningStarted) for item in steps) == 1:
                headset.speak(ANSWER)
            elif isinstance(step, AgentSpeaks) and len(_completed(steps)) == 1 and not interrupted:
                interrupted = True
                headset.speak_over_what_comes(text)
        return steps

    yield run
    barge_in.close()


def _completed(steps: list[Event]) -> list[Turn]:
    return [step.turn for step in steps if isinstance(step, AnswerCompleted)]


@pytest.mark.slow
def test_going_on_over_the_rating_belongs_to_the_answer(
    talked_over: Callable[[str], list[Event]], questions: dict[str, Question]
) -> None:
    steps = talked_over(MORE)
    first, whole = _completed(steps)
    assert whole.transcript.text.startswith(first.transcript.text[:40])
    assert "distribution" in whole.transcript.text
    met = [{point.id for point in turn.grade.points if point.met} for turn in (first, whole)]
    assert met[0] < met[1]
    ratings = {rating_sentence(questions["recsys-refresh"], turn.grade) for turn in (first, whole)}
    assert sum(said(steps).count(rating) for rating in ratings) == 2


@pytest.mark.slow
def test_a_command_over_the_rating_is_obeyed_and_is_no_answer(
    talked_over: Callable[[str], list[Event]], questions: dict[str, Question]
) -> None:
    steps = talked_over("Explain the rating.")
    [turn] = _completed(steps)
    assert explained(questions["recsys-refresh"], turn.grade) in said(steps)
