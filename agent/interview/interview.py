"""The interview loop: question after question, each chosen based on the answers so far.

It yields events and neither prints nor stores. The consumer decides what to show and save, and at what pace: the
interview continues when the next event is pulled, so a slow consumer must drain the events in its own thread.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import Future
from contextlib import closing, suppress
from dataclasses import replace
from typing import Any

from agent.interview.controls import Controls, InterviewStopped
from agent.interview.conversation import After, Conversation
from agent.interview.events import (
    AgentSpeaks,
    Event,
    InterviewConcluded,
    ProblemReported,
    QuestionAsked,
    RequestRecognized,
)
from agent.interview.runtime import InterviewRuntime
from agent.interview.setup import Choose, InterviewSetup
from agent.interview.speech_player import SpeechPlayer
from agent.logic.grading.overall import SignalRating, first_tries, overall, summary
from agent.logic.grading.work_on import spoken, work_on
from agent.logic.planning.claimed import reason
from agent.logic.ports import BargeIn, Clock
from agent.logic.speech.endpointing import EndpointingPolicy
from agent.values.audio import Clip
from agent.values.errors import DeviceError, VoiceError
from agent.values.rubric import Question
from agent.values.session import Turn
from agent.values.transcript import Transcript, joined

HELLO = "Hello. Speak freely, and take your time. Say repeat, hint, or skip whenever you like."
WAITS = "you used a closing phrase, so I'll wait for one in later answers"
HEARS_ITSELF = "the microphone picks up the loudspeaker, so I listen only while I'm silent; headphones fix that"
ECHO_S = 0.5
FAREWELL = "That was the last question. Thank you for practicing."
STOPPED = "All right, let's stop here. Thank you for practicing."


class Interview:
    """An interview with up to `of` questions."""

    def __init__(self, choose: Choose, of: int, setup: InterviewSetup) -> None:
        self._choose, self._of = choose, of
        self._runtime = InterviewRuntime.of(setup)
        self._conversation: Conversation | None = None
        self._questions: dict[str, Question] = {}
        self._earlier: list[Turn] = []

    @property
    def _setup(self) -> InterviewSetup:
        return self._runtime.setup

    def _change(self, **parts: Any) -> None:
        """Changes these parts of the setup from here on."""
        self._runtime = replace(self._runtime, setup=replace(self._setup, **parts))

    @property
    def turns(self) -> list[Turn]:
        """The completed turns."""
        return self._earlier + ([] if self._conversation is None else self._conversation.turns)

    @property
    def stopped(self) -> bool:
        """Whether the interview was stopped from outside."""
        return self._setup.controls.stopped

    @property
    def answer_audio(self) -> Clip:
        """The audio of the running answer, or of the one just completed; empty if there is none."""
        return Clip.silence() if self._conversation is None else self._conversation.draft.clip()

    @property
    def answer_transcript(self) -> Transcript:
        """The words of the running answer that are known so far."""
        if self._conversation is None:
            return Transcript()
        known = self._conversation.draft.transcript(self._runtime.streaming.partial_transcript())
        typed = [Transcript.from_text(text) for text in self._setup.controls.unsettled()]
        typed = [item for item in typed if item.text not in known.text]
        pieces = [(0.0, known), *((known.duration_s, item) for item in typed)]
        return joined(pieces, duration_s=known.duration_s) if typed else known

    def events(self) -> Generator[Event, None, None]:
        """Asks, gives feedback on each answer, and ends with the rating per signal. Iterate once, then close it.

        Raises an adapter's error if the interview cannot continue. A stop from outside (Controls.stop) ends it with
        InterviewConcluded, silently.
        """
        with closing(self._runtime):
            try:
                yield from self._run()
            except InterviewStopped:
                yield self._concluded()

    def _run(self) -> Generator[Event, None, None]:
        # Loading the models takes seconds, which the greeting and the first question cover.
        loading = self._load()
        yield from self._greet()
        for work in loading:
            if work.done():
                work.result()  # A model that cannot be loaded is reported before anything is asked.
        farewell = yield from self._ask_all()
        yield AgentSpeaks(text=farewell)
        yield from self._conclude(farewell)

    def _load(self) -> list[Future[Any]]:
        self._runtime.player.warm()
        parts = (self._setup.transcriber, self._setup.turns, self._setup.intents)
        return [self._runtime.streaming.background(part.warm) for part in parts if part is not None]

    def _greet(self) -> Generator[Event, None, None]:
        """Greets, and checks whether the microphone picks up the agent; if so, nobody can interrupt it by voice."""
        if not self._setup.style.live:
            return
        hello = self._hello()
        yield AgentSpeaks(text=hello)
        barge_in = self._setup.barge_in
        try:
            if barge_in is None:
                self._runtime.player.say(hello, until=self._setup.controls.until(None))
                return
            hears = hears_itself(self._runtime.player, barge_in, self._setup.clock, self._setup.controls, hello)
        except VoiceError as error:
            yield ProblemReported(text=f"{error} Until then, read what I would say.")
            return
        if hears:
            barge_in.close()
            self._change(barge_in=None)
            yield RequestRecognized(what=HEARS_ITSELF)

    def _hello(self) -> str:
        """The greeting."""
        return HELLO

    def _ask_all(self) -> Generator[Event, None, str]:
        asked: list[Question] = []
        again: list[Question] = []
        scenario, turns = "", self._latest()
        while again or len(turns) < self._of:
            question = again.pop() if again else self._choose(list(turns.values()))
            if question is None:
                break
            attempt = turns[question.id].attempt + 1 if question.id in turns else 1
            event = self._announced(question, len(turns) + (attempt == 1), attempt)
            yield event
            opening = f"{self._why(question)} {question.scenario if question.scenario != scenario else ''}".strip()
            scenario = question.scenario
            after = yield from self._ask(event, f"{event.reminder} {opening}".strip())
            turns = self._latest()
            if after is After.STOP:
                return STOPPED
            if after is After.BACK:
                before = [item for item in asked if item.id != question.id][-1:]
                again += [question] if question.id not in turns or not before else []
                again += before
            asked = [item for item in asked if item.id != question.id] + ([question] if question.id in turns else [])
        return FAREWELL

    def _announced(self, question: Question, number: int, attempt: int) -> QuestionAsked:
        return QuestionAsked(
            number=number,
            of=self._of,
            question=question,
            attempt=attempt,
            reminder=self._setup.memory.reminder(question) if attempt == 1 else "",
            why=self._why(question, quoted=True),
        )

    def _ask(self, asked: QuestionAsked, opening: str) -> Generator[Event, None, After]:
        self._questions[asked.question.id] = asked.question
        self._earlier = self.turns
        self._conversation = talk = Conversation(self._runtime, asked)
        after = yield from talk.run(opening)
        if talk.ends_by_phrase and self._setup.style.learns_closing_phrase:
            style = self._setup.style.model_copy(update={"learns_closing_phrase": False})
            self._change(policy=EndpointingPolicy.patient(), style=style)
            yield RequestRecognized(what=WAITS)
        return after

    def _why(self, question: Question, *, quoted: bool = False) -> str:
        profile = self._setup.profile
        return "" if profile is None else reason(question, profile, quoted=quoted)

    def _latest(self) -> dict[str, Turn]:
        """The last turn of each question, in the order of their first answers."""
        return {turn.question_id: turn for turn in self.turns}

    def _ratings(self) -> list[SignalRating]:
        return overall(first_tries(self.turns), self._questions)

    def _concluded(self) -> InterviewConcluded:
        items = work_on(self.turns, self._questions) if self._setup.style.live else []
        return InterviewConcluded(ratings=tuple(self._ratings()), work_on=tuple(items))

    def _conclude(self, farewell: str) -> Generator[Event, None, None]:
        """Says goodbye and where the candidate stands, until interrupted.

        Everything is saved by now; a missing loudspeaker must not turn that into an error.
        """
        concluded, barge_in = self._concluded(), self._setup.barge_in
        with suppress(DeviceError, VoiceError):
            self._runtime.player.say(farewell)
        yield concluded
        with suppress(DeviceError, VoiceError):
            if barge_in is not None:
                barge_in.begin()
            until = self._setup.controls.until(None if barge_in is None else barge_in.interrupted)
            self._runtime.player.say(f"{summary(concluded.ratings)} {spoken(concluded.work_on)}".strip(), until=until)


def hears_itself(player: SpeechPlayer, barge_in: BargeIn, clock: Clock, controls: Controls, hello: str = HELLO) -> bool:
    """Whether the microphone picks up the agent's voice as speech. A candidate who speaks meanwhile looks the same."""
    barge_in.begin()
    picked_up = False

    def listen() -> bool:
        nonlocal picked_up
        picked_up = barge_in.interrupted() or picked_up
        return controls.waiting

    player.say(hello, until=listen)
    # Wireless loudspeakers have a delay.
    clock.sleep(ECHO_S)
    return barge_in.interrupted() or picked_up


def in_order(questions: Sequence[Question]) -> Choose:
    """Chooses the questions in order, whatever the answers were."""
    return lambda turns: questions[len(turns)] if len(turns) < len(questions) else None
