"""Turn taking: the agent speaks, then listens until the candidate has finished. Yields events."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import NamedTuple

from agent.interview.answer import AnswerDraft, AnswerPart
from agent.interview.controls import Controls
from agent.interview.endpointer import Endpointer, EndpointerModels, TurnEnd
from agent.interview.events import (
    AgentSpeaks,
    Event,
    ListeningEnded,
    ListeningStarted,
    ProblemReported,
    RequestRecognized,
)
from agent.interview.runtime import InterviewRuntime
from agent.logic.dialogue.clarifications import last_clause
from agent.logic.dialogue.commands import requests
from agent.logic.grading.sentences import transcript_sentences
from agent.logic.speech.endpointing import FEWEST_SPEECH_S, EndpointingPolicy
from agent.values.audio import Clip
from agent.values.dialogue import ABOUT_A_RATING, Intent, Moment
from agent.values.errors import DeviceError, VoiceError
from agent.values.rubric import Question
from agent.values.transcript import Transcript, joined

LOST_AUDIO = (
    "The computer could not keep up with the microphone for a moment, so a word may be missing. The rest of your "
    "answer is complete. Close other programs, or say that part again."
)
ASKS_AFTER_S = 5.0
"""Silence after something unfinished, after which the agent asks once whether the candidate wants to go on."""
REOPENS = 120
"""How often, once a second, to try to reopen a lost microphone."""
STILL_LISTENING = "Nothing of your answer is lost; I'll keep listening once it is back."
ACKNOWLEDGED = "Thank you."
GO_ON = "Take your time. Would you like to go on, or was that your answer?"
OnWords = Callable[[Transcript, bool], None]


class Utterance(NamedTuple):
    """What the candidate said until they had finished."""

    part: AnswerPart | None
    """The speech without the command that ended it; None if nothing was said."""
    intent: Intent | None
    """The command that ended it, spoken or pressed."""
    end: TurnEnd

    @property
    def text(self) -> str:
        """The words before the command; empty if there are none."""
        return "" if self.part is None else self.part.transcript.text


class ListenOptions(NamedTuple):
    """What to listen for, and for how long."""

    policy: EndpointingPolicy
    draft: AnswerDraft | None = None
    """The answer that the words belong to; None if they do not belong to one."""
    on_words: OnWords | None = None
    forget_silence: bool = False
    moment: Moment = Moment.ANSWERING
    offered: bool = False
    """Whether a bare yes or no is a complete reply."""


class TurnTaking:
    """Speaking and listening in the conversation about one question."""

    def __init__(self, runtime: InterviewRuntime, question: Question) -> None:
        self._setup, self._streaming, self.player = runtime.setup, runtime.streaming, runtime.player
        self._question = question
        self._problem = ""
        self.acknowledged = False
        """Whether the agent has said "thank you" for the running answer."""

    @property
    def controls(self) -> Controls:
        """Buttons and the stop request."""
        return self._setup.controls

    # Speaking

    def say(self, text: str) -> Generator[Event, None, int]:
        """Says a text. Returns how many sentences were left unsaid because the candidate spoke.

        If the voice or the loudspeaker fails, the text is shown and the interview continues, so that the answers are
        still graded and saved.
        """
        yield AgentSpeaks(text=text)
        try:
            return self._speak(text)
        except (DeviceError, VoiceError) as error:
            if not self._setup.style.live and isinstance(error, DeviceError):
                raise
            if str(error) != self._problem:
                self._problem = str(error)
                yield ProblemReported(text=f"{error} Until then, read what I would say.")
            return 0

    def _speak(self, text: str) -> int:
        barge_in = self._setup.barge_in
        if barge_in is not None:
            barge_in.begin()
        until = self.controls.until(None if barge_in is None else barge_in.interrupted)
        return self.player.say(text, self._question.glossary, until)

    # Listening

    def listen(self, options: ListenOptions) -> Generator[Event, None, Utterance]:
        """Listens until the candidate has finished: the words, and the command that they ended with."""
        self.controls.settle()
        self._streaming.begin([term.term for term in self._question.glossary], options.forget_silence)
        setup = self._setup
        shared = (setup.detector, setup.turns, setup.intents, setup.learned_habit)
        models = EndpointerModels(self._streaming, *shared, options.moment, options.offered)
        whole = _nobodys if options.draft is None else options.draft.transcript
        endpointer = Endpointer(models, options.policy, options.on_words, whole, self.controls)
        end = yield from self._listened_until_finished(endpointer)
        yield ListeningEnded(seconds=self._streaming.clip.seconds)
        if end.gaps:
            yield ProblemReported(text=LOST_AUDIO)
        utterance = self._understood(end, options)
        if utterance.intent is not None and utterance.intent not in ABOUT_A_RATING:
            yield RequestRecognized(what=utterance.intent.value)
        return utterance

    def _understood(self, end: TurnEnd, options: ListenOptions) -> Utterance:
        if end.typed is not None:
            return self._typed(end, end.typed, options)
        if end.speech_s == 0:
            return Utterance(None, end.pressed, end)
        part = AnswerPart(self._streaming.clip, self._streaming.transcript())
        intent = end.pressed
        if intent is None and self._setup.intents is not None:
            intent = self._setup.intents.command(part.transcript.since(end.segment_s).text, options.moment)
            if intent is None:
                part, intent = self._request_at_the_end(part, options.moment)
            elif intent not in ABOUT_A_RATING:
                # Talk about the answer is no command: every word of it may matter.
                part = part.until(end.segment_s)
        return Utterance(part if part.transcript.words else None, intent, end)

    def _typed(self, end: TurnEnd, text: str, options: ListenOptions) -> Utterance:
        """Adds typed words after the spoken ones; apart from having no sound, they are treated alike."""
        intents, typed = self._setup.intents, Transcript.from_text(text)
        intent = None if intents is None else intents.command(typed.text, options.moment)
        about = intent in ABOUT_A_RATING
        said = Transcript() if end.speech_s == 0 else self._streaming.transcript()
        clip = self._streaming.clip if said.words else Clip.silence()
        pieces = [(0.0, said), *([] if intent is not None and not about else [(clip.seconds, typed)])]
        part = AnswerPart(clip, joined([piece for piece in pieces if piece[1].words], duration_s=clip.seconds))
        return Utterance(part if part.transcript.words else None, intent, end)

    def _request_at_the_end(self, part: AnswerPart, moment: Moment) -> tuple[AnswerPart, Intent | None]:
        """Returns a request without a pause before it: the last sentence, or what follows the last comma, if it plainly
        asks for something.
        """
        said, words = transcript_sentences(part.transcript), part.transcript.words
        starts = [said[-1].first if len(said) > 1 else None, last_clause(part.transcript)]
        for start in (start for start in starts if start is not None):
            text = " ".join(word.text for word in words[start:])
            if self._setup.intents is None or not requests(text):
                continue
            intent = self._setup.intents.command(text, moment)
            if intent is not None and intent not in ABOUT_A_RATING:
                return part.before(start), intent
        return part, None

    def _listened_until_finished(self, endpointer: Endpointer) -> Generator[Event, None, TurnEnd]:
        """Listens until the candidate has finished. If that stays unclear for long, asks once."""
        end = yield from self._listened(endpointer, ListeningStarted())
        if _in_doubt(end) and not endpointer.addressed():
            yield from self.say(GO_ON)
            endpointer.reply()
            end = yield from self._listened(endpointer, ListeningStarted(continues=True))
        while end.speech_s > 0 and self._setup.style.live and not end.full and not self._acknowledged(end, endpointer):
            # It was a pause after all: the candidate talks over the acknowledgement, and nothing is lost.
            endpointer.reply()
            end = yield from self._listened(endpointer, ListeningStarted(continues=True))
        return end

    def _acknowledged(self, end: TurnEnd, endpointer: Endpointer) -> bool:
        """Says a word while the rest is transcribed and graded, since silence would seem like a fault.

        Returns False if the candidate goes on.
        """
        if end.by_hand or self._streaming.final() is not None:
            return True
        # After the last words, in the same thread.
        passed_on = self._streaming.background(endpointer.pass_on)
        try:
            self.acknowledged = True
            if self._speak(ACKNOWLEDGED) > 0:
                return False
        except (DeviceError, VoiceError):
            pass  # The feedback will report it.
        self.controls.result(passed_on)
        return True

    def _listened(self, endpointer: Endpointer, started: ListeningStarted) -> Generator[Event, None, TurnEnd]:
        """Listens, and reopens a lost microphone without losing the answer so far."""
        tries = 0
        while True:
            source = self._setup.barge_in or self._setup.microphone
            try:
                frames = source.frames()
                if tries == 0:
                    # Only now: whoever speaks as soon as this is shown is heard from the first word.
                    yield started
                return (yield from endpointer.listen(frames))
            except DeviceError as error:
                tries += 1
                if not self._setup.style.live:
                    raise
                if tries > REOPENS:
                    if endpointer.ended().speech_s < FEWEST_SPEECH_S:
                        raise
                    # What was said is graded; the next listen reports that the microphone is gone.
                    return endpointer.ended()
                if tries == 1:
                    yield ProblemReported(text=f"{error} {STILL_LISTENING}")
                self.controls.check()
                self._setup.clock.sleep(1.0)


def _nobodys(_running: Transcript) -> Transcript:
    """Returns an empty transcript, since words in a pause or about the rating are not part of an answer."""
    return Transcript()


def _in_doubt(end: TurnEnd) -> bool:
    return not end.by_hand and end.speech_s >= FEWEST_SPEECH_S and end.wait_s >= ASKS_AFTER_S
