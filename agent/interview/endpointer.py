"""Hears one answer out: frames in, words and the end of the turn out. Knows nothing of devices and of commands."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from typing import NamedTuple

from agent.interview.streaming_transcriber import StreamingTranscriber
from agent.logic.dialogue.clarifications import asks
from agent.logic.ports import IntentClassifier, SpeechDetector, TurnDetector
from agent.logic.speech.endpointing import SPEECH, EndCues, EndpointingPolicy, SpeechActivity, advance, closes, finished
from agent.values.audio import Clip
from agent.values.dialogue import Intent
from agent.values.transcript import Transcript

REPORT_EVERY_S = 0.25
PAUSE_S = 0.3
"""Silence from which the speaker pauses: what was said until then is transcribed and its sound is judged."""
COMMAND_PAUSE_S = 0.6
"""Silence before a command in the midst of an answer."""
JUDGED_S = 8.0
"""Seconds of sound that tell whether the voice sounds finished."""


class AudioLevel(NamedTuple):
    """How listening goes, a few times a second."""

    seconds: float
    peak: float
    """Largest magnitude since the last report, 0 to 1."""
    speaking: bool


class PartialTranscript(NamedTuple):
    """The words of the running answer that are known by now."""

    text: str


class TurnEnd(NamedTuple):
    """Listening has ended."""

    speech_s: float
    """0 when nobody spoke."""
    wait_s: float
    """Silence between the last speech and the decision."""
    end_of_turn_probability: float | None
    """Of the last pause."""
    segment_s: float = 0.0
    """Second at which the last stretch of speech began, after a pause; it may be a command."""
    full: bool = False
    """The answer is as long as an answer may be."""
    gaps: int = 0
    """Moments of which the sound was lost."""


ListeningEvents = Generator[AudioLevel | PartialTranscript, None, TurnEnd]


class Endpointer:
    """One answer being listened to: frame by frame, until it has ended."""

    def __init__(
        self,
        streaming: StreamingTranscriber,
        detector: SpeechDetector,
        policy: EndpointingPolicy,
        turns: TurnDetector | None = None,
        intents: IntentClassifier | None = None,
        on_words: Callable[[Transcript, bool], None] | None = None,
    ) -> None:
        """`on_known` is told the words so far whenever more of them are known, and whether the candidate pauses."""
        self._streaming, self._detector, self._policy, self._turns = streaming, detector, policy, turns
        self._intents, self._on_known = intents, on_words
        self._state = SpeechActivity()
        self._end_of_turn_probability: float | None = None
        self._shown = ""
        self._segment_s = 0.0
        self._gaps = 0
        self._known: Transcript | None = None
        self._intent: Intent | None = None
        self._over: bool | None = None

    def listen(self, frames: Iterator[Clip]) -> ListeningEvents:
        """Levels and words while the candidate speaks. What was heard is kept also when the source ends early.

        May be called again to go on with the same answer after a break; the silence until then does not count.
        """
        self._state = self._state.model_copy(update={"silence_s": 0.0})
        self._detector.reset()
        peak, reported = 0.0, self._state.elapsed_s
        for frame in frames:
            probability = self._detector.probability(frame)
            self._take(frame, probability)
            peak = max(peak, frame.peak)
            if self._state.elapsed_s - reported >= REPORT_EVERY_S:
                yield AudioLevel(self._state.elapsed_s, peak, probability >= SPEECH)
                peak, reported = 0.0, self._state.elapsed_s
                yield from self._words()
            if self._is_over():
                break
        close = getattr(frames, "close", None)
        if close is not None:
            close()
        return self.ended()

    def ended(self) -> TurnEnd:
        """What listening has come to so far."""
        state = self._state
        full = state.elapsed_s >= self._policy.longest_s
        return TurnEnd(
            state.speech_s, state.silence_s, self._end_of_turn_probability, self._segment_s, full, self._gaps
        )

    def reply(self) -> None:
        """The agent has said something: what comes now is a stretch of its own, and may be a command."""
        self._segment_s = self._state.elapsed_s

    def _take(self, frame: Clip, probability: float) -> None:
        before = self._state
        self._state = advance(before, probability, frame.seconds)
        self._gaps += frame.after_gap
        speaks = probability >= SPEECH
        self._streaming.add(frame, speaks, before.silence_s)
        if speaks:
            self._end_of_turn_probability, self._known, self._intent, self._over = None, None, None, None
            if before.silence_s >= COMMAND_PAUSE_S and before.speech_s > 0:
                self._segment_s = before.elapsed_s
        elif before.silence_s < PAUSE_S <= self._state.silence_s and self._state.speech_s > 0:
            self._streaming.pause(ending_first=self._policy.awaits_words)
            if self._turns is not None:
                self._end_of_turn_probability = self._turns.finished(self._streaming.latest(JUDGED_S))

    def _words(self) -> Iterator[PartialTranscript]:
        known = self._streaming.partial_transcript()
        if known.text != self._shown:
            self._shown = known.text
            # In a pause all words are looked at together; a gap between two words is none.
            if self._state.silence_s < PAUSE_S and self._on_known is not None:
                self._on_known(known, False)
            yield PartialTranscript(known.text)

    def addressed(self) -> bool:
        """Whether a command or a question to the interviewer was said; waits for the words when they are not known."""
        if self._known is None:
            self._know(self._streaming.transcript())
        return self._settled

    def _is_over(self) -> bool:
        if 0 < self._state.silence_s < PAUSE_S:
            return False
        if self._state.silence_s > 0 and self._known is None:
            self._know(self._streaming.known())
        tail = None if self._known is None else self._known.text[-200:]
        settled = self._settled if self._known is not None else self._said_over()
        ending = EndCues(end_of_turn_probability=self._end_of_turn_probability, tail=tail, settled=settled)
        return finished(self._state, self._policy, ending)

    def _know(self, known: Transcript | None) -> None:
        self._known = known
        if known is not None and known.words:
            self._look_at(known)

    def _look_at(self, known: Transcript) -> None:
        """The words are known and nobody speaks: is the last stretch a command, or a question to the interviewer?"""
        if self._intents is not None:
            self._intent = self._intents.command(known.since(self._segment_s).text)
        if self._intent is None and self._on_known is not None:
            self._on_known(known, True)

    def _said_over(self) -> bool:
        """Whether the last words, which are known before the others, say that the answer is over."""
        if self._over is None and (text := self._streaming.ending()) is not None:
            self._over = closes(text)
        return bool(self._over)

    @property
    def _settled(self) -> bool:
        if self._intent is not None:
            return True
        return self._intents is not None and self._known is not None and asks(self._known.text)


class Stopwatch:
    """Seconds spent on named steps, measured by the monotonic clock."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.monotonic()

    def lap(self, name: str) -> None:
        """Books the time since the last lap under `name`."""
        now = time.monotonic()
        self.seconds[name] = round(self.seconds.get(name, 0.0) + now - self._last, 3)
        self._last = now
