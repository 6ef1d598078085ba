"""Plans that follow claims, and claims beside the answers that bear on them."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.logic.planning.claimed import ClaimedPlan, claimed_plan, following, reason
from agent.logic.planning.plan import PlanOptions, plan
from agent.logic.profile.bearing import bears_on
from agent.logic.profile.table import NOT_TESTED, claim_rows, hard_to_square
from agent.logic.reporting.build import report
from agent.shell.cli import main
from agent.shell.report.page import render
from agent.shell.store.store import Store
from agent.values.company import ANY, Company
from agent.values.grade import Grade
from agent.values.interview_record import InterviewRecord
from agent.values.profile import ClaimKind, Profile, ProfileClaim, Source
from agent.values.rubric import Question, Rating, Seniority, Weight
from agent.values.session import Delivery, SavedTurn, Session, Turn
from agent.values.transcript import Transcript
from tests.conftest import ROOT

LINE = "Built the card fraud models of a payments company"
SIGNALS = {"data_handling", "model_selection", "optimization", "evaluation", "production"}


def claim(kind: ClaimKind, name: str, source: Source = "cv", line: str = "") -> ProfileClaim:
    return ProfileClaim(kind=kind, name=name, source=source, line=line)


PROFILE = Profile(
    claims=(
        claim("field", "fraud", line=LINE),
        claim("field", "search and ranking", "job", "our search"),
        claim("field", "robotics", line="Taught robots to walk"),
        claim("seniority", "senior"),
        claim("skill", "XGBoost"),
        claim("skill", "COBOL"),
    )
)


def planned(questions: dict[str, Question], count: int = 5, seed: int = 1, profile: Profile = PROFILE) -> ClaimedPlan:
    return claimed_plan(questions.values(), count, profile, PlanOptions(seed=seed))


# The plan


def test_every_signal_is_covered_and_claimed_fields_come_first(questions: dict[str, Question]) -> None:
    for seed in range(6):
        asked = [questions[item.question_id] for item in planned(questions, seed=seed).questions]
        assert {question.signal for question in asked} == SIGNALS
        assert {"fraud", "search and ranking"} <= {question.field for question in asked}
        assert all(question.seniority is Seniority.SENIOR for question in asked)


def test_the_same_seed_gives_the_same_plan_in_whatever_order_the_questions_come(
    questions: dict[str, Question],
) -> None:
    backwards = claimed_plan(list(questions.values())[::-1], 5, PROFILE, PlanOptions(seed=7))
    assert backwards == planned(questions, seed=7)
    assert len({planned(questions, seed=seed).questions for seed in range(6)}) > 3


def test_domain_questions_are_likeliest_and_stereotypical_ones_rarest(questions: dict[str, Question]) -> None:
    skills = Profile(claims=(claim("skill", "Python"),))
    drawn = Counter(
        questions[item.question_id].weight
        for seed in range(40)
        for item in planned(questions, seed=seed, profile=skills).questions
    )
    share = {weight: drawn[weight] / sum(q.weight is weight for q in questions.values()) for weight in Weight}
    assert share[Weight.STEREOTYPICAL] < share[Weight.STANDARD] < share[Weight.DOMAIN]


def test_each_question_says_why_it_is_asked(questions: dict[str, Question]) -> None:
    for item in planned(questions, 8).questions:
        field = questions[item.question_id].field
        said = {"fraud": f'You say that you worked in fraud: "{LINE}".', "search and ranking": "The job asks for"}
        assert item.why.startswith(said.get(field, ("Every interview covers", "You name XGBoost")))
    both = Profile(claims=(*PROFILE.claims, claim("field", "fraud", "job")))
    fraud = next(question for question in questions.values() if question.field == "fraud")
    assert reason(fraud, both, quoted=False) == "You say that you worked in fraud, and the job is about it."


def test_claims_that_no_question_touches_are_named(questions: dict[str, Question]) -> None:
    assert [item.name for item in planned(questions).unmatched] == ["robotics", "COBOL"]
    assert [item.name for item in planned(questions, 1).not_today] in (["fraud"], ["search and ranking"])


@pytest.mark.parametrize(
    ("skill", "question_id"),
    [("A/B testing", "business-ab-result"), ("A/B tests", "business-ab-result"), ("ab-test", "business-ab-result")],
)
def test_a_skill_is_found_however_it_is_written(skill: str, question_id: str, questions: dict[str, Question]) -> None:
    assert bears_on(claim("skill", skill), questions[question_id])


def test_without_claimed_fields_the_company_stays_as_it_is(questions: dict[str, Question]) -> None:
    company = Company(company="x", about="y", fields={"speech": 3})
    assert following(company, Profile(claims=(claim("skill", "SQL"),)), questions.values()) == company
    assert following(company, PROFILE, questions.values()).fields["speech"] == 3 * 0.25


def test_a_field_that_a_company_never_asks_stays_out(questions: dict[str, Question]) -> None:
    company = Company(company="x", about="y", fields={"fraud": 0})
    found = claimed_plan(questions.values(), 20, PROFILE, PlanOptions(company, seed=1))
    assert not [item for item in found.questions if questions[item.question_id].field == "fraud"]
    assert "fraud" in [item.name for item in found.not_today]


def test_the_command_prints_the_plan_and_a_plan_without_profile_is_as_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cv = tmp_path / "cv.txt"
    cv.write_text(f"{LINE}. Kafka, COBOL and Go. Much more could be said.", "utf-8")
    rubrics = ("--rubrics", str(ROOT / "rubrics" / "fraud.yaml"))
    for _ in range(2):
        assert main(["questions", "plan", "--cv", str(cv), "--count", "2", *rubrics]) == 0
    first = capsys.readouterr().out
    half = len(first) // 2
    assert first[:half] == first[half:]
    assert "You say that you worked in fraud" in first
    assert "No question names: Kafka, Go" in first
    assert main(["questions", "plan", "--count", "2", "--json", *rubrics]) == 0
    from agent.adapters.rubric_file import load_questions

    known = load_questions([ROOT / "rubrics" / "fraud.yaml"])
    drawn = [item["id"] for item in json.loads(capsys.readouterr().out)["questions"]]
    assert drawn == [question.id for question in plan(list(known.values()), 2, company=ANY, seed=0)]


# Claims beside answers


def turn(question: Question, rating: Rating | None) -> Turn:
    grade = Grade(
        question_id=question.id, signal=question.signal, rating=rating, confidence=0.9, grader="t", ungraded_reason="x"
    )
    return Turn(question_id=question.id, transcript=Transcript.from_text("Well."), grade=grade, delivery=Delivery())


def of_field(questions: dict[str, Question], field: str, number: int = 0) -> Question:
    return [question for question in questions.values() if question.field == field][number]


def test_a_very_weak_answer_in_a_claimed_field_names_the_claim(questions: dict[str, Question]) -> None:
    fraud, speech = of_field(questions, "fraud"), of_field(questions, "speech")
    rows = claim_rows(PROFILE, [turn(fraud, Rating.VERY_WEAK), turn(speech, Rating.VERY_WEAK)], questions)
    row = next(item for item in rows if item.claim.name == "fraud")
    assert row.answers == (fraud.id,)
    assert row.rating is Rating.VERY_WEAK
    assert row.says == f'This would be hard to square with "{LINE}", and would likely end the process.'
    assert hard_to_square(turn(fraud, Rating.VERY_WEAK), fraud, PROFILE) == (
        f'This would be hard to square with "{LINE}".'
    )
    assert hard_to_square(turn(speech, Rating.VERY_WEAK), speech, PROFILE) is None
    assert hard_to_square(turn(fraud, Rating.WEAK), fraud, PROFILE) is None


def test_claims_without_a_graded_answer_say_so_and_untouched_skills_are_left_out(
    questions: dict[str, Question],
) -> None:
    fraud = of_field(questions, "fraud")
    rows = claim_rows(PROFILE, [turn(fraud, None)], questions)
    assert [row.claim.name for row in rows] == ["fraud", "search and ranking", "robotics", "senior"]
    assert {row.says for row in rows} == {NOT_TESTED}


def test_several_answers_give_their_weighted_middle_and_only_first_tries_count(
    questions: dict[str, Question],
) -> None:
    one, two, three = (of_field(questions, "fraud", number) for number in range(3))
    again = turn(one, Rating.VERY_STRONG).model_copy(update={"attempt": 2})
    turns = [turn(one, Rating.WEAK), again, turn(two, Rating.WEAK), turn(three, Rating.STRONG)]
    row = claim_rows(PROFILE, turns, questions)[0]
    assert row.rating is Rating.WEAK
    assert "a hiring manager may ask what happened" in row.says


def test_a_field_in_which_one_answer_was_very_weak_is_not_borne_out_in_full(questions: dict[str, Question]) -> None:
    one, two, three = (of_field(questions, "fraud", number) for number in range(3))
    turns = [turn(one, Rating.VERY_STRONG), turn(two, Rating.VERY_WEAK), turn(three, Rating.VERY_STRONG)]
    row = claim_rows(PROFILE, turns, questions)[0]
    assert row.rating is Rating.VERY_STRONG
    assert row.says == (
        f'What you said mostly supports "{LINE}", but one answer was very weak: a hiring manager would ask about it.'
    )


def test_the_report_has_the_table_only_with_a_profile(questions: dict[str, Question]) -> None:
    at = datetime(2026, 11, 30, tzinfo=UTC)
    saved = SavedTurn(turn=turn(of_field(questions, "fraud"), Rating.VERY_WEAK), at=at)
    session = Session(id="20261130-100000-abcd", started=at, turns=(saved,))
    plain = report([session], questions)
    assert report([session], questions, records={}) == plain
    assert "hiring manager would make of it" not in render(plain)
    page = render(report([session], questions, records={session.id: InterviewRecord(profile=PROFILE)}))
    assert "What a hiring manager would make of it" in page
    # In the rows of fraud and of the senior level, on the answer, and in the meaning of the scale.
    assert page.count("hard to square with") == 4


def test_the_profile_of_a_session_is_kept_and_goes_with_it(tmp_path: Path, questions: dict[str, Question]) -> None:
    store = Store.open(tmp_path)
    session_id = store.begin()
    store.interviews.write(session_id, InterviewRecord(profile=PROFILE))
    store.save(session_id, turn(of_field(questions, "fraud"), Rating.WEAK))
    store.finish(session_id)
    assert store.interviews.of(session_id) == InterviewRecord(profile=PROFILE)
    store.delete([session_id])
    assert store.interviews.all() == {}
