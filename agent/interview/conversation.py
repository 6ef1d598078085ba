"""One question from asking to feedback: hears the answer out, obeys commands, clarifies, hints, probes, grades.

Yields steps; returns what the candidate wants next.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from concurrent.futures import Future
from enum import Enum, auto
from typing import NamedTuple

import numpy as np

from agent.interview.endpointer import Endpointer, Stopwatch, TurnEnd
from agent.interview.setup import (
    AgentSpoke,
    AnswerCompleted,
    AnswerContinued,
    AnswerDrafted,
    Event,
    InterviewSetup,
    ListeningEnded,
    ListeningStarted,
    PauseChanged,
    ProblemReported,
    RequestRecognized,
)
from agent.interview.speech_player import SpeechPlayer
from agent.interview.streaming_transcriber import StreamingTranscriber
from agent.logic.dialogue.clarifications import asks
from agent.logic.grading.coaching import advice, change, explained, feedback, model_answer, probe
from agent.logic.grading.grading import grade, ungraded
from agent.logic.speech.delivery import delivery, remark
from agent.logic.speech.endpointing import FEWEST_SPEECH_S, EndpointingPolicy, closes
from agent.logic.speech.speakable import sentences
from agent.logic.speech.tokens import tokens
from agent.values.audio import WHISPER_RATE, Clip
from agent.values.dialogue import Intent
from agent.values.errors import DeviceError
from agent.values.grade import Claim, Grade, Verdict
from agent.values.rubric import Question
from agent.values.session import Turn
from agent.values.transcript import Transcript, joined

NOTHING_HEARD = "No answer was heard. Check the microphone with 'mock-interview doctor', then answer again."
LOST_SOUND = (
    "The computer could not keep up with the microphone for a moment, so a word may be missing. The rest of your "
    "answer is whole; close what else runs, or say that part again."
)
SKIPPED = "The question was skipped."
ASKS_AFTER_S = 5.0
"""Silence after something unfinished from which the agent asks, once, whether to go on."""
AFTERWARDS_S = 3.0
"""Silence after the feedback after which the interview goes on by itself."""
ACKNOWLEDGED = "Thank you."
MENU = "Say try again, model answer, explain the rating, or next."
PAUSED = "Paused. Say resume when you are ready."
STILL_PAUSED = "Still paused. Say resume when you are ready."
PAUSED_S = 3600.0
"""Longest pause that the candidate can ask for."""
REOPENS = 120
"""Seconds for which a lost microphone is tried again."""


class After(Enum):
    """What follows a question."""

    NEXT = auto()
    BACK = auto()
    STOP = auto()


LEAVING: dict[Intent | None, After] = {Intent.STOP: After.STOP, Intent.BACK: After.BACK}
"""Commands after which nothing more is asked about the question, and what follows then."""


class AnswerPart(NamedTuple):
    """A stretch of the answer between two things that the agent said."""

    clip: Clip
    transcript: Transcript

    def until(self, end_s: float) -> AnswerPart:
        """What was said before a second."""
        clip = Clip(samples=self.clip.samples[: round(end_s * WHISPER_RATE)], rate=WHISPER_RATE)
        return AnswerPart(clip, self.transcript.until(end_s))


class Conversation:
    """The talk about one question."""

    def __init__(
        self,
        question: Question,
        setup: InterviewSetup,
        streaming: StreamingTranscriber,
        player: SpeechPlayer,
        attempt: int = 1,
    ) -> None:
        self._question, self._setup, self._streaming, self._player = question, setup, streaming, player
        self._attempt = attempt
        self.ends_by_phrase = False
        """Whether the candidate has said that an answer was over."""
        self._begin()

    def _begin(self) -> None:
        self._parts: list[AnswerPart] = []
        self._hints = 0
        self._clarified: list[tuple[str, str | None]] = []
        self._probed: list[str] = []
        self._ahead: tuple[str, Future[Verdict]] | None = None
        self._ended = TurnEnd(0.0, 0.0, None)
        self._thanked = False

    def run(self, opening: str) -> Generator[Event, None, After]:
        """Asks, and stays with the question until the candidate is through with it."""
        self._streaming.background(lambda: self._setup.grader.prepare(self._question))
        self._player.prepare(ACKNOWLEDGED)
        yield from self._say(f"{opening} {self._question.ask}".strip())
        before: Grade | None = None
        silent = not self._setup.manner.live
        while True:
            wish = yield from self._answer()
            if wish in LEAVING and self._only_asked():
                return LEAVING[wish]
            if wish in (Intent.SKIP, Intent.NEXT) and self._only_asked():
                yield AnswerCompleted(self._skipped(), self._clip())
                return After.NEXT
            turn, wish = yield from self._turned(wish, before)
            if wish is None and not turn.transcript.words and not silent:
                # "Then answer again", the candidate was told, and now does.
                silent = True
                yield AnswerContinued()
                continue
            after = wish if wish in LEAVING else (yield from self._afterwards(turn.grade, wish))
            if after is not Intent.TRY_AGAIN:
                return LEAVING.get(after, After.NEXT)
            before, self._attempt = turn.grade, self._attempt + 1
            self._begin()
            yield from self._say("Gladly. The same question again: " + self._question.ask)

    def _turned(self, wish: Intent | None, before: Grade | None) -> Generator[Event, None, tuple[Turn, Intent | None]]:
        """The graded turn and its feedback; a candidate who talks over the rating was not through, and is heard out.

        What is said before any advice was heard still belongs to the answer. Returns the turn and the command by
        which the candidate interrupted, or leaves the question.
        """
        while True:
            turn, wish = yield from self._turn(wish)
            if wish in LEAVING or not (yield from self._interrupted(turn, before)):
                return turn, wish if wish in LEAVING else None
            known = len(self._parts)
            yield AnswerContinued()
            wish, _ = yield from self._listen(self._setup.policy.model_copy(update={"no_answer_s": AFTERWARDS_S}))
            if len(self._parts) == known:
                yield AnswerContinued(indeed=False)
                if wish is None:
                    # A noise, no word: what it drowned is said again.
                    yield from self._say(self._told(turn, before))
                return turn, wish
            before = turn.grade

    def _interrupted(self, turn: Turn, before: Grade | None) -> Generator[Event, None, bool]:
        """Says the feedback; True when it was cut short before it gave any advice."""
        unsaid = yield from self._say(self._told(turn, before))
        return unsaid > len(sentences(f"{advice(self._question, turn.grade)} {remark(turn.delivery) or ''}"))

    def _told(self, turn: Turn, before: Grade | None) -> str:
        """The feedback, with what changed when it is a second try, and at most one word on the delivery at its end."""
        changed = "" if before is None else change(self._question, before, turn.grade)
        told = feedback(self._question, turn.grade)
        if self._thanked:
            told = told.removeprefix(ACKNOWLEDGED).strip()
        return " ".join(part for part in (changed, told, remark(turn.delivery)) if part)

    # Answering

    def _answer(self) -> Generator[Event, None, Intent | None]:
        """Listens until the answer has ended; None when it simply did, else the command that ended it."""
        while True:
            intent, text = yield from self._listen(self._setup.policy)
            if intent is not None:
                ends = yield from self._obey(intent)
                if ends is not None:
                    return ends if ends is not Intent.DONE else None
            elif self._setup.intents is not None and asks(text):
                yield from self._clarify(text)
            else:
                return None

    def _listen(
        self, policy: EndpointingPolicy, keep: bool = True
    ) -> Generator[Event, None, tuple[Intent | None, str]]:
        """One stretch of the candidate's speech: the command that its end was, and the words before that.

        The words become a part of the answer if they are to be kept.
        """
        ended = yield from self._heard_out(policy)
        yield ListeningEnded(self._streaming.clip.seconds)
        if ended.gaps:
            yield ProblemReported(LOST_SOUND)
        self._ended = ended
        if ended.speech_s == 0:
            return None, ""
        part = AnswerPart(self._streaming.clip, self._streaming.transcript())
        intent = None
        if self._setup.intents is not None:
            intent = self._setup.intents.command(part.transcript.since(ended.segment_s).text)
        if keep and (intent is Intent.DONE or closes(part.transcript.text)):
            self.ends_by_phrase = True
        if intent is not None:
            yield RequestRecognized(intent.value)
            part = part.until(ended.segment_s)
        if keep and part.transcript.words:
            self._parts.append(part)
        return intent, part.transcript.text

    def _heard_out(self, policy: EndpointingPolicy) -> Generator[Event, None, TurnEnd]:
        """Listens until the candidate has finished; asks once when that is in doubt for long."""
        self._streaming.begin([term.term for term in self._question.glossary])
        ahead = self._grade_ahead if self._setup.manner.grade_ahead else None
        listener = Endpointer(
            self._streaming, self._setup.detector, policy, self._setup.turns, self._setup.intents, ahead
        )
        yield ListeningStarted()
        ended = yield from self._heard(listener)
        if ended.speech_s >= FEWEST_SPEECH_S and ended.wait_s >= ASKS_AFTER_S and not listener.addressed():
            yield from self._say("Take your time. Would you like to go on, or was that your answer?")
            listener.reply()
            yield ListeningStarted()
            ended = yield from self._heard(listener)
        while ended.speech_s > 0 and self._setup.manner.live and not ended.full and not self._acknowledged():
            # It was a pause after all; the candidate talks over the acknowledgement, and nothing is lost.
            listener.reply()
            yield ListeningStarted()
            ended = yield from self._heard(listener)
        return ended

    def _acknowledged(self) -> bool:
        """Bridges what Whisper still needs with a word, for silence feels broken; False when the candidate goes on."""
        if self._streaming.known() is not None:
            return True
        try:
            self._thanked = True
            return self._uttered(ACKNOWLEDGED) == 0
        except DeviceError:
            return True  # The feedback will tell of it.

    def _heard(self, listener: Endpointer) -> Generator[Event, None, TurnEnd]:
        """Listens on when the microphone went away and came back: nothing of the answer is lost."""
        tries = 0
        while True:
            try:
                return (yield from listener.listen((self._setup.barge_in or self._setup.microphone).frames()))
            except DeviceError as error:
                tries += 1
                if not self._setup.manner.live:
                    raise
                if tries > REOPENS:
                    if listener.ended().speech_s < FEWEST_SPEECH_S:
                        raise
                    # What was said is graded; who listens next learns that the microphone is gone.
                    return listener.ended()
                if tries == 1:
                    yield ProblemReported(f"{error} Nothing of your answer is lost; I go on listening when it is back.")
                time.sleep(1.0)

    def _obey(self, intent: Intent) -> Generator[Event, None, Intent | None]:
        """Does what was asked; None when the answer goes on, else the command that ends it."""
        question = self._question
        match intent:
            case Intent.REPEAT:
                yield from self._say(question.ask)
            case Intent.REPHRASE:
                yield from self._say(question.rephrase)
            case Intent.HINT:
                yield from self._hint()
            case Intent.TRY_AGAIN:
                # The hints that were given stay given.
                self._parts, self._ahead = [], None
                yield from self._say("All right, from the start. I am listening.")
            case Intent.PAUSE:
                wish = yield from self._pause("Please go on." if self._parts else question.ask)
                return None if wish is None else (yield from self._obey(wish))
            case Intent.HOW_LONG:
                yield from self._say(self._time())
            case Intent.EXPLAIN | Intent.MODEL_ANSWER:
                yield from self._say("Gladly, after your answer. What would you say?")
            case Intent.RESUME:
                yield from self._say("I am listening.")
            case Intent.SLOWER | Intent.FASTER | Intent.LOUDER | Intent.QUIETER:
                yield from self._adjust(intent)
            case _:
                return intent
        return None

    def _adjust(self, intent: Intent) -> Iterator[Event]:
        if intent in (Intent.SLOWER, Intent.FASTER):
            moved = self._player.pace(intent is Intent.FASTER)
        else:
            moved = self._player.loudness(intent is Intent.LOUDER)
        yield from self._say("Is this better?" if moved else f"I cannot get any {intent.value}, sorry.")

    def _hint(self) -> Iterator[Event]:
        if self._hints == len(self._question.hints):
            yield from self._say("That was all I can give away. Say what you can, or skip it.")
            return
        self._hints += 1
        yield from self._say(self._question.hints[self._hints - 1])

    def _pause(self, back: str) -> Generator[Event, None, Intent | None]:
        """Waits, as long as it takes, for a word to go on; returns the command that it was, if not that.

        What else is said, on the telephone say, is nobody's business. `back` is said when the candidate is back.
        """
        yield from self._say(PAUSED)
        yield PauseChanged(True)
        policy = EndpointingPolicy.fixed(1.2).model_copy(update={"no_answer_s": PAUSED_S, "longest_s": PAUSED_S})
        intent, text = yield from self._listen(policy, keep=False)
        reminded = False
        while intent is None and text:
            if not reminded:
                yield from self._say(STILL_PAUSED)
            reminded = True
            intent, text = yield from self._listen(policy, keep=False)
        yield PauseChanged(False)
        if intent not in (None, Intent.RESUME, Intent.PAUSE):
            return intent
        yield from self._say(f"Welcome back. {back}")
        return None

    def _time(self) -> str:
        used = sum(part.clip.seconds for part in self._parts)
        return (
            f"You have spoken for {_minutes(used)}. About {_minutes(60 * self._question.minutes)} is usual here, "
            "and I will not cut you off."
        )

    def _clarify(self, text: str) -> Iterator[Event]:
        assert self._setup.intents is not None
        known = self._setup.intents.asks(self._question, text)
        yield RequestRecognized(f"question: {text}")
        self._clarified.append((text, known.point if known else None))
        yield from self._say(known.fact if known else "Assume what you need, and say what you assume.")

    # Grading

    def _turn(self, wish: Intent | None) -> Generator[Event, None, tuple[Turn, Intent | None]]:
        """Grades what was said; asks on when something valuable is missing, and grades all of it together.

        Returns the turn and the command that ended the answer, if one did.
        """
        turn, clip = self._graded(), self._clip()
        yield AnswerDrafted(turn, clip)
        while wish is None and len(self._probed) < self._setup.manner.probes:
            follow_up = probe(self._question, turn.grade)
            if follow_up is None:
                break
            self._probed.append(follow_up)
            yield from self._say(f"Let me follow up on that. {follow_up}")
            wish = yield from self._answer()
            turn, clip = self._graded(), self._clip()
            yield AnswerDrafted(turn, clip)
        yield AnswerCompleted(turn, clip)
        return turn, wish

    def _graded(self) -> Turn:
        watch = Stopwatch()
        transcript = self._transcript()
        if transcript.words:
            verdict = self._with_clarified(self._verdict(transcript))
            result = grade(self._question, transcript, verdict, self._hints)
        else:
            result = ungraded(self._question, NOTHING_HEARD, "none")
        watch.lap("grade")
        return self._record(result, transcript, {**watch.seconds, "wait": round(self._ended.wait_s, 3)})

    def _record(self, result: Grade, transcript: Transcript, seconds: dict[str, float]) -> Turn:
        return Turn(
            question_id=self._question.id,
            transcript=transcript,
            grade=result,
            delivery=delivery(self._spoken()),
            timings_s=seconds,
            attempt=self._attempt,
            clarified=tuple(text for text, _ in self._clarified),
            probed=tuple(self._probed),
        )

    def _only_asked(self) -> bool:
        """Whether nothing was said but questions to the interviewer, by their answer or their question mark."""
        answered = {text for text, _ in self._clarified}
        other = [part.transcript.text for part in self._parts if part.transcript.text not in answered]
        said = [sentence for text in other for sentence in sentences(text)]
        return all(sentence.endswith("?") or len(tokens(sentence)) <= 2 for sentence in said)

    def _skipped(self) -> Turn:
        return self._record(ungraded(self._question, SKIPPED, "none"), Transcript(), {})

    def _grade_ahead(self, transcript: Transcript, pauses: bool) -> None:
        """Grades the words so far; in a pause, which may be the end, the feedback's first sentence is made as well."""
        whole = self._transcript(transcript)
        if not whole.words:
            return

        def work() -> Verdict:
            verdict = self._setup.grader.claim(self._question, whole)
            if pauses:
                result = grade(self._question, whole, self._with_clarified(verdict), self._hints)
                self._player.expect(feedback(self._question, result), self._question.glossary)
            return verdict

        self._ahead = (whole.text, self._streaming.background(work))

    def _verdict(self, transcript: Transcript) -> Verdict:
        if self._ahead is not None and self._ahead[0] == transcript.text:
            return self._ahead[1].result()
        return self._setup.grader.claim(self._question, transcript)

    def _with_clarified(self, verdict: Verdict) -> Verdict:
        """A clarifying question makes the point that the rubric ties to it, whatever the grader heard in it."""
        made = [Claim(target=point, quote=text) for text, point in self._clarified if point is not None]
        return verdict.model_copy(update={"claims": (*verdict.claims, *made)}) if made else verdict

    def _transcript(self, running: Transcript | None = None) -> Transcript:
        """All parts of the answer in one, with the times that they have in the joined sound."""
        parts, at = [], 0.0
        for part in self._parts:
            parts.append((at, part.transcript))
            at += part.clip.seconds
        if running is not None:
            parts.append((at, running))
        return joined(parts, duration_s=at + (running.duration_s if running else 0.0))

    def _spoken(self) -> Transcript:
        """As _transcript(), with each part beginning where the one before ended: what lies between was not theirs."""
        pieces, at = list[tuple[float, Transcript]](), 0.0
        for transcript in (part.transcript for part in self._parts if part.transcript.words):
            start = at - transcript.words[0].start_s if pieces else 0.0
            pieces.append((start, transcript))
            at = start + transcript.words[-1].end_s
        return joined(pieces, duration_s=at)

    def _clip(self) -> Clip:
        if not self._parts:
            return _empty()
        return Clip(samples=np.concatenate([part.clip.samples for part in self._parts]), rate=WHISPER_RATE)

    # Afterwards

    def _afterwards(self, result: Grade, wish: Intent | None = None) -> Generator[Event, None, Intent | None]:
        """After the feedback: explains, shows how, or tries again on request; otherwise goes on by itself.

        `wish` is what the candidate asked for already.
        """
        policy = EndpointingPolicy.fixed(1.2).model_copy(update={"no_answer_s": AFTERWARDS_S})
        intent, text = wish, ""
        while self._setup.manner.live:
            if intent is None:
                intent, text = yield from self._listen(policy, keep=False)
            more = self._more(intent, result)
            match intent:
                case _ if more is not None:
                    yield from self._say(more)
                case Intent.SLOWER | Intent.FASTER | Intent.LOUDER | Intent.QUIETER:
                    yield from self._adjust(intent)
                case Intent.PAUSE:
                    intent, text = (yield from self._pause(MENU)), ""
                    if intent is not None:
                        continue
                case None if text:
                    yield RequestRecognized(f"heard: {text}")
                    yield from self._say(MENU)
                case _:
                    return intent
            intent = None
        return None

    def _more(self, intent: Intent | None, result: Grade) -> str | None:
        """What is said of a rating on request; None for what is no such request."""
        match intent:
            case Intent.EXPLAIN:
                return explained(self._question, result)
            case Intent.MODEL_ANSWER | Intent.HINT:
                return model_answer(self._question, result)
            case Intent.REPEAT | Intent.REPHRASE:
                return feedback(self._question, result)
            case Intent.HOW_LONG | Intent.RESUME:
                return MENU
            case _:
                return None

    # Speaking

    def _say(self, text: str) -> Generator[Event, None, int]:
        """Returns how many sentences were left unsaid, for the candidate spoke.

        A loudspeaker that went away ends no interview: what was answered is still to be graded and kept.
        """
        yield AgentSpoke(text)
        try:
            return self._uttered(text)
        except DeviceError as error:
            if not self._setup.manner.live:
                raise
            yield ProblemReported(f"{error} Until then, read what I would say.")
            return 0

    def _uttered(self, text: str) -> int:
        ear = self._setup.barge_in
        if ear is None:
            return self._player.say(text, self._question.glossary)
        ear.begin()
        return self._player.say(text, self._question.glossary, ear.interrupted)


def _empty() -> Clip:
    return Clip(samples=np.zeros(0, dtype=np.float32), rate=WHISPER_RATE)


def _minutes(seconds: float) -> str:
    if seconds < 90:
        return f"{round(seconds)} seconds"
    return f"{seconds / 60:.0f} minutes"
