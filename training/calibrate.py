"""Fits the calibration of the embedded grader on answers whose sentences are tagged.

    python -m training.calibrate --weights agent/weights

The answers of training/calibration/ are none that the point model was trained on, or its confidence would be flattered.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from agent.adapters.embedded import EmbeddedGrader
from agent.adapters.rubric_file import load_questions
from agent.steps.calibration import Calibration, Measured
from agent.values.rubric import Point
from agent.values.transcript import Transcript
from training.pairs import QUESTIONS, ROOT, read_answers

UNFITTED = (0.0, 1.0, 0.0, 0.0, 0.0, 0.0)
CAUTION = 1.0
"""How much more evidence, in log odds, a misconception needs than a point."""
BENEFIT = 0.2
"""Log odds in favour of a point: a missed one costs a rating more often than a false one earns it.

Chosen on training/blind, answers by writers who had not seen the points, as candidates have not."""


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--weights", type=Path, required=True)
    args = parser.parse_args()
    sha256 = hashlib.sha256((args.weights / "point-model.onnx").read_bytes()).hexdigest()
    target_file = args.weights / "calibration.json"
    draft = Calibration(point_model_sha256=sha256, point=UNFITTED, misconception=UNFITTED)
    target_file.write_text(draft.model_dump_json(indent=1) + "\n")
    rows = measure(args.weights)
    point = fit(rows)
    # Misconceptions are too rare in the answers to be fitted apart, and a false cap hurts more than a missed one.
    kind = (point[0] + BENEFIT, *point[1:])
    fitted = draft.model_copy(update={"point": kind, "misconception": (point[0] - CAUTION, *point[1:])})
    target_file.write_text(fitted.model_dump_json(indent=1) + "\n")
    print(len(rows), "measurements", fitted)


def measure(weights: Path) -> list[tuple[bool, Measured, bool]]:
    """(is it a point, measurements, was it made) for every target of every tagged answer."""
    questions, grader = load_questions(QUESTIONS), EmbeddedGrader(weights)
    rows = []
    for answer in read_answers(ROOT / "training" / "calibration"):
        made = {target for _, ids in answer.segments for target in ids}
        for target, _, measured in grader.measure(questions[answer.question_id], Transcript.from_text(answer.text)):
            rows.append((isinstance(target, Point), measured, target.id in made))
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
