"""What `questions check` says of a rubric: for every rule one question that trips it and one that does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.adapters.rubric_file import load_file, rubric_files
from agent.adapters.text_model import SentenceEncoder
from agent.logic.rubrics.check import Finding
from agent.logic.rubrics.likeness import Vectors, compared, likeness_warnings, nearest_pair
from agent.logic.rubrics.needs import need_warnings
from agent.logic.rubrics.texts import text_warnings
from agent.logic.rubrics.warnings import warnings
from agent.shell.cli import main
from agent.shell.commands.questions import TEMPLATE
from agent.values.errors import RubricError
from agent.values.rubric import Question

SOUND = load_file(TEMPLATE).questions[0]
"""The question of the template, without a warning: cause, change, reason (implies the change), and two practices."""
STRONG = [{"points": ["under-extracted"]}, {"points": ["grind-finer"]}]
VERY_STRONG = [*STRONG, {"kind": ["reason", "practice"]}]


def question(**changes: Any) -> Question:
    """The template's question with other values for some keys."""
    return Question.model_validate({**SOUND.model_dump(), **changes})


def with_point(index: int, **changes: Any) -> Question:
    points = [point.model_dump() for point in SOUND.points]
    points[index] |= changes
    return question(points=points)


def with_misconception(**changes: Any) -> Question:
    return question(misconceptions=[{**SOUND.misconceptions[0].model_dump(), **changes}])


def with_hints(**changes: str) -> Question:
    return question(hints=[changes.get(f"hint{number}", text) for number, text in enumerate(SOUND.hints, 1)])


def with_needs(**changes: Any) -> Question:
    needs = {"weak": [{"at_least": 1}], "strong": STRONG, "very_strong": VERY_STRONG, **changes}
    return question(needs=needs)


def said(findings: Iterator[Finding]) -> str:
    return "\n".join(f"{'.'.join(map(str, where))}: {says}" for where, says in findings)


def test_the_template_has_no_warnings() -> None:
    assert list(warnings(load_file(TEMPLATE))) == []


@pytest.mark.parametrize(
    ("needs", "expected"),
    [
        ({"weak": [{"kind": ["cause", "change"]}]}, "needs.weak: an answer that makes only 'one-at-a-time' or 'check-"),
        ({"weak": [{"at_least": 2}]}, "makes only 'under-extracted', 'grind-finer', 'one-at-a-time' or 'check-again'"),
        (
            {"strong": [{"kind": "practice", "at_least": 2}]},
            "needs.strong: points of kind 'practice' alone reach strong",
        ),
        ({"strong": [{"kind": ["change", "practice"]}]}, "an answer that makes only 'one-at-a-time' is strong"),
        (
            {"strong": [{"kind": "change"}, {"kind": ["reason", "practice"]}]},
            "needs.strong: an answer that makes only 'finer-how' is strong",
        ),
        ({"strong": [{"at_least": 2}]}, "needs.strong: 10 of the 10 answers with 2 points are strong"),
        ({"strong": [{"kind": "cause"}, {"kind": "change"}]}, "needs.strong.0: without 'under-extracted' no answer is"),
        (
            {"very_strong": [*STRONG, {"kind": "reason"}]},
            "needs.very_strong.2: without 'finer-how' no answer is very s",
        ),
        (
            {"very_strong": [*STRONG, {"kind": "practice", "at_least": 2}]},
            "without 'one-at-a-time' or 'check-again' no answer is very strong",
        ),
        (
            {"very_strong": [*STRONG, {"points": ["one-at-a-time", "check-again"], "at_least": 2}]},
            "needs.very_strong: needs more than 3 of the 5 points",
        ),
        (
            {"very_strong": [{"points": ["under-extracted"]}, {"kind": "practice"}]},
            "needs.very_strong: an answer without 'grind-finer' can be very strong",
        ),
    ],
)
def test_doubtful_needs_are_found(needs: Mapping[str, Any], expected: str) -> None:
    assert expected in said(need_warnings(with_needs(**needs)))


@pytest.mark.parametrize(
    "needs",
    [
        {},
        {"weak": [{"kind": ["cause", "change", "practice"]}]},
        {"strong": [{"kind": ["cause", "change"]}, {"kind": "practice"}]},
        {"strong": [{"points": ["under-extracted", "finer-how"]}]},
        {"very_strong": [*STRONG, {"points": ["finer-how"]}]},
        {"very_strong": [*STRONG, {"kind": ["reason", "change", "cause"], "at_least": 2}]},
        {"very_strong": [{"points": ["under-extracted"]}, {"points": ["grind-finer"]}, {"kind": "practice"}]},
    ],
)
def test_sound_needs_are_left_alone(needs: Mapping[str, Any]) -> None:
    assert said(need_warnings(with_needs(**needs))) == ""


def test_basic_points_never_make_an_answer_strong_even_when_they_are_named() -> None:
    points = [point.model_dump() for point in SOUND.points]
    for index in (3, 4):
        points[index]["kind"] = "basic"
    strong = [{"points": ["grind-finer", "check-again"]}, {"points": ["finer-how", "one-at-a-time"]}]
    needs = {"weak": [{"at_least": 1}], "strong": strong, "very_strong": [*strong, *STRONG]}
    assert "points of kind 'basic' alone reach strong" in said(need_warnings(question(points=points, needs=needs)))
    for index in (3, 4):
        points[index]["kind"] = "practice"
    assert said(need_warnings(question(points=points, needs=needs))) == ""


LONG = (
    "When you open the bar in the morning and the very first shot of the day already tastes sour and runs far too "
    "fast, what would you do about it?"
)
TWO = (
    "You open the bar in the morning and the first shot of the day tastes sour and runs far too fast. "
    "What would you do about it?"
)


@pytest.mark.parametrize(
    ("doubtful", "expected"),
    [
        (with_point(0, title=None), "points.0: 'under-extracted' has no title"),
        (with_point(0, title="the real cause of the sour taste"), "points.0.title: 7 words; shorten it to 5"),
        (with_point(0, title="sour is not bitter"), "points.0.title: is a sentence"),
        (with_point(1, exemplars=SOUND.points[1].exemplars[:7]), "points.1.exemplars: too few ways of saying it: 7"),
        (with_point(1, counter=SOUND.points[1].counter[:2]), "points.1.counter: too few near misses: 2 of 3; add 1"),
        (with_misconception(counter=["that is right"]), "misconceptions.0.counter: too few right statements"),
        (with_misconception(exemplars=SOUND.misconceptions[0].exemplars[:2]), "misconceptions.0.exemplars: too few"),
        (with_point(0, nudge="Is the shot under extracted because the water passes too fast?"), "points.0.nudge: says"),
        (with_point(0, why="The shot is under extracted, as water passed too fast."), "points.0.why: says most of"),
        (with_hints(hint1="Could a finer grind help?"), "hints.0: says most of 'grind-finer'"),
        (with_hints(hint2="Would you change one thing at a time?"), "hints.1: says most of 'one-at-a-time'"),
        (with_hints(hint3="Say you grind finer. What else would you do?"), "hints.2: says most of 'grind-finer'"),
        (with_hints(hint3="To slow the water down you would make the grind..."), "hints.2: trails off"),
        (with_hints(hint3="To slow the water down you would make the grind…"), "hints.2: trails off"),
        (with_hints(hint3="Think of the grinder"), "hints.2: does not end with a full stop"),
        (with_hints(hint3="and which way would you turn it?"), "hints.2: begins in the middle of a sentence"),
        (with_hints(hint1="Good, go on. What else?"), 'hints.0: begins with "Good, go on."'),
        (with_hints(hint1="Take your time. What does it taste of?"), 'hints.0: begins with "Take your time."'),
        (with_hints(hint2="Keep going, what about the flow?"), 'hints.1: begins with "Keep going, what"'),
        (with_hints(hint2="Fine so far. What about the flow?"), 'hints.1: begins with "Fine so far."'),
        (question(scenario=LONG), "scenario: the sentence \"When you open the bar in ...\" has 30 words"),
        (question(ask=LONG), "ask: the sentence"),
        (question(rephrase=LONG), "rephrase: the sentence"),
        (question(probes=[LONG]), "probes.0: the sentence"),
        (question(clarifications=[{"asks": ["how", "why"], "fact": LONG}]), "clarifications.0.fact: the sentence"),
        (with_point(2, nudge=LONG), "points.2.nudge: the sentence"),
        (with_point(2, why=LONG), "points.2.why: the sentence"),
        (with_misconception(truth=LONG), "misconceptions.0.truth: the sentence"),
        (with_hints(hint2=LONG), "hints.1: the sentence"),
        (with_point(3, says=SOUND.points[4].says), "points.4: 'check-again' overlaps with 'one-at-a-time'"),
        (with_point(3, exemplars=SOUND.points[4].exemplars), "points.4: 'check-again' overlaps with 'one-at-a-time'"),
    ],
)  # fmt: skip
def test_doubtful_texts_are_found(doubtful: Question, expected: str) -> None:
    assert expected in said(text_warnings(doubtful))


@pytest.mark.parametrize(
    "sound",
    [
        SOUND,
        with_point(0, title="cause"),
        question(scenario=TWO, ask=TWO, rephrase=TWO, probes=[TWO]),
        with_point(0, nudge="Does the water pass too quickly here?"),
        with_hints(hint1="Goodness knows what it is. Which setting matters most?"),
        with_hints(hint1="Good coffee needs time. How long did this shot take?"),
        with_hints(hint2="Fine powder or coarse powder: what changes for the water?"),
        with_hints(hint3='A guest says: "This is sour."'),
        with_hints(hint3="Say the water passes too quickly. What would slow it down, and how would you know?"),
        question(answers={**SOUND.answers.model_dump(), "strong": LONG}),
    ],
)
def test_sound_texts_are_left_alone(sound: Question) -> None:
    assert said(text_warnings(sound)) == ""


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder()


def by_meaning(checked: Question, encoder: SentenceEncoder) -> str:
    texts = compared(checked)
    return said(likeness_warnings(checked, dict(zip(texts, encoder.embed(texts), strict=True))))


def more(texts: tuple[str, ...], text: str) -> list[str]:
    return [*texts, text]


@pytest.mark.parametrize(
    ("doubtful", "expected"),
    [
        (
            with_point(3, exemplars=more(SOUND.points[3].exemplars, "then I'd taste it again")),
            'points.4.exemplars: "then I taste again" (check-again) says nearly the same as "then I\'d taste',
        ),
        (
            with_misconception(exemplars=more(SOUND.misconceptions[0].exemplars, "go two clicks up on the grinder")),
            'misconceptions.0.exemplars: "go two clicks up on the grinder" is close to the correct statement',
        ),
        (
            with_misconception(counter=["guests like sugar", "the cups are warm", "I would clean the mill"]),
            "misconceptions.0.counter: no counter sounds like 'water-too-hot'; begin with the correct version",
        ),
        (
            with_point(3, nudge="Would you leave the temperature and the dose alone for now?"),
            "points.3.nudge: nearly says 'one-at-a-time'",
        ),
        (with_hints(hint2="Could smaller particles slow down the water?"), "hints.1: nearly says 'finer-how'"),
        (with_hints(hint3="Smaller particles would slow the water down."), "hints.2: nearly says 'finer-how'"),
    ],
)
def test_texts_of_like_meaning_are_found(doubtful: Question, expected: str, encoder: SentenceEncoder) -> None:
    assert expected in by_meaning(doubtful, encoder)


@pytest.mark.parametrize(
    "sound",
    [
        SOUND,
        with_point(2, exemplars=more(SOUND.points[2].exemplars, "I would grind a bit finer, that slows it down")),
        with_misconception(
            exemplars=more(SOUND.misconceptions[0].exemplars, "the shot should run even faster, then it gets sweet"),
            counter=more(SOUND.misconceptions[0].counter, "the shot should run slower, then it gets sweet"),
        ),
    ],
    ids=["template", "an implied point may mean the same", "a counter guards the right statement"],
)
def test_other_meanings_are_left_alone(sound: Question, encoder: SentenceEncoder) -> None:
    assert by_meaning(sound, encoder) == ""


def test_the_nearest_pair_is_found_by_the_vectors_given() -> None:
    vectors: Vectors = {
        "north": np.array([0, 1], np.float32),
        "east": np.array([1, 0], np.float32),
        "north east": np.array([0.6, 0.8], np.float32),
    }
    assert nearest_pair(["east", "north"], ["north east"], vectors) == pytest.approx((0.8, "north", "north east"))
    assert nearest_pair(["east"], [], vectors).likeness == -1.0


def test_all_endings_are_read_and_hidden_files_are_not(tmp_path: Path) -> None:
    for name in ("b.yml", "a.YAML", "c.yaml", "._c.yaml", ".hidden.yml", "notes.txt"):
        (tmp_path / name).write_text("", encoding="utf-8")
    (tmp_path / "d.yaml").mkdir()
    assert [file.name for file in rubric_files(tmp_path)] == ["a.YAML", "b.yml", "c.yaml"]
    with pytest.raises(RubricError, match="no such file or folder"):
        rubric_files(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(RubricError, match=r"the folder has no \.yaml file"):
        rubric_files(tmp_path / "empty")


def test_the_check_names_file_and_line_and_counts_in_plain_english(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = TEMPLATE.read_text("utf-8")
    (tmp_path / "one.yml").write_text(text, encoding="utf-8")
    assert main(["questions", "check", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "1 question in 1 file is valid, no warnings\n"
    two = text.replace("id: espresso-sour-shot", "id: another").replace("    title: a finer grind\n", "")
    (tmp_path / "two.YAML").write_text(two, encoding="utf-8")
    (tmp_path / "._two.YAML").write_bytes(b"\x00\x05\x16\x07")
    assert main(["questions", "check", str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    line = 1 + two.splitlines().index("  - id: grind-finer")
    assert out == "2 questions in 2 files are valid, 1 warning\n"
    assert err.startswith(f"{tmp_path / 'two.YAML'}:{line}: warning: questions.1.points.2: 'grind-finer' has no title")
