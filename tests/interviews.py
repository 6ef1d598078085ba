"""Interviews whose sound and transcripts are scripted: what several test files share."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from agent.adapters.intent_classifier import EmbeddingIntentClassifier
from agent.adapters.system_clock import SystemClock
from agent.interview.events import (
    AgentSpeaks,
    AnswerCompleted,
    Event,
    QuestionAsked,
)
from agent.interview.interview import Interview, in_order
from agent.interview.setup import InterviewSetup, Style
from agent.logic.grading.coaching import judgment
from agent.logic.ports import Grader, Microphone
from agent.logic.speech.endpointing import EndpointingPolicy
from agent.logic.speech.speakable import sentences
from agent.values.audio import FRAME, WHISPER_RATE, Clip
from agent.values.errors import DeviceError
from agent.values.grade import Claim, Grade, Verdict
from agent.values.rubric import Question
from agent.values.transcript import Transcript
from tests.conftest import Loudness, frames

ANSWER = "I would log every prediction and compare it each week with what people bought, and retrain below a threshold."


ADDED = "I would also compare the distribution of the inputs with training, by the population stability index."


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
    """Microphone, transcriber and loudspeaker: each time somebody listens, the next line is said and written."""

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
        """What is written from now on, until there is another line."""
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


class ClaimingGrader:
    """A grader that makes the same claims on every answer."""

    name = "claiming"

    def __init__(self, *claims: Claim) -> None:
        self._claims = claims

    def prepare(self, question: Question) -> None:
        """Nothing to load."""

    def claim(self, question: Question, transcript: Transcript) -> Verdict:
        return Verdict(claims=self._claims, grader=self.name)


@cache
def intent_classifier() -> EmbeddingIntentClassifier:
    """One for all interviews: loading it takes longer than most of them."""
    return EmbeddingIntentClassifier()


def setup_of(
    script: Script, grader: Grader, microphone: Microphone | None = None, follow_ups: int = 0
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


def names(steps: list[Event]) -> list[str]:
    return [step.question.id.removeprefix("recsys-") for step in steps if isinstance(step, QuestionAsked)]


def run(script: Script, grader: Grader, asked: list[Question], follow_ups: int = 0) -> list[Event]:
    return list(Interview(in_order(asked), len(asked), setup_of(script, grader, follow_ups=follow_ups)).events())


def rating_sentence(question: Question, grade: Grade) -> str:
    """The sentence in which the agent tells the rating."""
    return sentences(judgment(question, grade))[-1]


def told_after_the_answer(steps: Sequence[Event]) -> str:
    """What the agent says first once an answer is complete."""
    completed = next(at for at, step in enumerate(steps) if isinstance(step, AnswerCompleted))
    return next(step.text for step in steps[completed:] if isinstance(step, AgentSpeaks))


def said(steps: Sequence[Event]) -> str:
    return " ".join(step.text for step in steps if isinstance(step, AgentSpeaks))
