"""What the terminal shows is laid out for 80 columns and names points by their titles."""

from __future__ import annotations

import pytest

from agent.logic.grading.grading import grade
from agent.logic.grading.overall import SignalRating
from agent.logic.speech.delivery import delivery
from agent.shell.screen import Screen
from agent.values.grade import Claim, Verdict
from agent.values.rubric import Question, Rating
from agent.values.session import Turn
from agent.values.transcript import Transcript


@pytest.mark.parametrize("columns", ["60", "80"])
def test_what_a_rating_means_wraps_below_itself(
    columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    signals = ("data_handling", "model_selection", "evaluation", "production")
    ratings = [SignalRating(signal=name, rating=level, answers=1) for name, level in zip(signals, Rating, strict=True)]
    Screen().overall(ratings)
    lines = capsys.readouterr().out.splitlines()[1:]
    assert all(len(line) <= int(columns) for line in lines)
    begun = [line.split()[0] for line in lines if not line.startswith(" ")]
    assert begun == ["data", "model", "evaluation", "production"]
    assert all(line[:28].strip() == "" for line in lines if line.startswith(" "))


def test_points_are_called_by_their_titles(questions: dict[str, Question], capsys: pytest.CaptureFixture[str]) -> None:
    about = questions["recsys-refresh"]
    said = Transcript.from_text("I would watch the accuracy every day.")
    claim = Claim(target="watch-basic", quote="I would watch the accuracy every day.")
    result = grade(about, said, Verdict(grader="by hand", claims=(claim,)))
    Screen().turn(about, Turn(question_id=about.id, transcript=said, grade=result, delivery=delivery(said)))
    shown = capsys.readouterr().out
    assert "[x] plain signs of quality" in shown
    assert "I would watch the accuracy every day" in " ".join(shown.split())
    assert "watch-basic" not in shown
