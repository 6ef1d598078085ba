"""What the page shows of a running interview: a few named values, each change of which goes to the page.

Whoever joins later, after a reload or in a second tab, gets all of them at once. Knows nothing of sockets, and nothing
here is markup: the page sets each text as text.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from agent.interview.events import (
    AgentSpeaks,
    AnswerCompleted,
    AnswerContinued,
    AnswerTranscribed,
    AttemptStarted,
    AudioLevel,
    Event,
    InterviewConcluded,
    ListeningEnded,
    ListeningStarted,
    PartialTranscript,
    PauseEnded,
    PauseStarted,
    ProblemReported,
    QuestionAsked,
    RequestRecognized,
)
from agent.logic.grading.overall import SignalRating
from agent.logic.speech.delivery import cleaned
from agent.logic.speech.speakable import sentences
from agent.shell.web.feedback import feedback, standing
from agent.values.audio import Clip
from agent.values.rubric import Question, in_words

Values = dict[str, Any]
MOST_SOUND = 64 << 20
"""Bytes of the answers' audio that stay in memory, to play what a quote points to; the oldest go first."""


class Stage:
    """Implements SessionRunner's View for a page."""

    def __init__(self, known: Mapping[str, Question], publish: Callable[[Values], None]) -> None:
        """`publish` gets what changed; it must not wait."""
        self._known, self._publish = known, publish
        self._lock = threading.RLock()
        self._started = time.monotonic()
        self._sounds: dict[int, Clip] = {}
        self._count = 0
        self.next_sentence: Callable[[], int] = lambda: 1
        """Number of the sentence that the loudspeaker plays next."""
        self.answer_audio: Callable[[], Clip] = Clip.silence
        """The audio of the answer that was just completed."""
        self._values: Values = {
            "phase": "loading", "question": None, "caption": None, "transcript": "", "level": None, "feedback": [],
            "notice": "", "problem": "", "paused": False, "overall": None, "saved": None, "loading": [],
        }  # fmt: skip

    def snapshot(self, then: Callable[[Values], None]) -> None:
        """Calls `then` with all values, while nothing changes."""
        with self._lock:
            then({**self._values, "elapsed_s": round(time.monotonic() - self._started, 1)})

    def set(self, **values: Any) -> None:
        """Changes values and publishes them."""
        with self._lock:
            self._values.update(values)
            self._publish(values)

    def sound(self, number: int) -> Clip | None:
        """The audio of an answer, by its number from 1; None when there is none any more."""
        with self._lock:
            return self._sounds.get(number)

    # View

    def show(self, event: Event) -> None:
        """One event."""
        match event:
            case AudioLevel(seconds=seconds, peak=peak, speaking=speaking):
                self.set(level={"seconds": round(seconds, 1), "peak": round(peak, 3), "speaking": speaking})
            case PartialTranscript(transcript=transcript, running=running):
                self.set(transcript=transcript.text or running)
            case QuestionAsked():
                self._asked(event)
            case AnswerCompleted(turn=turn):
                self._count += 1
                shown = feedback(turn, self._known, self._remembered(self._count))
                self.set(feedback=[*self._values["feedback"], shown][-50:], transcript="", phase="thinking")
            case InterviewConcluded(ratings=ratings):
                self.overall(list(ratings))
            case _:
                self._talk(event)

    def note(self, text: str) -> None:
        """A line from the program itself."""
        self.set(problem=text.strip())

    def saved(self, session_id: str) -> None:
        """The session is on record."""
        self.set(saved=session_id)

    def overall(self, ratings: list[SignalRating]) -> None:
        """The rating per signal."""
        self.set(overall=standing(ratings))

    def _asked(self, event: QuestionAsked) -> None:
        question = event.question
        self.set(
            question={
                "id": question.id,
                "number": event.number,
                "of": event.of,
                "attempt": event.attempt,
                "signal": in_words(question.signal),
                "field": question.field,
                "scenario": question.scenario,
                "ask": question.ask,
                "minutes": question.minutes,
                "answers_before": self._count,
            },
            transcript="",
            problem="",
            notice="",
        )

    def _talk(self, event: Event) -> None:
        match event:
            case AgentSpeaks(text=text):
                self.set(phase="speaking", caption={"sentences": sentences(text), "first": self.next_sentence()})
            case ListeningStarted():
                self.set(phase="listening", level=None)
            case ListeningEnded():
                self.set(phase="thinking", level=None)
            case AnswerTranscribed(transcript=transcript):
                self.set(transcript=cleaned(transcript.text))
            case AttemptStarted(attempt=attempt):
                asked = {**self._values["question"], "attempt": attempt, "answers_before": self._count}
                self.set(question=asked, transcript="")
            case AnswerContinued():
                self.set(notice="Go on: what you say is added to your answer.")
            case PauseStarted() | PauseEnded():
                self.set(paused=isinstance(event, PauseStarted))
            case RequestRecognized(what=what):
                self.set(notice=what)
            case ProblemReported(text=text):
                self.set(problem=text)
            case _:
                pass

    def _remembered(self, number: int) -> str | None:
        """The address of the answer's audio, which stays in memory."""
        clip = self.answer_audio()
        if not len(clip.samples):
            return None
        self._sounds[number] = clip
        while sum(item.samples.nbytes for item in self._sounds.values()) > MOST_SOUND:
            self._sounds.pop(next(iter(self._sounds)))
        return f"/sound/now/{number}"
