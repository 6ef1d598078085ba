"""A whole interview: its parts, its pace, no ratings before the end, and going on another day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from agent.adapters.intent_classifier import EmbeddingIntentClassifier
from agent.compose.settings import Settings
from agent.interview import whole
from agent.interview.answering import MOVE_ON_OFFER
from agent.interview.conversation import TIME_IS_UP
from agent.interview.events import (
    AgentSpeaks,
    Event,
    InterviewConcluded,
    ListeningEnded,
    QuestionAsked,
)
from agent.interview.requests import IN_THE_DEBRIEF
from agent.interview.whole import CLOSING, LEFT, UNKNOWN, WholeInterview, WholeScript
from agent.logic.grading.grading import grade
from agent.logic.planning.pacing import LEAST_S, question_count, technical_end_s, time_for
from agent.logic.reporting.notes import interview_notes
from agent.shell import notes_view
from agent.shell.cli import main, parser
from agent.shell.interruption import INTERRUPTED
from agent.shell.screen import Screen
from agent.shell.session_runner import SessionRunner
from agent.shell.store.answer_journal import AnswerJournal
from agent.shell.store.recording import RecordingMicrophone
from agent.shell.store.session_recorder import SessionRecorder
from agent.shell.store.store import Store
from agent.shell.whole_session import Begun, SaveOptions, left_last, new, run_with_debrief
from agent.values.company import Company
from agent.values.errors import InputError
from agent.values.grade import Claim, Verdict
from agent.values.interview_record import InterviewProgress, InterviewRecord, PlannedQuestion
from agent.values.profile import Profile, ProfileClaim
from agent.values.rubric import Clarification, Question, Rating
from agent.values.session import Delivery, Turn
from agent.values.transcript import Transcript
from tests.conftest import ROOT
from tests.fake_endpoint import FakeGrader
from tests.interviews import ANSWER, STOP, Ends, Script, setup_of

COMPANY = Company(
    company="A payments company",
    about="Decides on each payment.",
    facts=(
        Clarification(asks=("How big is the team?", "Who would I work with?"), fact="Nine people."),
        Clarification(asks=("Is there on-call?", "Who is on call?"), fact="One week in six."),
    ),
)
NO = "No."
RATING_WORDS = ("I would call this answer", "very weak", "very strong", "I liked", "One step up")


@pytest.fixture(scope="module")
def planned(questions: dict[str, Question]) -> list[Question]:
    """One question of each signal, and one to spare."""
    names = ("metrics", "refresh", "choose-model", "sparse-loss", "reduce-features")
    return [questions[f"recsys-{name}"] for name in names] + [questions["fraud-review-capacity"]]


def interviewed(
    script: Script,
    planned: Sequence[Question],
    grader: FakeGrader,
    progress: InterviewProgress | None = None,
    **more: object,
) -> tuple[WholeInterview, list[Event]]:
    setup = setup_of(script, grader, follow_ups=1)
    setup = replace(setup, style=setup.style.for_a_job(), profile=more.get("profile"))  # type: ignore[arg-type]
    interview = WholeInterview(
        WholeScript(planned, progress or InterviewProgress(minutes=30), COMPANY, more.get("earlier", ())),  # type: ignore[arg-type]
        setup,
    )
    return interview, list(interview.events())


def said(events: Sequence[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, AgentSpeaks)]


def asked(events: Sequence[Event]) -> list[str]:
    return [event.question.id for event in events if isinstance(event, QuestionAsked)]


def test_all_parts_come_in_their_order_and_no_rating_is_said(planned: list[Question]) -> None:
    script = Script(
        "I built a ranking system.", *[ANSWER] * 12, "How big is the team?", "Is there a gym in the office?", NO
    )
    interview, events = interviewed(script, planned, FakeGrader())
    texts = said(events)
    assert texts[0].startswith("Hello, and welcome.")
    assert "a payments company" in texts[0]
    assert texts[1] == whole.WARM_UP
    order = [texts.index(item) for item in (whole.TO_TECHNICAL, whole.YOUR_QUESTIONS, "Nine people.", UNKNOWN, CLOSING)]
    assert order == sorted(order)
    assert not [text for text in texts for word in RATING_WORDS if word in text]
    assert isinstance(events[-1], InterviewConcluded)
    assert interview.progress.stage == "done"
    assert len(interview.turns) == 6


def test_the_warm_up_is_about_the_cv_and_no_part_of_a_rating(planned: list[Question]) -> None:
    profile = Profile(claims=(ProfileClaim(kind="field", name="recommenders", line="Built the home feed."),))
    script = Script("It was fun.", STOP)
    interview, events = interviewed(script, planned, FakeGrader(), profile=profile)
    assert 'your CV says "Built the home feed"' in said(events)[1]
    question = next(event for event in events if isinstance(event, QuestionAsked))
    assert question.why == 'You say that you worked in recommenders: "Built the home feed".'
    assert interview.turns == []


def test_questions_during_the_interview_about_the_rating_are_put_off(planned: list[Question]) -> None:
    script = Script("Hello.", "Explain the rating.", ANSWER, STOP)
    _, events = interviewed(script, planned, FakeGrader())
    assert IN_THE_DEBRIEF in said(events)


def test_who_is_silent_is_offered_to_move_on_never_a_hint(planned: list[Question]) -> None:
    script = Script("Hello.", None, "Yes.", STOP)
    interview, events = interviewed(script, planned, FakeGrader())
    assert MOVE_ON_OFFER in said(events)
    assert not [text for text in said(events) if "hint" in text]
    assert [turn.grade.ungraded_reason for turn in interview.turns] == ["The question was skipped."]


def test_a_hint_that_is_asked_for_counts(planned: list[Question]) -> None:
    script = Script("Hello.", "Could I have a hint please?", ANSWER, STOP)
    interview, events = interviewed(script, planned, FakeGrader())
    assert planned[0].hints[0] in said(events)
    assert interview.turns[0].grade.hints_used == 1


def test_stopped_it_goes_on_another_day_without_asking_anything_twice(planned: list[Question]) -> None:
    interview, events = interviewed(Script("Hello.", *[ANSWER] * 4, STOP), planned, FakeGrader())
    assert LEFT in said(events)
    assert interview.progress.stage == "technical"
    first = asked(events)
    assert len(interview.turns) == 2
    progress = InterviewProgress.model_validate_json(interview.progress.model_dump_json())
    script = Script(*[ANSWER] * 8, NO)
    later, events = interviewed(script, planned, FakeGrader(), progress, earlier=tuple(interview.turns))
    assert said(events)[0].startswith("Welcome back.")
    assert asked(events) == [first[-1], *[question.id for question in planned[3:]]]
    assert later.progress.stage == "done"
    assert later.progress.used_s > progress.used_s
    assert len({turn.question_id for turn in later.turns}) == 6
    assert len(events[-1].ratings) == 5  # type: ignore[union-attr]


def test_when_time_is_up_the_interviewer_moves_on_kindly_and_every_signal_gets_its_time(
    planned: list[Question], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A candidate who would talk for ten minutes each time."""
    from tests import interviews
    from tests.conftest import frames

    monkeypatch.setattr(interviews, "frames", lambda level, seconds: frames(level, 100 * seconds if level else 1e4))
    script = Script(*[ANSWER] * 20)
    interview, events = interviewed(script, planned, FakeGrader())
    assert said(events).count(TIME_IS_UP) >= 4
    assert {turn.grade.signal for turn in interview.turns} == {question.signal for question in planned}
    assert interview.progress.used_s < 35 * 60
    longest = max(event.seconds for event in events if isinstance(event, ListeningEnded))
    assert longest < 8 * 60


class OnePoint(FakeGrader):
    """Hears the first point of each question, and nothing else."""

    def claim(self, question: Question, transcript: Transcript) -> Verdict:
        quote = " ".join(transcript.text.split()[:6])
        return Verdict(claims=(Claim(target=question.points[0].id, quote=quote),), grader="t")


def test_thin_answers_are_followed_up_and_never_twice_by_the_same_question(planned: list[Question]) -> None:
    script = Script("Hello.", ANSWER, "I can think of nothing else there.", "I have said what I know.", STOP)
    interview, _ = interviewed(script, planned, OnePoint())
    [turn, *_] = interview.turns
    assert turn.grade.rating is not None
    assert turn.grade.rating < Rating.VERY_STRONG
    assert 1 <= len(turn.probed) <= 2
    assert len(set(turn.probed)) == len(turn.probed)


class NoPoint(FakeGrader):
    """Hears nothing of use."""

    def claim(self, question: Question, transcript: Transcript) -> Verdict:
        return Verdict(claims=(), grader="t")


def test_an_answer_that_made_no_point_gets_a_second_chance(planned: list[Question]) -> None:
    script = Script("Hello.", ANSWER, "I can think of nothing else there.", STOP)
    interview, events = interviewed(script, planned, NoPoint())
    [turn, *_] = interview.turns
    assert turn.grade.rating is Rating.VERY_WEAK
    assert turn.probed == planned[0].probes[:1]
    assert f"Let me follow up on that. {planned[0].probes[0]}" in said(events)


def test_facts_come_from_the_company_and_are_never_invented(planned: list[Question]) -> None:
    script = Script("Is there on-call?", "How big is the team?", "Is there a gym in the office?", NO)
    _, events = interviewed(
        script, planned, FakeGrader(), InterviewProgress(minutes=30, stage="your_questions", used_s=1500.0)
    )
    answers = [text for text in said(events) if text in ("One week in six.", "Nine people.", UNKNOWN)]
    assert answers == ["One week in six.", "Nine people.", UNKNOWN]


def test_how_it_went_is_reported_in_the_debrief(planned: list[Question]) -> None:
    script = Script("How am I doing?", NO)
    _, events = interviewed(
        script, planned, FakeGrader(), InterviewProgress(minutes=30, stage="your_questions", used_s=1500.0)
    )
    assert whole.DEBRIEF_IS_NEXT in said(events)
    assert UNKNOWN not in said(events)


# Pace


def test_longer_interviews_ask_more(questions: dict[str, Question]) -> None:
    assert [question_count(minutes, 5) for minutes in (30, 45, 60)] == [6, 8, 10]
    assert technical_end_s(45) == 45 * 60 - 330


def test_late_in_the_interview_only_new_signals_are_begun(planned: list[Question]) -> None:
    last, spare = planned[4], planned[5]
    covered = {question.signal for question in planned[:4]}
    assert time_for(last, 10.0, [spare], covered) == LEAST_S
    assert time_for(spare, 10.0, [], {*covered, last.signal}) is None
    assert time_for(planned[0], 600.0, planned[1:], set()) == 120.0


def test_the_classifier_finds_the_facts_of_every_company_that_comes_with_us() -> None:
    from agent.adapters.company_file import load_company, names
    from agent.adapters.rubric_file import load_questions
    from agent.compose.question_bank import own_companies, own_rubrics

    intents, folder = EmbeddingIntentClassifier(), own_companies()
    question = next(iter(load_questions([own_rubrics() / "fraud.yaml"]).values()))
    for name in names(folder):
        company = load_company(name, folder)
        told = {"clarifications": company.facts, "scenario": company.about, "ask": whole.YOUR_QUESTIONS}
        found = intents.asks(question.model_copy(update=told), company.facts[0].asks[0])
        assert found is not None, name
        assert found.fact == company.facts[0].fact


def test_a_whole_interview_is_planned_over_every_signal_and_follows_the_cv(
    questions: dict[str, Question], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cv = tmp_path / "cv.txt"
    cv.write_text("Senior engineer. I built the fraud models of a bank, and worked with XGBoost.", "utf-8")
    words = ["practice", "--real", "--minutes", "60", "--cv", str(cv), "--seed", "1"]
    begun = new(parser().parse_args(words), Settings(), questions)
    planned = [questions[item.question_id] for item in begun.record.plan]
    assert len(planned) == question_count(60, 5)
    assert len({question.signal for question in planned[:5]}) == 5
    assert "fraud" in {question.field for question in planned}
    assert begun.record.progress == InterviewProgress(minutes=60)
    assert begun.record.profile is not None
    assert "Your CV claims" in capsys.readouterr().out


@pytest.mark.parametrize("more", [["--adaptive"], ["--review"], ["--question", "recsys-metrics"]])
def test_a_whole_interview_plans_itself(more: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    rubric = ["--rubrics", str(ROOT / "rubrics" / "fraud.yaml"), "--data-dir", str(tmp_path)]
    assert main(["practice", "--real", *rubric, *more]) == 2
    assert "--real plans its questions itself" in capsys.readouterr().err


# With the store


def run_in(store: Store, begun: Begun, script: Script, known: dict[str, Question]) -> int:
    journal = AnswerJournal(keeps_audio=False)
    session_id = None if begun.session is None else begun.session.id
    setup = setup_of(script, FakeGrader(), RecordingMicrophone(script, journal))
    runner = SessionRunner(Screen(quiet=True, ratings=False), known, SessionRecorder(store, journal, session_id))
    return run_with_debrief(begun, runner, setup, known, SaveOptions(store))


def test_an_interview_that_was_left_is_finished_in_the_same_session(
    planned: list[Question], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = {question.id: question for question in planned}
    plan = tuple(PlannedQuestion(question_id=question.id) for question in planned)
    begun = Begun(InterviewRecord(plan=plan, progress=InterviewProgress(minutes=30)))
    store = Store.open(tmp_path)
    with pytest.raises(InputError, match="waits to be finished"):
        left_last(store, known)
    # The program is interrupted in the middle of the second answer.
    script = Script("Hello.", ANSWER, Ends(KeyboardInterrupt(), 3.0))
    assert run_in(store, begun, script, known) == INTERRUPTED
    assert "practice --resume" in capsys.readouterr().out
    again = left_last(Store.open(tmp_path), known)
    assert again.record.progress is not None
    assert again.record.progress.stage == "technical"
    assert run_in(Store.open(tmp_path), again, Script(*[ANSWER] * 5, NO), known) == 0
    assert "Debrief: what the interviewer would write" in capsys.readouterr().out
    [session] = Store.open(tmp_path).sessions()
    assert [saved.turn.question_id for saved in session.turns if not saved.interrupted] == [q.id for q in planned]
    with pytest.raises(InputError, match="waits to be finished"):
        left_last(Store.open(tmp_path), known)


def test_the_debrief_has_evidence_the_overall_and_three_things_to_work_on(planned: list[Question]) -> None:
    turns = []
    for number, question in enumerate(planned):
        answer = Transcript.from_text(ANSWER)
        claims = tuple(Claim(target=point.id, quote=ANSWER[:40]) for point in question.points[: 2 * number])
        made = grade(question, answer, Verdict(claims=claims, grader="t"))
        turns.append(Turn(question_id=question.id, transcript=answer, grade=made, delivery=Delivery()))
    assert turns[0].grade.rating is Rating.VERY_WEAK
    profile = Profile(claims=(ProfileClaim(kind="field", name="recommenders", line="Built the home feed"),))
    notes = interview_notes(turns, {question.id: question for question in planned}, profile)
    assert notes.overall is not None
    assert {note.signal for note in notes.signals} == {question.signal for question in planned}
    assert any(note.evidence for note in notes.signals)
    assert 1 <= len(notes.work_on) <= 3
    assert notes.work_on[0].question_id == planned[0].id
    shown = "\n".join(notes_view.lines(notes))
    assert "Work on these first" in shown
    assert "recommenders (cv)" in shown
