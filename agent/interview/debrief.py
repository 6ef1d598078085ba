"""The conversation after the feedback: add, disagree, ask a question, try again. The interview moves on after silence
only if nothing more is said.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Protocol

from agent.interview.answer import AnswerPart
from agent.interview.events import Event, RequestRecognized
from agent.interview.requests import VOICE_CHANGES, Requests
from agent.interview.turn_taking import Manner, TurnTaking, Utterance
from agent.logic.dialogue.talk_back import TalkBack, asked_term, has_substance, point_about, talk_back
from agent.logic.grading.coaching import change, explained, feedback, judgement, missed, model_answer, next_step
from agent.logic.grading.naming import title
from agent.logic.speech.endpointing import EndpointingPolicy
from agent.values.dialogue import Intent
from agent.values.grade import Grade
from agent.values.rubric import Question
from agent.values.session import Turn

AFTERWARDS_S = 5.0
"""Silence after the feedback before the interview moves on by itself."""
MENU = (
    "You can add something, ask what you missed, or say try again, another hint, explain the rating, model answer, "
    "or next."
)
UNKNOWN_TERM = "I can't explain that one. The model answer may help: just ask for it."
LOOKED_AGAIN = (
    "I looked again, and I still don't hear it. The end of what I heard was: {heard} Say it once more, and it counts."
)
ADDED, NOTED = "Good, I added that.", "Thank you, I added that."
CORRECTED = "You're right, I missed that."
QUOTED_WORDS = 25


class Answering(Protocol):
    """The answer that the conversation is about."""

    @property
    def question(self) -> Question:
        """The question that was asked."""
        ...

    def add(self, part: AnswerPart) -> Generator[Event, None, Turn]:
        """Adds what was said to the answer, and grades it all again."""
        ...


class Debrief:
    """The conversation about one answer."""

    def __init__(self, talk: TurnTaking, requests: Requests, answer: Answering) -> None:
        self._talk, self._requests, self._answer = talk, requests, answer
        self._steps_said = 1

    def run(self, turn: Turn, wish: Intent | None) -> Generator[Event, None, Intent | None]:
        """Talks until the candidate is done; returns the command that leads on, None for silence.

        `wish` is what the candidate has already asked for.
        """
        policy = EndpointingPolicy.fixed(1.4).model_copy(update={"no_answer_s": AFTERWARDS_S})
        intent = wish
        while True:
            heard: Utterance | None = None
            if intent is None:
                heard = yield from self._talk.listen(Manner(policy))
                intent = heard.intent
            if intent is Intent.PAUSE:
                intent = yield from self._requests.pause(MENU)
                continue
            reply = self._reply(intent, turn.grade)
            if reply is not None:
                yield from self._talk.say(reply)
            elif intent in VOICE_CHANGES:
                yield from self._requests.change_voice(intent)
            elif intent is None and heard is not None and heard.part is not None:
                turn = yield from self._talked_back(heard.part, turn)
            else:
                return intent
            intent = None

    def _reply(self, intent: Intent | None, grade: Grade) -> str | None:
        """The reply to a request, or None if it is not a request."""
        question = self._answer.question
        match intent:
            case Intent.EXPLAIN:
                return explained(question, grade)
            case Intent.MODEL_ANSWER:
                return model_answer(question)
            case Intent.HINT:
                return self._another_step(grade)
            case Intent.REPEAT | Intent.REPHRASE | Intent.PROGRESS:
                return feedback(question, grade)
            case Intent.HOW_LONG | Intent.RESUME | Intent.OPTIONS:
                return MENU
            case _:
                return None

    def _another_step(self, grade: Grade) -> str:
        if self._steps_said < len(grade.hints):
            self._steps_said += 1
            return next_step(grade, self._steps_said - 1)
        return "That's all I have. Ask for the model answer to hear a complete one."

    def _talked_back(self, part: AnswerPart, turn: Turn) -> Generator[Event, None, Turn]:
        text, question = part.transcript.text, self._answer.question
        kind = talk_back(text)
        yield RequestRecognized(what=f"heard: {text}")
        match kind:
            case TalkBack.ADDS | TalkBack.DISAGREES:
                return (yield from self._added(part, turn, kind))
            case TalkBack.ASKS_WHAT_WAS_MISSED:
                yield from self._talk.say(missed(question, turn.grade) or explained(question, turn.grade))
            case TalkBack.ASKS_FOR_MEANING:
                point = point_about(question, asked_term(text) or "")
                yield from self._talk.say(f"In short: {point.says}" if point else UNKNOWN_TERM)
            case TalkBack.NOTHING:
                yield from self._talk.say(MENU)
        return turn

    def _added(self, part: AnswerPart, turn: Turn, kind: TalkBack) -> Generator[Event, None, Turn]:
        """Grades the answer with what was added, and says what changed."""
        if kind is TalkBack.DISAGREES and not has_substance(part.transcript.text):
            yield from self._talk.say(_looked_again(turn))
            return turn
        before = {point.id for point in turn.grade.points if point.met}
        new = yield from self._answer.add(part)
        gained = [point.id for point in new.grade.points if point.met and point.id not in before]
        question = self._answer.question
        if kind is TalkBack.DISAGREES and not gained:
            yield from self._talk.say(_looked_again(turn))
            return new
        opening = CORRECTED if kind is TalkBack.DISAGREES else ADDED if gained else NOTED
        names = f" That gives you {' and '.join(title(question.point(name)) for name in gained[:2])}." if gained else ""
        changed = change(question, turn.grade, new.grade) or judgement(question, new.grade)
        yield from self._talk.say(f"{opening}{names} {changed}")
        return new


def _looked_again(turn: Turn) -> str:
    words = turn.transcript.text.split()[-QUOTED_WORDS:]
    return LOOKED_AGAIN.format(heard=f"{' '.join(words).rstrip('.')}.")
