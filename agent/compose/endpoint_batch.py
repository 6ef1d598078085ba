"""Grades the words of a batch by an LLM endpoint, in threads of one process: it alone keeps the limits and the bill."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

from agent.adapters.chat_endpoint import ChatEndpoint
from agent.adapters.llm_grader import LlmGrader
from agent.adapters.metered_post import Bill, MeteredPost, RateLimit
from agent.adapters.system_clock import SystemClock
from agent.compose.endpoint import model_address
from agent.compose.library import AnswerGrader
from agent.compose.settings import Settings
from agent.logic.ports import Grader
from agent.values.batch import BatchTask, Failure, Outcome
from agent.values.errors import EndpointError, NoReplyError
from agent.values.grade import Verdict
from agent.values.rubric import Question
from agent.values.transcript import Transcript

AT_ONCE = 4
"""Requests that an endpoint is sent at once, unless the user says otherwise."""
_OF_ONE_ANSWER = ("context", None)
"""Codes of refusals that concern one answer only."""
_WAITING = 2
"""Maximum number of waiting answers for each running request; beyond that, workers wait too."""


class EndpointLimits(NamedTuple):
    """Limits on the requests to an endpoint."""

    at_once: int = AT_ONCE
    per_minute: float | None = None
    """None for no limit."""


class EndpointStage:
    """The stage after the workers, which grades their transcripts."""

    def __init__(self, settings: Settings, questions: Mapping[str, Question], limits: EndpointLimits) -> None:
        """Raises InputError when no endpoint is configured."""
        self._limits = limits
        self._questions = questions
        self._post = MeteredPost(RateLimit(limits.per_minute, SystemClock()))
        # Nobody waits for feedback: a busy server gets all the time that there is.
        endpoint = ChatEndpoint(model_address(settings), settings.llm_timeout, self._post)
        self._grader = AnswerGrader(settings, grader=_Insisting(LlmGrader(endpoint, settings.llm_timeout)))

    @property
    def bill(self) -> Bill:
        """Requests and tokens so far."""
        return self._post.bill

    def graded(self, outcomes: Iterable[tuple[BatchTask, Outcome]]) -> Iterator[tuple[BatchTask, Outcome]]:
        """Yields each outcome with its words graded.

        While too many answers wait, takes no more from the workers. Raises EndpointError if the endpoint refuses every
        request.
        """
        waiting: deque[Future[tuple[BatchTask, Outcome]]] = deque()
        with ThreadPoolExecutor(self._limits.at_once) as threads:
            try:
                for task, outcome in outcomes:
                    if outcome.transcribed is None:
                        yield task, outcome
                    else:
                        waiting.append(threads.submit(self._one, task, outcome))
                    while waiting and (waiting[0].done() or len(waiting) > _WAITING * self._limits.at_once):
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                threads.shutdown(wait=False, cancel_futures=True)

    def _one(self, task: BatchTask, outcome: Outcome) -> tuple[BatchTask, Outcome]:
        started, update = time.monotonic(), dict[str, object]()
        try:
            update["turn"] = self._post.admitted(lambda: self._turn(task, outcome))
        except EndpointError as error:
            if not isinstance(error, NoReplyError) and error.code not in _OF_ONE_ANSWER:
                raise
            retry = isinstance(error, NoReplyError)
            update["failure"] = Failure(stage="grade", reason=str(error), retry=retry)
        timings = {**outcome.timings_s, "grade": round(time.monotonic() - started, 3)}
        return task, outcome.model_copy(update={**update, "transcribed": None, "timings_s": timings})

    def _turn(self, task: BatchTask, outcome: Outcome) -> object:
        assert outcome.transcribed is not None
        question, transcribe_s = self._questions[task.item.question_id], outcome.timings_s.get("transcribe", 0.0)
        return self._grader.transcribed(outcome.transcribed, question, task.item.hints_used, transcribe_s)


class _Insisting:
    """A grader that raises an error for a missing reply, since a failed request must not leave the answer ungraded."""

    def __init__(self, grader: Grader) -> None:
        self._grader = grader

    def prepare(self, question: Question) -> None:
        """Prepares the grader."""
        self._grader.prepare(question)

    def claim(self, question: Question, transcript: Transcript) -> Verdict:
        """The grader's verdict. Raises NoReplyError when it has none, and EndpointError."""
        verdict = self._grader.claim(question, transcript)
        if verdict.ungraded_reason is not None:
            raise NoReplyError(verdict.ungraded_reason)
        return verdict
