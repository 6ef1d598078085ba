"""`grade`: grades one recorded or typed answer to one question."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from agent.shell import options, recording_options
from agent.shell.output import print_json, turn_json
from agent.values.errors import InputError
from agent.values.rubric import Question
from agent.values.transcript import Transcript

if TYPE_CHECKING:
    from agent.compose.library import AnswerGrader, RecordingOptions
    from agent.values.session import Turn


def add(commands: options.Commands) -> None:
    """Declares the command."""
    parser = options.add_command(
        commands,
        "grade",
        "grade one recorded or typed answer",
        "grade answer.wav --question recsys-metrics",
        description=__doc__,
    )
    parser.add_argument("audio", nargs="?", type=Path, metavar="AUDIO", help="a recording in any common format")
    parser.add_argument(
        "--text",
        metavar="FILE|TEXT",
        help="a typed answer instead: a file, '-' for standard input, or the answer itself",
    )
    parser.add_argument(
        "--question", required=True, metavar="ID", help="question id, as 'mock-interview questions' lists them"
    )
    parser.add_argument(
        "--hints-used",
        type=int,
        default=0,
        choices=range(4),
        metavar="N",
        help="number of hints given to the candidate, 0 to 3",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--print-prompt", action="store_true", help="print what the LLM grader would send, and send nothing"
    )
    for share in (options.rubric_options, options.grader_options, options.whisper_options):
        share(parser)
    recording_options.recording_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Grades and prints."""
    from agent.compose import question_bank
    from agent.compose.library import AnswerGrader
    from agent.shell.weights import ensure_whisper

    if (args.audio is None) == (args.text is None):
        raise InputError("give a recording, or a typed answer with --text")
    settings = options.settings(args)
    question = question_bank.question(question_bank.questions(settings), args.question)
    grader = AnswerGrader(settings)
    if args.audio is not None:
        ensure_whisper(settings, args)
    if args.print_prompt:
        return _print_prompt(question, _transcript(args, grader, question))
    done = _graded(args, grader, question)
    if args.json:
        print_json(turn_json(done))
        return 0
    from agent.shell.judge import chosen
    from agent.shell.screen import Screen

    Screen().turn(question, done)
    fell_back = settings.grader == "llm" and done.grade.grader == "embedded"
    print("Grader: embedded, in place of the endpoint." if fell_back else chosen(settings, None, undecided=False).says)
    return 0


def _graded(args: argparse.Namespace, grader: AnswerGrader, question: Question) -> Turn:
    if args.text is not None:
        return grader.text(_typed(args.text), question, args.hints_used)
    with recording_options.naming_options():
        return _with_way_out(grader.recording(args.audio, question, args.hints_used, _wanted(args)))


def _wanted(args: argparse.Namespace) -> RecordingOptions:
    from agent.compose.library import RecordingOptions

    return RecordingOptions(recording_options.selection(args), args.one_voice)


def _with_way_out(done: Turn) -> Turn:
    """Returns the turn. If an option would allow a grade, the reason names it."""
    if not recording_options.waits_for_one_voice(done):
        return done
    reason = f"{done.grade.ungraded_reason} {recording_options.ONE_VOICE}"
    return done.model_copy(update={"grade": done.grade.model_copy(update={"ungraded_reason": reason})})


def _transcript(args: argparse.Namespace, grader: AnswerGrader, question: Question) -> Transcript:
    if args.text is not None:
        return Transcript.from_text(_typed(args.text))
    with recording_options.naming_options():
        return grader.transcribe(args.audio, question, _wanted(args))[0]


def _typed(given: str) -> str:
    """The typed answer; a file of that name takes precedence over the text itself. Raises InputError."""
    # os.path, since Path.exists() raises for a text that is too long for a name.
    if given != "-" and not os.path.exists(given):
        return _inline(given)
    try:
        text = sys.stdin.read() if given == "-" else Path(given).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{given}: cannot be read ({error.strerror}); give a text file") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{given}: not UTF-8 text; to grade a recording, leave out --text") from error
    if not text.strip():
        raise InputError(f"{given}: contains no answer")
    return text


def _inline(text: str) -> str:
    if not text.strip():
        raise InputError("--text is empty; give a file, or the answer itself")
    if len(text.split()) == 1:
        # One word is more likely a file's name with a typo than an answer.
        raise InputError(f"{text}: no such file; give a text file, or an answer of more than one word in quotes")
    return text


def _print_prompt(question: Question, transcript: Transcript) -> int:
    from agent.logic.grading.judge_prompt import judge_prompt

    prompt = judge_prompt(question, transcript, "0" * 8)
    print(f"--- system ---\n{prompt.system}\n--- user ---\n{prompt.user}")
    return 0
