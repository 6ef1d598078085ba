"""What the embedded grader finds in short passages that are easy to misjudge, by kind.

    python -m benchmarks.stretches [--every N]

`judged/stretches.jsonl`: twelve passages for each of 23 questions, tagged with the points that they make or
contradict. Nothing is trained or tuned on them, nor on any answer to these questions.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from agent.adapters.embedded_grader import EmbeddedGrader
from agent.adapters.rubric_file import load_questions
from agent.logic.grading.evidence import CREDITED
from agent.values.rubric import Question
from agent.values.transcript import Transcript

ROOT = Path(__file__).parent.parent
COLUMNS = ("passages", "right", "false", "missed", "contradicted yet earned")


def main() -> None:
    """Prints a row for each kind: points earned rightly, earned falsely, missed, and earned by saying the opposite."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--every", type=int, default=1, help="only every n-th question")
    every = parser.parse_args().every
    questions, grader = load_questions([ROOT / "rubrics"]), EmbeddedGrader()
    lines = (ROOT / "benchmarks" / "judged" / "stretches.jsonl").read_text("utf-8").splitlines()
    counts: dict[str, np.ndarray] = defaultdict(lambda: np.zeros(len(COLUMNS), int))
    for row in map(json.loads, lines[::every]):
        for part in row["segments"]:
            counts[part["kind"]] += judged(grader, questions[row["question_id"]], part)
    print(f"{'kind':12}" + "".join(f"{name:>{len(name) + 3}}" for name in COLUMNS))
    for kind, values in {**counts, "all": sum(counts.values(), np.zeros(len(COLUMNS), int))}.items():
        print(f"{kind:12}" + "".join(f"{value:>{len(name) + 3}}" for name, value in zip(COLUMNS, values, strict=True)))


def judged(grader: EmbeddedGrader, question: Question, part: dict[str, Any]) -> np.ndarray:
    """Shape (5,): the counts of one passage, as in COLUMNS."""
    points = {point.id for point in question.points}
    claims = grader.claim(question, Transcript.from_text(part["text"])).claims
    met = {claim.target for claim in claims if claim.confidence >= CREDITED} & points
    made, wrong = set(part["points"]) & points, set(part["wrong"]) & points
    return np.array([1, len(met & made), len(met - made), len(made - met), len(met & wrong)])


if __name__ == "__main__":
    main()
