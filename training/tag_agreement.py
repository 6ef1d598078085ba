"""How far two readers agree on what answers say: the tags of training/second_reader beside those of the first reader.

python -m training.tag_agreement
"""

from __future__ import annotations

from collections.abc import Iterable

from agent.logic.grading import agreement
from agent.values.rubric import Rating
from training.pairs import ROOT, Answer, read_answers

Tags = set[tuple[str, int, str]]
"""(answer, segment, point) for everything that was tagged."""


def main() -> None:
    """Prints F1 of points made and of points contradicted, then the agreement of ratings."""
    folders = ("blind_answers", "calibration")
    first = {answer.id: answer for folder in folders for answer in read_answers(ROOT / "training" / folder)}
    second = read_answers(ROOT / "training" / "second_reader")
    both = [(first[answer.id], answer) for answer in second]
    print(f"{len(both)} answers, {sum(len(answer.segments) for answer in second)} segments")
    print(f"made: F1 {f1(made(a for a, _ in both), made(b for _, b in both)):.3f}")
    print(f"contradicted: F1 {f1(wrong(a for a, _ in both), wrong(b for _, b in both)):.3f}")
    ranks = [(Rating(a.rating).rank, Rating(b.rating).rank) for a, b in both]
    kappa = agreement.quadratic_weighted_kappa([a for a, _ in ranks], [b for _, b in ranks]) or 0.0
    same, near = sum(a == b for a, b in ranks), sum(abs(a - b) <= 1 for a, b in ranks)
    print(f"ratings: QWK {kappa:.3f}, same {same / len(ranks):.3f}, within one {near / len(ranks):.3f}")


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
