"""Agreement with human grades of real exam answers, which are not ours to ship and never trained or tuned on.

    python -m benchmarks.exam_answers nn_exam_dev.csv [--readings benchmarks/judged/exam.readings.jsonl]

The file has columns question_id, student, answer, grade (0 to 2), from DigiKlausur's ASAG-Dataset (MPL-2.0). For each
of six questions: Pearson's r of the grade with our rating, with the expected number of points, with word count. Then
the mean, and the quadratic weighted kappa of ratings cut into the grades' own shares.

`--readings` prints instead how well a capable language model agrees with the same grades: the rating and the number of
points that follow from the points it found, and the mark (0 to 2) that it gave as an examiner, with no rule of ours.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from agent.adapters.embedded_grader import EmbeddedGrader
from agent.adapters.rubric_file import load_questions
from agent.logic.grading import agreement
from agent.logic.grading.grading import grade
from agent.values.grade import Claim, Verdict
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


class Exam(NamedTuple):
    """One student's answer to one question."""

    question: Question
    student: str
    answer: str
    grade: float
    """By the examiner, 0 to 2."""


Scores = dict[str, float]
"""One answer's score by each way of grading."""


def main() -> None:
    """Prints one row a question, then the mean."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("answers", type=Path)
    parser.add_argument("--readings", type=Path, help="what a language model found in the answers")
    args = parser.parse_args()
    score = by_readings(args.readings) if args.readings else by_grader(EmbeddedGrader())
    answers = defaultdict(list)
    for answer in read(args.answers):
        answers[answer.question.id].append(answer)
    rows: list[list[float]] = []
    for name, graded in answers.items():
        scores = [score(answer) for answer in graded]
        if not rows:
            print(f"{'question':30}{'n':>4}" + "".join(f"{way:>17}" for way in scores[0]) + f"{'QWK':>8}")
        rows.append(agreements([answer.grade for answer in graded], scores))
        print(f"{name:30}{len(graded):>4}" + _columns(rows[-1]), flush=True)
    print(f"{'mean':34}" + _columns(list(np.mean(rows, axis=0))))


def read(file: Path) -> list[Exam]:
    """All answers of the file."""
    questions = load_questions([Path(__file__).parent.parent / "rubrics"])
    with file.open(encoding="utf-8", newline="") as lines:
        return [
            Exam(questions[QUESTIONS[row["question_id"]]], row["student"], row["answer"], float(row["grade"]))
            for row in csv.DictReader(lines)
        ]


def agreements(grades: list[float], scores: list[Scores]) -> list[float]:
    """Pearson's r for each way of grading, then the kappa of the last but one."""
    columns = [[row[way] for row in scores] for way in scores[0]]
    whole = [round(value) for value in grades]
    kappa = agreement.quadratic_weighted_kappa(whole, agreement.by_quantile(whole, columns[-2]))
    return [*(agreement.pearson(grades, column) or 0.0 for column in columns), kappa or 0.0]


def _columns(row: list[float]) -> str:
    return "".join(f"{value:>17.2f}" for value in row[:-1]) + f"{row[-1]:>8.2f}"


def by_grader(grader: EmbeddedGrader) -> Callable[[Exam], Scores]:
    """The scores of the embedded grader; both: rating and points added."""

    def score(exam: Exam) -> Scores:
        verdict = grader.claim(exam.question, Transcript.from_text(exam.answer))
        points = {point.id for point in exam.question.points}
        rank = _rank(exam, verdict)
        expected = sum(claim.confidence for claim in verdict.claims if claim.target in points)
        return {"rating": rank, "expected points": expected, "both": rank + expected, "word count": _words(exam)}

    return score


def by_readings(file: Path) -> Callable[[Exam], Scores]:
    """The scores of whoever read the answers before: lines of question_id, student, made, misconceptions, mark."""
    found = {}
    for line in file.read_text("utf-8").splitlines():
        row = json.loads(line)
        found[QUESTIONS[row["question_id"]], row["student"]] = row

    def score(exam: Exam) -> Scores:
        row = found[exam.question.id, exam.student]
        made = tuple(Claim(target=target, quote=exam.answer) for target in [*row["made"], *row["misconceptions"]])
        rank = _rank(exam, Verdict(grader="reader", claims=made))
        return {"rating": rank, "points": len(row["made"]), "own mark": row["mark"], "word count": _words(exam)}

    return score


def _rank(exam: Exam, verdict: Verdict) -> float:
    rating = grade(exam.question, Transcript.from_text(exam.answer), verdict).rating
    return 0.0 if rating is None else float(rating.rank)


def _words(exam: Exam) -> float:
    return float(len(exam.answer.split()))


if __name__ == "__main__":
    main()
