"""`replay`: the interview with recordings in place of the microphone."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent.shell import options, recording_options
from agent.shell.output import print_json, turn_json
from agent.values.errors import DeviceError, InputError

if TYPE_CHECKING:
    from agent.interview.setup import InterviewSetup
    from agent.logic.ports import Speaker
    from agent.shell.screen import Screen
    from agent.shell.store.session_recorder import SessionRecorder
    from agent.values.selection import Selection


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declares the command."""
    parser = commands.add_parser("replay", help="run the interview on recorded answers", description=__doc__)
    parser.add_argument("audio", nargs="+", type=Path, metavar="AUDIO", help="one recording for each question")
    parser.add_argument(
        "--questions", required=True, metavar="ID,...", help="the questions in the order of the recordings"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="write what the agent says as WAV here")
    parser.add_argument("--aloud", action="store_true", help="also play it when there is a loudspeaker")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quiet", action="store_true")
    parser.add_argument("--save", action="store_true", help="keep the session as 'practice' does")
    options.interview_options(parser)
    recording_options.recording_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Holds the interview and prints its turns."""
    from agent.interview.interview import in_order
    from agent.shell.screen import Screen
    from agent.shell.session_runner import SessionRunner

    asked = options.asked(args, [name.strip() for name in args.questions.split(",") if name.strip()])
    if len(asked) != len(args.audio):
        raise InputError(
            f"{len(args.audio)} recordings for {len(asked)} questions; give one for each, in the same order"
        )
    if args.keep_audio and not args.save:
        raise InputError("--keep-audio keeps nothing without --save; add that")
    if args.out is None and not args.aloud:
        raise InputError("say where the agent's side goes: --out DIR writes WAV files, --aloud plays it")
    screen = Screen(quiet=args.quiet, to_stderr=args.json)
    setup = _setup(args, screen, _read(args, screen))
    setup, recorder = _kept(args, setup)
    turns, status = SessionRunner(screen, {question.id: question for question in asked}, recorder).run(
        in_order(asked), len(asked), setup
    )
    recording_options.note_way_out(turns, screen.note)
    if args.out is not None:
        screen.note(f"What the agent said is in {args.out} as WAV files.")
    if args.json:
        print_json({"turns": [turn_json(turn) for turn in turns], "out": str(args.out) if args.out else None})
    return status


def _read(args: argparse.Namespace, screen: Screen) -> list[Selection]:
    """Reads every recording before the first question: a bad one is reported at once, not ten minutes in."""
    selections = []
    for file in args.audio:
        recording = recording_options.read(args, file)
        selections.append(recording.selection)
        for note in recording.notes:
            screen.note(f"{file}: {note}")
    return selections


def _kept(args: argparse.Namespace, setup: InterviewSetup) -> tuple[InterviewSetup, SessionRecorder | None]:
    """With --save the recorder of the session, and the setup with its audio going to the journal."""
    if not args.save:
        return setup, None
    from agent.shell.store.answer_journal import AnswerJournal
    from agent.shell.store.recording import RecordingMicrophone
    from agent.shell.store.session_recorder import SessionRecorder

    store = options.store(args)
    journal = AnswerJournal(bool(store.consent.to_audio if args.keep_audio is None else args.keep_audio))
    setup = replace(setup, microphone=RecordingMicrophone(setup.microphone, journal))
    return setup, SessionRecorder(store, journal)


def _setup(args: argparse.Namespace, screen: Screen, selections: list[Selection]) -> InterviewSetup:
    from agent.adapters.recordings import Recordings
    from agent.adapters.silero_vad import SileroDetector
    from agent.adapters.system_clock import SystemClock
    from agent.interview.setup import InterviewSetup, Style
    from agent.logic.speech.endpointing import EndpointingPolicy

    return InterviewSetup(
        voice=options.voice(args),
        speaker=_speaker(args, screen),
        microphone=Recordings(args.audio, selections),
        detector=SileroDetector(),
        transcriber=recording_options.transcriber(args),
        grader=options.grader(args),
        clock=SystemClock(),
        # A recording ends where it ends: no pause in it may cut the answer off.
        policy=EndpointingPolicy.endless(),
        style=Style.recorded(),
    )


def _speaker(args: argparse.Namespace, screen: Screen) -> Speaker:
    from agent.adapters.wav_file import WavSpeaker

    aloud: Speaker | None = None
    if args.aloud:
        from agent.adapters.loudspeaker import SoundCardSpeaker
        from agent.adapters.portaudio import loudspeaker

        try:
            loudspeaker()
            aloud = SoundCardSpeaker()
        except DeviceError:
            if args.out is None:
                raise
            screen.note(f"There is no loudspeaker here, so the agent's voice goes to WAV files in {args.out} alone.")
    if args.out is None and aloud is not None:
        return aloud
    try:
        return WavSpeaker(args.out, aloud)
    except DeviceError as error:
        raise InputError(str(error)) from error
