"""One question, from asking to feedback: listens to the answer, follows up, grades, and talks about the rating.

Yields events; returns what the candidate wants next.
"""

from __future__ import annotations

from collections.abc import Generator
from enum import Enum, auto

from agent.interview.answer import AnswerDraft, AnswerPart
from agent.interview.assessment import Assessment
from agent.interview.debrief import AFTERWARDS_S, Debrief
from agent.interview.events import (
    AnswerCompleted,
    AnswerContinued,
    AnswerDrafted,
    AnswerTranscribed,
    AttemptStarted,
    Event,
    NothingAdded,
    QuestionAsked,
    RequestRecognized,
)
from agent.interview.requests import Requests
from agent.interview.setup import InterviewSetup
from agent.interview.speech_player import SpeechPlayer
from agent.interview.streaming_transcriber import StreamingTranscriber
from agent.interview.turn_taking import ACKNOWLEDGED, GO_ON, Manner, TurnTaking, Utterance
from agent.logic.dialogue.clarifications import asks, question_start
from agent.logic.dialogue.help import agrees, declines, does_not_know
from agent.logic.grading.coaching import advice, change, feedback, probe
from agent.logic.planning.pacing import GRACE_S
from agent.logic.profile.table import hard_to_square
from agent.logic.speech.delivery import remark
from agent.logic.speech.endpointing import EndpointingPolicy, closes, without_closing
from agent.logic.speech.speakable import sentences
from agent.values.dialogue import Intent
from agent.values.grade import Grade
from agent.values.rubric import Question
from agent.values.session import Turn
from agent.values.transcript import Transcript

STILL_THERE = "Would you like more time, a hint, or shall we skip this one?"
OFFER = "No problem. Would you like a hint, or shall we skip this one?"
THINKING_S = 60.0
"""Silence after which somebody who asked for time is asked again."""
MOVE_ON_OFFER = "Take your time. Or shall we move on to the next one?"
"""In an interview without feedback hints come only to those who ask for them."""
THANKS = "Thank you."
TIME_IS_UP = "Thank you, I have a good picture. Let's move on, so that we get to everything."
REPLIES: dict[str, tuple[Intent, Intent]] = {
    # A hint costs something, so it takes more than a yes to a question with three parts.
    STILL_THERE: (Intent.MORE_TIME, Intent.MORE_TIME),
    OFFER: (Intent.HINT, Intent.SKIP),
    MOVE_ON_OFFER: (Intent.SKIP, Intent.MORE_TIME),
    GO_ON: (Intent.MORE_TIME, Intent.DONE),
}
"""What yes and no mean in reply to each offer."""


class After(Enum):
    """What happens after a question."""

    NEXT = auto()
    BACK = auto()
    STOP = auto()


LEAVING: dict[Intent | None, After] = {Intent.STOP: After.STOP, Intent.BACK: After.BACK}
"""Commands that end the question, and what happens then."""


class Conversation:
    """The conversation about one question."""

    def __init__(
        self,
        asked: QuestionAsked,
        setup: InterviewSetup,
        streaming: StreamingTranscriber,
        player: SpeechPlayer,
        limit_s: float | None = None,
    ) -> None:
        """`limit_s`: seconds of listening after which the interview moves on."""
        self._limit_s, self._used_s = limit_s, 0.0
        self._setup, self._streaming = setup, streaming
        self._talk = TurnTaking(setup, asked.question, streaming, player)
        self._assessment = Assessment(setup, streaming, player)
        self._requests = Requests(setup, self._talk, self._assessment, asked)
        self.draft = AnswerDraft(asked.question, asked.attempt)
        """The running answer."""
        self.ends_by_phrase = False
        """Whether the candidate has ended an answer with a closing phrase."""
        self._completed: list[Turn] = []
        self._drafted: Turn | None = None
        self._wait_s = 0.0

    @property
    def turns(self) -> list[Turn]:
        """The completed turns, and the graded one that a follow-up may still add to."""
        return [*self._completed, *([] if self._drafted is None else [self._drafted])]

    @property
    def question(self) -> Question:
        """The question of this conversation."""
        return self.draft.question

    def run(self, opening: str) -> Generator[Event, None, After]:
        """Asks the question, and stays with it until the candidate is done with it."""
        self._streaming.background(lambda: self._setup.grader.prepare(self.question))
        self._talk.player.prepare(ACKNOWLEDGED)
        yield from self._talk.say(f"{opening} {self.question.ask}".strip())
        before: Grade | None = None
        while True:
            wish = yield from self._answer()
            if wish in LEAVING and self.draft.only_questions():
                return LEAVING[wish]
            if wish in (Intent.SKIP, Intent.NEXT) and self.draft.only_questions():
                yield from self._complete(self._assessment.skipped(self.draft))
                return After.NEXT
            if not self._setup.style.feedback:
                return (yield from self._moved_on(wish))
            turn, wish = yield from self._assessed(wish, before)
            if wish not in LEAVING and self._setup.style.live:
                wish = yield from Debrief(self._talk, self._requests, self).run(turn, wish)
            after = wish
            if after is not Intent.TRY_AGAIN:
                return LEAVING.get(after, After.NEXT)
            before = self.turns[-1].grade
            yield from self._try_again()

    def _moved_on(self, wish: Intent | None) -> Generator[Event, None, After]:
        """Grades without a word about it, and leads to the next question."""
        _, wish = yield from self._turn(wish)
        if wish not in LEAVING:
            yield from self._talk.say(TIME_IS_UP if self._time_is_up else THANKS)
        return LEAVING.get(wish, After.NEXT)

    @property
    def _time_is_up(self) -> bool:
        return self._limit_s is not None and self._used_s >= self._limit_s

    def _try_again(self) -> Generator[Event, None, None]:
        self.draft = self.draft.next_attempt()
        self._talk.acknowledged = False
        yield AttemptStarted(question_id=self.question.id, attempt=self.draft.attempt)
        yield from self._talk.say(f"Sure. The same question again: {self.question.ask}")

    # Answering

    def _answer(self) -> Generator[Event, None, Intent | None]:
        """Listens until the answer has ended; returns the command that ended it, or None."""
        stuck: Utterance | None = None
        offer, talked, patience_s = "", False, self._setup.policy.no_answer_s
        while True:
            heard = yield from self._listen(self._setup.policy.model_copy(update={"no_answer_s": patience_s}))
            intent = self._wish_of(heard, offer)
            if intent is not None:
                if heard.intent is None:
                    yield RequestRecognized(what=intent.value)
                self.draft, ends = yield from self._requests.obey(intent, self.draft)
                if ends is not None:
                    return None if ends is Intent.DONE else ends
                offer, talked = "", True
            elif (yield from self._clarified(heard)):
                offer, talked = "", True
            elif self._stuck(heard, talked) and not offer:
                stuck, offer = heard, self._offer(heard)
                yield from self._talk.say(offer)
            else:
                # "I don't know" is the answer if nothing better follows.
                yield from self._take(stuck if stuck is not None and heard.part is None else heard)
                return None
            patience_s = max(THINKING_S if intent is Intent.MORE_TIME else 0.0, self._setup.policy.no_answer_s)

    def _wish_of(self, heard: Utterance, offer: str) -> Intent | None:
        """The command; in reply to an offer yes and no are commands too, and so is what only plays for time."""
        if heard.intent is not None or heard.part is None or self._setup.intents is None:
            return heard.intent
        yes, no = REPLIES.get(offer, (None, None))
        if agrees(heard.text) and yes is not None:
            return yes
        if declines(heard.text) and no is not None:
            return no
        only_talk = not heard.part.of_the_answer() and not closes(heard.text)
        return Intent.MORE_TIME if only_talk else None

    def _clarified(self, heard: Utterance) -> Generator[Event, None, bool]:
        """Answers a question to the interviewer at the end of what was said: it is no part of the answer."""
        if self._setup.intents is None or heard.part is None or not asks(heard.text):
            return False
        words = heard.part.transcript.words
        start = question_start(heard.part.transcript)
        if start > 0:
            yield from self._take(heard._replace(part=heard.part.before(start)))
        self.draft = yield from self._requests.clarify(" ".join(word.text for word in words[start:]), self.draft)
        return True

    def _stuck(self, heard: Utterance, talked: bool) -> bool:
        """Whether the candidate, who is there, says nothing at all, or that they do not know.

        Silence in the middle of an answer is an end, unless they have `talked` with the interviewer since.
        """
        if not self._setup.style.live:
            return False
        if not heard.text:
            return talked or not self.draft.parts
        more_hints = self.draft.hints < len(self.question.hints)
        return not self.draft.parts and does_not_know(heard.text) and more_hints

    def _offer(self, heard: Utterance) -> str:
        if self.draft.parts:
            return GO_ON
        if not self._setup.style.feedback:
            return MOVE_ON_OFFER
        return OFFER if heard.text else STILL_THERE

    def _listen(self, policy: EndpointingPolicy) -> Generator[Event, None, Utterance]:
        """Listens to one utterance. What comes before a command becomes part of the answer."""
        ahead = self._grade_ahead if self._setup.style.grade_ahead else None
        if self._limit_s is not None:
            left_s = max(0.0, self._limit_s - self._used_s) + GRACE_S
            policy = policy.model_copy(update={"longest_s": min(policy.longest_s, left_s)})
        heard = yield from self._talk.listen(Manner(policy, self.draft, ahead))
        self._used_s += self._streaming.clip.seconds
        self._wait_s = heard.end.wait_s
        if heard.intent is Intent.DONE or closes(heard.text):
            self.ends_by_phrase = True
        if heard.intent is not None and heard.part is not None:
            yield from self._take(heard)
        return heard

    def _take(self, heard: Utterance) -> Generator[Event, None, None]:
        """Adds what was said to the answer, without a closing phrase."""
        if heard.part is None:
            return
        # On a recording nobody is spoken to, and its sound stays whole.
        parts = heard.part.of_the_answer() if self._setup.intents is not None else heard.part.without_closing()
        if parts:
            for part in parts:
                self.draft = self.draft.with_part(part)
            # From now on the words are in the draft: an interruption must not find them twice.
            self._streaming.begin()
            yield AnswerTranscribed(transcript=self.draft.transcript())

    def _grade_ahead(self, running: Transcript, paused: bool) -> None:
        self._assessment.grade_ahead(self.draft, without_closing(running), paused)

    # Assessing

    def _assessed(
        self, wish: Intent | None, before: Grade | None
    ) -> Generator[Event, None, tuple[Turn, Intent | None]]:
        """Yields the events of grading and feedback. A candidate who talks over the rating was not done, so the agent
        listens.

        What is said before the agent has given any advice still belongs to the answer. Returns the turn and the command
        with which the candidate interrupted, or leaves the question.
        """
        while True:
            turn, wish = yield from self._turn(wish)
            if wish in LEAVING or not (yield from self._interrupted(turn, before)):
                return turn, wish if wish in LEAVING else None
            said = len(self.draft.parts)
            yield AnswerContinued()
            heard = yield from self._listen(self._setup.policy.model_copy(update={"no_answer_s": AFTERWARDS_S}))
            wish = heard.intent
            if wish is None:
                yield from self._take(heard)
            if len(self.draft.parts) == said:
                yield NothingAdded()
                if wish is None:
                    # It was a noise without words: what it interrupted is spoken again.
                    yield from self._talk.say(self._feedback(turn, before))
                return turn, wish
            before = turn.grade

    def _interrupted(self, turn: Turn, before: Grade | None) -> Generator[Event, None, bool]:
        """Speaks the feedback; True if it was cut short before it gave any advice."""
        unsaid = yield from self._talk.say(self._feedback(turn, before))
        return unsaid > len(sentences(f"{advice(self.question, turn.grade)} {remark(turn.delivery) or ''}"))

    def _feedback(self, turn: Turn, before: Grade | None) -> str:
        """The feedback, with what changed since the last attempt, and at most one remark on the delivery at the end."""
        changed = "" if before is None else change(self.question, before, turn.grade)
        if before is None and turn.attempt == 1:
            changed = self._setup.memory.progress(self.question, turn.grade)
        said = feedback(self.question, turn.grade)
        if self._talk.acknowledged:
            said = said.removeprefix(ACKNOWLEDGED).strip()
        profile = self._setup.profile
        claim = None if profile is None else hard_to_square(turn, self.question, profile)
        return " ".join(part for part in (changed, said, claim, remark(turn.delivery)) if part)

    def _turn(self, wish: Intent | None) -> Generator[Event, None, tuple[Turn, Intent | None]]:
        """Grades the answer; follows up if something important is missing, then grades everything together.

        Returns the turn and the command that ended the answer, if any.
        """
        turn, asked = (yield from self._drafted_turn()), set[str]()
        while wish is None and len(self.draft.follow_ups) < self._setup.style.follow_ups and not self._time_is_up:
            nudge = probe(self.question, turn.grade)
            if nudge is None or nudge in asked:
                break
            asked.add(nudge)
            worded = self._setup.follow_up
            question = nudge if worded is None else worded.word(self.question, turn.transcript, nudge)
            self.draft = self.draft.with_follow_up(question)
            yield from self._talk.say(f"Let me follow up on that. {question}")
            wish = yield from self._answer()
            turn = yield from self._drafted_turn()
        yield from self._complete(turn)
        return turn, wish

    def _drafted_turn(self) -> Generator[Event, None, Turn]:
        self._drafted = turn = self._assessment.turn(self.draft, self._wait_s)
        yield AnswerDrafted(turn=turn)
        return turn

    def _complete(self, turn: Turn) -> Generator[Event, None, None]:
        self._completed.append(turn)
        self._drafted = None
        yield AnswerCompleted(turn=turn)

    # Afterwards

    def look_again(self) -> Generator[Event, None, Turn]:
        """Grades the answer once more in the candidate's favor; the same turn when that changes nothing."""
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
        self.draft = self.draft.with_part(part)
        yield AnswerTranscribed(transcript=self.draft.transcript())
        turn = yield from self._drafted_turn()
        yield from self._complete(turn)
        return turn
