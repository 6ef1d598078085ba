"""A whole interview as for a job: introduction, warm-up, technical part, the candidate's questions, closing.

No ratings are said. Time is counted from what is said and heard, so that a test of an hour takes seconds. The candidate
can stop at any moment and continue another day, from the saved InterviewProgress.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing, suppress
from textwrap import shorten
from typing import NamedTuple

from agent.interview.conversation import After, Conversation
from agent.interview.events import (
    AgentSpeaks,
    Event,
    InterviewConcluded,
    ListeningEnded,
    PauseEnded,
    PauseStarted,
    QuestionAsked,
    RequestRecognized,
)
from agent.interview.interview import Interview, in_order
from agent.interview.requests import pause
from agent.interview.setup import InterviewSetup
from agent.interview.turn_taking import ListenOptions, TurnTaking, Utterance
from agent.logic.dialogue.help import declines
from agent.logic.planning.pacing import shares, spoken_s, technical_end_s, time_for
from agent.logic.speech.endpointing import closes
from agent.values.company import ANY, Company
from agent.values.dialogue import Intent
from agent.values.errors import DeviceError, VoiceError
from agent.values.interview_record import InterviewProgress, Stage
from agent.values.rubric import Question
from agent.values.session import Turn

WELCOME = (
    "Hello, and welcome. I'm your interviewer today, and we have {minutes} minutes. We'll start with you, then go "
    "through some technical questions, and finish with your questions. I won't comment on your answers; you get a "
    "debrief afterwards. Say repeat, or ask me, whenever something is unclear."
)
WELCOME_BACK = "Welcome back. We'll pick up where we stopped; about {minutes} minutes are left."
ABOUT = "You are talking to {company}."
WARM_UP = "To warm up, tell me about a project that you are proud of. What was your own part in it?"
WARM_UP_CLAIM = 'To warm up: your CV says "{line}". Tell me about that. What was your own part in it?'
TO_TECHNICAL = "Thank you. Then let us turn to the technical part."
YOUR_QUESTIONS = "That was my last question. What would you like to ask me?"
ANYTHING_ELSE = "What else would you like to know?"
UNKNOWN = "That is a good question, and one for the team. I can't answer it here."
DEBRIEF_IS_NEXT = "I can't say yet. It is all in your debrief, which comes right after this."
TIME_IS_UP = "We have come to the end of our time."
CLOSING = "Thank you for the conversation. That is all from my side; your debrief comes next."
LEFT = "All right, we stop here. You can go on another day; everything so far is saved."
LEFT_EARLY = "All right, we stop here. You have not answered a question yet."
NO_WAY_BACK = "Let's keep going for now. The question was: {ask}"
_MOST_QUESTIONS = 8
_SPOKEN = 120
"""Maximum characters of the CV that are read out, since nobody could follow more."""
_ABOUT_ANSWERS = (Intent.PROGRESS, Intent.EXPLAIN, Intent.MODEL_ANSWER, Intent.REPORT)
_LEADING_ON = (Intent.DONE, Intent.NEXT, Intent.SKIP)


class WholeScript(NamedTuple):
    """What a whole interview consists of."""

    questions: Sequence[Question]
    """The planned questions in order; those already answered are skipped."""
    progress: InterviewProgress
    company: Company = ANY
    earlier: tuple[Turn, ...] = ()
    """Turns of earlier days."""


class WholeInterview(Interview):
    """One whole interview, or the rest of one."""

    def __init__(self, script: WholeScript, setup: InterviewSetup) -> None:
        super().__init__(in_order(script.questions), len(script.questions), setup)
        self._script = script
        self._earlier = list(script.earlier)
        self._questions = {question.id: question for question in script.questions}
        self._stage, self._used_s = script.progress.stage, script.progress.used_s
        self._paused = False

    @property
    def progress(self) -> InterviewProgress:
        """How far the interview has come."""
        return InterviewProgress(
            minutes=self._script.progress.minutes, stage=self._stage, used_s=round(self._used_s, 1)
        )

    def events(self) -> Generator[Event, None, None]:
        """Yields events as Interview.events() does, without ratings until InterviewConcluded."""
        with closing(super().events()) as events:
            for event in events:
                self._count(event)
                yield event

    def _count(self, event: Event) -> None:
        match event:
            case PauseStarted() | PauseEnded():
                self._paused = isinstance(event, PauseStarted)
            case ListeningEnded(seconds=seconds) if not self._paused:
                self._used_s += seconds
            case AgentSpeaks(text=text) if not self._paused:
                self._used_s += spoken_s(text)

    def _hello(self) -> str:
        minutes, company = self._script.progress.minutes, self._script.company
        if self._used_s > 0:
            left = max(1, round((60.0 * minutes - self._used_s) / 60))
            return WELCOME_BACK.format(minutes=left)
        hello = WELCOME.format(minutes=minutes)
        return (
            hello
            if company == ANY
            else f"{hello} {ABOUT.format(company=company.company[0].lower() + company.company[1:])}"
        )

    def _ask_all(self) -> Generator[Event, None, str]:
        steps = {"warm_up": self._warm_up, "technical": self._technical, "your_questions": self._your_questions}
        following: dict[Stage, Stage] = {
            "warm_up": "technical",
            "technical": "your_questions",
            "your_questions": "done",
        }
        while self._stage != "done":
            if (yield from steps[self._stage]()):
                return LEFT if self.turns else LEFT_EARLY
            self._stage = following[self._stage]
        return CLOSING

    # The parts; each returns whether the candidate wants to leave.

    def _warm_up(self) -> Generator[Event, None, bool]:
        talk = self._talk()
        utterance = yield from self._asked(
            talk, self._warm_up_question(), shares(self._script.progress.minutes).warm_up_s
        )
        if utterance.intent is Intent.STOP:
            return True
        if utterance.text:
            yield RequestRecognized(what=f"warm-up: {utterance.text}")
        yield from talk.say(TO_TECHNICAL)
        return False

    def _warm_up_question(self) -> str:
        profile = self._setup.profile
        claims = () if profile is None else profile.of("field", "cv")
        line = next((claim.line for claim in claims if claim.line), None)
        return (
            WARM_UP
            if line is None
            else WARM_UP_CLAIM.format(line=shorten(line.rstrip("."), _SPOKEN, placeholder=" ..."))
        )

    def _technical(self) -> Generator[Event, None, bool]:
        scenario = ""
        for number, question in enumerate(self._script.questions, start=1):
            ahead, covered = self._script.questions[number:], {turn.grade.signal for turn in self.turns}
            left_s = technical_end_s(self._script.progress.minutes) - self._used_s
            limit_s = time_for(question, left_s, ahead, covered)
            if question.id in self._latest() or limit_s is None:
                continue
            asked = QuestionAsked(number=number, of=self._of, question=question, why=self._why(question, quoted=True))
            yield asked
            opening = f"{self._why(question)} {question.scenario if question.scenario != scenario else ''}".strip()
            scenario = question.scenario
            if (yield from self._stay(asked, opening, limit_s)) is After.STOP:
                return True
        return False

    def _stay(self, asked: QuestionAsked, opening: str, limit_s: float) -> Generator[Event, None, After]:
        """Stays with one question; there is no way back to an earlier one."""
        self._earlier = self.turns
        while True:
            self._conversation = talk = Conversation(self._runtime, asked, limit_s)
            after = yield from talk.run(opening)
            if after is not After.BACK or talk.turns:
                return after
            opening = NO_WAY_BACK.format(ask="")

    def _your_questions(self) -> Generator[Event, None, bool]:
        talk, company = self._talk(), self._script.company
        end_s = 60.0 * self._script.progress.minutes - shares(self._script.progress.minutes).closing_s
        ask = YOUR_QUESTIONS
        for _ in range(_MOST_QUESTIONS):
            utterance = yield from self._asked(talk, ask, max(10.0, end_s - self._used_s))
            if utterance.intent is Intent.STOP:
                return True
            if utterance.intent in _LEADING_ON or (utterance.intent is None and _has_no_question(utterance)):
                return False
            if utterance.intent in _ABOUT_ANSWERS:
                yield from talk.say(DEBRIEF_IS_NEXT)
            else:
                yield RequestRecognized(what=f"question: {utterance.text}")
                yield from talk.say(self._answer_of(company, utterance.text))
            if self._used_s >= end_s:
                yield from talk.say(TIME_IS_UP)
                return False
            ask = ANYTHING_ELSE
        return False

    def _answer_of(self, company: Company, text: str) -> str:
        """Answers from the company's profile; never invents anything."""
        intents = self._setup.intents
        if intents is None or not company.facts:
            return UNKNOWN
        facts = {"clarifications": company.facts, "scenario": company.about, "ask": YOUR_QUESTIONS}
        about = self._script.questions[0].model_copy(update=facts)
        fact = intents.asks(about, text)
        return fact.fact if fact is not None else UNKNOWN

    def _asked(self, talk: TurnTaking, text: str, limit_s: float) -> Generator[Event, None, Utterance]:
        """Says `text` and listens to the whole reply; pauses if the candidate asks for it."""
        yield from talk.say(text)
        policy = self._setup.policy.model_copy(update={"longest_s": limit_s})
        while True:
            utterance = yield from talk.listen(ListenOptions(policy))
            if utterance.intent is Intent.REPEAT or utterance.intent is Intent.REPHRASE:
                yield from talk.say(text)
            elif utterance.intent is Intent.PAUSE:
                intent = yield from pause(self._setup, talk, text)
                if intent is Intent.STOP:
                    return utterance._replace(intent=intent)
            else:
                return utterance

    def _talk(self) -> TurnTaking:
        """A conversation about no question in particular, with the glossary of the first one."""
        return TurnTaking(self._runtime, self._script.questions[0])

    def _conclude(self, farewell: str) -> Generator[Event, None, None]:
        with suppress(DeviceError, VoiceError):
            self._runtime.player.say(farewell)
        yield InterviewConcluded(ratings=tuple(self._ratings()))


def _has_no_question(utterance: Utterance) -> bool:
    return not utterance.text or closes(utterance.text) or (declines(utterance.text) and "?" not in utterance.text)
