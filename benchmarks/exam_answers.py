"""Agreement with human grades of real exam answers, which are not ours to ship and never trained or tuned on.

    python -m benchmarks.exam_answers nn_exam_dev.csv

The file has columns question_id, answer, grade (0 to 2), from DigiKlausur's ASAG-Dataset (MPL-2.0). For each of six
questions: Pearson's r of the grade with our rating, with the expected number of points, with word count. Then the mean,
and the quadratic weighted kappa of ratings cut into the grades' own shares.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from agent.adapters.embedded import EmbeddedGrader
from agent.adapters.rubric_file import load_questions
from agent.steps import agreement
from agent.steps.grading import grade
from agent.values.rubric import Question
from agent.values.transcript import Transcript

QUESTIONS = {
    "1": "nn-artificial-network",
    "2": "nn-neuron-model",
    "4": "nn-classification-regression",
    "6": "nn-support-vectors",
    "7": "nn-steepest-descent",
    "9": "nn-widrow-hoff",
}
"""The exam's numbers and our rubrics for the same questions, written without sight of the answers."""
WAYS = ("rating", "expected points", "both", "word count")


def main() -> None:
    questions, grader = load_questions([Path(__file__).parent.parent / "rubrics"]), EmbeddedGrader()
    answers = defaultdict(list)
    with Path(sys.argv[1]).open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            answers[QUESTIONS[row["question_id"]]].append((row["answer"], float(row["grade"])))
    print(f"{'question':30}{'n':>4}" + "".join(f"{way:>17}" for way in WAYS) + f"{'QWK':>8}")
    rows = []
    for name, graded in answers.items():
        scores = np.array([_scores(grader, questions[name], text) for text, _ in graded])
        grades = [value for _, value in graded]
        row = [agreement.pearson(grades, list(column)) or 0.0 for column in scores.T]
        whole = [round(value) for value in grades]
        kappa = agreement.quadratic_weighted_kappa(whole, agreement.by_quantile(whole, list(scores[:, 2])))
        rows.append([*row, kappa or 0.0])
        print(f"{name:30}{len(graded):>4}" + "".join(f"{value:>17.2f}" for value in row) + f"{kappa or 0:>8.2f}")
    mean = np.mean(rows, axis=0)
    print(f"{'mean':34}" + "".join(f"{value:>17.2f}" for value in mean[:-1]) + f"{mean[-1]:>8.2f}")


def _scores(grader: EmbeddedGrader, question: Question, text: str) -> tuple[float, float, float, float]:
    transcript = Transcript.from_text(text)
    verdict = grader.claim(question, transcript)
    points = {point.id for point in question.points}
    rating = grade(question, transcript, verdict).rating
    rank = 0.0 if rating is None else float(rating.rank)
    expected = sum(claim.confidence for claim in verdict.claims if claim.target in points)
    return rank, expected, rank + expected, float(len(text.split()))


if __name__ == "__main__":
    main()
