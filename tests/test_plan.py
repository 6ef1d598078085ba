"""A plan balances signals and fields, follows company and seniority, and is repeatable by its seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.adapters.company_file import load_company, names
from agent.adapters.spaced_repetition import due, due_dates
from agent.logic.planning.adaptive import difficulty, level_after, next_question
from agent.logic.planning.plan import PlanOptions, plan
from agent.values.company import ANY, Company
from agent.values.errors import InputError, RubricError
from agent.values.grade import Grade
from agent.values.history import PastAnswer
from agent.values.rubric import Question, Rating, Seniority
from agent.values.session import Delivery, Turn
from agent.values.transcript import Transcript

COMPANIES = Path(__file__).parent.parent / "rubrics" / "companies"
MONDAY = datetime(2026, 3, 2, 18, tzinfo=UTC)
Graded = Callable[[Question, Rating | None], Turn]


@pytest.fixture
def bank(questions: dict[str, Question]) -> list[Question]:
    return list(questions.values())


@pytest.fixture
def graded() -> Graded:
    def turn(question: Question, rating: Rating | None) -> Turn:
        grade = Grade(
            question_id=question.id, signal=question.signal, rating=rating, confidence=1.0, grader="test", points=()
        )
        return Turn(question_id=question.id, transcript=Transcript.from_text("words"), grade=grade, delivery=Delivery())

    return turn


def past(question: Question, rating: Rating, days_ago: float) -> PastAnswer:
    return PastAnswer(
        question_id=question.id, signal=question.signal, rating=rating, at=MONDAY - timedelta(days=days_ago)
    )


def test_a_plan_is_balanced_over_signals_and_repeats_with_its_seed(bank: list[Question]) -> None:
    drawn = plan(bank, 10, seed=3)
    assert set(Counter(q.signal for q in drawn).values()) == {2}
    assert len({q.id for q in drawn}) == 10
    assert drawn == plan(bank, 10, seed=3)
    assert drawn != plan(bank, 10, seed=4)


def test_a_plan_ranges_over_fields(bank: list[Question]) -> None:
    fields = [len({q.field for q in plan(bank, 5, seed=seed)}) for seed in range(40)]
    assert sum(fields) / len(fields) > 4.5


def test_heavier_questions_are_likelier(bank: list[Question]) -> None:
    first = Counter(q.weight.value for seed in range(300) for q in plan(bank, 5, seed=seed))
    there = Counter(q.weight.value for q in bank)
    share = {weight: first[weight] / there[weight] for weight in there}
    assert share["domain"] > share["standard"] > share["stereotypical"]


@pytest.mark.parametrize("seniority", list(Seniority))
def test_the_wanted_seniority_comes_first(bank: list[Question], seniority: Seniority) -> None:
    assert all(q.seniority is seniority for q in plan(bank, 10, seniority=seniority, seed=1))


def test_a_plan_longer_than_the_bank_asks_everything_once(bank: list[Question]) -> None:
    assert sorted(q.id for q in plan(bank, 10_000, seed=0)) == sorted(q.id for q in bank)


@pytest.mark.parametrize("name", names(COMPANIES))
def test_each_company_asks_more_of_what_it_says(bank: list[Question], name: str) -> None:
    company = load_company(name, COMPANIES)
    assert set(company.fields) <= {q.field for q in bank}, "a profile names a field that no question has"
    assert set(company.signals) <= {q.signal for q in bank}

    def share(of: Company) -> float:
        drawn = [q for seed in range(60) for q in plan(bank, 5, seed=seed, company=of)]
        return sum(company.fields.get(q.field, 0) > 1 for q in drawn) / len(drawn)

    assert share(company) > 1.3 * share(ANY)


def test_a_signal_weighed_zero_is_never_asked(bank: list[Question]) -> None:
    company = Company(company="x", about="y", signals={"production": 0.0})
    assert "production" not in {q.signal for q in plan(bank, 200, company=company, seed=0)}


def test_a_wrong_profile_is_reported_by_line_and_key(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("company: Mine\nabout: A trial.\nfeilds: {fraud: 2}\n")
    with pytest.raises(RubricError, match=r"mine\.yaml:3: feilds: unknown key 'feilds'; did you mean 'fields'\?"):
        load_company(str(file), COMPANIES)


def test_difficulty_follows_the_ratings(bank: list[Question], graded: Graded) -> None:
    question = bank[0]
    up = [graded(question, Rating.VERY_STRONG)] * 3
    down = [graded(question, Rating.VERY_WEAK)] * 3
    assert level_after(up, 1) == 5
    assert level_after(down, 4) == 0
    assert level_after([graded(question, None)], 2) == 2


@pytest.mark.parametrize(("rating", "harder"), [(Rating.VERY_STRONG, True), (Rating.VERY_WEAK, False)])
def test_an_adaptive_interview_moves(bank: list[Question], graded: Graded, rating: Rating, harder: bool) -> None:
    turns: list[Turn] = []
    asked: list[Question] = []
    while len(turns) < 10:
        question = next_question(bank, turns, PlanOptions(seed=5))
        assert question is not None
        asked.append(question)
        turns.append(graded(question, rating))
    assert len({q.id for q in asked}) == 10
    assert set(Counter(q.signal for q in asked).values()) == {2}
    later = [difficulty(q) for q in asked[5:]]
    assert min(later) >= 4 if harder else max(later) <= 2


def test_the_weak_signal_of_earlier_sessions_is_asked_first(bank: list[Question]) -> None:
    by_signal = {q.signal: q for q in bank}
    before = [past(q, Rating.STRONG, 3) for q in by_signal.values()]
    before += [past(by_signal["optimization"], Rating.VERY_WEAK, 2)]
    first = next_question(bank, [], past=before)
    assert first is not None
    assert first.signal == "optimization"


def test_what_is_due_comes_before_the_rest_of_its_signal(bank: list[Question]) -> None:
    senior = next(q for q in bank if difficulty(q) == 5 and q.signal == "production")
    question = next_question([q for q in bank if q.signal == "production"], [], due=[senior.id])
    assert question == senior


def test_a_bank_used_up_ends_the_interview(bank: list[Question], graded: Graded) -> None:
    assert next_question(bank[:1], [graded(bank[0], Rating.WEAK)]) is None


def test_weak_answers_come_back_sooner_than_strong_ones(bank: list[Question]) -> None:
    dates = due_dates([past(q, rating, 0) for q, rating in zip(bank, Rating, strict=False)])
    waits = [dates[q.id] - MONDAY for q in bank[:4]]
    assert waits == sorted(waits)
    assert waits[0] < waits[2] < waits[3]
    assert waits[3] > timedelta(days=3)


def test_intervals_grow_with_every_strong_review(bank: list[Question]) -> None:
    once = due_dates([past(bank[0], Rating.STRONG, 10)])[bank[0].id] - (MONDAY - timedelta(days=10))
    twice = due_dates([past(bank[0], Rating.STRONG, 10), past(bank[0], Rating.STRONG, 4)])[bank[0].id]
    assert twice - (MONDAY - timedelta(days=4)) > once


def test_the_longest_overdue_is_first(bank: list[Question]) -> None:
    answers = [past(bank[0], Rating.WEAK, 30), past(bank[1], Rating.VERY_WEAK, 60), past(bank[2], Rating.STRONG, 0)]
    assert due(answers, MONDAY) == [bank[1].id, bank[0].id]


@pytest.mark.parametrize("factor", ["-1", ".nan", ".inf", "many"])
@pytest.mark.parametrize("key", ["signals", "fields", "tags", "weights"])
def test_a_factor_that_is_no_number_from_zero_up_is_refused(tmp_path: Path, key: str, factor: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"company: Mine\nabout: Ours.\n{key}:\n  standard: {factor}\n", "utf-8")
    with pytest.raises(InputError) as error:
        load_company(str(path), COMPANIES)
    assert f"mine.yaml:4: {key}.standard: " in str(error.value)
    assert "\n" not in str(error.value)
