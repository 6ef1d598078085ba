"""The interview loop: question, speech, answer, transcript, claims, grade, feedback; then the next question.

It yields what happens and neither prints nor stores. Whoever iterates decides what to show and keep; a turn that was
yielded is complete, so that stopping at any moment loses at most the running one.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
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


Choose = Callable[[Sequence[Turn]], Question | None]
"""The next question after these turns; None when the interview is over."""

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


def interview(choose: Choose, of: int, room: Room) -> Iterator[Step]:
    """Asks up to `of` questions, each chosen in the light of the turns so far, and gives feedback on each answer.

    Errors of the adapters pass through.
    """
    turns: list[Turn] = []
    scenario = ""
    while len(turns) < of and (question := choose(turns)) is not None:
        yield Asked(len(turns) + 1, of, question)
        opening = question.scenario if question.scenario != scenario else ""
        scenario = question.scenario
        yield from _say(f"{opening} {question.ask}".strip(), question, room)
        yield Listens()
        clip = yield from _listen(room)
        yield Thinks(clip.seconds)
        turns.append(turn(question, clip, room))
        yield Heard(turns[-1].transcript)
        yield Answered(turns[-1], clip)
        yield from _say(feedback(question, turns[-1].grade), question, room)
    yield from _say("That was the last question. Thank you for practising.", None, room)


def in_order(questions: Sequence[Question]) -> Choose:
    """One question after the other, whatever the answers were."""
    return lambda turns: questions[len(turns)] if len(turns) < len(questions) else None


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
