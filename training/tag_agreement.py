"""How far two readers agree: the tags of training/second_reader beside the first reader's, and ratings of bank.jsonl.

python -m training.tag_agreement
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from agent.adapters.rubric_file import load_questions
from agent.logic.grading import agreement
from agent.logic.grading.rating import rate
from agent.values.rubric import Rating
from training.pairs import QUESTIONS, ROOT, Answer, read_answers

Tags = set[tuple[str, int, str]]
"""(answer, segment, point) for everything that was tagged."""


def main() -> None:
    """Prints F1 of points made and of points contradicted, then the agreement of ratings, also on bank.jsonl."""
    folders = ("blind_answers", "calibration")
    first = {answer.id: answer for folder in folders for answer in read_answers(ROOT / "training" / folder)}
    second = read_answers(ROOT / "training" / "second_reader")
    both = [(first[answer.id], answer) for answer in second]
    print(f"{len(both)} answers, {sum(len(answer.segments) for answer in second)} segments")
    print(f"made: F1 {f1(made(a for a, _ in both), made(b for _, b in both)):.3f}")
    print(f"contradicted: F1 {f1(wrong(a for a, _ in both), wrong(b for _, b in both)):.3f}")
    print(f"ratings: {alike([(Rating(a.rating), Rating(b.rating)) for a, b in both])}")
    labels = ratings("bank.jsonl")
    for name, others in (
        ("second reader", ratings("bank.second.jsonl")),
        ("points by the rule", dict(rated_by_rule())),
    ):
        print(f"bank.jsonl, {name}: {alike([(labels[key], rating) for key, rating in others.items()])}")


def judged(file: str) -> list[dict[str, Any]]:
    """The lines of a file of benchmarks/judged."""
    text = (ROOT / "benchmarks" / "judged" / file).read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def ratings(file: str) -> dict[str, Rating]:
    """By the answer's id."""
    return {row["id"]: Rating(row["rating"]) for row in judged(file)}


def rated_by_rule() -> Iterator[tuple[str, Rating]]:
    """The rating that follows from the points that the reader of bank.jsonl found."""
    questions, asked = load_questions(QUESTIONS), {row["id"]: row["question_id"] for row in judged("bank.jsonl")}
    for row in judged("bank.tags.jsonl"):
        question = questions[asked[row["id"]]]
        statements = {item.id for item in question.misconceptions}
        points = {name for part in row["segments"] for name in part["points"]} - statements
        stated = {name for part in row["segments"] for name in part["wrong"]} & statements
        yield row["id"], rate(question, points, (), stated, 0).rating


def alike(pairs: Sequence[tuple[Rating, Rating]]) -> str:
    """How far two readers agree."""
    first, second = [a.rank for a, _ in pairs], [b.rank for _, b in pairs]
    kappa = agreement.quadratic_weighted_kappa(first, second) or 0.0
    same, near = agreement.exact(first, second), agreement.within_one(first, second)
    return f"{len(pairs)} answers, QWK {kappa:.3f}, the same {same:.3f}, within one {near:.3f}"


def made(answers: Iterable[Answer]) -> Tags:
    """Everything that answers were said to make."""
    return {(one.id, at, name) for one in answers for at, part in enumerate(one.segments) for name in part.points}


def wrong(answers: Iterable[Answer]) -> Tags:
    """Everything that answers were said to contradict."""
    return {(one.id, at, name) for one in answers for at, part in enumerate(one.segments) for name in part.wrong}


def f1(first: Tags, second: Tags) -> float:
    """The harmonic mean of precision and recall, the same whichever reader is the measure."""
    return 2 * len(first & second) / max(1, len(first) + len(second))


if __name__ == "__main__":
    main()
