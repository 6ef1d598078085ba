"""Options that several commands share, and the adapters built from them: the one place where adapters are chosen."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from agent.values.errors import InputError

if TYPE_CHECKING:
    from agent.shell.store.store import Store
    from agent.steps.ports import Grader, Transcriber, Voice
    from agent.values.company import Company
    from agent.values.rubric import Question

SIGNALS = ("data_handling", "model_selection", "optimization", "evaluation", "production")


def rubric_options(parser: argparse.ArgumentParser) -> None:
    """Where the questions come from."""
    parser.add_argument(
        "--rubrics", type=Path, metavar="DIR", help="use the questions of this file or folder instead of our own"
    )


def grader_options(parser: argparse.ArgumentParser) -> None:
    """Which grader, and the endpoint of the LLM grader."""
    parser.add_argument(
        "--grader",
        choices=("embedded", "llm"),
        default="embedded",
        help="embedded: on this machine (default); llm: an OpenAI-compatible endpoint",
    )
    parser.add_argument("--base-url", metavar="URL", help="endpoint for --grader llm (or OPENAI_BASE_URL)")
    parser.add_argument(
        "--llm-timeout", type=float, default=60.0, metavar="SECONDS", help="patience with the endpoint (default 60)"
    )
    parser.add_argument("--llm", metavar="NAME", help="model at the endpoint (or MOCK_INTERVIEW_MODEL)")


def hearing_options(parser: argparse.ArgumentParser) -> None:
    """Which Whisper."""
    parser.add_argument(
        "--model", default="base", metavar="NAME", help="Whisper size or folder (default: base, no download)"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--compute-type", default="default", help="as in faster-whisper: int8, float16, ...")


def voice_options(parser: argparse.ArgumentParser) -> None:
    """Which voice, and how fast."""
    parser.add_argument(
        "--voice",
        default="auto",
        metavar="NAME",
        help="auto (Piper when installed), piper, system, or the name of a system voice",
    )
    parser.add_argument("--rate", type=int, default=165, metavar="WPM", help="words per minute of a system voice")


def store_options(parser: argparse.ArgumentParser, *, default: object = None) -> None:
    """Where sessions are kept. A subcommand's parser gives argparse.SUPPRESS, so as not to undo its parent's."""
    parser.add_argument(
        "--data-dir",
        type=Path,
        default=default,
        metavar="DIR",
        help="keep sessions in this folder instead of the platform's data folder",
    )


def audio_options(parser: argparse.ArgumentParser) -> None:
    """Whether the sound of answers is kept."""
    parser.add_argument(
        "--keep-audio",
        action=argparse.BooleanOptionalAction,
        help="keep the sound of the answers, or not, this time (else as you agreed when first asked)",
    )


def interview_options(parser: argparse.ArgumentParser) -> None:
    """All that an interview takes, live or on recordings."""
    for add in (rubric_options, grader_options, hearing_options, voice_options, store_options, audio_options):
        add(parser)


def own_rubrics() -> Path:
    """The folder of questions that comes with the program: in a checkout beside the package, else inside it."""
    package = Path(__file__).parent.parent
    beside = package.parent / "rubrics"
    return beside if (beside / "recsys-1-reduce-features.yaml").exists() else package / "rubrics"


def questions(args: argparse.Namespace) -> dict[str, Question]:
    """Every question by id. Raises RubricError."""
    from agent.adapters.rubric_file import load_questions

    return load_questions([args.rubrics or own_rubrics()])


def company(args: argparse.Namespace) -> Company:
    """The company whose interview is rehearsed. Raises InputError or RubricError."""
    from agent.adapters.company_file import load_company
    from agent.values.company import ANY

    return load_company(args.company, own_rubrics() / "companies") if args.company else ANY


def question(args: argparse.Namespace, question_id: str) -> Question:
    """One question. Raises InputError with near ids when there is none."""
    import difflib

    known = questions(args)
    if question_id in known:
        return known[question_id]
    near = difflib.get_close_matches(question_id, known, n=3, cutoff=0.4)
    mend = f"did you mean {' or '.join(near)}?" if near else "'mock-interview questions' lists them"
    raise InputError(f"no question '{question_id}'; {mend}")


def store(args: argparse.Namespace) -> Store:
    """The sessions on record. Raises StoreError."""
    from platformdirs import user_data_dir

    from agent.shell.store.store import Store

    return Store.open(args.data_dir or Path(user_data_dir("mock-interview", appauthor=False)))


def transcriber(args: argparse.Namespace) -> Transcriber:
    """Whisper as the options say."""
    from agent.adapters.whisper import Whisper

    return Whisper(model=args.model, device=args.device, compute_type=args.compute_type)


def grader(args: argparse.Namespace) -> Grader:
    """The grader as the options say. Raises InputError when the LLM grader has no endpoint."""
    from agent.adapters.embedded import EmbeddedGrader

    embedded = EmbeddedGrader()
    if args.grader == "embedded":
        return embedded
    from agent.adapters.openai_judge import from_environment

    given = {"OPENAI_BASE_URL": args.base_url, "MOCK_INTERVIEW_MODEL": args.llm}
    environ = {**os.environ, **{name: value for name, value in given.items() if value}}
    return from_environment(environ, fallback=embedded, timeout_s=args.llm_timeout)


def voice(args: argparse.Namespace) -> Voice:
    """The voice as the options say. Raises VoiceError."""
    from agent.adapters import piper_voice
    from agent.adapters.pyttsx3_voice import Pyttsx3Voice

    if args.voice == "piper" or (args.voice == "auto" and piper_voice.available()):
        return piper_voice.PiperVoice()
    name = None if args.voice in ("auto", "system", "pyttsx3") else args.voice
    return Pyttsx3Voice(voice=name, words_per_minute=args.rate)
