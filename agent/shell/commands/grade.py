"""`grade`: one recorded or typed answer against one question."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from agent.shell import options, recording_options
from agent.shell.output import print_json, turn_json
from agent.values.errors import InputError
from agent.values.rubric import Question
from agent.values.session import Turn
from agent.values.transcript import Transcript


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command."""
    parser = commands.add_parser("grade", help="grade one recorded or typed answer", description=__doc__)
    parser.add_argument("audio", nargs="?", type=Path, metavar="AUDIO", help="a recording in any common format")
    parser.add_argument("--text", type=Path, metavar="FILE", help="a typed answer instead; '-' reads standard input")
    parser.add_argument("--question", required=True, metavar="ID")
    parser.add_argument(
        "--hints-used",
        type=int,
        default=0,
        choices=range(4),
        metavar="N",
        help="hints that the candidate was given, 0 to 3",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--print-prompt", action="store_true", help="print what the LLM grader would send, and send nothing"
    )
    options.rubric_options(parser)
    options.grader_options(parser)
    options.hearing_options(parser)
    recording_options.recording_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Grades and prints."""
    if (args.audio is None) == (args.text is None):
        raise InputError("give a recording, or a typed answer with --text FILE")
    question = options.question(args, args.question)
    if args.print_prompt:
        return _print_prompt(question, _transcript(args, question)[0])
    done = _graded(args, question)
    if args.json:
        print_json(turn_json(done))
        return 0
    from agent.shell.screen import Screen

    Screen().turn(question, done)
    return 0


def _graded(args: argparse.Namespace, question: Question) -> Turn:
    import time

    from agent.logic.grading.grading import grade_answer
    from agent.logic.speech.delivery import delivery

    judge, started = options.grader(args), time.monotonic()
    transcript, notes = _transcript(args, question)
    transcribed = time.monotonic()
    result = grade_answer(question, transcript, judge, args.hints_used)
    graded = time.monotonic()
    done = Turn(
        question_id=question.id,
        transcript=transcript,
        grade=result.model_copy(update={"notes": (*notes, *result.notes)}),
        delivery=delivery(transcript),
        timings_s={"transcribe": round(transcribed - started, 3), "grade": round(graded - transcribed, 3)},
    )
    return _with_way_out(done)


def _with_way_out(done: Turn) -> Turn:
    """The turn whose reason for being left ungraded names the option that would grade it."""
    if not recording_options.waits_for_one_voice(done):
        return done
    reason = f"{done.grade.ungraded_reason} {recording_options.ONE_VOICE}"
    return done.model_copy(update={"grade": done.grade.model_copy(update={"ungraded_reason": reason})})


def _transcript(args: argparse.Namespace, question: Question) -> tuple[Transcript, tuple[str, ...]]:
    """The answer's words, and what there is to say about the recording."""
    if args.text is not None:
        return Transcript.from_text(_typed(args.text)), ()
    recording = recording_options.read(args, args.audio)
    terms = [term.term for term in question.glossary]
    return recording_options.transcriber(args).transcribe(recording.clip, terms), recording.notes


def _typed(path: Path) -> str:
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); give a text file") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text; recordings are given without --text") from error
    if not text.strip():
        raise InputError(f"{path}: there is no answer in it")
    return text


def _print_prompt(question: Question, transcript: Transcript) -> int:
    from agent.logic.grading.judge_prompt import judge_prompt

    prompt = judge_prompt(question, transcript, "0" * 8)
    print(f"--- system ---\n{prompt.system}\n--- user ---\n{prompt.user}")
    return 0
