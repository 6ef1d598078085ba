"""Fits the calibration of the embedded grader on answers whose sentences are tagged.

    python -m training.calibrate --weights agent/weights

The answers of training/calibration/ are none that the point model was trained on, or its confidence would be flattered.
How readily a point is believed is chosen on these and on training/blind/. All are by writers who had not seen the
points, as candidates have not.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression

from agent.adapters.embedded_grader import EmbeddedGrader, Found, claims
from agent.adapters.rubric_file import load_questions
from agent.logic.grading import agreement
from agent.logic.grading.calibration import Calibration, Measured
from agent.logic.grading.grading import grade
from agent.values.grade import Verdict
from agent.values.rubric import Point, Question, Rating
from agent.values.transcript import Transcript
from training.pairs import QUESTIONS, ROOT, read_answers

UNFITTED = (0.0, 1.0, 0.0, 0.0, 0.0, 0.0)
CAUTION = 1.0
"""How much more evidence, in log odds, a misconception needs than a point."""
BENEFITS = (-0.4, -0.2, 0.0, 0.2, 0.4, 0.6, 0.8)
"""Log odds in favor of a point, to choose from: a missed one costs a rating more often than a false one earns it."""
AS_GOOD = 0.02
"""Kappas so near to one another are the same, as far as two hundred answers can tell."""


class Rated(NamedTuple):
    """An answer with its label, and what the models found in it."""

    question: Question
    transcript: Transcript
    rating: Rating
    found: list[Found]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--weights", type=Path, required=True)
    args = parser.parse_args()
    sha256 = hashlib.sha256((args.weights / "point-model.onnx").read_bytes()).hexdigest()
    draft = Calibration(point_model_sha256=sha256, point=UNFITTED, misconception=UNFITTED)
    questions = load_questions(QUESTIONS)
    with tempfile.TemporaryDirectory() as folder:
        # A copy: broken off half way, the shipped calibration would be that of nothing.
        unfitted = Path(shutil.copytree(args.weights, Path(folder) / "weights"))
        (unfitted / "calibration.json").write_text(draft.model_dump_json(indent=1) + "\n")
        grader = EmbeddedGrader(unfitted)
        rows = measure(questions, grader)
        blind = list(rated(questions, grader))
    weights = fit(rows)
    quality = {benefit: kappa(fitted(draft, weights, benefit), blind) for benefit in BENEFITS}
    print({benefit: round(value, 3) for benefit, value in quality.items()}, "on", len(blind), "blind answers")
    chosen = fitted(draft, weights, least(quality))
    (args.weights / "calibration.json").write_text(chosen.model_dump_json(indent=1) + "\n")
    print(len(rows), "measurements", chosen)


def least(quality: Mapping[float, float]) -> float:
    """The least of the benefits that are as good as the best: nobody should be praised for what was not said."""
    best = max(quality.values())
    return min(benefit for benefit, value in quality.items() if value >= best - AS_GOOD)


def fitted(calibration: Calibration, weights: Sequence[float], benefit: float) -> Calibration:
    """The calibration with these weights, the intercept first, and with a benefit for points.

    Misconceptions are too rare in the answers to be fitted apart, and a false cap hurts more than a missed one.
    """
    point = (weights[0] + benefit, *weights[1:])
    wrong = (weights[0] - CAUTION, *weights[1:])
    return calibration.model_copy(update={"point": point, "misconception": wrong})


def rated(questions: Mapping[str, Question], grader: EmbeddedGrader) -> Iterator[Rated]:
    """Every answer written blind to the points, with a reader's rating."""
    for answer in read_answers(ROOT / "training" / "calibration"):
        question, transcript = questions[answer.question_id], Transcript.from_text(answer.text)
        yield Rated(question, transcript, Rating(answer.rating), grader.measure(question, transcript))
    for line in (ROOT / "training" / "blind" / "answers.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        question, transcript = questions[row["question_id"]], Transcript.from_text(row["answer"])
        yield Rated(question, transcript, Rating(row["rating"]), grader.measure(question, transcript))


def kappa(calibration: Calibration, answers: Sequence[Rated]) -> float:
    """The quadratic weighted kappa that a calibration reaches."""
    ratings = []
    for answer in answers:
        made = claims(calibration, answer.found, answer.transcript, {})
        rating = grade(answer.question, answer.transcript, Verdict(grader="embedded", claims=made)).rating
        ratings.append(0 if rating is None else rating.rank)
    return agreement.quadratic_weighted_kappa([answer.rating.rank for answer in answers], ratings) or 0.0


def measure(questions: Mapping[str, Question], grader: EmbeddedGrader) -> list[tuple[bool, Measured, bool]]:
    """(is it a point, measurements, was it made) for every target of every tagged answer."""
    rows = []
    for answer in read_answers(ROOT / "training" / "calibration"):
        made = {target for segment in answer.segments for target in segment.points}
        for item in grader.measure(questions[answer.question_id], Transcript.from_text(answer.text)):
            rows.append((isinstance(item.target, Point), item.measured, item.target.id in made))
    return rows


def fit(rows: list[tuple[bool, Measured, bool]]) -> tuple[float, ...]:
    """Intercept and weights for points; the neutral ones when there is too little to fit."""
    chosen = [(measured, made) for is_point, measured, made in rows if is_point]
    labels = np.array([made for _, made in chosen])
    if labels.sum() < 20:
        return UNFITTED
    features = np.array([measured for measured, _ in chosen])
    model = LogisticRegression(C=1.0, max_iter=1000).fit(features, labels)
    print("accuracy", round(model.score(features, labels), 3), "made", round(labels.mean(), 3))
    return (float(model.intercept_[0]), *(float(weight) for weight in model.coef_[0]))


if __name__ == "__main__":
    main()
