"""When an answer has ended, counted in frames: a minute of listening is tested in milliseconds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.logic.speech.endpointing import EndCues, EndpointingPolicy, SpeechActivity, advance, finished
from agent.logic.speech.pause_habit import PauseHabit

FRAME_S = 0.032


def ends_after(
    parts: list[tuple[str, float]], policy: EndpointingPolicy, ending: EndCues | None = None
) -> float | None:
    """Seconds at which the rule ends the answer; None when it never does."""
    state = SpeechActivity()
    for kind, seconds in parts:
        for _ in range(round(seconds / FRAME_S)):
            state = advance(state, 0.9 if kind == "speech" else 0.1, FRAME_S)
            if finished(state, policy, ending):
                return state.elapsed_s
    return None


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([("speech", 10.0), ("pause", 5.0)], 12.8),
        ([("speech", 10.0), ("pause", 2.3), ("speech", 5.0), ("pause", 5.0)], 20.1),
        ([("speech", 2.0), ("pause", 3.5), ("speech", 8.0), ("pause", 5.0)], 16.3),
        ([("pause", 15.0), ("speech", 8.0), ("pause", 5.0)], 25.8),
        ([("pause", 30.0)], 20.0),
        ([("speech", 700.0)], 600.0),
    ],
)
def test_thinking_pauses_are_waited_out(parts: list[tuple[str, float]], expected: float) -> None:
    assert ends_after(parts, EndpointingPolicy()) == pytest.approx(expected, abs=0.1)


def test_who_asked_for_patience_ends_an_answer_by_saying_so() -> None:
    pause = [("speech", 10.0), ("pause", 9.0)]
    assert ends_after(pause, EndpointingPolicy.patient()) == pytest.approx(17.0, abs=0.1)
    assert ends_after(pause, EndpointingPolicy.patient(), EndCues(end_of_turn_probability=0.99)) == pytest.approx(
        17.0, abs=0.1
    )
    said = EndCues(tail="And I would roll it back. That's my answer.")
    assert ends_after(pause, EndpointingPolicy.patient(), said) == pytest.approx(10.5, abs=0.1)


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["speech", "pause"]), st.floats(0.1, 40.0)), max_size=12))
def test_a_recording_is_never_cut_off(parts: list[tuple[str, float]]) -> None:
    assert ends_after(parts, EndpointingPolicy.endless()) is None


def test_a_cough_or_a_slammed_door_is_no_answer() -> None:
    heard = [("speech", 0.4), ("pause", 30.0)]
    assert ends_after(heard, EndpointingPolicy(), EndCues(tail="")) == pytest.approx(20.4, abs=0.1)


@pytest.mark.parametrize(
    ("tail", "waits"),
    [
        ("I would tune it.", 2.8),
        ("I think so.", 2.8),
        ("I would tune it because", 7.0),
        ("so then, um...", 7.0),
        ("precision and,", 7.0),
        ("let me think about that", 7.0),
        ("So that's my answer.", 0.5),
        ("Okay. That\u2019s my final answer", 0.5),
        ("Yeah, that's it.", 0.5),
        ("And I would watch it. I think that's all.", 0.5),
        ("That's pretty much how I would handle it", 0.5),
        ("I'm done, thank you.", 0.5),
        ("so I guess that's about it.", 0.5),
        ("I have nothing more to add.", 0.5),
        ("and that's all I can say", 0.5),
        ("that's all the data that we have", 2.8),
        ("I think that's the right metric.", 2.8),
        ("I am done with the features that we log.", 2.8),
        ("I am not sure that's my answer", 2.8),
        ("my answer is that it depends", 2.8),
    ],
)
def test_the_last_words_lengthen_or_shorten_the_wait(tail: str, waits: float) -> None:
    ended = ends_after([("speech", 10.0), ("pause", 9.0)], EndpointingPolicy(), EndCues(tail=tail))
    assert ended == pytest.approx(10.0 + waits, abs=0.1)


@pytest.mark.parametrize(("sure", "waits"), [(None, 2.8), (0.99, 0.95), (0.9, 1.1), (0.5, 2.24), (0.02, 5.0)])
def test_the_sound_of_the_voice_decides_when_the_words_do_not(sure: float | None, waits: float) -> None:
    ended = ends_after([("speech", 10.0), ("pause", 9.0)], EndpointingPolicy(), EndCues(end_of_turn_probability=sure))
    assert ended == pytest.approx(10.0 + waits, abs=0.1)


def habit(*seconds: float) -> PauseHabit:
    learned = PauseHabit()
    for pause in seconds:
        learned = learned.after(pause)
    return learned


@pytest.mark.parametrize(
    ("pauses", "waits"), [((), 0.95), ((0.63,) * 30, 0.95), ((1.5,) * 30, 1.82), ((0.35,) * 30, 0.81)]
)
def test_candidates_who_pause_for_longer_are_given_longer(pauses: tuple[float, ...], waits: float) -> None:
    ending = EndCues(end_of_turn_probability=0.99, habit=habit(*pauses))
    ended = ends_after([("speech", 10.0), ("pause", 9.0)], EndpointingPolicy(), ending)
    assert ended == pytest.approx(10.0 + waits, abs=0.05)


def test_a_silence_that_the_user_chose_is_the_same_for_everybody() -> None:
    ending = EndCues(end_of_turn_probability=0.5, habit=habit(*(2.0,) * 50))
    ended = ends_after([("speech", 10.0), ("pause", 9.0)], EndpointingPolicy.fixed(1.5), ending)
    assert ended == pytest.approx(11.5, abs=0.05)


@settings(deadline=None)
@given(st.lists(st.floats(0.0, 60.0), max_size=150))
def test_no_habit_makes_the_agent_rush_or_wait_for_ever(pauses: list[float]) -> None:
    assert 0.85 <= habit(*pauses).pause_factor <= 2.0


def test_one_long_pause_changes_little() -> None:
    assert habit(6.0).pause_factor == pytest.approx(1.23, abs=0.02)


def test_words_that_call_for_more_outweigh_a_finished_sound() -> None:
    ending = EndCues(end_of_turn_probability=0.99, tail="I would tune it because")
    assert ends_after([("speech", 10.0), ("pause", 9.0)], EndpointingPolicy(), ending) == pytest.approx(17.0, abs=0.1)


def test_a_command_is_not_waited_for() -> None:
    ending = EndCues(end_of_turn_probability=0.1, settled=True)
    assert ends_after([("speech", 1.0), ("pause", 9.0)], EndpointingPolicy(), ending) == pytest.approx(1.5, abs=0.1)


def test_last_words_never_cut_a_recording_off() -> None:
    assert (
        ends_after([("speech", 5.0), ("pause", 60.0)], EndpointingPolicy.endless(), EndCues(tail="that's my answer"))
        is None
    )


def test_a_short_answer_can_be_closed_at_once() -> None:
    ending = EndCues(tail="That is my answer.")
    assert ends_after([("speech", 2.0), ("pause", 9.0)], EndpointingPolicy(), ending) == pytest.approx(2.5, abs=0.1)
