"""A plan that follows claims: the fields of a CV and of a job first, every signal covered, each question with its
reason.

Repeatable by its seed, whatever the order of the questions.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from agent.logic.planning.plan import PlanOptions, signal_order
from agent.logic.profile.bearing import bears_on
from agent.values.company import Company
from agent.values.interview_record import PlannedQuestion
from agent.values.profile import Profile, ProfileClaim
from agent.values.rubric import Question, in_words

ONE_SOURCE, BOTH_SOURCES, NO_SOURCE = 4.0, 8.0, 0.25
"""How many times likelier a question is if its field is named by the CV or the job, by both, or by neither."""
SKILL = 1.5
"""How many times likelier each skill that a question bears on makes it; two skills count at most."""
_QUOTED = 90


class ClaimedPlan(NamedTuple):
    """The questions, and the claims of the profile that they leave out."""

    questions: tuple[PlannedQuestion, ...]
    unmatched: tuple[ProfileClaim, ...]
    """Claims that no question bears on."""
    not_today: tuple[ProfileClaim, ...]
    """Claimed fields that have questions, none of which this plan has room for."""


def claimed_plan(questions: Iterable[Question], count: int, profile: Profile, wanted: PlanOptions) -> ClaimedPlan:
    """Up to `count` questions. Signals take turns, so that each is covered before any is asked twice.

    Within a signal, questions of the wanted seniority come first; among these, those of a claimed field that has not
    come up yet, then those of any claimed field. Equal questions are drawn at random, with domain questions likelier.
    """
    pool = sorted(questions, key=lambda question: question.id)
    company = following(wanted.company, profile, pool)
    open_to = [question for question in pool if company.pull(question) > 0]
    chosen = _chosen(open_to, count, _Preference(profile, company, wanted, open_to))
    planned = tuple(PlannedQuestion(question_id=item.id, why=reason(item, profile)) for item in chosen)
    fields = [claim for claim in profile.of("field") if any(bears_on(claim, item) for item in pool)]
    return ClaimedPlan(
        planned,
        unmatched=tuple(c for c in profile.claims if c.kind != "seniority" and not any(bears_on(c, q) for q in pool)),
        not_today=tuple(claim for claim in fields if not any(bears_on(claim, item) for item in chosen)),
    )


def following(company: Company, profile: Profile, questions: Iterable[Question]) -> Company:
    """Returns the company's profile with the claimed fields made likelier; unchanged without claimed fields."""
    cv, job = ({claim.name.casefold() for claim in profile.of("field", source)} for source in ("cv", "job"))
    if not cv | job:
        return company
    fields = {question.field: company.fields.get(question.field, 1.0) for question in questions}
    for field in fields:
        named = (field.casefold() in cv) + (field.casefold() in job)
        fields[field] *= (NO_SOURCE, ONE_SOURCE, BOTH_SOURCES)[named]
    return company.model_copy(update={"fields": {**company.fields, **fields}})


class _Preference:
    """Decides which question of a signal comes first."""

    def __init__(self, profile: Profile, company: Company, wanted: PlanOptions, questions: Sequence[Question]) -> None:
        draw = random.Random(wanted.seed)
        self.seniority = wanted.seniority or profile.seniority or company.seniority
        self.order = signal_order(sorted({question.signal for question in questions}), company, draw)
        self._claimed = {claim.name.casefold() for claim in profile.of("field")}
        skills = profile.of("skill")
        self._luck = {
            question.id: draw.random() ** (1 / (company.pull(question) * _skill_factor(question, skills)))
            for question in questions
        }

    def key(self, question: Question, asked: set[str]) -> tuple[bool, int, float]:
        """Sort key: smaller keys are asked first. `asked` holds the fields already covered."""
        other_level = self.seniority is not None and question.seniority is not self.seniority
        field = question.field.casefold()
        rank = 2 if field not in self._claimed else 1 if field in asked else 0
        return other_level, rank, -self._luck[question.id]


def _skill_factor(question: Question, skills: Sequence[ProfileClaim]) -> float:
    named = sum(bears_on(claim, question) for claim in skills)
    return float(SKILL ** min(2, named))


def _chosen(questions: Sequence[Question], count: int, preference: _Preference) -> list[Question]:
    left = {signal: [q for q in questions if q.signal == signal] for signal in preference.order}
    chosen: list[Question] = []
    while len(chosen) < count and any(left.values()):
        for signal in (name for name in preference.order if left[name]):
            if len(chosen) < count:
                asked = {question.field.casefold() for question in chosen}
                best = min(left[signal], key=lambda question: preference.key(question, asked))
                left[signal].remove(best)
                chosen.append(best)
    return chosen


def reason(question: Question, profile: Profile, *, quoted: bool = True) -> str:
    """Says in one sentence why the question is asked; `quoted` adds the CV's line, which is too long for speech."""
    fields = [claim for claim in profile.of("field") if bears_on(claim, question)]
    by_source: Mapping[str, ProfileClaim] = {claim.source: claim for claim in reversed(fields)}
    if "cv" in by_source and "job" in by_source:
        return f"You say that you worked in {question.field}, and the job is about it{_words(by_source['cv'], quoted)}."
    if "cv" in by_source:
        return f"You say that you worked in {question.field}{_words(by_source['cv'], quoted)}."
    if "job" in by_source:
        return f"The job asks for {question.field}{_words(by_source['job'], quoted)}."
    skill = next((claim for claim in profile.of("skill") if bears_on(claim, question)), None)
    if skill is not None:
        return f"{'You name' if skill.source == 'cv' else 'The job names'} {skill.name}."
    return f"Every interview covers {in_words(question.signal)}." if profile.claims else ""


def _words(claim: ProfileClaim, quoted: bool) -> str:
    line = claim.line.rstrip(".")
    if not line or not quoted:
        return ""
    return f': "{line if len(line) <= _QUOTED else line[:_QUOTED].rsplit(" ", 1)[0] + " ..."}"'
