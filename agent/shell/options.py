"""Options that several commands share, and the adapters built from them: the one place where adapters are chosen."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agent.values.errors import InputError, MockInterviewError

if TYPE_CHECKING:
    from agent.adapters.chat_endpoint import ChatAddress
    from agent.logic.ports import Grader, Transcriber, Voice
    from agent.shell.store.store import Store
    from agent.values.company import Company
    from agent.values.rubric import Question

OPENAI = "https://api.openai.com/v1"
"""Where answers go when a key is set and no address."""
FIXES = {
    "address": "--base-url or OPENAI_BASE_URL",
    "key": "OPENAI_API_KEY",
    "model": "--llm or MOCK_INTERVIEW_MODEL",
}
"""What changes what an error of the LLM endpoint complains of, by the error's code."""


def seconds(text: str) -> float:
    """A length of time on the command line."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"'{text}' is no length of time; give seconds, such as 2.5")
    return value


def count(text: str) -> int:
    """How many, at least one."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of 1 or more")
    return int(text)


def rubric_options(parser: argparse.ArgumentParser, *, default: object = None) -> None:
    """Where the questions come from. A subcommand's parser gives argparse.SUPPRESS, so as not to undo its parent's."""
    parser.add_argument(
        "--rubrics",
        type=Path,
        default=default,
        metavar="DIR",
        help="use the questions of this file or folder instead of our own",
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
        "--llm-timeout",
        type=seconds,
        default=60.0,
        metavar="SECONDS",
        help="seconds for one answer at the endpoint, retries included (default 60)",
    )
    parser.add_argument("--llm", metavar="NAME", help="model at the endpoint (or MOCK_INTERVIEW_MODEL)")


def hearing_options(parser: argparse.ArgumentParser) -> None:
    """Which Whisper."""
    parser.add_argument(
        "--model", default="base", metavar="NAME", help="Whisper size or folder (default: base, no download)"
    )
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda"), help="where Whisper runs")
    parser.add_argument("--compute-type", default="default", help="as in faster-whisper: int8, float16, ...")


def voice_options(parser: argparse.ArgumentParser) -> None:
    """Which voice, and how fast."""
    parser.add_argument(
        "--voice",
        default="auto",
        metavar="NAME",
        help="auto (Piper when installed), piper, system, or the name of a system voice",
    )
    parser.add_argument("--rate", type=count, default=165, metavar="WPM", help="words per minute of a system voice")


def store_options(parser: argparse.ArgumentParser, *, default: object = None) -> None:
    """Where sessions are kept; `default` as for rubric_options()."""
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
    fix = f"did you mean {' or '.join(near)}?" if near else "'mock-interview questions' lists them"
    raise InputError(f"no question '{question_id}'; {fix}")


def asked(args: argparse.Namespace, ids: Sequence[str]) -> list[Question]:
    """The questions of an interview in order. Raises InputError for one that there is not, or that is given twice."""
    twice = next((name for number, name in enumerate(ids) if name in ids[:number]), None)
    if twice is not None:
        raise InputError(f"the question '{twice}' is given twice; an interview asks each once")
    return [question(args, name) for name in ids]


def store(args: argparse.Namespace) -> Store:
    """The sessions on record. Raises StoreError."""
    from platformdirs import user_data_dir

    from agent.shell.store.store import Store

    return Store.open(args.data_dir or Path(user_data_dir("mock-interview", appauthor=False)))


def transcriber(args: argparse.Namespace) -> Transcriber:
    """Whisper as the options say."""
    from agent.adapters.whisper import Whisper

    return Whisper(model=args.model, device=args.device, compute_type=args.compute_type)


def grader(args: argparse.Namespace, *, falls_back: bool = True) -> Grader:
    """The grader as the options say; `falls_back` lets the embedded one answer when the endpoint of the LLM fails.

    Raises InputError when the LLM grader has no endpoint, or an endpoint is given that nothing would be sent to.
    """
    from agent.adapters.embedded_grader import EmbeddedGrader

    if args.grader == "embedded":
        if args.base_url or args.llm:
            raise InputError("--base-url and --llm are for --grader llm; add that, or leave them out")
        return EmbeddedGrader()
    from agent.adapters.chat_endpoint import RETRY_S, ChatEndpoint
    from agent.adapters.fallback_grader import FallbackGrader
    from agent.adapters.llm_grader import LlmGrader

    # Without a fallback nobody waits for feedback: a busy server gets all the time that there is.
    retry_s = RETRY_S if falls_back else args.llm_timeout
    llm = LlmGrader(ChatEndpoint(model_address(args), retry_s), args.llm_timeout)
    return FallbackGrader(llm, EmbeddedGrader()) if falls_back else llm


def model_address(args: argparse.Namespace) -> ChatAddress:
    """Where the LLM is served, as options and environment say. Raises InputError when that is not enough."""
    from agent.adapters.chat_endpoint import NO_KEY, ChatAddress

    url = base_url(args)
    if url is None:
        raise InputError(
            "no LLM endpoint is configured; give --base-url or set OPENAI_BASE_URL "
            "(and OPENAI_API_KEY if it asks for a key)"
        )
    model = args.llm or _variable("MOCK_INTERVIEW_MODEL")
    if not model:
        raise InputError("no model is named; give --llm or set MOCK_INTERVIEW_MODEL to a model of the LLM endpoint")
    key = _variable("OPENAI_API_KEY") or NO_KEY
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise InputError(
            "OPENAI_API_KEY holds characters that no key has, such as spaces or curly quotes; copy it again"
        )
    return ChatAddress(url, model, key)


def base_url(args: argparse.Namespace) -> str | None:
    """Address of the LLM endpoint; None when none is configured, so that nothing can be sent. Raises InputError."""
    from agent.adapters.http_post import host_of

    url = args.base_url or _variable("OPENAI_BASE_URL") or (OPENAI if _variable("OPENAI_API_KEY") else None)
    try:
        if url is not None:
            host_of(url)
    except ValueError as error:
        raise InputError(f"the address of the LLM endpoint cannot be used ({error}); it looks like {OPENAI}") from error
    return url


def fix(error: MockInterviewError) -> str:
    """What on our command line changes what an error of the LLM endpoint complains of; empty when nothing does."""
    names = FIXES.get(error.code or "")
    return f" ({names})" if names else ""


def _variable(name: str) -> str:
    return os.environ.get(name, "").strip()


def voice(args: argparse.Namespace) -> Voice:
    """The voice as the options say. Raises VoiceError."""
    from agent.adapters import piper_voice
    from agent.adapters.pyttsx3_voice import Pyttsx3Voice

    if args.voice == "piper" or (args.voice == "auto" and piper_voice.available()):
        return piper_voice.PiperVoice()
    name = None if args.voice in ("auto", "system", "pyttsx3") else args.voice
    return Pyttsx3Voice(voice=name, words_per_minute=args.rate)
