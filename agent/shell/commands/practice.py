"""`practice`: the interview with microphone and loudspeaker."""

from __future__ import annotations

import argparse
import secrets
import sys
from datetime import datetime
from typing import TYPE_CHECKING

from agent.shell import options
from agent.values.errors import InputError
from agent.values.rubric import Question, Seniority

if TYPE_CHECKING:
    from agent.interview.setup import Choose, InterviewSetup
    from agent.shell.store.answer_journal import AnswerJournal
    from agent.shell.store.store import Store
    from agent.values.history import PastAnswer


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command."""
    parser = commands.add_parser(
        "practice", help="rehearse out loud with microphone and loudspeaker", description=__doc__
    )
    parser.add_argument(
        "--signal", action="append", default=[], metavar="NAME", help="only questions of this signal; may be repeated"
    )
    parser.add_argument(
        "--question", action="append", default=[], metavar="ID", help="this question; several may be given, each once"
    )
    parser.add_argument("--seniority", choices=[item.value for item in Seniority])
    parser.add_argument("--count", type=options.count, default=5, metavar="N", help="number of questions (default 5)")
    parser.add_argument(
        "--company", metavar="NAME|FILE", help="ask as this company would; see 'mock-interview questions companies'"
    )
    parser.add_argument("--adaptive", action="store_true", help="harder or easier with each rating, weak signals first")
    parser.add_argument("--review", action="store_true", help="ask what is due by your earlier answers")
    parser.add_argument("--no-save", dest="save", action="store_false", help="keep nothing of this session")
    parser.add_argument("--seed", type=int, help="repeat the same draw of questions")
    parser.add_argument("--microphone", metavar="NAME|NUMBER", help="as 'mock-interview doctor' lists them")
    parser.add_argument("--speaker", metavar="NAME|NUMBER")
    ends = parser.add_mutually_exclusive_group()
    ends.add_argument(
        "--end-silence",
        type=options.seconds,
        metavar="SECONDS",
        help="always wait this long instead of judging each pause",
    )
    ends.add_argument(
        "--patient", action="store_true", help='think in long silences: only "that\'s my answer" ends an answer soon'
    )
    parser.add_argument(
        "--no-interrupt",
        dest="interrupt",
        action="store_false",
        help="never let speech stop the agent (with loudspeakers that is so by itself)",
    )
    parser.add_argument("--quiet", action="store_true", help="show nothing: only voices")
    options.interview_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Holds the interview."""
    known = options.questions(args)
    _refuse_unknown(args, known)
    store = options.store(args) if args.save or args.adaptive or args.review else None
    past = store.past_answers() if store is not None else []
    if args.review and not args.question and not _due(past, known):
        print(_nothing_due(past, known))
        return 0
    choose, count = _chooser(args, known, past)
    # Nothing of a session that is not kept touches the disk, its sound least of all.
    return _hold(args, known, choose, count, store if args.save else None)


def _hold(args: argparse.Namespace, known: dict[str, Question], choose: Choose, count: int, store: Store | None) -> int:
    from agent.adapters.portaudio import loudspeaker, microphone
    from agent.shell.screen import Screen
    from agent.shell.session_runner import SessionRunner
    from agent.shell.store.answer_journal import AnswerJournal
    from agent.shell.store.session_recorder import SessionRecorder

    # Devices first: a missing microphone is reported before anything is asked or loaded.
    microphone(args.microphone)
    loudspeaker(args.speaker)
    journal = AnswerJournal(_keeps_audio(args, store)) if store is not None else None
    setup = _setup(args, journal)
    recorder = SessionRecorder(store, journal) if store is not None and journal is not None else None
    return SessionRunner(Screen(quiet=args.quiet), known, recorder).run(choose, count, setup).status


def _keeps_audio(args: argparse.Namespace, store: Store) -> bool:
    """As the option says, else as the candidate said; asked once, where there is somebody to ask."""
    if args.keep_audio is not None:
        return bool(args.keep_audio)
    agreed = store.consent.to_audio
    if agreed is None and sys.stdin.isatty() and sys.stdout.isatty() and not args.quiet:
        print(f"Keep the sound of your answers, on this machine only, in {store.folder}? [y/N] ", end="", flush=True)
        # Not input(), which ends in a traceback when there is nothing more to read.
        agreed = sys.stdin.readline().strip().lower() in ("y", "yes")
        store.consent.remember(agreed)
        print("Remembered. For one session: --keep-audio or --no-keep-audio")
    return bool(agreed)


def _due(past: list[PastAnswer], known: dict[str, Question]) -> list[str]:
    from agent.adapters.spaced_repetition import due

    return [name for name in due(past, datetime.now().astimezone()) if name in known]


def _nothing_due(past: list[PastAnswer], known: dict[str, Question]) -> str:
    from agent.adapters.spaced_repetition import due_dates

    dates = [(date, name) for name, date in due_dates(past).items() if name in known]
    if not dates:
        return "Nothing is due: no graded answer is on record yet. 'mock-interview practice' begins"
    date, name = min(dates)
    return f"Nothing is due. The next is {name}, on {date.astimezone():%A %d %B %Y at %H:%M}"


def _chooser(args: argparse.Namespace, known: dict[str, Question], past: list[PastAnswer]) -> tuple[Choose, int]:
    """How the next question is chosen, and how many there are at most."""
    from agent.interview.interview import in_order
    from agent.logic.planning.adaptive import next_question
    from agent.logic.planning.plan import plan

    if args.question:
        named = options.asked(args, args.question)
        return in_order(named), len(named)
    company = options.company(args)
    wanted = Seniority(args.seniority) if args.seniority else None
    pool = _pool(args, known)
    due = _due(past, known) if args.review or args.adaptive else []
    if args.review and not args.adaptive:
        return _reviewed(pool, due, args.count)
    if args.adaptive:
        seed = args.seed if args.seed is not None else secrets.randbits(32)
        return (
            lambda turns: next_question(pool, turns, past=past, due=due, seniority=wanted, company=company, seed=seed),
            min(args.count, len(pool)),
        )
    drawn = plan(pool, args.count, seniority=wanted, company=company, seed=args.seed)
    return in_order(drawn), len(drawn)


def _pool(args: argparse.Namespace, known: dict[str, Question]) -> list[Question]:
    """The questions of the signals that were asked for."""
    return [question for question in known.values() if not args.signal or question.signal in args.signal]


def _reviewed(pool: list[Question], due: list[str], count: int) -> tuple[Choose, int]:
    from agent.interview.interview import in_order

    by_id = {question.id: question for question in pool}
    asked = [by_id[name] for name in due if name in by_id][:count]
    if not asked:
        raise InputError("of these signals nothing is due; leave out --signal")
    return in_order(asked), len(asked)


def _refuse_unknown(args: argparse.Namespace, known: dict[str, Question]) -> None:
    signals = {question.signal for question in known.values()}
    for signal in args.signal:
        if signal not in signals:
            raise InputError(f"no signal '{signal}'; use one of: {', '.join(sorted(signals))}")
    if args.keep_audio and not args.save:
        raise InputError("--keep-audio and --no-save contradict one another; leave one out")
    company = options.company(args)
    if not args.question and not any(company.pull(question) > 0 for question in _pool(args, known)):
        raise InputError(
            f"the company '{company.company}' asks none of these questions; leave out --company or --signal"
        )
    if args.company and args.company.endswith((".yaml", ".yml")):
        # Of the profiles that come with us some fit no question of the user's own rubrics, and that is fine.
        for name in company.idle(known.values()):
            print(f"{args.company}: no question has '{name}', so it counts for nothing", file=sys.stderr)


def _setup(args: argparse.Namespace, journal: AnswerJournal | None) -> InterviewSetup:
    from agent.adapters.intent_classifier import EmbeddingIntentClassifier
    from agent.adapters.loudspeaker import SoundCardSpeaker
    from agent.adapters.microphone import SoundCardMicrophone
    from agent.adapters.silero_vad import SileroDetector
    from agent.adapters.smart_turn import SmartTurn
    from agent.adapters.system_clock import SystemClock
    from agent.interview.barge_in import BargeInMicrophone
    from agent.interview.setup import InterviewSetup, Style
    from agent.logic.ports import BargeIn, Microphone
    from agent.logic.speech.endpointing import EndpointingPolicy
    from agent.shell.store.recording import RecordingBargeIn, RecordingMicrophone

    microphone: Microphone = SoundCardMicrophone(args.microphone)
    barge_in: BargeIn | None = BargeInMicrophone(microphone, SileroDetector()) if args.interrupt else None
    if journal is not None:
        microphone = RecordingMicrophone(microphone, journal)
        barge_in = None if barge_in is None else RecordingBargeIn(barge_in, journal)
    policy = EndpointingPolicy.patient() if args.patient else EndpointingPolicy()
    chosen = args.patient or args.end_silence is not None
    return InterviewSetup(
        voice=options.voice(args),
        speaker=SoundCardSpeaker(args.speaker),
        microphone=microphone,
        detector=SileroDetector(),
        transcriber=options.transcriber(args),
        grader=options.grader(args),
        clock=SystemClock(),
        policy=policy if args.end_silence is None else EndpointingPolicy.fixed(args.end_silence),
        style=Style(grade_ahead=args.grader == "embedded", learns_closing_phrase=not chosen),
        turns=SmartTurn(),
        intents=EmbeddingIntentClassifier(),
        barge_in=barge_in,
    )
