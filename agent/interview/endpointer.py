"""Listens to one turn: frames in, words and the end of the turn out. Does not deal with devices or replies."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import NamedTuple

from agent.interview.controls import Controls
from agent.interview.events import AudioLevel, PartialTranscript
from agent.interview.streaming_transcriber import StreamingTranscriber
from agent.logic.dialogue.help import agrees, declines, does_not_know
from agent.logic.ports import IntentClassifier, SpeechDetector, TurnDetector
from agent.logic.speech.endpointing import SPEECH, EndCues, EndpointingPolicy, SpeechActivity, advance, closes, finished
from agent.logic.speech.pause_habit import PAUSE_S, PauseHabit
from agent.values.audio import Clip
from agent.values.dialogue import ABOUT_A_RATING, Intent, Moment
from agent.values.transcript import Transcript

REPORT_EVERY_S = 0.25
JUDGED_EVERY_S = 0.2
JUDGED_UNTIL_S = 2.5
"""Seconds of silence during which the turn detector is asked repeatedly: noise alone can change its result by 0.5."""
COMMAND_PAUSE_S = 0.6
"""Silence before a command within an answer."""
JUDGED_S = 8.0
"""Seconds of audio in which the turn detector judges whether the voice sounds finished."""


class LearnedHabit:
    """How long this candidate pauses, learned from answer to answer."""

    def __init__(self, habit: PauseHabit | None = None) -> None:
        self.habit = habit or PauseHabit()


class EndpointerModels(NamedTuple):
    """The models for listening. Without `turns`, every silence is doubtful; without `intents`, nothing is a command."""

    streaming: StreamingTranscriber
    detector: SpeechDetector
    turns: TurnDetector | None = None
    intents: IntentClassifier | None = None
    learned_habit: LearnedHabit | None = None
    moment: Moment = Moment.ANSWERING
    offered: bool = False
    """Whether the agent has offered something, so that a bare yes or no is a complete reply."""


class TurnEnd(NamedTuple):
    """Result of listening."""

    speech_s: float
    """0 if nobody spoke."""
    wait_s: float
    """Silence between the last speech and the decision."""
    end_of_turn_probability: float | None
    """Probability that the speaker had finished, from the audio of the last pause."""
    segment_s: float = 0.0
    """Second at which the last segment of speech began, after a pause; it may be a command."""
    full: bool = False
    """Whether the answer has reached the maximum length."""
    gaps: int = 0
    """Number of gaps in which audio was lost."""
    pressed: Intent | None = None
    """The button that ended it."""
    typed: str | None = None
    """The words that ended it, typed instead of spoken."""

    @property
    def by_hand(self) -> bool:
        """Whether the candidate ended the turn with a button or typed words, so that nothing is left to wait for or
        ask.
        """
        return self.pressed is not None or self.typed is not None


ListeningEvents = Generator[AudioLevel | PartialTranscript, None, TurnEnd]
Whole = Callable[[Transcript], Transcript]
"""The whole answer; the current turn is its latest part."""


class Endpointer:
    """One turn of the candidate: frame by frame, until it has ended."""

    def __init__(
        self,
        models: EndpointerModels,
        policy: EndpointingPolicy,
        on_words: Callable[[Transcript, bool], None] | None = None,
        whole: Whole | None = None,
        controls: Controls | None = None,
    ) -> None:
        """`on_words(transcript, paused)` is called whenever more words are final."""
        self._streaming, self._detector, self._turns, self._intents = models[:4]
        self._learned_habit, self._moment = models.learned_habit or LearnedHabit(), models.moment
        self._offered = models.offered
        self._policy, self._on_words = policy, on_words
        self._whole = whole or (lambda running: running)
        self._controls = controls or Controls()
        self._state = SpeechActivity()
        self._sounds: list[float] = []
        self._shown = ""
        self._segment_s = 0.0
        self._gaps = 0
        self._final: Transcript | None = None
        self._settled = False
        self._pressed: Intent | None = None
        self._typed: str | None = None
        self._closing_phrase: bool | None = None

    def listen(self, frames: Generator[Clip, None, None]) -> ListeningEvents:
        """Levels and words while the candidate speaks. The audio is kept also when the source ends early.

        May be called again to go on with the same answer after a break; the silence until then does not count.
        Raises DeviceError or InterviewStopped.
        """
        self._state = self._state._replace(silence_s=0.0)
        self._detector.reset()
        peak, reported = 0.0, self._state.elapsed_s
        with closing(frames):
            for frame in frames:
                probability = self._detector.probability(frame)
                self._take(frame, probability)
                peak = max(peak, frame.peak)
                if self._state.elapsed_s - reported >= REPORT_EVERY_S:
                    yield AudioLevel(seconds=self._state.elapsed_s, peak=peak, speaking=probability >= SPEECH)
                    peak, reported = 0.0, self._state.elapsed_s
                    yield from self._words()
                if self._is_over():
                    break
        return self.ended()

    def ended(self) -> TurnEnd:
        """The result of listening so far."""
        state = self._state
        return TurnEnd(
            speech_s=state.speech_s,
            wait_s=state.silence_s,
            end_of_turn_probability=self._sounds_finished,
            segment_s=self._segment_s,
            full=state.elapsed_s >= self._policy.longest_s,
            gaps=self._gaps,
            pressed=self._pressed,
            typed=self._typed,
        )

    def reply(self) -> None:
        """Call it when the agent has said something: what follows is a segment of its own, and may be a command."""
        self._segment_s = self._state.elapsed_s

    def pass_on(self) -> None:
        """Passes the words on once they are known, if they are no command; for another thread, which nobody listens
        beside.
        """
        final = self._streaming.final()
        if self._on_words is None or self._final is not None or final is None or not final.words:
            return
        if not self._is_command(final):
            self._on_words(final, True)

    def _take(self, frame: Clip, probability: float) -> None:
        before = self._state
        self._state = advance(before, probability, frame.seconds)
        self._gaps += frame.after_gap
        speaks = probability >= SPEECH
        self._streaming.add(frame, speaks, before.silence_s)
        if speaks:
            self._sounds, self._final, self._settled, self._closing_phrase = [], None, False, None
            if before.speech_s > 0 and self._policy.paced:
                self._learned_habit.habit = self._learned_habit.habit.after(before.silence_s)
            if before.silence_s >= COMMAND_PAUSE_S and before.speech_s > 0:
                self._segment_s = before.elapsed_s
        elif self._state.speech_s > 0:
            if before.silence_s < PAUSE_S <= self._state.silence_s:
                self._streaming.pause(ending_first=self._policy.awaits_words)
            self._judge_sound()

    def _judge_sound(self) -> None:
        due_s = PAUSE_S + JUDGED_EVERY_S * len(self._sounds)
        again = self._policy.paced or not self._sounds
        if self._turns is not None and again and due_s <= min(self._state.silence_s, JUDGED_UNTIL_S):
            self._sounds.append(self._turns.finished(self._streaming.latest(JUDGED_S)))

    @property
    def _sounds_finished(self) -> float | None:
        return sum(self._sounds) / len(self._sounds) if self._sounds else None

    def _words(self) -> Iterator[PartialTranscript]:
        running = self._streaming.partial_transcript()
        if running.text != self._shown:
            self._shown = running.text
            # In a pause all words are considered together; a gap between two words is not a pause.
            if self._state.silence_s < PAUSE_S and self._on_words is not None:
                self._on_words(running, False)
            yield PartialTranscript(transcript=self._whole(running), running=running.text)

    def addressed(self) -> bool:
        """Whether the candidate gave a command or asked the interviewer a question;
        waits for the words if they are not known yet.
        """
        if self._final is None:
            self._look_at(self._streaming.transcript())
        return self._settled

    def _is_over(self) -> bool:
        self._pressed = self._controls.take()
        if self._pressed is None:
            self._typed = self._controls.take_typed()
        if self._pressed is not None or self._typed is not None:
            return True
        if 0 < self._state.silence_s < PAUSE_S:
            return False
        if self._state.silence_s > 0 and self._final is None:
            self._look_at(self._streaming.final())
        tail = None if self._final is None else self._final.text[-200:]
        settled = self._settled if self._final is not None else self._says_it_is_over()
        cues = EndCues(self._sounds_finished, tail, settled, self._learned_habit.habit)
        return finished(self._state, self._policy, cues)

    def _look_at(self, final: Transcript | None) -> None:
        """Whether the last segment is a command or a question to the interviewer.

        Call it when its words are known and nobody speaks.
        """
        self._final = final
        if final is None or not final.words:
            return
        is_command = self._is_command(final)
        # Once for each look: the models that decide it are too slow for every frame of a silence.
        self._settled = is_command or self._says_all(final.text)
        if not is_command and self._on_words is not None:
            self._on_words(final, True)

    def _is_command(self, final: Transcript) -> bool:
        if self._intents is None:
            return False
        intent = self._intents.command(final.since(self._segment_s).text, self._moment)
        return intent is not None and intent not in ABOUT_A_RATING

    def _says_all(self, text: str) -> bool:
        """Whether the words are complete: a question, "I don't know", or a bare reply to an offer."""
        if self._intents is None:
            return False
        replies = self._offered and (agrees(text) or declines(text))
        return replies or does_not_know(text) or self._intents.is_question(text)

    def _says_it_is_over(self) -> bool:
        """Whether the last words, which are known before the others, contain a closing phrase."""
        if self._closing_phrase is None and (text := self._streaming.ending()) is not None:
            self._closing_phrase = closes(text)
        return bool(self._closing_phrase)
