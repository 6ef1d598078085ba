"""What follows what in an interview: commands, follow-ups, hints. Sound and transcripts are scripted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.adapters.embedded_grader import EmbeddedGrader
from agent.interview.answering import OFFER
from agent.interview.assessment import SKIPPED
from agent.interview.events import (
    AnswerCompleted,
    AnswerDrafted,
    QuestionAsked,
    from_json,
)
from agent.interview.interview import Interview, in_order
from agent.values.dialogue import Intent
from agent.values.profile import Profile, ProfileClaim
from agent.values.rubric import Question
from tests.interviews import (
    ADDED,
    ANSWER,
    BACK,
    SKIP,
    STOP,
    Late,
    Script,
    names,
    run,
    said,
    setup_of,
)


def test_silence_after_a_follow_up_ends_the_answer(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    steps = run(Script(ANSWER, None, None), embedded, asked[:1], follow_ups=1)
    [turn] = [step.turn for step in steps if isinstance(step, AnswerCompleted)]
    assert len(turn.probed) == 1
    assert turn.probed[0] in said(steps)


@pytest.mark.parametrize(
    ("reply", "follow_ups"),
    [
        ("I can't think of more there.", 1),
        ("I'd say that covers it.", 1),
        ("We ask a few of the customers by telephone what they thought of it.", 2),
    ],
)
def test_who_has_no_more_to_say_is_not_asked_on(
    embedded: EmbeddedGrader, asked: list[Question], reply: str, follow_ups: int
) -> None:
    steps = run(Script(ANSWER, reply, None), embedded, asked[:1], follow_ups=2)
    [turn] = [step.turn for step in steps if isinstance(step, AnswerCompleted)]
    assert len(turn.probed) == follow_ups


def test_a_skipped_question_can_be_gone_back_to(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    steps = run(Script(SKIP, BACK, ANSWER, None, ANSWER, None), embedded, asked[:2])
    assert names(steps) == ["refresh", "metrics", "refresh", "metrics"]
    first, second, _ = (step.turn.grade for step in steps if isinstance(step, AnswerCompleted))
    assert first.ungraded_reason == SKIPPED
    assert second.rating is not None


def test_going_back_from_the_first_question_asks_it_once_more(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    steps = run(Script(BACK, ANSWER, None, ANSWER, None), embedded, asked[:2])
    assert names(steps) == ["refresh", "refresh", "metrics"]


def test_going_back_twice_leads_two_questions_back(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    script = Script(ANSWER, None, ANSWER, None, BACK, BACK, ANSWER, None, ANSWER, None)
    assert names(run(script, embedded, asked)) == [
        "refresh",
        "metrics",
        "choose-model",
        "metrics",
        "refresh",
        "choose-model",
    ]


def test_going_back_after_an_answer_needs_to_be_said_once(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    script = Script(ANSWER, None, ANSWER, BACK, ANSWER, None)
    assert names(run(script, embedded, asked[:2])) == ["refresh", "metrics", "refresh"]


@pytest.mark.parametrize(("command", "turns"), [(SKIP, 1), (STOP, 0)])
def test_who_only_asked_something_has_not_answered(
    embedded: EmbeddedGrader, asked: list[Question], command: str, turns: int
) -> None:
    steps = run(Script("How many users are there?", command), embedded, asked[:1])
    answers = [step.turn.grade for step in steps if isinstance(step, AnswerCompleted)]
    assert [grade.ungraded_reason for grade in answers] == [SKIPPED] * turns
    assert not any(isinstance(step, AnswerDrafted) for step in steps)


def test_a_pause_may_last_and_ends_with_any_command(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    script = Script("Pause.", Late("Resume.", 900.0), ANSWER, None)
    assert "Welcome back" in said(run(script, embedded, asked[:1]))
    steps = run(Script("Pause.", STOP), embedded, asked)
    assert names(steps) == ["refresh"]
    assert "let's stop here" in said(steps)


def test_who_does_not_know_is_offered_a_hint(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    steps = run(Script("I don't know.", "Yes please.", ANSWER, None), embedded, asked[:1])
    assert OFFER in said(steps)
    assert asked[0].hints[0] in said(steps)
    [turn] = [step.turn for step in steps if isinstance(step, AnswerCompleted)]
    assert (turn.transcript.text, turn.grade.hints_used) == (ANSWER, 1)
    steps = run(Script("I don't know.", None), embedded, asked[:1])
    [turn] = [step.turn for step in steps if isinstance(step, AnswerCompleted)]
    assert turn.transcript.text == "I don't know."


def test_a_pressed_key_is_a_command(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    script = Script(None, ANSWER, None)
    setup = setup_of(script, embedded)
    setup.controls.press(Intent.HINT)
    steps = list(Interview(in_order(asked), 1, setup).events())
    assert asked[0].hints[0] in said(steps)


def test_every_event_can_be_written_as_json_and_read_back(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    steps = run(Script("Is that about clicks or purchases?", ANSWER, ADDED, None), embedded, asked[:1])
    assert len({step.kind for step in steps}) >= 11
    assert [from_json(step.model_dump_json()) for step in steps] == steps


def test_a_question_says_why_it_is_asked_of_this_candidate(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    profile = Profile(claims=(ProfileClaim(kind="field", name="recommenders", line="Built the home feed."),))
    setup = replace(setup_of(Script(ANSWER, None), embedded), profile=profile)
    events = list(Interview(in_order(asked[:1]), 1, setup).events())
    [announced] = [event for event in events if isinstance(event, QuestionAsked)]
    assert announced.why == 'You say that you worked in recommenders: "Built the home feed".'
