"""Asks a language model which points an answer makes. Does not deal with ratings, or with details of the endpoint.

Whether a reply is usable, not the HTTP status, decides which form is requested from then on.
"""

from __future__ import annotations

import secrets

from agent.adapters.chat_dialect import Message, weaker
from agent.adapters.chat_endpoint import ChatEndpoint
from agent.adapters.chat_reply import Completion
from agent.adapters.deadline import Deadline
from agent.logic.grading.evidence import find_quote
from agent.logic.grading.judge_prompt import PROMPT_VERSION, judge_prompt, repair_prompt, targets
from agent.logic.grading.judge_reply import Reply, ReplyError, claims, read_reply
from agent.values.errors import NoReplyError
from agent.values.grade import Verdict
from agent.values.rubric import Question
from agent.values.transcript import Transcript

TIME_LIMIT_S = 60.0
"""Seconds for one answer in total, including negotiation, retries and the repair."""
_TOKENS_PER_TARGET, _TOKENS_FREE = 120, 1200
_TO_GRADER = "Part of the answer was addressed to the grader; that part does not count."


class LlmGrader:
    """A grader behind an endpoint."""

    def __init__(self, endpoint: ChatEndpoint, time_limit_s: float = TIME_LIMIT_S) -> None:
        self._endpoint = endpoint
        self._time_limit_s = time_limit_s

    @property
    def name(self) -> str:
        """The grader's name in verdicts."""
        return f"llm:{self._endpoint.model}"

    def prepare(self, question: Question) -> None:
        """Does nothing: a request needs an answer."""

    def claim(self, question: Question, transcript: Transcript) -> Verdict:
        """The model's claims, or why there is no usable reply. An unusable reply is repaired once, in the next weaker
        form.

        Raises EndpointError if the user must change something.
        """
        try:
            reply = self._reply(question, transcript)
        except NoReplyError as error:
            return Verdict(ungraded_reason=str(error), grader=self.name, prompt_version=PROMPT_VERSION)
        notes = (_TO_GRADER,) if reply.addressed_to_grader else ()
        return Verdict(claims=claims(reply), grader=self.name, notes=notes, prompt_version=PROMPT_VERSION)

    def _reply(self, question: Question, transcript: Transcript) -> Reply:
        prompt = judge_prompt(question, transcript, secrets.token_hex(8))
        talk: list[Message] = [{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]
        tokens = _TOKENS_FREE + _TOKENS_PER_TARGET * len(targets(question))
        deadline = Deadline(self._time_limit_s)
        first = self._finished(self._endpoint.complete(talk, prompt.schema, tokens, deadline))
        try:
            return usable(first.content, question, transcript)
        except ReplyError as error:
            talk += [
                {"role": "assistant", "content": first.content or "(empty)"},
                {"role": "user", "content": repair_prompt(str(error))},
            ]
        form = weaker(first.form)
        second = self._finished(self._endpoint.complete(talk, prompt.schema, tokens, deadline, form))
        try:
            reply = usable(second.content, question, transcript)
        except ReplyError as error:
            why = f"The model {self._endpoint.model} gave no usable reply, twice ({str(error)[:200]})"
            raise NoReplyError(why, "model") from error
        self._endpoint.prefer(second.form)
        return reply

    def _finished(self, completion: Completion) -> Completion:
        """A reply that the model finished. Raises NoReplyError if the model declined or was cut off."""
        model = self._endpoint.model
        if completion.refusal or completion.finish == "content_filter":
            why = (completion.refusal or "content filter")[:200]
            raise NoReplyError(f"The model {model} refused to judge this answer ({why})", "model")
        if completion.finish == "length":
            why = "even with twice the tokens; it may think at length, or its context may be too small"
            raise NoReplyError(f"The reply of the model {model} was cut short, {why}", "model")
        return completion


def usable(text: str, question: Question, transcript: Transcript) -> Reply:
    """The reply inside `text`. Raises ReplyError if it breaks the schema,
    or if most of its quotes were never spoken.
    """
    reply = read_reply(text, question)
    made = claims(reply)
    # Invented quotes are not evidence, so an answer for which the model only invents quotes would be rated very weak.
    invented = [claim.quote for claim in made if find_quote(claim.quote, transcript) is None]
    if 2 * len(invented) > len(made):
        raise ReplyError(
            f"{len(invented)} of {len(made)} quotes are not in the transcript, such as {invented[0][:80]!r}"
        )
    return reply
