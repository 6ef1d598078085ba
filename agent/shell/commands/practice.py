"""`practice`: runs the interview with microphone and loudspeaker."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from agent.shell import options
from agent.values.errors import InputError

if TYPE_CHECKING:
    from agent.compose.settings import Settings
    from agent.interview.setup import InterviewSetup
    from agent.shell.session_runner import SessionRunner
    from agent.shell.store.store import Store
    from agent.values.rubric import Question


def add(commands: options.Commands) -> None:
    """Declares the command."""
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
        "--question", action="append", default=[], metavar="ID", help="ask this question; may be repeated"
    )
    options.live_options(parser)
    parser.add_argument(
        "--adaptive",
        action="store_true",
        help="choose harder or easier questions after each rating, weak signals first",
    )
    parser.add_argument("--review", action="store_true", help="ask what is due by your earlier answers")
    parser.add_argument("--no-save", dest="save", action="store_false", help="save nothing of this session")
    parser.add_argument("--seed", type=int, metavar="N", help="the same seed repeats the same draw of questions")
    parser.add_argument("--quiet", action="store_true", help="show nothing in the terminal")
    options.interview_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Runs the interview."""
    from agent.compose import question_bank
    from agent.shell.keyboard import HELP, keys_pressed
    from agent.shell.report.offer import offer_report
    from agent.shell.saving import knowing_the_candidate, open_store, remembering
    from agent.shell.session_plan import SessionPlan, Wishes

    settings = options.settings(args)
    if args.keep_audio and not args.save:
        raise InputError("--keep-audio and --no-save contradict one another; leave one out")
    wishes = Wishes(args.question, args.signal, args.field, args.adaptive, args.review, args.seed)
    known = question_bank.questions(settings)
    plan = SessionPlan(wishes, settings, known)
    for name in plan.idle_names():
        print(f"{settings.company}: no question has '{name}', so it has no effect", file=sys.stderr)
    store = open_store(settings) if args.save or args.adaptive or args.review else None
    past = store.past_answers() if store is not None else []
    nothing_due = plan.nothing_due(past)
    if nothing_due is not None:
        print(nothing_due)
        return 0
    choose, most = plan.chooser(past)
    # Nothing of a session that is not saved touches the disk, its sound least of all.
    kept = store if args.save else None
    runner, setup = _ready(args, settings, known, kept)
    with knowing_the_candidate(setup, kept), keys_pressed(setup.controls) as there:
        if there and not args.quiet:
            print(HELP)
        outcome = runner.run(choose, most, remembering(setup, past))
    if store is not None and args.save and outcome.turns and there and not args.quiet:
        offer_report(store, known)
    return outcome.status


def _ready(
    args: argparse.Namespace, settings: Settings, known: dict[str, Question], store: Store | None
) -> tuple[SessionRunner, InterviewSetup]:
    """Opens the devices first: a missing microphone is reported before anything is asked or loaded."""
    from agent.compose.build import build, sound_card
    from agent.shell.saving import agrees_to_audio, journaled
    from agent.shell.screen import Screen
    from agent.shell.session_runner import SessionRunner
    from agent.shell.store.answer_journal import AnswerJournal
    from agent.shell.store.session_recorder import SessionRecorder
    from agent.shell.weights import ensure_whisper

    microphone, speaker = sound_card(settings)
    ensure_whisper(settings, args)
    setup, recorder = build(settings, microphone, speaker), None
    if store is not None:
        journal = AnswerJournal(agrees_to_audio(settings, store, may_ask=not args.quiet))
        setup, recorder = journaled(setup, journal), SessionRecorder(store, journal)
    return SessionRunner(Screen(quiet=args.quiet), known, recorder), setup
