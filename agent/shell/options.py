"""Options that several commands share, and the settings that they come to; builds nothing."""

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
    """A parser whose help ends with an example; `example` is what follows the program's name."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=help, epilog=f"Example: {PROGRAM} {example}", **more
    )
    return parser


def seconds(text: str) -> float:
    """A duration on the command line."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"'{text}' is not a duration; give seconds, e.g. 2.5")
    return value


def count(text: str) -> int:
    """How many, at least one."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of 1 or more")
    return int(text)


def threads(text: str) -> int:
    """How many, or 0 for what the machine has."""
    if not text.isdecimal() or int(text) > 256:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of threads; 0 takes what the machine has")
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
        choices=("auto", "embedded", "llm"),
        help="auto: the endpoint that you configured, else our own (default); embedded: our own; llm: an endpoint",
    )
    parser.add_argument("--base-url", metavar="URL", help="endpoint for --grader llm (or OPENAI_BASE_URL)")
    parser.add_argument(
        "--llm-timeout",
        type=seconds,
        metavar="SECONDS",
        help="seconds for one answer at the endpoint, retries included (default 60)",
    )
    parser.add_argument(
        "--llm", dest="llm_model", metavar="NAME", help="model at the endpoint (or MOCK_INTERVIEW_MODEL)"
    )
    parser.add_argument(
        "--threads", type=threads, metavar="N", help="processor threads for each model (default: what the machine has)"
    )


def whisper_options(parser: argparse.ArgumentParser) -> None:
    """Which Whisper, and whether it may be fetched."""
    parser.add_argument(
        "--model", dest="whisper_model", metavar="NAME", help="Whisper size or folder (default: base, no download)"
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
        help="fetch the Whisper model from huggingface.co if it is not on this machine; else no network is used",
    )


def voice_options(parser: argparse.ArgumentParser) -> None:
    """Which voice, and how fast."""
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
    parser.add_argument("--microphone", metavar="NAME|NUMBER", help="as 'mock-interview doctor' lists them")
    parser.add_argument("--speaker", metavar="NAME|NUMBER", help="the same for the loudspeaker")


def store_options(parser: argparse.ArgumentParser, *, default: object = None) -> None:
    """Where sessions are saved; `default` as for rubric_options()."""
    parser.add_argument(
        "--data-dir",
        type=Path,
        default=default,
        metavar="DIR",
        help="save sessions in this folder instead of the platform's data folder",
    )


def audio_options(parser: argparse.ArgumentParser) -> None:
    """Whether the sound of answers is saved."""
    parser.add_argument(
        "--keep-audio",
        action=argparse.BooleanOptionalAction,
        help="save the sound of the answers, or not, this time (else as you agreed when first asked)",
    )


def live_options(parser: argparse.ArgumentParser) -> None:
    """How a live interview is held, and which questions it prefers."""
    parser.add_argument("--seniority", choices=("junior", "senior"), help="only questions for this level")
    parser.add_argument("--count", type=count, metavar="N", help="number of questions (default 5)")
    parser.add_argument(
        "--company", metavar="NAME|FILE", help="ask as this company would; see 'mock-interview questions companies'"
    )
    device_options(parser)
    ends = parser.add_mutually_exclusive_group()
    ends.add_argument(
        "--end-silence", type=seconds, metavar="SECONDS", help="always wait this long instead of judging each pause"
    )
    ends.add_argument(
        "--patient",
        action=argparse.BooleanOptionalAction,
        help='think in long silences: only "that\'s my answer" ends an answer soon',
    )
    parser.add_argument(
        "--interrupt",
        action=argparse.BooleanOptionalAction,
        help="whether your speech stops the agent (default: yes, unless the microphone hears the loudspeaker)",
    )


def interview_options(parser: argparse.ArgumentParser) -> None:
    """All that an interview takes, live or on recordings."""
    for add in (rubric_options, grader_options, whisper_options, voice_options, store_options, audio_options):
        add(parser)


def flags(args: argparse.Namespace) -> dict[str, Any]:
    """The settings that were given on the command line, by name."""
    from agent.compose.settings import Settings

    given = {name: getattr(args, name, None) for name in Settings.model_fields}
    return {name: value for name, value in given.items() if value is not None}


def loaded(args: argparse.Namespace) -> Loaded:
    """The settings and their origins: defaults, the user's file, the environment, then options. Raises InputError."""
    from agent.compose.endpoint import settled
    from agent.compose.settings_sources import load_settings

    given = flags(args)
    found = load_settings(given)
    if {"base_url", "llm_model"} & set(given) and settled(found.settings).grader == "embedded":
        raise InputError("--base-url and --llm are for --grader llm; add that, or leave them out")
    return found


def settings(args: argparse.Namespace) -> Settings:
    """The settings of this run, with a grader in place of auto. Raises InputError."""
    from agent.compose.endpoint import settled

    return settled(loaded(args).settings)
