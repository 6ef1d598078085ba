"""Decides which questions a session asks: by name, drawn, adaptive, or due for review."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
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


class Wishes(NamedTuple):
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

    def __init__(self, wishes: Wishes, settings: Settings, known: Mapping[str, Question]) -> None:
        """Raises InputError for an unknown name, or if there is nothing left to ask."""
        self._wishes, self._settings, self._known = wishes, settings, known
        self._claimed: ClaimedPlan | None = None
        _refuse_unknown("signal", wishes.signals, {question.signal for question in known.values()})
        _refuse_unknown("field", wishes.fields, {question.field for question in known.values()})
        company = question_bank.company(settings)
        self.company = company if wishes.profile is None else following(company, wishes.profile, known.values())
        self._pool = [question for question in known.values() if self._fits(question)]
        if not wishes.questions and not self._pool:
            raise InputError("no question has both that signal and that field; leave one of them out")
        if not wishes.questions and not any(self.company.pull(question) > 0 for question in self._pool):
            raise InputError(
                f"the company '{self.company.company}' asks none of these questions; "
                "choose another company, signal or field"
            )

    def _fits(self, question: Question) -> bool:
        wishes = self._wishes
        return (not wishes.signals or question.signal in wishes.signals) and (
            not wishes.fields or question.field in wishes.fields
        )

    def idle_names(self) -> list[str]:
        """Names in the user's own company profile that no question has.

        The profiles that come with the program may not match the user's own rubrics, and that is fine.
        """
        own = (self._settings.company or "").endswith((".yaml", ".yml"))
        return self.company.idle(self._known.values()) if own else []

    def nothing_due(self, past: Sequence[PastAnswer]) -> str | None:
        """A message if a review was requested and nothing is due; None if there is something to ask."""
        if not self._wishes.review or self._wishes.questions or self._due(past):
            return None
        from agent.adapters.spaced_repetition import due_dates

        dates = [(date, name) for name, date in due_dates(past).items() if name in self._known]
        if not dates:
            return "Nothing is due: no graded answers are saved yet. Start with 'mock-interview practice'"
        date, name = min(dates)
        return f"Nothing is due. The next is {name}, on {date.astimezone():%A %d %B %Y at %H:%M}"

    def chooser(self, past: Sequence[PastAnswer]) -> tuple[Choose, int]:
        """A function that chooses the next question, and the maximum number of questions. Raises InputError."""
        wishes, most = self._wishes, self._settings.count
        if wishes.questions:
            named = question_bank.asked(self._known, wishes.questions)
            return in_order(named), len(named)
        if wishes.review and not wishes.adaptive:
            return self._reviewed(past)
        if wishes.adaptive:
            return self._adaptive(past), min(most, len(self._pool))
        drawn = self.drawn()
        return in_order(drawn), len(drawn)

    def drawn(self) -> list[Question]:
        """The questions of an interview that neither adapts nor reviews."""
        most, seniority, seed = self._settings.count, self._settings.seniority, self._wishes.seed
        found = self.claimed()
        if found is not None:
            return [self._known[item.question_id] for item in found.questions]
        return plan(self._pool, most, seniority=seniority, company=self.company, seed=seed)

    def claimed(self) -> ClaimedPlan | None:
        """Returns the plan with its reasons, and the claims that it leaves out; None without a profile."""
        if self._wishes.profile is None:
            return None
        if self._claimed is None:
            # The company as it is: the planner itself makes it follow the profile.
            wanted = PlanOptions(question_bank.company(self._settings), self._settings.seniority, self._wishes.seed)
            self._claimed = claimed_plan(self._pool, self._settings.count, self._wishes.profile, wanted)
        return self._claimed

    def _adaptive(self, past: Sequence[PastAnswer]) -> Choose:
        seed = self._wishes.seed if self._wishes.seed is not None else secrets.randbits(32)
        due, profile = self._due(past), self._wishes.profile
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
        from agent.adapters.spaced_repetition import due

        return [name for name in due(past, datetime.now().astimezone()) if name in self._known]


def _refuse_unknown(what: str, names: Sequence[str], known: set[str]) -> None:
    for name in names:
        if name not in known:
            fix = did_you_mean(name, known) or f"use one of: {', '.join(sorted(known))}"
            raise InputError(f"no {what} '{name}'; {fix}")
