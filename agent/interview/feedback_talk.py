"""The conversation after the feedback: add, disagree, ask a question, try again. The interview moves on after silence
only if nothing more is said.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Protocol

from agent.interview.answer import AnswerPart
from agent.interview.events import Event, RequestRecognized
from agent.interview.requests import TAKE_TIME, VOICE_CHANGES, Requests
from agent.interview.turn_taking import ListenOptions, TurnTaking, Utterance
from agent.logic.dialogue.help import acknowledges, declines
from agent.logic.dialogue.talk_back import TalkBack, has_substance, point_about, start_of_the_answer, talk_back, term_in
from agent.logic.grading.coaching import (
    change,
    explained,
    feedback,
    judgment,
    meaning,
    missed,
    model_answer,
    next_step,
)
from agent.logic.grading.naming import listed, title
from agent.logic.grading.second_look import nearest_sentence
from agent.logic.speech.endpointing import EndpointingPolicy
from agent.values.dialogue import ABOUT_A_RATING, Intent, Moment
from agent.values.grade import Grade
from agent.values.rubric import Question
from agent.values.session import Turn

THINKING_S = 60.0
"""Seconds of silence before the interview moves on, once the candidate has asked for time."""
AFTERWARDS_S = 5.0
"""Silence after the feedback before the interview moves on by itself."""
MENU = (
    "You can add something, ask what you missed, or say try again, another hint, explain the rating, model answer, "
    "or next."
)
UNKNOWN_TERM = "I can't explain that one. The model answer may help: just ask for it."
LOOKED_AGAIN = (
    "I looked again, and I still don't hear {point}. {nearest} Say it once more, in one sentence, and I'll add it."
)
STAYS = "I looked again, and my rating stays."
ADDED, NOTED = "Good, I added that.", "Thank you, I added that."
CORRECTED = "You're right, I missed that."
QUOTED_WORDS = 25
MOST_NAMED = 2
REPORT_AT_THE_END = "There is a report with everything at the end. You can still add something now, or say next."


class RevisableAnswer(Protocol):
    """The answer that the conversation is about."""

    @property
    def question(self) -> Question:
        """The question that was asked."""
        ...

    def add(self, part: AnswerPart) -> Generator[Event, None, Turn]:
        """Adds what was said to the answer, and grades it all again."""
        ...

    def look_again(self) -> Generator[Event, None, Turn]:
        """Grades the answer once more in the candidate's favor; the same turn when that changes nothing."""
        ...


class FeedbackTalk:
    """The conversation about the rating of one answer."""

    def __init__(self, talk: TurnTaking, requests: Requests, answer: RevisableAnswer) -> None:
        self._talk, self._requests, self._answer = talk, requests, answer
        self._steps_said = 1
        self._looked_again = False

    def run(self, turn: Turn, intent: Intent | None) -> Generator[Event, None, Intent | None]:
        """Talks until the candidate is done; returns the command that leads on, None for silence.

        `intent` is what the candidate has already asked for.
        """
        patience_s = AFTERWARDS_S
        while True:
            utterance: Utterance | None = None
            if intent is None:
                policy = EndpointingPolicy.fixed(1.4).model_copy(update={"no_answer_s": patience_s})
                utterance = yield from self._talk.listen(ListenOptions(policy, moment=Moment.FEEDBACK))
                intent = utterance.intent
            if utterance is not None and _adds_before(utterance):
                turn = yield from self._talked_back(utterance._replace(intent=None), turn)
            patience_s = THINKING_S if intent is Intent.MORE_TIME else AFTERWARDS_S
            if intent is Intent.PAUSE:
                intent = yield from self._requests.pause(self._menu(turn.grade))
                continue
            reply = self._reply(intent, turn.grade)
            if reply is not None:
                yield from self._talk.say(reply)
            elif intent in VOICE_CHANGES:
                yield from self._requests.change_voice(intent)
            elif utterance is not None and _talks(utterance):
                turn = yield from self._talked_back(utterance, turn)
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
            case Intent.REPEAT | Intent.REPHRASE:
                return feedback(question, grade)
            case Intent.PROGRESS:
                return f"{self._requests.place()} {feedback(question, grade)}"
            case Intent.MORE_TIME:
                return TAKE_TIME
            case Intent.REPORT:
                return REPORT_AT_THE_END
            case Intent.HOW_LONG:
                return f"{self._requests.place()} {self._menu(grade)}"
            case Intent.OPTIONS:
                return self._menu(grade)
            case _:
                return None

    def _menu(self, grade: Grade) -> str:
        """Lists what can be said now, without "another hint" if none is left."""
        return MENU if self._steps_said < len(grade.hints) else MENU.replace("another hint, ", "")

    def _another_step(self, grade: Grade) -> str:
        if self._steps_said < len(grade.hints):
            self._steps_said += 1
            return next_step(grade, self._steps_said - 1)
        return "That's all I have. Ask for the model answer to hear a complete one."

    def _talked_back(self, utterance: Utterance, turn: Turn) -> Generator[Event, None, Turn]:
        text, question = utterance.text, self._answer.question
        if acknowledges(text):
            return turn
        kind = talk_back(text, utterance.intent)
        yield RequestRecognized(what=f"heard: {text}")
        match kind:
            case TalkBack.ADDS | TalkBack.DISAGREES:
                assert utterance.part is not None
                return (yield from self._added(utterance.part, turn, kind))
            case TalkBack.ASKS_WHAT_WAS_MISSED:
                yield from self._talk.say(missed(question, turn.grade) or explained(question, turn.grade))
            case TalkBack.ASKS_FOR_MEANING:
                point = point_about(question, term_in(text) or "")
                yield from self._talk.say(meaning(point) if point else UNKNOWN_TERM)
            case TalkBack.NOTHING:
                yield from self._talk.say(self._menu(turn.grade))
        return turn

    def _added(self, part: AnswerPart, turn: Turn, kind: TalkBack) -> Generator[Event, None, Turn]:
        """Grades the answer with what was added, and says what changed."""
        disagrees = kind is TalkBack.DISAGREES
        # Once only: to insist makes no answer better.
        new = yield from self._answer.look_again() if disagrees and not self._looked_again else _unchanged(turn)
        self._looked_again = self._looked_again or disagrees
        if new is turn and (not disagrees or has_substance(part.transcript.text)):
            start = start_of_the_answer(part.transcript.text)
            new = yield from self._answer.add(part.between(start, len(part.transcript.words)) if start else part)
        before = turn.grade.points_met
        gained = [name for name in new.grade.points_met if name not in before]
        question = self._answer.question
        if disagrees and not gained:
            yield from self._talk.say(_looked_again(question, turn))
            return new
        opening = CORRECTED if disagrees else ADDED if gained else NOTED
        names = [title(question.point(name)) for name in gained[:MOST_NAMED]]
        gains = f" That gives you {listed(names)}." if names else ""
        changed = change(question, turn.grade, new.grade) or judgment(question, new.grade)
        yield from self._talk.say(f"{opening}{gains} {changed}")
        return new


def _talks(utterance: Utterance) -> bool:
    """Whether the words are about the answer, and not a command or a "no" that moves on."""
    is_talk = utterance.intent is None or utterance.intent in ABOUT_A_RATING
    return is_talk and utterance.part is not None and not declines(utterance.text)


def _adds_before(utterance: Utterance) -> bool:
    """Whether something for the answer comes before a request: "and I'd test it on new users. How am I doing?"."""
    is_request = utterance.intent is not None and utterance.intent not in ABOUT_A_RATING
    return is_request and utterance.part is not None and talk_back(utterance.text) is TalkBack.ADDS


def _unchanged(turn: Turn) -> Generator[Event, None, Turn]:
    yield from ()
    return turn


def _looked_again(question: Question, turn: Turn) -> str:
    """Says why the rating stays: which words come nearest to the point that the agent called missing."""
    if not turn.grade.hints:
        return f"{STAYS} {explained(question, turn.grade)}"
    missing = question.point(turn.grade.hints[0].point_id)
    near = nearest_sentence(missing, turn.transcript)
    if near is not None:
        nearest = f"The nearest thing I heard was: {near.rstrip('.')}."
    else:
        words = turn.transcript.text.split()[-QUOTED_WORDS:]
        nearest = f"The end of what I heard was: {' '.join(words).rstrip('.')}."
    return LOOKED_AGAIN.format(point=title(missing), nearest=nearest)
