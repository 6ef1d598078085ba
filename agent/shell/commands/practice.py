"""`practice`: the interview with microphone and loudspeaker."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from agent.shell import options
from agent.values.errors import InputError
from agent.values.rubric import Question, Seniority

if TYPE_CHECKING:
    from agent.interview.interview import Room


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command."""
    parser = commands.add_parser(
        "practice", help="rehearse out loud with microphone and loudspeaker", description=__doc__
    )
    parser.add_argument(
        "--signal", action="append", default=[], metavar="NAME", help="only questions of this signal; may be repeated"
    )
    parser.add_argument("--question", action="append", default=[], metavar="ID", help="this question; may be repeated")
    parser.add_argument("--seniority", choices=[item.value for item in Seniority])
    parser.add_argument("--count", type=int, default=5, metavar="N", help="number of questions (default 5)")
    parser.add_argument("--seed", type=int, help="repeat the same draw of questions")
    parser.add_argument("--microphone", metavar="NAME|NUMBER", help="as 'mock-interview doctor' lists them")
    parser.add_argument("--speaker", metavar="NAME|NUMBER")
    parser.add_argument("--end-silence", type=float, metavar="SECONDS", help="silence that ends an answer")
    parser.add_argument("--quiet", action="store_true", help="show nothing: only voices")
    for share in (options.rubric_options, options.grader_options, options.hearing_options, options.voice_options):
        share(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Holds the interview."""
    asked = _chosen(args)
    room = _room(args)
    from agent.shell.screen import Screen
    from agent.shell.session import hold, say_overall

    turns = hold(asked, room, Screen(quiet=args.quiet))
    say_overall(turns, asked, room)
    return 0


def _chosen(args: argparse.Namespace) -> list[Question]:
    from agent.steps.plan import plan

    if args.question:
        return [options.question(args, name) for name in args.question]
    known = options.questions(args)
    signals = {question.signal for question in known.values()}
    for signal in args.signal:
        if signal not in signals:
            raise InputError(f"no signal '{signal}'; use one of: {', '.join(sorted(signals))}")
    if args.count < 1:
        raise InputError("--count must be 1 or more")
    wanted = Seniority(args.seniority) if args.seniority else None
    return plan(list(known.values()), args.count, signals=args.signal, seniority=wanted, seed=args.seed)


def _room(args: argparse.Namespace) -> Room:
    from agent.adapters.silero_vad import SileroDetector
    from agent.adapters.sound_card import SoundCardMicrophone, SoundCardSpeaker, loudspeaker, microphone
    from agent.interview.interview import Room
    from agent.steps.end_of_answer import Patience

    # Devices first: a missing microphone is told before any model is loaded.
    microphone(args.microphone)
    loudspeaker(args.speaker)
    patience = Patience() if args.end_silence is None else Patience(end_silence_s=args.end_silence)
    return Room(
        voice=options.voice(args),
        speaker=SoundCardSpeaker(args.speaker),
        microphone=SoundCardMicrophone(args.microphone),
        detector=SileroDetector(),
        transcriber=options.transcriber(args),
        grader=options.grader(args),
        patience=patience,
    )
