"""`practice`: runs the interview with microphone and loudspeaker."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from agent.shell import options
from agent.values.errors import InputError
from agent.values.interview_record import InterviewRecord

if TYPE_CHECKING:
    from agent.interview.setup import Choose, InterviewSetup
    from agent.shell.judge import Judge
    from agent.shell.session_runner import SessionRunner
    from agent.shell.store.store import Store
    from agent.values.history import PastAnswer
    from agent.values.profile import Profile
    from agent.values.rubric import Question


def add(commands: options.Commands) -> None:
    """Declares the command."""
    from agent.shell.profile_source import profile_options
    from agent.shell.whole_options import whole_options

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
    whole_options(parser)
    profile_options(parser)
    parser.add_argument("--no-save", dest="save", action="store_false", help="save nothing of this session")
    parser.add_argument("--seed", type=int, metavar="N", help="the same seed repeats the same draw of questions")
    parser.add_argument("--quiet", action="store_true", help="show nothing in the terminal")
    options.interview_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Runs the interview."""
    from agent.compose import question_bank
    from agent.compose.endpoint import settled
    from agent.shell.judge import chosen
    from agent.shell.saving import open_store
    from agent.shell.whole_options import check_whole

    check_whole(args)
    named = options.loaded(args).settings
    settings = settled(named)
    if args.keep_audio and not args.save:
        raise InputError("--keep-audio and --no-save contradict one another; leave one out")
    known = question_bank.questions(settings)
    needs_store = args.save or args.adaptive or args.review or args.resume
    store = open_store(settings) if needs_store else None
    judge = chosen(settings, store if args.save else None, undecided=named.grader == "auto")
    run = _whole_interview if args.real or args.resume else _practiced
    return run(args, judge, known, store)


def _practiced(args: argparse.Namespace, judge: Judge, known: dict[str, Question], store: Store | None) -> int:
    """Runs practice, with feedback after each answer."""
    from agent.shell.profile_source import left_out, lines, profile_of
    from agent.shell.session_plan import SessionPlan, SessionRequest
    from agent.shell.withheld import past_answers

    settings = judge.settings
    profile = profile_of(args, settings, known)
    request = SessionRequest(args.question, args.signal, args.field, args.adaptive, args.review, args.seed, profile)
    plan = SessionPlan(request, settings, known)
    for name in plan.idle_names():
        print(f"{settings.company}: no question has '{name}', so it has no effect", file=sys.stderr)
    past = past_answers(store) if store is not None else []
    nothing_due = plan.nothing_due(past)
    if nothing_due is not None:
        print(nothing_due)
        return 0
    asked = _Asked(*plan.chooser(past), past, profile)
    if profile is not None and not args.quiet:
        print("\n".join([*lines(profile), *left_out(plan.claimed() if request.follows_claims else None)]))
    # Nothing of a session that is not saved touches the disk, its sound least of all.
    return _interviewed(args, judge, known, asked, store if args.save else None)


class _Asked(NamedTuple):
    """What an interview with feedback asks, and what is known about the candidate."""

    choose: Choose
    most: int
    past: Sequence[PastAnswer]
    profile: Profile | None


def _interviewed(
    args: argparse.Namespace, judge: Judge, known: dict[str, Question], asked: _Asked, store: Store | None
) -> int:
    """Runs the interview, has it graded again if a better grader was too slow, and offers the report."""
    from agent.shell.regrading import graded_later
    from agent.shell.report.offer import offer_report
    from agent.shell.saving import knowing_the_candidate, remembering

    settings, profile = judge.settings, asked.profile
    runner, setup = _ready(args, judge, known, store)
    if profile is not None and store is not None and runner.session_id is not None:
        store.interviews.write(runner.session_id, InterviewRecord(profile=profile, company=settings.company))
    with knowing_the_candidate(setup, store), _keys(args, setup) as there:
        outcome = runner.run(asked.choose, asked.most, replace(remembering(setup, asked.past), profile=profile))
    if outcome.status or store is None or not outcome.turns:
        # Ctrl-C ends the program: nothing more is graded or asked.
        return outcome.status
    if judge.afterwards is not None and runner.session_id is not None:
        print(graded_later(judge.afterwards, store, runner.session_id, known))
    if there and not args.quiet:
        offer_report(store, known)
    return outcome.status


def _whole_interview(args: argparse.Namespace, judge: Judge, known: dict[str, Question], store: Store | None) -> int:
    """Runs a whole interview, without feedback before the end."""
    from agent.shell import whole_session
    from agent.shell.report.offer import offer_report
    from agent.shell.saving import knowing_the_candidate

    if args.resume:
        assert store is not None
        begun = whole_session.left_last(store, known)
    else:
        begun = whole_session.new(args, judge.settings, known)
    if begun.session is not None and not args.quiet:
        print(whole_session.how_far(begun))
    session_id = None if begun.session is None else begun.session.id
    runner, setup = _ready(args, judge, known, store, session_id)
    saved_in = store if args.save else None
    with knowing_the_candidate(setup, saved_in), _keys(args, setup) as there:
        status = whole_session.run_with_debrief(
            begun, runner, setup, known, whole_session.SaveOptions(saved_in, judge.afterwards)
        )
    if saved_in is not None and there and not args.quiet and runner.session_id is not None:
        offer_report(saved_in, known, runner.session_id)
    return status


@contextmanager
def _keys(args: argparse.Namespace, setup: InterviewSetup) -> Iterator[bool]:
    """Lists the keys, which work within this context; yields whether there is a keyboard."""
    from agent.shell.keyboard import HELP, keys_pressed

    with keys_pressed(setup.controls) as there:
        if there and not args.quiet:
            print(HELP)
        yield there


def _ready(
    args: argparse.Namespace,
    judge: Judge,
    known: dict[str, Question],
    store: Store | None,
    session_id: str | None = None,
) -> tuple[SessionRunner, InterviewSetup]:
    """Opens the devices first: a missing microphone is reported before anything is asked or loaded."""
    from agent.compose.build import build
    from agent.compose.devices import sound_card
    from agent.shell.saving import agrees_to_audio, journaled
    from agent.shell.screen import Screen
    from agent.shell.session_runner import SessionRunner
    from agent.shell.store.answer_journal import AnswerJournal
    from agent.shell.store.session_recorder import SessionRecorder
    from agent.shell.weights import ensure_whisper

    settings = judge.settings
    microphone, speaker = sound_card(settings)
    if not args.quiet:
        # Not earlier: an error stands alone.
        print(judge.says)
    ensure_whisper(settings, args)
    setup, recorder = build(settings, microphone, speaker), None
    # Nothing of a session that is not saved touches the disk, its sound least of all.
    if store is not None and args.save:
        journal = AnswerJournal(agrees_to_audio(settings, store, may_ask=not args.quiet))
        setup, recorder = journaled(setup, journal), SessionRecorder(store, journal, session_id)
    screen = Screen(quiet=args.quiet, ratings=not (args.real or args.resume))
    return SessionRunner(screen, known, recorder), setup
