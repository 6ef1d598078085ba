"""What belongs to an answer, and how long the candidate has. Sound and transcripts are scripted."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from agent.adapters.embedded_grader import EmbeddedGrader
from agent.interview.answering import STILL_THERE
from agent.interview.assessment import NOTHING_HEARD
from agent.interview.endpointer import Endpointer, EndpointerModels, TurnEnd
from agent.interview.events import (
    AnswerCompleted,
    InterviewConcluded,
    PauseEnded,
    PauseStarted,
    RequestRecognized,
)
from agent.interview.interview import WAITS
from agent.interview.requests import STILL_PAUSED
from agent.interview.streaming_transcriber import StreamingTranscriber
from agent.logic.speech.endpointing import EndpointingPolicy
from agent.values.audio import Clip
from agent.values.rubric import Question
from agent.values.transcript import Transcript
from tests.conftest import Loudness, frames
from tests.interviews import (
    ANSWER,
    Script,
    run,
    said,
)


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


def test_an_answer_of_the_greatest_length_is_full() -> None:
    endpointer = Endpointer(
        EndpointerModels(StreamingTranscriber(Script(""), ahead=False), Loudness()), EndpointingPolicy(longest_s=3.0)
    )
    list(endpointer.listen(frames(0.5, 5.0)))
    assert endpointer.ended().full


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
