"""Delivery figures come from the words and their times alone."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from agent.logic.speech.delivery import cleaned, delivery, remark
from agent.logic.speech.spacing import close_gaps
from agent.logic.speech.speakable import speakable
from agent.values.session import Delivery
from agent.values.transcript import Transcript, Word, joined
from benchmarks.delivery import aligned_turns


def said(text: str, times: list[tuple[float, float]]) -> Transcript:
    words = tuple(Word(text=t, start_s=a, end_s=b) for t, (a, b) in zip(text.split(), times, strict=True))
    return Transcript(words=words, duration_s=times[-1][1] + 1)


def test_delivery_is_counted_from_the_words() -> None:
    times = [(0.5, 0.8), (0.9, 1.2), (3.2, 3.5), (3.6, 4.0), (4.1, 4.5), (4.6, 5.0)]
    spoken = delivery(said("So, um, you know, gradient descent.", times))
    assert spoken.talk_s == 4.5
    assert spoken.words == 6
    assert spoken.fillers == 1
    assert spoken.longest_pause_s == 2.0
    assert spoken.time_to_first_word_s == 0.5
    assert spoken.words_per_minute == pytest.approx(80.0)


def test_typed_text_has_no_times() -> None:
    typed = delivery(Transcript.from_text("so you know I would measure calibration"))
    assert (typed.words, typed.fillers) == (7, 1)
    assert typed.words_per_minute is typed.longest_pause_s is typed.time_to_first_word_s is None


@pytest.mark.parametrize(
    ("text", "fillers"),
    [
        ("Um, uh, er, erm, hmm, yes.", 0),
        ("I mean it is, you know, a trade.", 2),
        ("It is, like, a tree.", 1),
        ("Trees like these, like those.", 0),
        ("This kind of model, some sort of tree.", 0),
        ("The error of her summer.", 0),
    ],
)
def test_only_filler_phrases_count(text: str, fillers: int) -> None:
    assert delivery(Transcript.from_text(text)).fillers == fillers


def test_few_or_no_words_have_no_pace() -> None:
    assert delivery(Transcript(duration_s=9.0)) == Delivery()
    one = delivery(said("Yes.", [(1.0, 1.4)]))
    assert one.words_per_minute is one.longest_pause_s is None
    assert delivery(said("a b c d e", [(1.0, 1.0)] * 5)).words_per_minute is None


def test_words_that_overlap_are_no_negative_pause() -> None:
    assert delivery(said("a b", [(0.0, 0.6), (0.5, 0.9)])).longest_pause_s == 0.0


def test_pauses_and_articulation_leave_small_gaps_out() -> None:
    times = [(0.0, 0.4), (0.5, 0.9), (1.9, 2.3), (2.35, 2.8), (4.8, 5.0)]
    spoken = delivery(said("first we look at it", times))
    assert spoken.mean_pause_s == 1.5
    assert spoken.articulation == pytest.approx(60 * 5 / 2.0)
    assert spoken.fillers_per_minute == 0.0


@pytest.mark.parametrize(
    ("text", "restarts"),
    [
        ("the the model", 1),
        ("I would I would split it", 1),
        ("we, um, we split it", 1),
        ("it is very very large and that that we know", 0),
        ("split it and split them", 0),
        ("the the the model", 2),
    ],
)
def test_words_said_again_at_once_are_restarts(text: str, restarts: int) -> None:
    assert delivery(Transcript.from_text(text)).restarts == restarts


def test_hedges_are_counted() -> None:
    text = "I guess it is biased, maybe. I\u2019m not really sure, or something like that."
    assert delivery(Transcript.from_text(text)).hedges == 4


def test_the_text_to_read_is_clean_and_keeps_every_other_word() -> None:
    assert cleaned("Um, so the the model, uh, is very very large.") == "So the model, is very very large."
    assert cleaned("No fillers here.") == "No fillers here."
    assert cleaned("Um.") == ""
    assert cleaned("So 10 ,000 inputs, um, cost 3 .5 s.") == "So 10,000 inputs, cost 3.5 s."


@pytest.mark.parametrize(
    ("transcribed", "meant"),
    [
        ("for $20 ,000. Yes", "for $20,000. Yes"),
        ("around 12 .30, maybe", "around 12.30, maybe"),
        ("1 ,250 ,000 rows", "1,250,000 rows"),
        ("10, 000 inputs", "10,000 inputs"),
        ("10 000 inputs and 1 250 500 rows", "10,000 inputs and 1,250,500 rows"),
        ("a loss of 1 ,5 or 3 .5", "a loss of 1,5 or 3.5"),
        ("95 % of them at 12 :30", "95% of them at 12:30"),
        ("a pop -up at 10 a .m. and 3 p .m.", "a pop-up at 10 a.m. and 3 p.m."),
        ("a 16 -bit float", "a 16-bit float"),
        # Two things stay two.
        ("of 5 100 were wrong", "of 5 100 were wrong"),
        ("10, 200 and 300", "10, 200 and 300"),
        ("in 2020 000 was a code", "in 2020 000 was a code"),
        ("from 3 to -5, or - if not - 7", "from 3 to -5, or - if not - 7"),
        ("It is 3. 5 are left.", "It is 3. 5 are left."),
        ("", ""),
    ],
)
def test_gaps_inside_numbers_and_words_are_closed(transcribed: str, meant: str) -> None:
    assert close_gaps(transcribed) == meant
    assert close_gaps(meant) == meant


def test_one_transcript_of_typed_parts_has_no_times() -> None:
    typed, timed = Transcript.from_text("a b"), said("c d", [(0.0, 0.4), (0.5, 0.9)])
    assert not joined([(0.0, typed)], 1.0).timed
    assert not joined([(0.0, typed), (1.0, timed)], 2.0).timed
    assert joined([(0.0, timed), (1.0, timed)], 2.0).timed
    assert joined([(0.0, Transcript(timed=False)), (1.0, timed)], 2.0).timed
    assert joined([], 0.0) == Transcript()


def test_real_turns_are_read_from_aligned_calls(tmp_path: Path) -> None:
    rows = [f"word{at}|1|{at / 2:.2f}|{at / 2 + 0.4:.2f}|" for at in range(100)]
    rows[50] = "lost|1|||"
    rows += [f"late|2|{60 + at}|{63 + at}|" for at in range(20)]
    path = tmp_path / "call.aligned.nlp.gz"
    path.write_bytes(gzip.compress("\n".join(["token|speaker|ts|endTs|punctuation", *rows]).encode()))
    turns = list(aligned_turns(path))
    assert [turn.delivery.words for turn in turns] == [50, 49]
    assert all(turn.delivery.time_to_first_word_s == 0.0 for turn in turns)


FLUENT = Delivery(
    talk_s=60.0, words=140, words_per_minute=140, articulation=160, longest_pause_s=1.0, time_to_first_word_s=1.0
)


@pytest.mark.parametrize(
    ("change", "about"),
    [
        ({}, None),
        ({"words_per_minute": 215.0}, "fast"),
        # Three real turns: who pauses between fast words is not told to pause.
        ({"words_per_minute": 156.0, "articulation": 231.0}, None),
        ({"words_per_minute": 160.0, "articulation": 240.0}, None),
        ({"words_per_minute": 177.0, "articulation": 242.0}, None),
        ({"longest_pause_s": 9.0}, "silence"),
        ({"fillers": 3, "fillers_per_minute": 3.0}, None),
        ({"fillers": 6, "fillers_per_minute": 6.0}, "you know"),
        ({"hedges": 9}, "hedged"),
        ({"words_per_minute": 70.0}, "slow"),
        ({"time_to_first_word_s": 11.0}, "to begin"),
        ({"words_per_minute": 215.0, "talk_s": 5.0}, None),
        ({"words_per_minute": 215.0, "longest_pause_s": 9.0, "fillers_per_minute": 20.0}, "fast"),
    ],
)
def test_at_most_one_thing_is_remarked_on(change: dict[str, float], about: str | None) -> None:
    said_kindly = remark(FLUENT.model_copy(update=change))
    assert (said_kindly is None) == (about is None)
    if about is not None and said_kindly is not None:
        assert about in said_kindly
        assert speakable(said_kindly) == said_kindly
