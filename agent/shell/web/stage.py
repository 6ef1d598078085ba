"""What the page shows of a running interview: a few named values, each change of which goes to the page.

A page that joins later, after a reload or in a second tab, gets all of them at once. Nothing here is markup: the page
sets each text as text.
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
from agent.shell.web.debrief import Answered, debrief
from agent.shell.web.feedback import feedback, standing
from agent.values.audio import Clip
from agent.values.interview_record import InterviewProgress
from agent.values.profile import Profile
from agent.values.rubric import Question, in_words
from agent.values.session import SavedTurn, Session, Turn

Values = dict[str, Any]
MOST_SOUND = 64 << 20
"""Bytes of the answers' audio that stay in memory, to play what a quote points to; the oldest go first."""
MOST_ANSWERS = 50
"""Maximum number of answers whose feedback the page shows; all of them are saved."""
WORK = {"title", "subject", "nudge", "why"}


class Stage:
    """Implements SessionRunner's View for a page."""

    def __init__(self, known: Mapping[str, Question], publish: Callable[[Values], None]) -> None:
        """`publish` gets the changed values; it must not wait."""
        self._questions, self._publish = known, publish
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
            "notice": "", "problem": "", "paused": False, "overall": None, "work_on": [], "saved": None, "loading": [],
            "real": None, "part": None, "debrief": None,
        }  # fmt: skip
        self._progress: Callable[[], InterviewProgress] | None = None
        self._answers: list[Answered] = []

    def snapshot(self, then: Callable[[Values], None]) -> None:
        """Calls `then` with all values; nothing changes meanwhile."""
        with self._lock:
            then({**self._values, "elapsed_s": round(time.monotonic() - self._started, 1)})

    def set(self, **values: Any) -> None:
        """Changes values and publishes them."""
        with self._lock:
            self._values.update(values)
            self._publish(values)

    def sound(self, number: int) -> Clip | None:
        """Returns an answer's audio by its number, from 1; None if it is no longer in memory."""
        with self._lock:
            return self._sounds.get(number)

    def whole(self, progress: Callable[[], InterviewProgress], session: Session | None) -> None:
        """Sets up a whole interview, in which no rating is shown before debrief().

        `session` has the answers of earlier days.
        """
        self._progress = progress
        if session is not None:
            saved = [item for item in session.turns if not item.interrupted]
            self._answers = [Answered(item.turn, _address(session, item)) for item in saved]
        self.set(real=progress().minutes, part=progress().stage)

    def debrief(self, profile: Profile | None) -> None:
        """Shows the debrief: what the interviewer would write, and every answer with its rating."""
        shown = debrief(self._answers, self._questions, profile)
        self.set(debrief=shown, feedback=[feedback(item.turn, self._questions, item.sound) for item in self._answers])

    # View

    def show(self, event: Event) -> None:
        """One event."""
        if self._progress is not None and (part := self._progress().stage) != self._values["part"]:
            # The last question is over once the talk has turned to something else.
            self.set(part=part, question=None, transcript="")
        self._show(event)

    def _show(self, event: Event) -> None:
        match event:
            case AudioLevel(seconds=seconds, peak=peak, speaking=speaking):
                self.set(level={"seconds": round(seconds, 1), "peak": round(peak, 3), "speaking": speaking})
            case PartialTranscript(transcript=transcript, running=running):
                self.set(transcript=transcript.text or running)
            case QuestionAsked():
                self._asked(event)
            case AnswerCompleted(turn=turn):
                self._completed(turn)
            case InterviewConcluded(ratings=ratings, work_on=items):
                self.overall(list(ratings))
                self.set(work_on=[item.model_dump(include=WORK) for item in items])
            case _:
                self._talk(event)

    def note(self, text: str) -> None:
        """A line from the program itself."""
        self.set(problem=text.strip())

    def saved(self, session_id: str) -> None:
        """Reports that the session is saved."""
        self.set(saved=session_id)

    def overall(self, ratings: list[SignalRating]) -> None:
        """Shows the rating per signal; in a whole interview it is part of the debrief."""
        if self._progress is None:
            self.set(overall=standing(ratings))

    def _completed(self, turn: Turn) -> None:
        self._count += 1
        sound = self._remembered(self._count)
        if self._progress is None:
            shown = [*self._values["feedback"], feedback(turn, self._questions, sound)][-MOST_ANSWERS:]
            self.set(feedback=shown, transcript="", phase="thinking")
        else:
            self._answers.append(Answered(turn, sound))
            self.set(notice="Thank you. The rating comes in the debrief.", transcript="", phase="thinking")

    def _asked(self, event: QuestionAsked) -> None:
        question = event.question
        self.set(
            question={
                "id": question.id,
                "number": event.number,
                # A whole interview has a question to spare, so its number would promise too much.
                "of": event.of if self._progress is None else None,
                "attempt": event.attempt,
                "why": event.why,
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


def _address(session: Session, saved: SavedTurn) -> str | None:
    """Returns the audio address of a saved answer; None if its audio was not saved."""
    return None if saved.audio is None else f"/sound/{session.id}/{saved.audio.name}"
