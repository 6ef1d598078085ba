"""A grader with a fallback that grades when the first one cannot."""

from __future__ import annotations

from agent.logic.ports import Grader
from agent.values.errors import EndpointError
from agent.values.grade import Verdict
from agent.values.rubric import Question
from agent.values.transcript import Transcript


class FallbackGrader:
    """Grades with `primary`; when that fails, with `fallback`, and the verdict names it and says why."""

    def __init__(self, primary: Grader, fallback: Grader) -> None:
        self._primary = primary
        self._fallback = fallback

    def prepare(self, question: Question) -> None:
        """Prepares both, so that the first fallback does not have to load models. Raises ModelError."""
        self._primary.prepare(question)
        self._fallback.prepare(question)

    def claim(self, question: Question, transcript: Transcript) -> Verdict:
        """The claims of the primary grader, or those of the fallback with a note. Raises ModelError."""
        try:
            verdict = self._primary.claim(question, transcript)
        except EndpointError as error:
            return self._instead(question, transcript, str(error))
        # Whether the answer can be graded was decided before any grader was called: the grader itself failed.
        if verdict.ungraded_reason is not None:
            return self._instead(question, transcript, verdict.ungraded_reason)
        return verdict

    def _instead(self, question: Question, transcript: Transcript, why: str) -> Verdict:
        verdict = self._fallback.claim(question, transcript)
        note = f"{why.rstrip('.')}. The {verdict.grader} grader graded this answer instead."
        return verdict.model_copy(update={"notes": (*verdict.notes, note)})
