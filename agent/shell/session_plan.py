"""Decides which questions a session asks: by name, drawn, adaptive, or due for review."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from agent.compose import question_bank
from agent.compose.settings import Settings
from agent.interview.interview import in_order
from agent.logic.planning.adaptive import next_question
from agent.logic.planning.claimed import ClaimedPlan, claimed_plan, following
from agent.logic.planning.plan import PlanOptions, plan
from agent.logic.spelling import did_you_mean
from agent.values.errors import InputError
from agent.values.history import PastAnswer
from agent.values.profile import Profile
from agent.values.rubric import Question

if TYPE_CHECKING:
    from agent.interview.setup import Choose


class SessionRequest(NamedTuple):
    """What the candidate asked for in this session."""

    questions: Sequence[str] = ()
    """Ids; if there are any, nothing else counts."""
    signals: Sequence[str] = ()
    fields: Sequence[str] = ()
    adaptive: bool = False
    review: bool = False
    seed: int | None = None
    profile: Profile | None = None

    @property
    def follows_claims(self) -> bool:
        """Whether questions come from the profile's claims (not --question, --adaptive or --review)."""
        return self.profile is not None and not (self.questions or self.adaptive or self.review)


class SessionPlan:
    """The choice of questions for one session."""

    def __init__(self, request: SessionRequest, settings: Settings, known: Mapping[str, Question]) -> None:
        """Raises InputError for an unknown name, or if there is nothing left to ask."""
        self._request, self._settings, self._questions = request, settings, known
        self._claimed: ClaimedPlan | None = None
        _refuse_unknown("signal", request.signals, {question.signal for question in known.values()})
        _refuse_unknown("field", request.fields, {question.field for question in known.values()})
        company = question_bank.company(settings)
        self.company = company if request.profile is None else following(company, request.profile, known.values())
        self._pool = [question for question in known.values() if self._fits(question)]
        if not request.questions and not self._pool:
            raise InputError("no question has both that signal and that field; leave one of them out")
        if not request.questions and not any(self.company.pull(question) > 0 for question in self._pool):
            raise InputError(
                f"the company '{self.company.company}' asks none of these questions; "
                "choose another company, signal or field"
            )

    def _fits(self, question: Question) -> bool:
        request = self._request
        return (not request.signals or question.signal in request.signals) and (
            not request.fields or question.field in request.fields
        )

    def idle_names(self) -> list[str]:
        """Names in the user's own company profile that no question has.

        The profiles that come with the program may not match the user's own rubrics, and that is fine.
        """
        own = (self._settings.company or "").endswith((".yaml", ".yml"))
        return self.company.idle(self._questions.values()) if own else []

    def nothing_due(self, past: Sequence[PastAnswer]) -> str | None:
        """A message if a review was requested and nothing is due; None if there is something to ask."""
        if not self._request.review or self._request.questions or self._due(past):
            return None
        from agent.compose.review import due_dates

        dates = [(date, name) for name, date in due_dates(past).items() if name in self._questions]
        if not dates:
            return "Nothing is due: no graded answers are saved yet. Start with 'mock-interview practice'"
        date, name = min(dates)
        return f"Nothing is due. The next is {name}, on {date.astimezone():%A %d %B %Y at %H:%M}"

    def chooser(self, past: Sequence[PastAnswer]) -> tuple[Choose, int]:
        """A function that chooses the next question, and the maximum number of questions. Raises InputError."""
        request, most = self._request, self._settings.count
        if request.questions:
            named = question_bank.asked(self._questions, request.questions)
            return in_order(named), len(named)
        if request.review and not request.adaptive:
            return self._reviewed(past)
        if request.adaptive:
            return self._adaptive(past), min(most, len(self._pool))
        drawn = self.drawn()
        return in_order(drawn), len(drawn)

    def drawn(self) -> list[Question]:
        """The questions of an interview that neither adapts nor reviews."""
        most, seniority, seed = self._settings.count, self._settings.seniority, self._request.seed
        found = self.claimed()
        if found is not None:
            return [self._questions[item.question_id] for item in found.questions]
        return plan(self._pool, most, seniority=seniority, company=self.company, seed=seed)

    def claimed(self) -> ClaimedPlan | None:
        """Returns the plan with its reasons, and the claims that it leaves out; None without a profile."""
        if self._request.profile is None:
            return None
        if self._claimed is None:
            # The company as it is: the planner itself makes it follow the profile.
            wanted = PlanOptions(question_bank.company(self._settings), self._settings.seniority, self._request.seed)
            self._claimed = claimed_plan(self._pool, self._settings.count, self._request.profile, wanted)
        return self._claimed

    def _adaptive(self, past: Sequence[PastAnswer]) -> Choose:
        seed = self._request.seed if self._request.seed is not None else secrets.randbits(32)
        due, profile = self._due(past), self._request.profile
        seniority = self._settings.seniority or (profile.seniority if profile is not None else None)
        wanted = PlanOptions(self.company, seniority, seed)
        return lambda turns: next_question(self._pool, turns, wanted, past=past, due=due)

    def _reviewed(self, past: Sequence[PastAnswer]) -> tuple[Choose, int]:
        by_id = {question.id: question for question in self._pool}
        asked = [by_id[name] for name in self._due(past) if name in by_id][: self._settings.count]
        if not asked:
            raise InputError("nothing is due for these signals and fields; leave out --signal and --field")
        return in_order(asked), len(asked)

    def _due(self, past: Sequence[PastAnswer]) -> list[str]:
        from agent.compose.review import due

        return [name for name in due(past) if name in self._questions]


def _refuse_unknown(what: str, names: Sequence[str], known: set[str]) -> None:
    for name in names:
        if name not in known:
            fix = did_you_mean(name, known) or f"use one of: {', '.join(sorted(known))}"
            raise InputError(f"no {what} '{name}'; {fix}")
