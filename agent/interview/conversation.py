"""One question, from asking to feedback: listens to the answer, follows up, grades, and talks about the rating.

Yields events; returns what the candidate wants next.
"""

from __future__ import annotations

from collections.abc import Generator
from enum import Enum, auto
from typing import NamedTuple

from agent.interview.answer import AnswerDraft, AnswerPart
from agent.interview.answering import Answering
from agent.interview.events import (
    AnswerCompleted,
    AnswerContinued,
    AnswerDrafted,
    AnswerTranscribed,
    AttemptStarted,
    Event,
    NothingAdded,
    QuestionAsked,
)
from agent.interview.feedback_talk import AFTERWARDS_S, FeedbackTalk
from agent.interview.runtime import InterviewRuntime
from agent.interview.turn_taking import ACKNOWLEDGED, TurnTaking
from agent.logic.grading.coaching import advice, change, judgment, probe, second_chance
from agent.logic.profile.table import hard_to_square
from agent.logic.speech.delivery import remark
from agent.logic.speech.speakable import sentences
from agent.logic.speech.tokens import content
from agent.values.dialogue import Intent
from agent.values.grade import Grade
from agent.values.rubric import Question
from agent.values.session import Turn

TIME_IS_UP = "Thank you, I have a good picture. Let's move on, so that we get to everything."
_FEW_WORDS = 3
"""Different content words up to which a reply without a point is no answer, such as "I'd say that covers it"."""


class After(Enum):
    """What happens after a question."""

    NEXT = auto()
    BACK = auto()
    STOP = auto()


LEAVING: dict[Intent | None, After] = {Intent.STOP: After.STOP, Intent.BACK: After.BACK}
"""Commands that end the question, and what happens then."""


class Conversation:
    """The conversation about one question."""

    def __init__(self, runtime: InterviewRuntime, asked: QuestionAsked, limit_s: float | None = None) -> None:
        """`limit_s`: seconds of listening after which the interview moves on."""
        self._runtime, self._setup = runtime, runtime.setup
        self._talk = TurnTaking(runtime, asked.question)
        self._answer = Answering(runtime, self._talk, asked, limit_s)
        self._assessment = self._answer.assessment
        self._completed: list[Turn] = []
        self._drafted: Turn | None = None

    @property
    def draft(self) -> AnswerDraft:
        """The running answer."""
        return self._answer.draft

    @property
    def ends_by_phrase(self) -> bool:
        """Whether the candidate has ended an answer with a closing phrase."""
        return self._answer.ends_by_phrase

    @property
    def turns(self) -> list[Turn]:
        """The completed turns, and the graded one that a follow-up may still add to."""
        return [*self._completed, *([] if self._drafted is None else [self._drafted])]

    @property
    def question(self) -> Question:
        """The question of this conversation."""
        return self.draft.question

    def run(self, opening: str) -> Generator[Event, None, After]:
        """Asks the question, and continues until the candidate is done with it."""
        self._runtime.streaming.background(lambda: self._setup.grader.prepare(self.question))
        self._talk.player.prepare(ACKNOWLEDGED)
        yield from self._talk.say(f"{opening} {self.question.ask}".strip())
        before: Grade | None = None
        while True:
            intent = yield from self._answer.hear_out()
            if intent in LEAVING and self.draft.only_questions():
                # The words of the request are no answer.
                yield NothingAdded()
                return LEAVING[intent]
            if intent in (Intent.SKIP, Intent.NEXT) and self.draft.only_questions():
                yield from self._complete(self._assessment.skipped(self.draft))
                return After.NEXT
            if not self._setup.style.feedback:
                return (yield from self._moved_on(intent))
            turn, intent = yield from self._assessed(intent, before)
            if intent not in LEAVING and self._setup.style.live:
                intent = yield from FeedbackTalk(self._talk, self._answer.requests, self).run(turn, intent)
            if intent is not Intent.TRY_AGAIN:
                return LEAVING.get(intent, After.NEXT)
            before = self.turns[-1].grade
            yield from self._try_again()

    def _moved_on(self, intent: Intent | None) -> Generator[Event, None, After]:
        """Grades the answer without feedback, and moves on to the next question."""
        _, intent = yield from self._turn(intent)
        if intent not in LEAVING:
            yield from self._talk.say(TIME_IS_UP if self._answer.time_is_up else ACKNOWLEDGED)
        return LEAVING.get(intent, After.NEXT)

    def _try_again(self) -> Generator[Event, None, None]:
        self._answer.draft = self.draft.next_attempt()
        self._talk.acknowledged = False
        yield AttemptStarted(question_id=self.question.id, attempt=self.draft.attempt)
        yield from self._talk.say(f"Sure. The same question again: {self.question.ask}")

    # Assessing

    def _assessed(
        self, intent: Intent | None, before: Grade | None
    ) -> Generator[Event, None, tuple[Turn, Intent | None]]:
        """Grades the answer and says the feedback.

        If the candidate talks over the rating, they were not done, so the agent listens again. What they say before the
        agent has given any advice still belongs to the answer. Returns the turn and the command with which the
        candidate interrupted, or leaves the question.
        """
        while True:
            turn, intent = yield from self._turn(intent)
            if intent in LEAVING or not (yield from self._interrupted(turn, before)):
                return turn, intent if intent in LEAVING else None
            said = len(self.draft.parts)
            yield AnswerContinued()
            intent = yield from self._answer.go_on(AFTERWARDS_S)
            if len(self.draft.parts) == said:
                yield NothingAdded()
                if intent is None:
                    # It was a noise without words: what it interrupted is spoken again.
                    yield from self._talk.say(self._feedback(turn, before).text)
                return turn, intent
            before = turn.grade

    def _interrupted(self, turn: Turn, before: Grade | None) -> Generator[Event, None, bool]:
        """Speaks the feedback; True if it was cut short before it gave any advice."""
        feedback = self._feedback(turn, before)
        unsaid = yield from self._talk.say(feedback.text)
        return unsaid > len(sentences(feedback.advice))

    def _feedback(self, turn: Turn, before: Grade | None) -> _Feedback:
        """The feedback, with what changed since the last attempt, and at most one remark on the delivery at the end."""
        changed = "" if before is None else change(self.question, before, turn.grade)
        if before is None and turn.attempt == 1:
            changed = self._setup.memory.progress(self.question, turn.grade)
        judged = judgment(self.question, turn.grade, acknowledged=self._talk.acknowledged)
        profile = self._setup.profile
        claim = None if profile is None else hard_to_square(turn, self.question, profile)
        return _Feedback(
            judgment=_joined(changed, judged),
            advice=_joined(advice(self.question, turn.grade), claim, remark(turn.delivery)),
        )

    def _turn(self, intent: Intent | None) -> Generator[Event, None, tuple[Turn, Intent | None]]:
        """Grades the answer; follows up if something important is missing, then grades everything together.

        Returns the turn and the command that ended the answer, if any.
        """
        turn, asked = (yield from self._drafted_turn()), set[str]()
        while intent is None and self._may_follow_up():
            nudge = self._follow_up(turn.grade)
            if nudge is None or nudge in asked:
                break
            asked.add(nudge)
            worded = self._setup.follow_up
            question = nudge if worded is None else worded.word(self.question, turn.transcript, nudge)
            self._answer.draft = self.draft.with_follow_up(question)
            yield from self._talk.say(f"Let me follow up on that. {question}")
            intent = yield from self._answer.hear_out()
            before, turn = turn, (yield from self._drafted_turn())
            if _has_no_more(before, turn):
                break
        yield from self._complete(turn)
        return turn, intent

    def _follow_up(self, grade: Grade) -> str | None:
        """With feedback, an answer that made no point gets its next step there; without feedback, it gets a second
        chance."""
        nudge = probe(self.question, grade)
        return nudge if nudge is not None or self._setup.style.feedback else second_chance(self.question, grade)

    def _may_follow_up(self) -> bool:
        return len(self.draft.follow_ups) < self._setup.style.follow_ups and not self._answer.time_is_up

    def _drafted_turn(self) -> Generator[Event, None, Turn]:
        self._drafted = turn = self._assessment.turn(self.draft, self._answer.wait_s)
        yield AnswerDrafted(turn=turn)
        return turn

    def _complete(self, turn: Turn) -> Generator[Event, None, None]:
        self._completed.append(turn)
        self._drafted = None
        yield AnswerCompleted(turn=turn)

    # Afterwards

    def look_again(self) -> Generator[Event, None, Turn]:
        """Grades the answer once more in the candidate's favor. Returns the same turn if that changes nothing."""
        turn = self._completed[-1]
        again = self._assessment.second_look(self.draft, turn)
        if again is not turn:
            yield AnswerContinued()
            yield AnswerTranscribed(transcript=self.draft.transcript())
            yield from self._complete(again)
        return again

    def add(self, part: AnswerPart) -> Generator[Event, None, Turn]:
        """Adds what was said after the feedback to the answer, and grades it all again."""
        yield AnswerContinued()
        self._answer.draft = self.draft.with_part(part)
        yield AnswerTranscribed(transcript=self.draft.transcript())
        turn = yield from self._drafted_turn()
        yield from self._complete(turn)
        return turn


class _Feedback(NamedTuple):
    """What the agent says about an answer, up to the first advice and from there on."""

    judgment: str
    advice: str

    @property
    def text(self) -> str:
        return _joined(self.judgment, self.advice)


def _joined(*parts: str | None) -> str:
    return " ".join(part for part in parts if part)


def _has_no_more(before: Turn, after: Turn) -> bool:
    """Whether the reply to a follow-up says that there is no more, such as "I can't think of more there"."""
    added = " ".join(word.text for word in after.transcript.words[len(before.transcript.words) :])
    return len(content(added)) <= _FEW_WORDS and len(after.grade.points_met) <= len(before.grade.points_met)
