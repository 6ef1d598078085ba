"""Listens to one answer until it has ended: obeys commands, answers questions, and offers help when nothing comes.

Does not grade; yields events, and holds the answer as it grows.
"""

from __future__ import annotations

from collections.abc import Generator

from agent.interview.answer import AnswerDraft, AnswerPart
from agent.interview.assessment import Assessment
from agent.interview.events import AnswerTranscribed, Event, QuestionAsked, RequestRecognized
from agent.interview.requests import Requests
from agent.interview.runtime import InterviewRuntime
from agent.interview.turn_taking import GO_ON, ListenOptions, TurnTaking, Utterance
from agent.logic.dialogue.clarifications import question_start
from agent.logic.dialogue.help import agrees, declines, does_not_know
from agent.logic.planning.pacing import GRACE_S
from agent.logic.speech.endpointing import EndpointingPolicy, closes
from agent.values.dialogue import Intent
from agent.values.transcript import Transcript

STILL_THERE = "Would you like more time, a hint, or shall we skip this one?"
OFFER = "No problem. Would you like a hint, or shall we skip this one?"
THINKING_S = 60.0
"""Seconds of silence after which a candidate who asked for time is asked again."""
MOVE_ON_OFFER = "Take your time. Or shall we move on to the next one?"
"""In an interview without feedback, hints are given only on request."""
REPLIES: dict[str, tuple[Intent, Intent]] = {
    # A hint costs something, so it takes more than a yes to a question with three parts.
    STILL_THERE: (Intent.MORE_TIME, Intent.MORE_TIME),
    OFFER: (Intent.HINT, Intent.SKIP),
    MOVE_ON_OFFER: (Intent.SKIP, Intent.MORE_TIME),
    GO_ON: (Intent.MORE_TIME, Intent.DONE),
}
"""What yes and no mean in reply to each offer."""


class Answering:
    """The candidate's answer to one question, as it grows."""

    def __init__(
        self, runtime: InterviewRuntime, talk: TurnTaking, asked: QuestionAsked, limit_s: float | None = None
    ) -> None:
        """`limit_s`: seconds of listening after which the interview moves on."""
        self._setup, self._streaming, self._talk = runtime.setup, runtime.streaming, talk
        self.assessment = Assessment(runtime)
        self.requests = Requests(runtime.setup, talk, self.assessment, asked)
        self.draft = AnswerDraft(asked.question, asked.attempt)
        """The running answer."""
        self.ends_by_phrase = False
        """Whether the candidate has ended an answer with a closing phrase."""
        self.wait_s = 0.0
        """Silence between the last speech and the decision that it had ended."""
        self._limit_s, self._used_s = limit_s, 0.0

    @property
    def time_is_up(self) -> bool:
        """Whether the candidate has been listened to for as long as this question may take."""
        return self._limit_s is not None and self._used_s >= self._limit_s

    def hear_out(self) -> Generator[Event, None, Intent | None]:
        """Listens until the answer has ended; returns the command that ended it, or None."""
        stuck: Utterance | None = None
        offer, talked, patience_s = "", False, self._setup.policy.no_answer_s
        while True:
            policy = self._setup.policy.model_copy(update={"no_answer_s": patience_s})
            utterance = yield from self._listen(policy, offered=bool(offer))
            intent = self._intent_of(utterance, offer)
            if intent is not None:
                if utterance.intent is None:
                    yield RequestRecognized(what=intent.value)
                self.draft, ends = yield from self.requests.obey(intent, self.draft)
                if ends is not None:
                    return None if ends is Intent.DONE else ends
                offer, talked = "", True
            elif (yield from self._clarified(utterance)):
                offer, talked = "", True
            elif self._is_stuck(utterance, talked) and (not offer or (offer == STILL_THERE and utterance.text)):
                stuck, offer = utterance, self._offer(utterance)
                yield from self._talk.say(offer)
            else:
                # "I don't know" is the answer if nothing better follows.
                yield from self._take(stuck if stuck is not None and utterance.part is None else utterance)
                return None
            patience_s = max(THINKING_S if intent is Intent.MORE_TIME else 0.0, self._setup.policy.no_answer_s)

    def go_on(self, patience_s: float) -> Generator[Event, None, Intent | None]:
        """Listens to what the candidate adds to the answer. Returns a command if they say one instead."""
        utterance = yield from self._listen(self._setup.policy.model_copy(update={"no_answer_s": patience_s}))
        if utterance.intent is None:
            yield from self._take(utterance)
        return utterance.intent

    def _intent_of(self, utterance: Utterance, offer: str) -> Intent | None:
        """Returns the command. In reply to an offer, yes, no and filler such as "let me see" count as commands too."""
        if utterance.intent is not None or utterance.part is None or self._setup.intents is None:
            return utterance.intent
        yes, no = REPLIES.get(offer, (None, None))
        if agrees(utterance.text) and yes is not None:
            return yes
        if declines(utterance.text) and no is not None:
            return no
        only_talk = not utterance.part.of_the_answer() and not closes(utterance.text)
        return Intent.MORE_TIME if only_talk else None

    def _clarified(self, utterance: Utterance) -> Generator[Event, None, bool]:
        """Answers a question to the interviewer at the end of what was said, which is not part of the answer."""
        intents = self._setup.intents
        if intents is None or utterance.part is None or not intents.is_question(utterance.text):
            return False
        words = utterance.part.transcript.words
        start = question_start(utterance.part.transcript)
        if start > 0:
            yield from self._take(utterance._replace(part=utterance.part.before(start)))
        self.draft = yield from self.requests.clarify(" ".join(word.text for word in words[start:]), self.draft)
        return True

    def _is_stuck(self, utterance: Utterance, talked: bool) -> bool:
        """Whether the candidate has said nothing, or that they do not know; always False for a recording.

        Silence in the middle of an answer ends it, unless they have `talked` with the interviewer since.
        """
        if not self._setup.style.live:
            return False
        if not utterance.text:
            return talked or not self.draft.parts
        more_hints = self.draft.hints < len(self.draft.question.hints)
        return not self.draft.parts and does_not_know(utterance.text) and more_hints

    def _offer(self, utterance: Utterance) -> str:
        if self.draft.parts:
            return GO_ON
        if not self._setup.style.feedback:
            return MOVE_ON_OFFER
        return OFFER if utterance.text else STILL_THERE

    def _listen(self, policy: EndpointingPolicy, offered: bool = False) -> Generator[Event, None, Utterance]:
        """Listens to one utterance. What comes before a command becomes part of the answer."""
        ahead = self._grade_ahead if self._setup.style.grade_ahead else None
        if self._limit_s is not None:
            left_s = max(0.0, self._limit_s - self._used_s) + GRACE_S
            policy = policy.model_copy(update={"longest_s": min(policy.longest_s, left_s)})
        utterance = yield from self._talk.listen(ListenOptions(policy, self.draft, ahead, offered=offered))
        self._used_s += self._streaming.clip.seconds
        self.wait_s = utterance.end.wait_s
        if utterance.intent is Intent.DONE or closes(utterance.text):
            self.ends_by_phrase = True
        if utterance.intent is not None and utterance.part is not None:
            yield from self._take(utterance)
        return utterance

    def _take(self, utterance: Utterance) -> Generator[Event, None, None]:
        """Adds what was said to the answer, without a closing phrase."""
        if utterance.part is None:
            return
        # On a recording nobody is spoken to, and its sound stays whole.
        parts = self._kept(utterance.part)
        if parts:
            for part in parts:
                self.draft = self.draft.with_part(part)
            # From now on the words are in the draft: an interruption must not find them twice.
            self._streaming.begin()
            yield AnswerTranscribed(transcript=self.draft.transcript())

    def _kept(self, part: AnswerPart) -> tuple[AnswerPart, ...]:
        return part.of_the_answer() if self._setup.intents is not None else part.without_closing()

    def _grade_ahead(self, running: Transcript, paused: bool) -> None:
        """Grades what would be the answer if it ended now: only then is the grade of use when it does."""
        draft = self.draft
        for part in self._kept(AnswerPart(self._streaming.clip, running)):
            draft = draft.with_part(part)
        self.assessment.grade_ahead(draft, paused)
