"""What grading costs: seconds for a two-minute answer, and memory of the embedded grader alone.

    python -m benchmarks.grader_cost [--every 4]

The grader runs in this process and nothing else does: no Whisper, no voice. Memory is the resident set, in MB, before
the grader is made and at its highest.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import time
from pathlib import Path

from agent.adapters.embedded_grader import EmbeddedGrader
from agent.adapters.rubric_file import load_questions
from agent.logic.grading.grading import grade
from agent.values.rubric import Rating
from agent.values.transcript import Transcript

ROOT = Path(__file__).parent.parent
WORDS = 300
"""Two minutes at 150 words a minute."""


def main() -> None:
    """Every fourth question, or as many as asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--every", type=int, default=4, help="grade for every n-th question")
    every = parser.parse_args().every
    questions = list(load_questions([ROOT / "rubrics"]).values())
    before = _peak_mb()
    grader, seconds = EmbeddedGrader(), []
    for question in questions[::every]:
        words = " ".join(question.answers.of(level) for level in reversed(Rating)).split()
        transcript = Transcript.from_text(" ".join((words * 3)[:WORDS]))
        grader.prepare(question)  # done while the question is read aloud
        started = time.perf_counter()
        grade(question, transcript, grader.claim(question, transcript))
        seconds.append(time.perf_counter() - started)
    middle = statistics.median(seconds)
    print(f"{len(seconds)} answers of {WORDS} words: median {middle:.2f} s, most {max(seconds):.2f} s")
    print(f"memory: {before:.0f} MB with the questions read, at most {_peak_mb():.0f} MB while grading")


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


if __name__ == "__main__":
    main()
