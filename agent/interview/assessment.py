"""Grades an answer, if possible before it ends: in every pause, the words so far are graded in the background."""

from __future__ import annotations

from concurrent.futures import Future
from typing import NamedTuple

from agent.interview.answer import AnswerDraft
from agent.interview.runtime import InterviewRuntime
from agent.logic.grading.coaching import judgment
from agent.logic.grading.grading import grade, grade_answer, ungraded
from agent.logic.grading.second_look import in_doubt_for_the_candidate
from agent.values.errors import MockInterviewError
from agent.values.grade import Grade
from agent.values.session import Turn
from agent.values.transcript import Transcript

NOTHING_HEARD = "No answer was heard."
SKIPPED = "The question was skipped."
FAILED = "The answer is saved, but it could not be graded. {error}"


class _Ahead(NamedTuple):
    text: str
    hints: int
    grade: Future[Grade]


class Assessment:
    """The grades of the answers to one question."""

    def __init__(self, runtime: InterviewRuntime) -> None:
        self._setup, self._streaming, self._player = runtime.setup, runtime.streaming, runtime.player
        self._ahead: _Ahead | None = None

    def grade_ahead(self, draft: AnswerDraft, paused: bool) -> None:
        """Grades the answer so far. In a pause, which may be the end, it also starts to synthesize the feedback."""
        whole = draft.transcript()
        if not whole.words:
            return

        def work() -> Grade:
            grade = self._grade(draft, whole)
            if paused and self._setup.style.feedback:
                # "Thank you" is ready; what follows it is not.
                said = judgment(draft.question, draft.asked_last(grade), acknowledged=True)
                self._player.expect(said, draft.question.glossary)
            return grade

        self._ahead = _Ahead(whole.text, draft.hints, self._streaming.background(work))

    def turn(self, draft: AnswerDraft, wait_s: float) -> Turn:
        """The graded answer; if the grader fails, it is left ungraded with the reason. Raises InterviewStopped."""
        transcript, started = draft.transcript(), self._setup.clock.now()
        nothing = ungraded(draft.question, NOTHING_HEARD, "none")
        grade = self._graded(draft, transcript) if transcript.words else nothing
        spent = round(self._setup.clock.now() - started, 3)
        return draft.turn(grade, {"grade": spent, "wait": round(wait_s, 3)})

    def next_step(self, draft: AnswerDraft) -> str | None:
        """Returns the next step for the answer so far; None if that cannot be graded."""
        try:
            steps = self._grade(draft, draft.transcript()).hints
        except MockInterviewError:
            return None
        return steps[0].nudge if steps else None

    def second_look(self, draft: AnswerDraft, turn: Turn) -> Turn:
        """Grades the turn again after the candidate disagreed: nearly sure claims of the missed points now count.

        Returns the same turn if nothing changes, or if the grader fails.
        """
        question, transcript = draft.question, draft.transcript()
        try:
            verdict = in_doubt_for_the_candidate(self._setup.grader.claim(question, transcript), turn.grade)
        except MockInterviewError:
            return turn
        again = grade(question, transcript, verdict, draft.hints, draft.clarified)
        better = len(again.points_met) > len(turn.grade.points_met)
        return draft.turn(again, turn.timings_s) if better else turn

    def skipped(self, draft: AnswerDraft) -> Turn:
        """Returns the turn of a question that was skipped."""
        return draft.restarted().turn(ungraded(draft.question, SKIPPED, "none"), {})

    def _graded(self, draft: AnswerDraft, transcript: Transcript) -> Grade:
        ahead, self._ahead = self._ahead, None
        try:
            if ahead is not None and (ahead.text, ahead.hints) == (transcript.text, draft.hints):
                return self._setup.controls.result(ahead.grade)
            return self._grade(draft, transcript)
        except MockInterviewError as error:
            return ungraded(draft.question, FAILED.format(error=error), "none")

    def _grade(self, draft: AnswerDraft, transcript: Transcript) -> Grade:
        return grade_answer(draft.question, transcript, self._setup.grader, draft.hints, draft.clarified)
