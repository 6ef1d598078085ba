"""`demo`: a complete interview on recorded (synthetic) answers, played aloud if there is a loudspeaker."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from agent.shell import options

ANSWERS = {
    "recsys-reduce-features": "reduce-features-very-strong.ogg",
    "recsys-choose-model": "choose-model-weak.ogg",
    "recsys-sparse-loss": "sparse-loss-strong.ogg",
    "recsys-metrics": "metrics-strong.ogg",
    "recsys-refresh": "refresh-very-weak.ogg",
}
"""The recording of audio_fixtures/ for each question; the wheel has these five (pyproject.toml)."""


def add(commands: options.Commands) -> None:
    """Declares the command."""
    parser = options.add_command(
        commands, "demo", "show a complete interview on recorded answers", "demo --out said", description=__doc__
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("mock-interview-demo"),
        metavar="DIR",
        help="write what the agent says as WAV here (default: mock-interview-demo)",
    )
    for share in (options.grader_options, options.whisper_options, options.voice_options):
        share(parser)
    parser.set_defaults(run=run, aloud=True, json=False, quiet=False, save=False)
    # Our own recordings, each of one voice on one channel.
    parser.set_defaults(track=None, channel=None, one_voice=True)


def run(args: argparse.Namespace) -> int:
    """Replays one recorded answer to each example question."""
    from agent.adapters.rubric_file import load_questions
    from agent.compose import question_bank
    from agent.shell.commands.replay import replayed

    settings = options.settings(args)
    folder = question_bank.shipped("audio_fixtures", ANSWERS["recsys-metrics"])
    args.audio = [folder / name for name in ANSWERS.values()]
    asked = question_bank.asked(load_questions([question_bank.own_rubrics()]), list(ANSWERS))
    print("A mock interview with recorded (synthetic) answers.\n", flush=True)
    status = replayed(args, settings, asked)
    print(f"Your turn, with microphone and loudspeaker: {program()} practice")
    return status


def program() -> str:
    """How to start this program from here: by name if the shell finds it, else by path."""
    script = Path(sys.executable).with_name(options.PROGRAM + (".exe" if sys.platform == "win32" else ""))
    found = shutil.which(options.PROGRAM)
    if not script.exists() or (found is not None and Path(found).resolve() == script.resolve()):
        return options.PROGRAM
    here = Path.cwd()
    return str(script.relative_to(here) if script.is_relative_to(here) else script)
