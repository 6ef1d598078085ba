"""Transcribes an answer while it is being spoken, so that little work remains when it ends.

One thread transcribes the audio in segments that end in pauses. A pause starts the transcription of everything not yet
transcribed. If the speaker continues soon, that segment stays open and is transcribed again as a whole, because Whisper
does best on whole sentences. If the whole would be long, the segment is closed at the pause instead. Does not deal with
devices, or with when an answer ends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import takewhile
from typing import Any

import numpy as np

from agent.interview.controls import Controls
from agent.logic.ports import Transcriber
from agent.values.audio import WHISPER_RATE, Clip, Samples
from agent.values.transcript import Transcript, joined

AFTER_SPEECH_S = 0.3
"""Silence kept after a segment, so that its last sound is not cut off."""
LEAST_S = 5.0
"""A shorter segment stays open when the speaker continues, since Whisper needs context."""
CLOSING_PAUSE_S = 0.6
"""A pause of this length closes a segment."""
LONG_S = 12.0
"""A longer segment is closed at its last pause after `ENOUGH_S`, however short: transcribing the rest must fit into the
silence that ends an answer.
"""
ENOUGH_S = 8.0
"""Minimum length of a segment that may be closed at a short pause, often in the middle of a sentence."""
MUCH_S = 6.0
"""Backlog above which the last few seconds are transcribed first, so that a closing phrase is noticed at once."""
ENDING_S = 4.0
"""Length of those last seconds, at most; they begin where it is quietest in their first half."""
LONGEST_S = 26.0
"""Whisper reads 30 s at once; speech without a pause is cut at its quietest moment before that."""
QUIET_KEPT_S = 1.0
"""How much of the silence before the first speech is kept when silence is dropped."""
_SEARCH_S = 3.0
_FRAME_S = 0.032


class _Segment:
    """Audio from `start` to `end`, in samples, and its future transcript."""

    def __init__(self, start: int, end: int, job: Future[Transcript]) -> None:
        self.start, self.end, self.job = start, end, job

    def transcribed(self) -> bool:
        return self.job.done() and not self.job.cancelled() and self.job.exception() is None


class StreamingTranscriber:
    """The audio of one answer after another, and their words as they become known. Close it after use."""

    def __init__(self, transcriber: Transcriber, ahead: bool = True, controls: Controls | None = None) -> None:
        """`ahead` False transcribes only when the answer has ended: for
        recordings, which are complete from the start.
        """
        self._transcriber = transcriber
        self._works_ahead = ahead
        self._controls = controls or Controls()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="transcriber")
        self.begin()

    def begin(self, glossary: Sequence[str] = (), forget_silence: bool = False) -> None:
        """Starts a new answer, with the glossary's terms as hotwords; forgets the audio before it.

        `forget_silence` drops the silence before the first speech, which can last an hour in a pause.
        """
        self._glossary = tuple(glossary)
        self._forgets = forget_silence
        self._audio = bytearray()
        self._closed: list[_Segment] = []
        self._open: _Segment | None = None
        self._passed: _Segment | None = None  # it was open when the speaker continued, and may still be closed there
        self._ending: _Segment | None = None
        self._start = 0
        self._spoken = 0

    def close(self) -> None:
        """Ends the thread; work that has not started is dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def background(self, work: Callable[[], Any]) -> Future[Any]:
        """Does other work in the same thread, in order: loading models, preparing a question."""
        return self._pool.submit(work)

    @property
    def clip(self) -> Clip:
        """All audio since begin()."""
        return Clip(samples=self._samples(), rate=WHISPER_RATE)

    def latest(self, seconds: float) -> Clip:
        """The latest audio."""
        return Clip(samples=self._samples(max(0, self._size - round(seconds * WHISPER_RATE))), rate=WHISPER_RATE)

    def add(self, frame: Clip, speaks: bool, silence_s: float) -> None:
        """Adds a frame; `silence_s` is the silence just before it if it speaks again after a pause."""
        if speaks and self._open is not None:
            self._go_on(silence_s)
        self._audio += frame.samples.tobytes()
        if speaks:
            self._spoken = self._size
            if self._works_ahead and self._size - self._start >= LONGEST_S * WHISPER_RATE:
                self._cut()
        elif self._forgets and not self._spoken:
            del self._audio[: -4 * round(QUIET_KEPT_S * WHISPER_RATE)]

    def pause(self, ending_first: bool = False) -> None:
        """Call it when the speaker pauses: transcribes everything that is not transcribed yet or in progress.

        `ending_first`: if much is left, its end is transcribed separately first, for ending().
        """
        if self._works_ahead:
            self._transcribe(ending_first)

    def _transcribe(self, ending_first: bool = False) -> None:
        end = min(self._size, self._spoken + round(AFTER_SPEECH_S * WHISPER_RATE))
        if self._spoken <= self._start or self._open is not None:
            return
        if end - self._start > LONG_S * WHISPER_RATE:
            self._close_passed()
        if ending_first and end - self._start > MUCH_S * WHISPER_RATE:
            first = end - round(ENDING_S * WHISPER_RATE)
            self._ending = self._segment(self._quietest(first, (first + end) // 2), end, ())
        self._open = self._segment(self._start, end, self._glossary)

    def ending(self) -> str | None:
        """The last words before a pause, if they are known before the rest of
        final(); the first of them may be cut off.
        """
        if self._ending is None or not self._ending.transcribed():
            return None
        return self._ending.job.result().text

    def final(self) -> Transcript | None:
        """The words up to the last pause, or None while they are being transcribed, or if that failed."""
        if self._spoken > (self._open.end if self._open else self._start):
            return None
        segments = self._segments()
        if not all(segment.transcribed() for segment in segments):
            return None
        return self._joined(segments)

    def partial_transcript(self) -> Transcript:
        """The words known so far, up to the first segment that is still being transcribed. Raises nothing."""
        done = list(takewhile(_Segment.transcribed, self._closed))
        if len(done) == len(self._closed):
            done += filter(_Segment.transcribed, filter(None, [self._open, self._passed]))
        return self._joined(done[: len(self._closed) + 1])

    def transcript(self) -> Transcript:
        """All words; waits until they are transcribed, and tries once more if that
        failed. Raises ModelError or InterviewStopped.
        """
        self._transcribe()
        self._closed = [self._tried_again(item) for item in self._closed]
        self._open = None if self._open is None else self._tried_again(self._open)
        return self._joined(self._segments())

    def _tried_again(self, segment: _Segment) -> _Segment:
        failed = segment.job.done() and not segment.transcribed()
        return self._segment(segment.start, segment.end, self._glossary) if failed else segment

    def _segments(self) -> list[_Segment]:
        return [*self._closed, *([self._open] if self._open else [])]

    def _joined(self, segments: list[_Segment]) -> Transcript:
        pieces = [(item.start / WHISPER_RATE, self._controls.result(item.job)) for item in segments]
        return joined(pieces, duration_s=self._size / WHISPER_RATE)

    def _go_on(self, silence_s: float) -> None:
        assert self._open is not None
        opened, self._open = self._open, None
        if self._ending is not None:
            self._ending.job.cancel()
            self._ending = None
        if opened.end - opened.start < (LEAST_S if silence_s >= CLOSING_PAUSE_S else ENOUGH_S) * WHISPER_RATE:
            opened.job.cancel()
            return
        if self._passed is not None:
            self._passed.job.cancel()
        self._passed = opened
        if silence_s >= CLOSING_PAUSE_S:
            self._close_passed()

    def _close_passed(self) -> bool:
        if self._passed is None:
            return False
        self._closed.append(self._passed)
        self._start, self._passed = self._passed.end, None
        return True

    def _cut(self) -> None:
        """Closes a segment at its last pause; without one, in the middle of speech where it was quietest recently."""
        if self._close_passed():
            return
        end = self._quietest(self._size - round(_SEARCH_S * WHISPER_RATE), self._size)
        self._closed.append(self._segment(self._start, end, self._glossary))
        self._start = end

    def _quietest(self, first: int, last: int) -> int:
        """The middle of the quietest 32 ms between two samples."""
        size = round(_FRAME_S * WHISPER_RATE)
        frames = self._samples(first, last)
        frames = frames[: len(frames) // size * size].reshape(-1, size)
        return first + int(np.argmin((frames**2).mean(axis=1))) * size + size // 2

    def _segment(self, start: int, end: int, glossary: Sequence[str]) -> _Segment:
        clip = Clip(samples=self._samples(start, end), rate=WHISPER_RATE)
        return _Segment(start, end, self._pool.submit(self._transcriber.transcribe, clip, glossary))

    @property
    def _size(self) -> int:
        return len(self._audio) // 4

    def _samples(self, start: int = 0, end: int | None = None) -> Samples:
        """A copy: the buffer grows, and a view would forbid that."""
        stop = self._size if end is None else end
        return np.frombuffer(bytes(memoryview(self._audio)[4 * start : 4 * stop]), dtype=np.float32)
