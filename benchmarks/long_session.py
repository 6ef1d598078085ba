"""Memory over an hour of interview: answers of four minutes, one question after the other, in one process.

    python -m benchmarks.long_session [--minutes 60] [--speed 8]

The interview runs as `practice` runs it; the microphone hears synthetic answers faster than life, as fast as Whisper
follows. Prints the largest resident memory so far after every question (as Linux counts it).
"""

from __future__ import annotations

import argparse
import resource
from pathlib import Path

from agent.adapters.embedded_grader import EmbeddedGrader
from agent.adapters.rubric_file import load_questions
from agent.adapters.whisper import Whisper
from agent.interview.events import AnswerCompleted, QuestionAsked
from agent.interview.interview import Interview, in_order
from benchmarks.latency import RealTime, Stopwatch, answer, room_with

ROOT = Path(__file__).parent.parent
ANSWER_S = 240.0


def main() -> None:
    """Prints one row a question, with the peak until then."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--speed", type=float, default=8.0)
    args = parser.parse_args()
    questions = list(load_questions([ROOT / "rubrics"]).values())
    whisper, grader = Whisper(device="cpu"), EmbeddedGrader()
    heard_s = 0.0
    print(f"{'question':32}{'heard':>10}{'words':>7}{'peak':>10}", flush=True)
    chosen = questions[: round(args.minutes * 60 / ANSWER_S)]
    microphone = RealTime(args.speed)
    interview = Interview(in_order(chosen), len(chosen), room_with(microphone, Stopwatch(), whisper, grader))
    for step in interview.events():
        if isinstance(step, QuestionAsked):
            microphone.speak(answer(step.question, ANSWER_S)[1])
        elif isinstance(step, AnswerCompleted):
            heard_s += interview.answer_audio.seconds
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            words = len(step.turn.transcript.words)
            print(f"{step.turn.question_id:32}{heard_s / 60:>6.1f} min{words:>7}{peak:>7.0f} MB", flush=True)


if __name__ == "__main__":
    main()
