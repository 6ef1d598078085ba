"""The interview loop: one question after the other, each chosen in the light of the answers so far.

It yields what happens and neither prints nor stores. Whoever iterates decides what to show and keep; a turn that was
yielded is complete, so that stopping at any moment loses at most the running one.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, nullcontext, suppress
from dataclasses import replace
from typing import NamedTuple

from agent.interview.barge_in import BargeInMicrophone
from agent.interview.conversation import After, Conversation
from agent.interview.setup import (
    AgentSpoke,
    AnswerCompleted,
    Choose,
    Event,
    InterviewConcluded,
    InterviewSetup,
    QuestionAsked,
    RequestRecognized,
)
from agent.interview.speech_player import SpeechPlayer
from agent.interview.streaming_transcriber import StreamingTranscriber
from agent.logic.grading.overall import SignalRating, first_tries, overall, summary
from agent.logic.speech.endpointing import EndpointingPolicy
from agent.values.errors import DeviceError
from agent.values.rubric import Question
from agent.values.session import Turn

HELLO = (
    'Hello. Speak freely, and take your time. Say "that\'s my answer" when you are through, '
    "and repeat, hint, or skip whenever you like."
)
WAITS = "you say when an answer is over, so from now on I wait for that"
ECHO_S = 0.5
FAREWELL = "That was the last question. Thank you for practising."
STOPPED = "All right, we stop here. Thank you for practising."


def interview(choose: Choose, of: int, setup: InterviewSetup) -> Generator[Event, None, None]:
    """Asks up to `of` questions, gives feedback on each answer and ends with the rating per signal.

    Errors of the adapters pass through.
    """
    with (
        closing(StreamingTranscriber(setup.transcriber, ahead=setup.manner.live)) as streaming,
        closing(SpeechPlayer(setup.voice, setup.speaker)) as player,
        nullcontext() if setup.barge_in is None else closing(setup.barge_in),
    ):
        # Loading Whisper takes seconds, which the reading of the first question covers.
        warmed = streaming.background(setup.transcriber.warm)
        setup = yield from _greeted(setup, player)
        if warmed.done():
            warmed.result()  # A model that cannot be loaded is told of before anything is asked.
        record = _Record({}, [])
        farewell = yield from _questions(choose, of, setup, streaming, player, record)
        ratings = overall(first_tries(record.turns), record.questions)
        yield AgentSpoke(farewell)
        yield from _concluded(farewell, ratings, setup, player)


def _greeted(setup: InterviewSetup, player: SpeechPlayer) -> Generator[Event, None, InterviewSetup]:
    """Greets, and learns from it whether the microphone hears the agent: then nobody can interrupt it by voice."""
    ear = setup.barge_in
    if not setup.manner.live:
        return setup
    yield AgentSpoke(HELLO)
    if ear is None:
        player.say(HELLO)
        return setup
    if not hears_itself(player, ear):
        return setup
    ear.close()
    yield RequestRecognized(
        "the microphone hears the loudspeaker, so I listen only while I am silent; headphones mend that"
    )
    return replace(setup, barge_in=None)


def hears_itself(player: SpeechPlayer, ear: BargeInMicrophone) -> bool:
    """Whether the agent's own voice reaches the microphone as speech. Somebody who speaks meanwhile counts as that."""
    ear.begin()
    heard = False

    def listen() -> bool:
        nonlocal heard
        heard = ear.interrupted() or heard
        return False

    player.say(HELLO, until=listen)
    # Wireless loudspeakers are late.
    time.sleep(ECHO_S)
    return ear.interrupted() or heard


def _concluded(
    farewell: str, ratings: list[SignalRating], setup: InterviewSetup, player: SpeechPlayer
) -> Iterator[Event]:
    """Says good-bye and where the candidate stands, until interrupted.

    Everything is on record by now; a loudspeaker that is gone must not turn that into an error.
    """
    ear = setup.barge_in
    with suppress(DeviceError):
        player.say(farewell)
    yield InterviewConcluded(tuple(ratings))
    with suppress(DeviceError):
        if ear is not None:
            ear.begin()
        player.say(summary(ratings), until=None if ear is None else ear.interrupted)


class _Record(NamedTuple):
    """What was asked and answered."""

    questions: dict[str, Question]
    turns: list[Turn]

    def latest(self) -> dict[str, Turn]:
        """By question, in the order in which they were first answered."""
        return {turn.question_id: turn for turn in self.turns}


def _questions(
    choose: Choose,
    of: int,
    setup: InterviewSetup,
    streaming: StreamingTranscriber,
    player: SpeechPlayer,
    record: _Record,
) -> Generator[Event, None, str]:
    asked: list[Question] = []
    again: list[Question] = []
    scenario, turns = "", record.latest()
    while again or len(turns) < of:
        question = again.pop() if again else choose(list(turns.values()))
        if question is None:
            break
        attempt = turns[question.id].attempt + 1 if question.id in turns else 1
        yield QuestionAsked(len(turns) + (attempt == 1), of, question, attempt)
        opening = question.scenario if question.scenario != scenario else ""
        scenario = question.scenario
        record.questions[question.id] = question
        conversation = Conversation(question, setup, streaming, player, attempt)
        after = yield from _kept(conversation.run(opening), record)
        if conversation.ends_by_phrase and setup.policy == EndpointingPolicy():
            setup = replace(setup, policy=EndpointingPolicy.patient())
            yield RequestRecognized(WAITS)
        turns = record.latest()
        if after is After.STOP:
            return STOPPED
        if after is After.BACK:
            before = [item for item in asked if item.id != question.id][-1:]
            again += [question] if question.id not in turns or not before else []
            again += before
        asked = [item for item in asked if item.id != question.id] + ([question] if question.id in turns else [])
    return FAREWELL


def _kept(talk: Generator[Event, None, After], record: _Record) -> Generator[Event, None, After]:
    """Passes the steps on and keeps the turns."""
    while True:
        try:
            step = next(talk)
        except StopIteration as end:
            return After(end.value)
        if isinstance(step, AnswerCompleted):
            record.turns.append(step.turn)
        yield step


def in_order(questions: Sequence[Question]) -> Choose:
    """One question after the other, whatever the answers were."""
    return lambda turns: questions[len(turns)] if len(turns) < len(questions) else None
