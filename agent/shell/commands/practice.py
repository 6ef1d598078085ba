"""`practice`: the interview with microphone and loudspeaker."""

from __future__ import annotations

import argparse
import secrets
from typing import TYPE_CHECKING

from agent.shell import options
from agent.values.errors import InputError
from agent.values.rubric import Question, Seniority

if TYPE_CHECKING:
    from agent.interview.room import Choose, Room


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
    parser.add_argument(
        "--company", metavar="NAME|FILE", help="ask as this company would; see 'mock-interview questions companies'"
    )
    parser.add_argument("--adaptive", action="store_true", help="harder or easier with each rating, weak signals first")
    parser.add_argument("--seed", type=int, help="repeat the same draw of questions")
    parser.add_argument("--microphone", metavar="NAME|NUMBER", help="as 'mock-interview doctor' lists them")
    parser.add_argument("--speaker", metavar="NAME|NUMBER")
    parser.add_argument(
        "--end-silence", type=float, metavar="SECONDS", help="always wait this long instead of judging each pause"
    )
    parser.add_argument(
        "--no-interrupt",
        dest="interrupt",
        action="store_false",
        help="never let speech stop the agent (with loudspeakers that is so by itself)",
    )
    parser.add_argument("--quiet", action="store_true", help="show nothing: only voices")
    for share in (options.rubric_options, options.grader_options, options.hearing_options, options.voice_options):
        share(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Holds the interview."""
    known = options.questions(args)
    choose, count = _chooser(args, known)
    room = _room(args)
    from agent.shell.screen import Screen
    from agent.shell.session import hold, say_overall

    turns = hold(choose, count, known, room, Screen(quiet=args.quiet))
    say_overall(turns, known, room)
    return 0


def _chooser(args: argparse.Namespace, known: dict[str, Question]) -> tuple[Choose, int]:
    """How the next question is chosen, and how many there are at most."""
    from agent.interview.interview import in_order
    from agent.steps.adaptive import next_question
    from agent.steps.plan import plan

    if args.question:
        named = [options.question(args, name) for name in args.question]
        return in_order(named), len(named)
    _refuse_unknown(args, known)
    company = options.company(args)
    wanted = Seniority(args.seniority) if args.seniority else None
    pool = [question for question in known.values() if not args.signal or question.signal in args.signal]
    if args.adaptive:
        seed = args.seed if args.seed is not None else secrets.randbits(32)
        return (
            lambda turns: next_question(pool, turns, seniority=wanted, company=company, seed=seed),
            min(args.count, len(pool)),
        )
    drawn = plan(pool, args.count, seniority=wanted, company=company, seed=args.seed)
    if not drawn:
        raise InputError(
            f"the company '{company.company}' asks none of these questions; leave out --company or --signal"
        )
    return in_order(drawn), len(drawn)


def _refuse_unknown(args: argparse.Namespace, known: dict[str, Question]) -> None:
    signals = {question.signal for question in known.values()}
    for signal in args.signal:
        if signal not in signals:
            raise InputError(f"no signal '{signal}'; use one of: {', '.join(sorted(signals))}")
    if args.count < 1:
        raise InputError("--count must be 1 or more")


def _room(args: argparse.Namespace) -> Room:
    from agent.adapters.silero_vad import SileroDetector
    from agent.adapters.smart_turn import SmartTurn
    from agent.adapters.sound_card import SoundCardMicrophone, SoundCardSpeaker, loudspeaker, microphone
    from agent.adapters.understanding import Understood
    from agent.interview.overhearing import Overhearing
    from agent.interview.room import Manner, Room
    from agent.steps.end_of_answer import Patience

    # Devices first: a missing microphone is told before any model is loaded.
    microphone(args.microphone)
    loudspeaker(args.speaker)
    hears = SoundCardMicrophone(args.microphone)
    patience = Patience() if args.end_silence is None else Patience.fixed(args.end_silence)
    return Room(
        voice=options.voice(args),
        speaker=SoundCardSpeaker(args.speaker),
        microphone=hears,
        detector=SileroDetector(),
        transcriber=options.transcriber(args),
        grader=options.grader(args),
        patience=patience,
        manner=Manner(grade_ahead=args.grader == "embedded"),
        turns=SmartTurn(),
        understanding=Understood(),
        overhearing=Overhearing(hears, SileroDetector()) if args.interrupt else None,
    )
