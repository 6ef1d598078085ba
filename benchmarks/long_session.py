"""Memory over an hour of interview: answers of four minutes, one question after the other, in one process.

    python -m benchmarks.long_session [--minutes 60] [--speed 8] [--recordings DIR]

The interview runs as `practice` runs it; the microphone hears answers faster than life, as fast as Whisper follows:
with --recordings the same four minutes of a person again and again, without it a synthetic voice. Prints, after every
question, the resident memory and the largest so far (as Linux counts it).
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from agent.adapters.embedded_grader import EmbeddedGrader
from agent.adapters.machine import share_freed_memory
from agent.adapters.rubric_file import load_questions
from agent.adapters.whisper import Whisper
from agent.interview.events import AnswerCompleted, QuestionAsked
from agent.interview.interview import Interview, in_order
from agent.logic.speech.endpointing import EndpointingPolicy
from agent.values.audio import Samples
from benchmarks.latency import SYNTHETIC, RealTime, Stopwatch, answer, setup_with, stretches

ROOT = Path(__file__).parent.parent
ANSWER_S = 240.0


def main() -> None:
    """Prints one row a question, with the peak until then."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--speed", type=float, default=8.0)
    parser.add_argument("--recordings", type=Path, metavar="DIR", help="folder with recordings of people")
    args = parser.parse_args()
    questions = list(load_questions([ROOT / "rubrics"]).values())
    share_freed_memory()
    whisper, grader = Whisper(device="cpu"), EmbeddedGrader()
    heard_s = 0.0
    print(f"{'question':32}{'heard':>10}{'words':>7}{'now':>10}{'peak':>10}", flush=True)
    chosen = questions[: round(args.minutes * 60 / ANSWER_S)]
    microphone, policy = RealTime(args.speed), EndpointingPolicy() if args.recordings else SYNTHETIC
    person = _person(args.recordings) if args.recordings else None
    setup = setup_with(microphone, Stopwatch(), whisper, grader, policy)
    interview = Interview(in_order(chosen), len(chosen), setup)
    for step in interview.events():
        if isinstance(step, QuestionAsked):
            microphone.speak(answer(step.question, ANSWER_S)[1] if person is None else person)
        elif isinstance(step, AnswerCompleted):
            heard_s += interview.answer_audio.seconds
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            words = len(step.turn.transcript.words)
            sizes = f"{resident_mb():>7.0f} MB{peak:>7.0f} MB"
            print(f"{step.turn.question_id:32}{heard_s / 60:>6.1f} min{words:>7}{sizes}", flush=True)


def _person(folder: Path) -> Samples:
    """Four minutes of a person, read in another process, whose memory is not that of an interview."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_stretch, folder).result()


def _stretch(folder: Path) -> Samples:
    return next(stretches(folder, [ANSWER_S]))


def resident_mb() -> float:
    """Resident memory of this process."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / (1 << 20)


if __name__ == "__main__":
    main()
