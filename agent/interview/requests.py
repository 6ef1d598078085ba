"""What the candidate may ask of the agent instead of answering: repeat, hint, pause, slower, and facts."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from agent.interview.answer import AnswerDraft
from agent.interview.assessment import Assessment
from agent.interview.events import Event, PauseEnded, PauseStarted, QuestionAsked, RequestRecognized
from agent.interview.setup import InterviewSetup
from agent.interview.turn_taking import ListenOptions, TurnTaking
from agent.logic.speech.endpointing import EndpointingPolicy
from agent.values.dialogue import Intent
from agent.values.session import Clarified

PAUSED = "Paused. Say resume when you are ready."
STILL_PAUSED = "Still paused. Say resume when you are ready."
PAUSED_S = 3600.0
"""Longest pause that the candidate can ask for."""
TAKE_TIME = "Of course. Take your time."
REPORT_LATER = "There is a report with everything at the end."
NO_FACT = "Assume what you need, and say what you assume."
IN_THE_DEBRIEF = "That comes in the debrief, after the interview. Please go on."
NO_MORE_HINTS = "I can't give any more away. Say what you can, or skip it."
VOICE_CHANGES = frozenset({Intent.SLOWER, Intent.FASTER, Intent.LOUDER, Intent.QUIETER})


class Requests:
    """Carries out requests, and returns the updated answer."""

    def __init__(self, setup: InterviewSetup, talk: TurnTaking, assessment: Assessment, asked: QuestionAsked) -> None:
        self._setup, self._talk, self._assessment, self._asked = setup, talk, assessment, asked

    def obey(self, intent: Intent, draft: AnswerDraft) -> Generator[Event, None, tuple[AnswerDraft, Intent | None]]:
        """Does what was asked.

        Returns the draft, and the command that ends the answer; None if the answer continues.
        """
        reply = self._reply(intent, draft) if self._setup.style.feedback else self._reply_for_a_job(intent, draft)
        if reply is not None:
            yield from self._talk.say(reply)
            return draft, None
        match intent:
            case Intent.HINT:
                draft = yield from self._hint(draft)
            case Intent.TRY_AGAIN:
                again = "All right, from the start. I'm listening." if draft.parts else "All right, I'm listening."
                draft = draft.restarted()
                yield from self._talk.say(again)
            case Intent.PAUSE:
                request = yield from self.pause("Please go on." if draft.parts else draft.question.ask)
                if request is not None:
                    return (yield from self.obey(request, draft))
            case _ if intent in VOICE_CHANGES:
                yield from self.change_voice(intent)
            case _:
                return draft, intent
        return draft, None

    def change_voice(self, intent: Intent) -> Iterator[Event]:
        """Makes the voice slower, faster, louder or quieter from now on."""
        player = self._talk.player
        if intent in (Intent.SLOWER, Intent.FASTER):
            moved = player.change_speed(intent is Intent.FASTER)
        else:
            moved = player.change_loudness(intent is Intent.LOUDER)
        yield from self._talk.say("Is this better?" if moved else f"Sorry, I can't go any {intent.value}.")

    def pause(self, back: str) -> Generator[Event, None, Intent | None]:
        """Pauses this conversation; see pause()."""
        return pause(self._setup, self._talk, back)

    def clarify(self, text: str, draft: AnswerDraft) -> Generator[Event, None, AnswerDraft]:
        """Answers a question to the interviewer with the matching fact, if there is one."""
        assert self._setup.intents is not None
        fact = self._setup.intents.asks(draft.question, text)
        yield RequestRecognized(what=f"question: {text}")
        yield from self._talk.say(fact.fact if fact else NO_FACT)
        return draft.with_clarified(Clarified(text=text, point=fact.point if fact else None))

    def _hint(self, draft: AnswerDraft) -> Generator[Event, None, AnswerDraft]:
        hints = draft.question.hints
        if draft.hints == len(hints):
            yield from self._talk.say(NO_MORE_HINTS)
            return draft
        step = self._assessment.next_step(draft) if draft.parts and draft.hints == 0 else None
        yield from self._talk.say(step or hints[draft.hints])
        return draft.with_hint()

    def _reply(self, intent: Intent, draft: AnswerDraft) -> str | None:
        """Replies to commands that need only a sentence."""
        match intent:
            case Intent.REPEAT:
                return draft.question.ask
            case Intent.REPHRASE:
                return draft.question.rephrase
            case Intent.HOW_LONG:
                return f"{self.place()} {_time(draft)}"
            case Intent.EXPLAIN | Intent.MODEL_ANSWER:
                return "Gladly, after your answer. What would you say?"
            case Intent.RESUME:
                return "I'm listening."
            case Intent.MORE_TIME:
                return TAKE_TIME
            case Intent.PROGRESS:
                return f"{self.place()} I'll tell you what I think once you have answered. Please go on."
            case Intent.REPORT:
                return f"{REPORT_LATER} Please go on."
            case Intent.OPTIONS:
                return _options(draft, first=self._asked.number == 1)
            case _:
                return None

    def _reply_for_a_job(self, intent: Intent, draft: AnswerDraft) -> str | None:
        """Replies to the same commands in an interview without feedback before its end."""
        if intent in (Intent.EXPLAIN, Intent.MODEL_ANSWER, Intent.PROGRESS, Intent.REPORT):
            return IN_THE_DEBRIEF
        if intent is Intent.HOW_LONG:
            usual = _minutes(60 * draft.question.minutes)
            return f"{self.place()} About {usual} is usual here. I'll say when it is time to move on."
        return self._reply(intent, draft)

    def place(self) -> str:
        """Says how far the candidate is in the interview."""
        number, of = self._asked.number, self._asked.of
        return f"This is question {number} of {of}." if of > 1 else "This is the only question."


def pause(setup: InterviewSetup, talk: TurnTaking, back: str) -> Generator[Event, None, Intent | None]:
    """Waits for a command for as long as the pause may last. Returns the command unless it only ends the pause.

    Anything else said meanwhile, a phone call for example, is ignored and forgotten. `back` is said when the
    candidate returns.
    """
    yield from talk.say(PAUSED)
    yield PauseStarted()
    policy = EndpointingPolicy.fixed(1.2).model_copy(update={"no_answer_s": PAUSED_S, "longest_s": PAUSED_S})
    intent, reminded, waited = None, False, 0.0
    while intent is None and waited < PAUSED_S:
        started = setup.clock.now()
        utterance = yield from talk.listen(ListenOptions(policy, forget_silence=True))
        intent = utterance.intent
        waited += max(utterance.end.wait_s, setup.clock.now() - started)
        if intent is None and utterance.text and not reminded:
            yield from talk.say(STILL_PAUSED)
            reminded = True
    yield PauseEnded()
    if intent not in (None, Intent.RESUME, Intent.PAUSE):
        return intent
    yield from talk.say(f"Welcome back. {back}")
    return None


def _options(draft: AnswerDraft, first: bool) -> str:
    """Lists what can be said now, without "hint" if none is left, and without "go back" at the first question."""
    hint = ["hint"] if draft.hints < len(draft.question.hints) else []
    back = [] if first else ["go back"]
    done = ["start over", "that's my answer"] if draft.parts else []
    names = ["repeat", "rephrase", *hint, "more time", "pause", *done, "skip", *back, "slower", "louder", "how long"]
    return f"You can answer, ask me about the question, or say {', '.join(names)} or stop."


def _time(draft: AnswerDraft) -> str:
    used = sum(part.clip.seconds for part in draft.parts)
    usual = _minutes(60 * draft.question.minutes)
    return f"You have spoken for {_minutes(used)}. About {usual} is usual here, and I won't cut you off."


def _minutes(seconds: float) -> str:
    if seconds < 90:
        return f"{round(seconds)} seconds"
    return f"{seconds / 60:.0f} minutes"
