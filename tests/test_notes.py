"""The debrief of a whole interview says each thing once."""

from __future__ import annotations

import re

import pytest

from agent.logic.grading.grading import grade, ungraded
from agent.logic.grading.overall import MEANING
from agent.logic.reporting.build import report
from agent.logic.reporting.notes import InterviewNotes, interview_notes
from agent.shell import notes_view
from agent.shell.report.page import render
from agent.values.grade import Claim, Verdict
from agent.values.interview_record import InterviewProgress, InterviewRecord
from agent.values.profile import Profile, ProfileClaim
from agent.values.rubric import Question
from agent.values.session import Delivery, Turn
from agent.values.transcript import Transcript
from tests.test_take_away import session

WORDS = "I would watch the precision on fresh purchases every week and retrain when it falls."
BUILT = "Built the home feed with two towers"
PROFILE = Profile(
    claims=(
        ProfileClaim(kind="field", name="recommenders", line=BUILT),
        ProfileClaim(kind="skill", name="NDCG", line=BUILT),
        ProfileClaim(kind="seniority", name="senior", line="Senior engineer"),
    )
)


def answered(question: Question, made: int, wrong: bool = False, words: str = WORDS) -> Turn:
    transcript = Transcript.from_text(words)
    names = [point.id for point in question.points[:made]]
    names += [question.misconceptions[0].id] if wrong else []
    claims = tuple(Claim(target=name, quote=words[:40]) for name in names)
    found = grade(question, transcript, Verdict(claims=claims, grader="t"))
    return Turn(question_id=question.id, transcript=transcript, grade=found, delivery=Delivery())


@pytest.fixture(scope="module")
def turns(questions: dict[str, Question]) -> list[Turn]:
    """One wrong statement, two thin answers, and one to another question of the same signal."""
    return [
        answered(questions["recsys-refresh"], 0, wrong=True),
        answered(questions["recsys-metrics"], 1),
        answered(questions["recsys-choose-model"], 1),
        answered(questions["recsys-sparse-loss"], 2),
    ]


@pytest.fixture(scope="module")
def notes(turns: list[Turn], questions: dict[str, Question]) -> InterviewNotes:
    return interview_notes(turns, questions, PROFILE)


def test_what_is_to_be_worked_on_first_is_not_said_again_by_signal(notes: InterviewNotes) -> None:
    assert len(notes.work_on) == 3
    first = [item.title for item in notes.work_on]
    assert len(set(first)) == 3
    for note in notes.signals:
        assert not {*note.missing, *(f'"{item.quote}"' for item in note.wrong)} & set(first)
    assert sorted(number for note in notes.signals for number in note.above) == [1, 2, 3]


def test_a_quote_has_no_gaps_where_the_recognizer_left_some(questions: dict[str, Question]) -> None:
    turn = answered(questions["recsys-metrics"], 1, words="An off -policy estimate and 1 ,000 rows, I think.")
    notes = interview_notes([turn], questions, PROFILE)
    assert [item.quote for note in notes.signals for item in note.evidence] == [
        "An off-policy estimate and 1,000 rows,"
    ]


def test_the_terminal_says_nothing_twice(notes: InterviewNotes) -> None:
    shown = " ".join(" ".join(notes_view.lines(notes)).split())
    for text in (*MEANING.values(), *(item.why for item in notes.work_on)):
        assert shown.count(text) <= 1, text
    assert "see 1 above" in shown
    assert shown.count(BUILT) == 1
    assert "recommenders, NDCG (cv)" in shown


def test_the_page_says_nothing_twice(turns: list[Turn], questions: dict[str, Question]) -> None:
    interview = session(1, *turns)
    record = InterviewRecord(profile=PROFILE, progress=InterviewProgress(minutes=30, stage="done", used_s=1700.0))
    page = render(report([interview], questions, records={interview.id: record}))
    debrief = re.search(r'<section class="debrief".*?</section>', page, re.DOTALL)
    assert debrief is not None
    for meaning in MEANING.values():
        assert len(re.findall(re.escape(meaning), debrief[0], re.IGNORECASE)) <= 1
    assert "See 1 above." in debrief[0]


def test_claims_that_say_different_things_stay_apart(notes: InterviewNotes) -> None:
    groups = notes_view.alike(notes.claims)
    assert [len(group) for group in groups] == [len(notes.claims) - len(groups) + 1, *[1] * (len(groups) - 1)]
    assert [row for group in groups for row in group] == list(notes.claims)


def test_the_debrief_says_what_it_rests_on_when_questions_were_skipped(
    turns: list[Turn], questions: dict[str, Question]
) -> None:
    skipped = questions["recsys-reduce-features"]
    none = Turn(
        question_id=skipped.id,
        transcript=Transcript(),
        grade=ungraded(skipped, "The question was skipped.", "none"),
        delivery=Delivery(),
    )
    notes = interview_notes([*turns, none], questions, PROFILE)
    assert notes.basis == (
        "This rests on 4 of 5 questions; the others have no rated answer. Nothing was heard on data handling."
    )
    assert notes.basis in " ".join(" ".join(notes_view.lines(notes)).split())
    assert interview_notes(turns, questions, PROFILE).basis == ""
    assert interview_notes([none], questions, PROFILE).meaning == "no answer could be graded"


def test_one_answer_alone_gives_three_things_to_work_on(questions: dict[str, Question]) -> None:
    notes = interview_notes([answered(questions["recsys-metrics"], 1, wrong=True)], questions, PROFILE)
    assert len(notes.work_on) == 3
    assert notes.work_on[0].title.startswith('"')
