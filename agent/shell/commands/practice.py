"""`practice`: the interview with microphone and loudspeaker."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.shell import options
from agent.values.errors import InputError
from agent.values.interview_record import InterviewRecord

if TYPE_CHECKING:
    from agent.compose.settings import Settings
    from agent.interview.setup import InterviewSetup
    from agent.shell.session_runner import SessionRunner
    from agent.shell.store.store import Store
    from agent.values.profile import Profile
    from agent.values.rubric import Question


def add(commands: options.Commands) -> None:
    """Declares the command."""
    from agent.shell.profile_source import profile_options

    parser = options.add_command(
        commands,
        "practice",
        "rehearse out loud with microphone and loudspeaker",
        "practice --signal evaluation --count 2",
        description=__doc__,
    )
    parser.add_argument(
        "--signal", action="append", default=[], metavar="NAME", help="only questions of this signal; may be repeated"
    )
    parser.add_argument(
        "--field", action="append", default=[], metavar="NAME", help="only questions of this field; may be repeated"
    )
    parser.add_argument(
        "--question", action="append", default=[], metavar="ID", help="this question; several may be given, each once"
    )
    options.live_options(parser)
    parser.add_argument("--adaptive", action="store_true", help="harder or easier with each rating, weak signals first")
    parser.add_argument("--review", action="store_true", help="ask what is due by your earlier answers")
    profile_options(parser)
    parser.add_argument("--no-save", dest="save", action="store_false", help="save nothing of this session")
    parser.add_argument("--seed", type=int, metavar="N", help="repeat the same draw of questions")
    parser.add_argument("--quiet", action="store_true", help="show nothing: only voices")
    options.interview_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Holds the interview."""
    from agent.compose import question_bank
    from agent.shell.keyboard import HELP, keys_pressed
    from agent.shell.profile_source import left_out, lines, profile_of
    from agent.shell.saving import open_store
    from agent.shell.session_plan import SessionPlan, Wishes

    settings = options.settings(args)
    if args.keep_audio and not args.save:
        raise InputError("--keep-audio and --no-save contradict one another; leave one out")
    known = question_bank.questions(settings)
    profile = profile_of(args, settings, known)
    wishes = Wishes(args.question, args.signal, args.field, args.adaptive, args.review, args.seed, profile)
    plan = SessionPlan(wishes, settings, known)
    for name in plan.idle_names():
        print(f"{settings.company}: no question has '{name}', so it counts for nothing", file=sys.stderr)
    store = open_store(settings) if args.save or args.adaptive or args.review else None
    past = store.past_answers() if store is not None else []
    nothing_due = plan.nothing_due(past)
    if nothing_due is not None:
        print(nothing_due)
        return 0
    choose, most = plan.chooser(past)
    if profile is not None and not args.quiet:
        print("\n".join([*lines(profile), *left_out(plan.claimed() if wishes.follows_claims else None)]))
    # Nothing of a session that is not saved touches the disk, its sound least of all.
    runner, setup = _ready(args, settings, known, store if args.save else None, profile)
    with keys_pressed(setup.controls) as there:
        if there and not args.quiet:
            print(HELP)
        return runner.run(choose, most, setup).status


def _ready(
    args: argparse.Namespace,
    settings: Settings,
    known: dict[str, Question],
    store: Store | None,
    profile: Profile | None,
) -> tuple[SessionRunner, InterviewSetup]:
    """Devices first: a missing microphone is reported before anything is asked or loaded."""
    from agent.compose.build import build, sound_card
    from agent.shell.saving import agrees_to_audio, journaled
    from agent.shell.screen import Screen
    from agent.shell.session_runner import SessionRunner
    from agent.shell.store.answer_journal import AnswerJournal
    from agent.shell.store.session_recorder import SessionRecorder
    from agent.shell.weights import ensure_whisper

    microphone, speaker = sound_card(settings)
    ensure_whisper(settings, args)
    setup, recorder = replace(build(settings, microphone, speaker), profile=profile), None
    if store is not None:
        journal = AnswerJournal(agrees_to_audio(settings, store, may_ask=not args.quiet))
        setup, recorder = journaled(setup, journal), SessionRecorder(store, journal)
        if profile is not None:
            store.interviews.write(recorder.session_id, InterviewRecord(profile=profile, company=settings.company))
    return SessionRunner(Screen(quiet=args.quiet), known, recorder), setup
