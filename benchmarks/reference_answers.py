"""Whether the embedded grader rates the reference answers of the question bank as they are meant.

    python -m benchmarks.reference_answers [QUESTION ...]

They are the measure of a rubric, not of the grader: its points were written with them in view. Prints what is graded
otherwise, then the share as meant.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from agent.adapters.embedded_grader import EmbeddedGrader
from agent.adapters.rubric_file import load_questions
from agent.logic.grading.grading import grade
from agent.logic.ports import Grader
from agent.values.rubric import Question, Rating
from agent.values.transcript import Transcript


class Graded(NamedTuple):
    """One reference answer."""

    question_id: str
    meant: Rating
    rating: Rating | None

    @property
    def apart(self) -> int:
        """Levels between the two; 4 for an answer that got no rating."""
        return 4 if self.rating is None else abs(self.rating.rank - self.meant.rank)


def graded(questions: Iterable[Question], grader: Grader) -> Iterator[Graded]:
    """All reference answers of the questions."""
    for question in questions:
        for level in Rating:
            transcript = Transcript.from_text(question.answers.of(level))
            yield Graded(question.id, level, grade(question, transcript, grader.claim(question, transcript)).rating)


def main() -> None:
    """All questions, or those named."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("questions", nargs="*", metavar="QUESTION")
    wanted = parser.parse_args().questions
    every = load_questions([Path(__file__).parent.parent / "rubrics"])
    questions = [every[name] for name in wanted or every]
    found = []
    for one in graded(questions, EmbeddedGrader()):
        found.append(one)
        if one.apart:
            print(f"{one.question_id}: {one.meant} graded {one.rating}", flush=True)
    print(
        f"{sum(not one.apart for one in found)} of {len(found)} as meant, {sum(one.apart > 1 for one in found)} far off"
    )


if __name__ == "__main__":
    main()
