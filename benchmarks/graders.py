"""The embedded grader beside word count, cosine and its own parts alone, on answers that none of them was tuned on.

    python -m benchmarks.graders [FILE.jsonl]

Baselines and parts get the kindest cut possible: as many answers in each level as the labels have.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from agent.adapters.embedded_grader import EmbeddedGrader
from agent.adapters.rubric_file import load_questions
from agent.adapters.text_model import SentenceEncoder, ordinary
from agent.logic.grading import agreement
from agent.logic.grading.grading import grade
from agent.logic.grading.point_features import evidence_spans, targets, term_share
from agent.values.rubric import Point, Question, Rating
from agent.values.transcript import Transcript

ROOT = Path(__file__).parent.parent
Score = Callable[[Question, str], float]


def main() -> None:
    """Prints one row for each design."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    judged = ROOT / "benchmarks" / "judged" / "recsys.jsonl"
    parser.add_argument("file", nargs="?", type=Path, default=judged, metavar="FILE.jsonl")
    parser.add_argument("--rubrics", type=Path, default=ROOT / "rubrics", metavar="DIR")
    args = parser.parse_args()
    file, questions = args.file, load_questions([args.rubrics])
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    labels = [Rating(row["rating"]).rank for row in rows]
    grader, encoder = EmbeddedGrader(), SentenceEncoder()
    print(f"{len(rows)} answers\n{'design':44} {'QWK':>6} {'exact':>6} {'within 1':>8} {'s/answer':>8}")
    for name, score in designs(grader, encoder).items():
        started = time.monotonic()
        scores = [score(questions[row["question_id"]], row["answer"]) for row in rows]
        _print(name, labels, agreement.by_quantile(labels, scores), (time.monotonic() - started) / len(rows))
    started = time.monotonic()
    ratings = [_rating(grader, questions[row["question_id"]], row["answer"]) for row in rows]
    _print("embedded grader (rating rule, no cut)", labels, ratings, (time.monotonic() - started) / len(rows))


def designs(grader: EmbeddedGrader, encoder: SentenceEncoder) -> dict[str, Score]:
    """Each design as a score; the rating follows by the kindest cut."""
    return {
        "word count": lambda question, answer: float(len(answer.split())),
        "cosine to the best reference answer": lambda question, answer: _cosine(encoder, question, answer),
        "terms only (share of points whose terms fall)": _terms,
        "exemplars only (nearest cosine, mean of points)": lambda question, answer: _mean(grader, question, answer, 1),
        "point model only (mean probability of points)": lambda question, answer: _mean(grader, question, answer, 0),
    }


def _cosine(encoder: SentenceEncoder, question: Question, answer: str) -> float:
    a, b = encoder.embed([question.answers.very_strong, answer])
    return float(a @ b)


def _terms(question: Question, answer: str) -> float:
    spoken = evidence_spans(Transcript.from_text(answer), question, ordinary)
    best = [max((term_share(point, span.text) for span in spoken), default=0.0) for point in question.points]
    return float(np.mean([share == 1.0 for share in best]))


def _mean(grader: EmbeddedGrader, question: Question, answer: str, field: int) -> float:
    measured = grader.measure(question, Transcript.from_text(answer))
    values = [item.measured[field] for item in measured if isinstance(item.target, Point)]
    if field == 0:
        values = [1 / (1 + np.exp(-value)) for value in values]
    return float(np.sum(values)) / max(1, len([target for target in targets(question) if isinstance(target, Point)]))


def _rating(grader: EmbeddedGrader, question: Question, answer: str) -> int:
    transcript = Transcript.from_text(answer)
    rating = grade(question, transcript, grader.claim(question, transcript)).rating
    return rating.rank if rating else 0


def _print(name: str, labels: list[int], ratings: list[int], seconds: float) -> None:
    kappa = agreement.quadratic_weighted_kappa(labels, ratings) or 0.0
    print(f"{name:44} {kappa:6.3f} {agreement.exact(labels, ratings):6.2f} ", end="")
    print(f"{agreement.within_one(labels, ratings):8.2f} {seconds:8.3f}", flush=True)


if __name__ == "__main__":
    main()
