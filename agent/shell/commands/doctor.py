"""`doctor`: checks everything that an interview needs, a line each, with the mend."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from agent.shell import options
from agent.values.errors import MockInterviewError


class Check(NamedTuple):
    """One line of the report."""

    name: str
    good: bool
    says: str


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command."""
    parser = commands.add_parser(
        "doctor", help="check microphone, speaker, voice, models and privacy", description=__doc__
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--listen", type=float, default=2.0, metavar="SECONDS", help="how long to listen to the microphone"
    )
    for share in (options.rubric_options, options.grader_options, options.hearing_options, options.voice_options):
        share(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Prints the report; exit status 0 when an interview on recordings can run, else 1."""
    found = []
    for check in checks(args):
        found.append(check)
        if not args.json:
            print(f"{'ok  ' if check.good else 'MEND'}  {check.name:13} {check.says}", flush=True)
    if args.json:
        from agent.shell.output import print_json

        print_json({check.name: {"good": check.good, "says": check.says} for check in found})
    needed = {"voice", "Whisper", "grader", "questions"}
    return 0 if all(check.good for check in found if check.name in needed) else 1


def checks(args: argparse.Namespace) -> Iterator[Check]:
    """Every check, one after the other."""
    for name, look in (
        ("microphone", _microphone),
        ("speaker", _speaker),
        ("voice", _voice),
        ("Whisper", _whisper),
        ("questions", _questions),
        ("grader", _grader),
        ("endpoint", _endpoint),
        ("data", _data),
        ("privacy", _privacy),
    ):
        yield _tried(name, look, args)


def _tried(name: str, look: Callable[[argparse.Namespace], str], args: argparse.Namespace) -> Check:
    try:
        return Check(name, True, look(args))
    except MockInterviewError as error:
        return Check(name, False, " ".join(str(error).split()))


def _microphone(args: argparse.Namespace) -> str:
    from agent.adapters.sound_card import SoundCardMicrophone, microphone
    from agent.values.errors import DeviceError

    name, peak, seconds = microphone(), 0.0, 0.0
    frames = SoundCardMicrophone(None).frames()
    for frame in frames:
        peak, seconds = max(peak, frame.peak), seconds + frame.seconds
        if seconds >= args.listen:
            break
    close = getattr(frames, "close", None)
    if close is not None:
        close()
    if peak < 0.002:
        raise DeviceError(
            f"hears only silence (level {peak:.4f}); unmute it, allow the terminal to use it, or choose --microphone"
        )
    return f"'{name}' hears something (level {peak:.2f} of 1 in {seconds:.0f} s)"


def _speaker(args: argparse.Namespace) -> str:
    from agent.adapters.sound_card import loudspeaker

    return f"'{loudspeaker()}' is there"


def _voice(args: argparse.Namespace) -> str:
    voice, started = options.voice(args), time.monotonic()
    clip = voice.synthesize("This is how I sound.")
    return f"{voice.name}, {clip.seconds:.1f} s of speech made in {time.monotonic() - started:.1f} s"


def _whisper(args: argparse.Namespace) -> str:
    from agent.adapters.whisper_model import model_path, verify

    path = model_path(args.model)
    checked = "sha256 checked" if verify(args.model) else "checksum unknown: not one of ours"
    return f"{args.model} in {path} ({checked})"


def _questions(args: argparse.Namespace) -> str:
    known = options.questions(args)
    return f"{len(known)} questions in {args.rubrics or options.own_rubrics()}"


def _grader(args: argparse.Namespace) -> str:
    from agent.values.transcript import Transcript

    if args.grader == "llm":
        options.grader(args)
        return "llm, with the embedded grader to fall back on; 'grade --print-prompt' shows what would be sent"
    question = next(iter(options.questions(args).values()))
    started = time.monotonic()
    options.grader(args).claim(question, Transcript.from_text(question.answers.strong))
    return f"embedded, no network; graded a test answer in {time.monotonic() - started:.1f} s, loading included"


def _endpoint(args: argparse.Namespace) -> str:
    from agent.adapters.openai_judge import configured

    host = args.base_url or configured(os.environ)
    if host is None:
        return "none is configured"
    return f"{host} is configured" + ("" if args.grader == "llm" else ", but unused unless you say --grader llm")


def _data(args: argparse.Namespace) -> str:
    import platformdirs

    return f"joined Whisper model in {platformdirs.user_cache_path('mock-interview')}; answers are not kept"


def _privacy(args: argparse.Namespace) -> str:
    if args.grader == "llm":
        return (
            "the transcript of each answer, with the question's points, goes to the endpoint above; audio never leaves"
        )
    return "nothing leaves this machine"
