"""The interview loop: question, speech, answer, transcript, claims, grade, feedback; then the next question.

It yields what happens and neither prints nor stores. Whoever iterates decides what to show and keep; a turn that was
yielded is complete, so that stopping at any moment loses at most the running one.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

from agent.interview.listening import Level, Stopwatch, listen
from agent.steps.coaching import feedback
from agent.steps.delivery import delivery
from agent.steps.end_of_answer import Patience
from agent.steps.grading import grade, ungraded
from agent.steps.ports import Grader, Microphone, Speaker, SpeechDetector, Transcriber, Voice
from agent.steps.speakable import sentences, speakable
from agent.values.audio import Clip
from agent.values.rubric import Question
from agent.values.session import Turn
from agent.values.transcript import Transcript


@dataclass(frozen=True)
class Asked:
    """A question begins."""

    number: int
    """From 1."""
    of: int
    question: Question


@dataclass(frozen=True)
class Said:
    """The agent is about to say this; it is audible when the next step is pulled."""

    text: str


@dataclass(frozen=True)
class Listens:
    """The agent listens from now on."""


@dataclass(frozen=True)
class Thinks:
    """The answer has ended and is being transcribed and graded."""

    seconds: float
    """Length of the answer's sound."""


@dataclass(frozen=True)
class Heard:
    """What the candidate said."""

    transcript: Transcript


@dataclass(frozen=True)
class Answered:
    """One complete turn, with the answer's sound for whoever keeps it."""

    turn: Turn
    clip: Clip


Step = Asked | Said | Listens | Level | Thinks | Heard | Answered


@dataclass(frozen=True)
class Room:
    """Everything that the interview needs from the world."""

    voice: Voice
    speaker: Speaker
    microphone: Microphone
    detector: SpeechDetector
    transcriber: Transcriber
    grader: Grader
    patience: Patience


def interview(questions: Sequence[Question], room: Room) -> Iterator[Step]:
    """Asks each question once and gives feedback on each answer. Errors of the adapters pass through."""
    for number, question in enumerate(questions, start=1):
        yield Asked(number, len(questions), question)
        opening = question.scenario if number == 1 or question.scenario != questions[number - 2].scenario else ""
        yield from _say(f"{opening} {question.ask}".strip(), question, room)
        yield Listens()
        clip = yield from _listen(room)
        yield Thinks(clip.seconds)
        answered = turn(question, clip, room)
        yield Heard(answered.transcript)
        yield Answered(answered, clip)
        yield from _say(feedback(question, answered.grade), question, room)
    yield from _say("That was the last question. Thank you for practising.", None, room)


def _say(text: str, question: Question | None, room: Room) -> Iterator[Step]:
    """Speaks sentence by sentence, so that the first sound comes early."""
    glossary = question.glossary if question else ()
    yield Said(text)
    for sentence in sentences(text):
        room.speaker.play(room.voice.synthesize(speakable(sentence, glossary)))


def _listen(room: Room) -> Generator[Step, None, Clip]:
    for item in listen(room.microphone, room.detector, room.patience):
        if isinstance(item, Clip):
            return item
        yield item
    raise AssertionError("listen() ends with a clip")


def turn(question: Question, clip: Clip, room: Room) -> Turn:
    """Transcribes and grades one answer's sound."""
    watch = Stopwatch()
    transcript = room.transcriber.transcribe(clip)
    watch.lap("transcribe")
    if transcript.words:
        result = grade(question, transcript, room.grader.claim(question, transcript))
    else:
        result = ungraded(question, NOTHING_HEARD, "none")
    watch.lap("grade")
    return Turn(
        question_id=question.id,
        transcript=transcript,
        grade=result,
        delivery=delivery(transcript),
        timings_s=watch.seconds,
    )


NOTHING_HEARD = "No answer was heard. Check the microphone with 'mock-interview doctor', then answer again."
