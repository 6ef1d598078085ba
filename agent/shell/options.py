"""Options that several commands share, and the settings that result from them; builds nothing."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.values.errors import InputError

if TYPE_CHECKING:
    from agent.compose.settings import Settings
    from agent.compose.settings_sources import Loaded

Commands = Any
"""What argparse's add_subparsers() returns; it has no public type."""
PROGRAM = "mock-interview"


def add_command(commands: Commands, name: str, help: str, example: str, **more: Any) -> argparse.ArgumentParser:
    """A parser whose help ends with an example; `example` is what comes after the program's name."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=help, epilog=f"Example: {PROGRAM} {example}", **more
    )
    return parser


def seconds(text: str) -> float:
    """A duration in seconds."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"'{text}' is not a duration; give seconds, e.g. 2.5")
    return value


def count(text: str) -> int:
    """A number of at least one."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of 1 or more")
    return int(text)


def threads(text: str) -> int:
    """A number of threads; 0 chooses for this machine."""
    if not text.isdecimal() or int(text) > 256:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of threads; give 0 to choose for this machine")
    return int(text)


def path(text: str) -> Path:
    """A file or folder. Refuses an empty path, e.g. of an unset variable, which would be the current folder."""
    if not text.strip():
        raise argparse.ArgumentTypeError("the path is empty")
    return Path(text)


def rubric_options(parser: argparse.ArgumentParser, *, default: object = None) -> None:
    """Where the questions come from.

    A subcommand's parser passes argparse.SUPPRESS, so that it does not reset its parent's value.
    """
    parser.add_argument(
        "--rubrics",
        type=path,
        default=default,
        metavar="DIR",
        help="use the questions in this file or folder instead of the built-in ones",
    )


def grader_options(parser: argparse.ArgumentParser) -> None:
    """Which grader, and the endpoint of the LLM grader."""
    parser.add_argument(
        "--grader",
        choices=("auto", "embedded", "llm"),
        help="auto (default): the endpoint that you configured, else a model on this machine that passed 'doctor "
        "--judge' (practice and web), else our own; embedded: our own; llm: an endpoint",
    )
    endpoint_options(parser)


def endpoint_options(parser: argparse.ArgumentParser) -> None:
    """The endpoint of a language model, and the threads of our own models."""
    parser.add_argument("--base-url", metavar="URL", help="endpoint of the language model (or OPENAI_BASE_URL)")
    parser.add_argument(
        "--llm-timeout",
        type=seconds,
        metavar="SECONDS",
        help="seconds for one answer at the endpoint, retries included (default 60)",
    )
    parser.add_argument(
        "--llm", dest="llm_model", metavar="NAME", help="model at the endpoint (or MOCK_INTERVIEW_LLM_MODEL)"
    )
    parser.add_argument(
        "--threads", type=threads, metavar="N", help="CPU threads for each model (default: chosen for this machine)"
    )


def whisper_options(parser: argparse.ArgumentParser) -> None:
    """Which Whisper model, and whether it may be downloaded."""
    parser.add_argument(
        "--model",
        dest="whisper_model",
        metavar="NAME",
        help="Whisper size or folder; auto: the largest here that keeps up (default: base)",
    )
    parser.add_argument(
        "--device", dest="whisper_device", choices=("auto", "cpu", "cuda"), help="where Whisper runs (default: auto)"
    )
    parser.add_argument(
        "--compute-type", dest="whisper_compute_type", metavar="TYPE", help="as in faster-whisper: int8, float16, ..."
    )
    parser.add_argument(
        "--download",
        action="store_true",
        help="download the Whisper model from huggingface.co if it is missing; without this option no network is used",
    )


def voice_options(parser: argparse.ArgumentParser) -> None:
    """Which voice, and how fast it speaks."""
    parser.add_argument(
        "--voice", metavar="NAME", help="auto (Piper when installed), piper, system, or the name of a system voice"
    )
    parser.add_argument(
        "--rate",
        dest="voice_rate",
        type=count,
        metavar="WPM",
        help="words per minute of a system voice, 80 to 450 (default 165)",
    )


def device_options(parser: argparse.ArgumentParser) -> None:
    """Which microphone and which loudspeaker."""
    parser.add_argument("--microphone", metavar="NAME|NUMBER", help="microphone, as 'mock-interview doctor' lists them")
    parser.add_argument("--speaker", metavar="NAME|NUMBER", help="loudspeaker, as 'mock-interview doctor' lists them")


def store_options(parser: argparse.ArgumentParser, *, default: object = None) -> None:
    """Where sessions are saved; `default` as in rubric_options()."""
    parser.add_argument(
        "--data-dir",
        type=path,
        default=default,
        metavar="DIR",
        help="save sessions in this folder instead of the platform's data folder",
    )


def audio_options(parser: argparse.ArgumentParser) -> None:
    """Whether the audio of answers is saved."""
    parser.add_argument(
        "--keep-audio",
        action=argparse.BooleanOptionalAction,
        help="save the audio of your answers in this session, or do not (default: as you agreed when first asked)",
    )


def live_options(parser: argparse.ArgumentParser) -> None:
    """How a live interview is conducted, and which questions it prefers."""
    parser.add_argument("--seniority", choices=("junior", "senior"), help="only questions for this level")
    parser.add_argument("--count", type=count, metavar="N", help="number of questions (default 5)")
    parser.add_argument(
        "--company", metavar="NAME|FILE", help="ask as this company would; see 'mock-interview questions companies'"
    )
    device_options(parser)
    ends = parser.add_mutually_exclusive_group()
    ends.add_argument(
        "--end-silence",
        type=seconds,
        metavar="SECONDS",
        help="end an answer after this many seconds of silence instead of judging each pause",
    )
    ends.add_argument(
        "--patient",
        action=argparse.BooleanOptionalAction,
        help='wait through long silences; only "that\'s my answer" ends an answer quickly',
    )
    parser.add_argument(
        "--interrupt",
        action=argparse.BooleanOptionalAction,
        help="let your speech interrupt the agent (default: yes, unless the microphone picks up the loudspeaker)",
    )


def interview_options(parser: argparse.ArgumentParser) -> None:
    """The options of any interview, live or on recordings."""
    for add in (rubric_options, grader_options, whisper_options, voice_options, store_options, audio_options):
        add(parser)


def flags(args: argparse.Namespace) -> dict[str, Any]:
    """The settings that were given on the command line, by name."""
    from agent.compose.settings import Settings

    given = {name: getattr(args, name, None) for name in Settings.model_fields}
    return {name: value for name, value in given.items() if value is not None}


def loaded(args: argparse.Namespace) -> Loaded:
    """The settings and their origins: defaults, the user's file, the environment, options. Raises InputError."""
    from agent.compose.endpoint import settled
    from agent.compose.settings_sources import load_settings

    given = flags(args)
    found = load_settings(given)
    if {"base_url", "llm_model"} & set(given) and settled(found.settings).grader == "embedded":
        raise InputError("--base-url and --llm work only with --grader llm; add it, or leave them out")
    return found


def settings(args: argparse.Namespace) -> Settings:
    """The settings of this run, with a grader in place of auto. Raises InputError."""
    from agent.compose.endpoint import settled

    return settled(loaded(args).settings)
