"""`replay`: runs the interview on recordings in place of the microphone."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agent.shell import options, recording_options
from agent.shell.output import print_json, turn_json
from agent.values.errors import DeviceError, InputError

if TYPE_CHECKING:
    from agent.compose.settings import Settings
    from agent.interview.setup import InterviewSetup
    from agent.logic.ports import Speaker
    from agent.shell.screen import Screen
    from agent.shell.store.session_recorder import SessionRecorder
    from agent.values.rubric import Question
    from agent.values.selection import Selection


def add(commands: options.Commands) -> None:
    """Declares the command."""
    parser = options.add_command(
        commands,
        "replay",
        "run the interview on recorded answers",
        "replay answer.wav --questions recsys-metrics --out said",
        description=__doc__,
    )
    parser.add_argument("audio", nargs="+", type=Path, metavar="AUDIO", help="one recording for each question")
    parser.add_argument(
        "--questions", required=True, metavar="ID,...", help="the questions in the order of the recordings"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="write what the agent says as WAV here")
    parser.add_argument("--aloud", action="store_true", help="also play it if there is a loudspeaker")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quiet", action="store_true", help="show nothing")
    parser.add_argument("--save", action="store_true", help="save the session as 'practice' does")
    options.interview_options(parser)
    recording_options.recording_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Runs the interview and prints its turns."""
    from agent.compose import question_bank

    settings = options.settings(args)
    ids = [name.strip() for name in args.questions.split(",") if name.strip()]
    asked = question_bank.asked(question_bank.questions(settings), ids)
    if len(asked) != len(args.audio):
        raise InputError(
            f"{len(args.audio)} recordings for {len(asked)} questions; give one for each, in the same order"
        )
    if args.keep_audio and not args.save:
        raise InputError("--keep-audio saves nothing without --save; add --save")
    if args.out is None and not args.aloud:
        raise InputError("choose where the agent's voice goes: --out DIR writes WAV files, --aloud plays it")
    return replayed(args, settings, asked)


def replayed(args: argparse.Namespace, settings: Settings, asked: Sequence[Question]) -> int:
    """The interview on args.audio, one recording for each question."""
    from agent.compose import devices
    from agent.compose.build import build_recorded
    from agent.interview.interview import in_order
    from agent.shell.screen import Screen
    from agent.shell.session_runner import SessionRunner
    from agent.shell.weights import ensure_whisper

    ensure_whisper(settings, args)
    screen = Screen(quiet=args.quiet, to_stderr=args.json)
    recordings = devices.recordings(args.audio, _read(args, screen))
    speaker, saved = _speaker(args, screen)
    setup = build_recorded(settings, recordings, speaker, one_voice=args.one_voice)
    setup, recorder = _saved(setup, settings) if args.save else (setup, None)
    known = {question.id: question for question in asked}
    turns, status = SessionRunner(screen, known, recorder).run(in_order(asked), len(asked), setup)
    recording_options.note_way_out(turns, screen.note)
    if saved:
        first, last = saved[0].name, saved[-1].name
        screen.note(f"What the agent said is in {args.out} as WAV files, {first} to {last}.")
    if args.json:
        print_json({"turns": [turn_json(turn) for turn in turns], "out": str(args.out) if args.out else None})
    return status


def _read(args: argparse.Namespace, screen: Screen) -> list[Selection]:
    """Reads every recording before the first question, so that a bad one
    is reported at once and not after ten minutes.
    """
    selections = []
    for file in args.audio:
        recording = recording_options.read(args, file)
        selections.append(recording.selection)
        for note in recording.notes:
            screen.note(f"{file}: {note}")
    return selections


def _saved(setup: InterviewSetup, settings: Settings) -> tuple[InterviewSetup, SessionRecorder]:
    """The setup with its audio written to a journal, and the session's recorder."""
    from agent.shell.saving import agrees_to_audio, journaled, open_store
    from agent.shell.store.answer_journal import AnswerJournal
    from agent.shell.store.session_recorder import SessionRecorder

    store = open_store(settings)
    journal = AnswerJournal(agrees_to_audio(settings, store, may_ask=False))
    return journaled(setup, journal), SessionRecorder(store, journal)


def _speaker(args: argparse.Namespace, screen: Screen) -> tuple[Speaker, Sequence[Path]]:
    """Where the agent's voice goes, and the files that this will have filled."""
    from agent.compose import devices

    aloud: Speaker | None = None
    if args.aloud:
        try:
            aloud = devices.default_loudspeaker()
        except DeviceError:
            if args.out is None:
                raise
            screen.note(f"There is no loudspeaker here, so the agent's voice goes only to WAV files in {args.out}.")
    if args.out is None and aloud is not None:
        return aloud, ()
    try:
        speaker = devices.wav_speaker(args.out, aloud)
    except DeviceError as error:
        raise InputError(str(error)) from error
    return speaker, speaker.paths
