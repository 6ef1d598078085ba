"""Transcribes an answer while it is being spoken, so that little is left to do when it ends.

Sound is transcribed in stretches that end in pauses, by one thread. A pause starts the transcription of what is not
yet written; if the speaker goes on soon after, that stretch stays open and is heard again as a whole, because Whisper
hears whole sentences best, unless the whole would be long: then it ends where the speaker went on. Knows nothing of
devices and of when an answer ends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import takewhile
from typing import Any

import numpy as np

from agent.logic.ports import Transcriber
from agent.values.audio import WHISPER_RATE, Clip, Samples
from agent.values.transcript import Transcript, joined

AFTER_SPEECH_S = 0.3
"""Silence kept after a stretch, so that the last sound is not cut."""
LEAST_S = 5.0
"""A stretch shorter than this stays open when the speaker goes on: Whisper needs context."""
CLOSING_PAUSE_S = 0.6
"""A pause of this length closes a stretch."""
LONG_S = 12.0
"""A stretch that would become longer is closed at its last pause after `ENOUGH_S`, however short that was: what is left
to write when the answer ends must fit into the silence that ends it."""
ENOUGH_S = 8.0
"""Of a stretch that ends in a short pause, in the midst of a sentence as often as not."""
MUCH_S = 6.0
"""More than this is much to write where it is wanted at once whether its end says that the answer is over."""
ENDING_S = 4.0
"""Sound from which that end is written, at most; it begins where it is quietest in the first half of it."""
LONGEST_S = 26.0
"""Whisper hears 30 s at once; a stretch of speech without any pause is cut at its quietest moment before that."""
_SEARCH_S = 3.0
_FRAME_S = 0.032


class _Segment:
    """Sound from `start` to `end`, in samples, and its transcript to be."""

    def __init__(self, start: int, end: int, job: Future[Transcript]) -> None:
        self.start, self.end, self.job = start, end, job

    def written(self) -> bool:
        return self.job.done()


class StreamingTranscriber:
    """The sound of one answer after the other, and their words as they become known. Close it in the end."""

    def __init__(self, transcriber: Transcriber, ahead: bool = True) -> None:
        """`ahead` False transcribes only when the answer has ended: for recordings, which are there at once."""
        self._transcriber = transcriber
        self._works_ahead = ahead
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="hearing")
        self.begin()

    def begin(self, glossary: Sequence[str] = ()) -> None:
        """A new answer, in which the glossary's terms are listened for; what was heard before is forgotten."""
        self._glossary = tuple(glossary)
        self._heard = bytearray()
        self._closed: list[_Segment] = []
        self._open: _Segment | None = None
        self._passed: _Segment | None = None  # it was open when the speaker went on, and may be closed there yet
        self._ending: _Segment | None = None
        self._start = 0
        self._spoken = 0

    def close(self) -> None:
        """Ends the thread; work not begun is dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def background(self, work: Callable[[], Any]) -> Future[Any]:
        """Does other work in the same thread, in turn: loading models, preparing a question."""
        return self._pool.submit(work)

    @property
    def clip(self) -> Clip:
        """Everything heard since begin()."""
        return Clip(samples=self._samples(), rate=WHISPER_RATE)

    def latest(self, seconds: float) -> Clip:
        """The sound heard last."""
        return Clip(samples=self._samples(max(0, self._size - round(seconds * WHISPER_RATE))), rate=WHISPER_RATE)

    def add(self, frame: Clip, speaks: bool, silence_s: float) -> None:
        """One more frame; `silence_s` is the silence just before it, when it speaks again after a pause."""
        if speaks and self._open is not None:
            self._go_on(silence_s)
        self._heard += frame.samples.tobytes()
        if speaks:
            self._spoken = self._size
            if self._works_ahead and self._size - self._start >= LONGEST_S * WHISPER_RATE:
                self._cut()

    def pause(self, ending_first: bool = False) -> None:
        """The speaker pauses: transcribes what is not written yet, unless that is under way.

        `ending_first`: of much, the end alone before that, for ending().
        """
        if self._works_ahead:
            self._write(ending_first)

    def _write(self, ending_first: bool = False) -> None:
        end = min(self._size, self._spoken + round(AFTER_SPEECH_S * WHISPER_RATE))
        if self._spoken <= self._start or self._open is not None:
            return
        if end - self._start > LONG_S * WHISPER_RATE:
            self._close_passed()
        if ending_first and end - self._start > MUCH_S * WHISPER_RATE:
            first = end - round(ENDING_S * WHISPER_RATE)
            self._ending = self._stretch(self._quietest(first, (first + end) // 2), end, ())
        self._open = self._stretch(self._start, end, self._glossary)

    def ending(self) -> str | None:
        """The last words before a pause, where they are known before all of known(); the first of them may be cut."""
        if self._ending is None or not self._ending.written():
            return None
        return self._ending.job.result().text

    def known(self) -> Transcript | None:
        """The words up to the last pause, or None while they are being written."""
        if self._spoken > (self._open.end if self._open else self._start):
            return None
        parts = self._parts()
        if not all(map(_Segment.written, parts)):
            return None
        return self._joined(parts)

    def partial_transcript(self) -> Transcript:
        """The words that are known by now, up to the first stretch still being written."""
        done = list(takewhile(_Segment.written, self._closed))
        if len(done) == len(self._closed):
            done += filter(_Segment.written, filter(None, [self._open, self._passed]))
        return self._joined(done[: len(self._closed) + 1])

    def transcript(self) -> Transcript:
        """All words; waits until they are written. Raises ModelError."""
        self._write()
        return self._joined(self._parts())

    def _parts(self) -> list[_Segment]:
        return [*self._closed, *([self._open] if self._open else [])]

    def _joined(self, parts: list[_Segment]) -> Transcript:
        pieces = [(part.start / WHISPER_RATE, part.job.result()) for part in parts]
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
        """Closes a stretch at its last pause; without one in the middle of speech, where it was quietest of late."""
        if self._close_passed():
            return
        end = self._quietest(self._size - round(_SEARCH_S * WHISPER_RATE), self._size)
        self._closed.append(self._stretch(self._start, end, self._glossary))
        self._start = end

    def _quietest(self, first: int, last: int) -> int:
        """The middle of the quietest 32 ms between two samples."""
        size = round(_FRAME_S * WHISPER_RATE)
        frames = self._samples(first, last)
        frames = frames[: len(frames) // size * size].reshape(-1, size)
        return first + int(np.argmin((frames**2).mean(axis=1))) * size + size // 2

    def _stretch(self, start: int, end: int, glossary: Sequence[str]) -> _Segment:
        clip = Clip(samples=self._samples(start, end), rate=WHISPER_RATE)
        return _Segment(start, end, self._pool.submit(self._transcriber.transcribe, clip, glossary))

    @property
    def _size(self) -> int:
        return len(self._heard) // 4

    def _samples(self, start: int = 0, end: int | None = None) -> Samples:
        """A copy: the buffer grows, and a view would forbid that."""
        stop = self._size if end is None else end
        return np.frombuffer(bytes(memoryview(self._heard)[4 * start : 4 * stop]), dtype=np.float32)
