"""`doctor`: checks everything that an interview needs, a line each, with the mend."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from agent.shell import options
from agent.values.errors import EndpointError, MockInterviewError


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
        "--listen", type=options.seconds, default=2.0, metavar="SECONDS", help="how long to listen to the microphone"
    )
    parser.add_argument("--microphone", metavar="NAME|NUMBER", help="try this one, by its line under 'devices'")
    parser.add_argument("--speaker", metavar="NAME|NUMBER")
    for share in (
        options.rubric_options,
        options.grader_options,
        options.hearing_options,
        options.voice_options,
        options.store_options,
    ):
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
        ("devices", _devices),
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
        return Check(name, False, " ".join(f"{error}{options.fix(error)}".split()))


def _devices(args: argparse.Namespace) -> str:
    from agent.adapters.portaudio import devices

    return "; ".join(devices()) or "there are none"


def _microphone(args: argparse.Namespace) -> str:
    from agent.adapters.microphone import SoundCardMicrophone
    from agent.adapters.portaudio import microphone
    from agent.values.errors import DeviceError

    name, peak, seconds = microphone(args.microphone), 0.0, 0.0
    frames = SoundCardMicrophone(args.microphone).frames()
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
    from agent.adapters.portaudio import loudspeaker

    return f"'{loudspeaker(args.speaker)}' is there"


def _voice(args: argparse.Namespace) -> str:
    voice, started = options.voice(args), time.monotonic()
    clip = voice.synthesize("This is how I sound.")
    return f"{voice.name}, {clip.seconds:.1f} s of speech made in {time.monotonic() - started:.1f} s"


def _whisper(args: argparse.Namespace) -> str:
    from agent.adapters.whisper_model import model_path, verify

    path = model_path(args.model)
    if not path.is_dir():
        return f"{args.model} is not on this machine; faster-whisper downloads it from its hub when it is first used"
    checked = "sha256 checked" if verify(args.model) else "checksum unknown: not one of ours"
    started = time.monotonic()
    options.transcriber(args).warm()
    return f"{args.model} in {path} ({checked}), loaded in {time.monotonic() - started:.1f} s"


def _questions(args: argparse.Namespace) -> str:
    known = options.questions(args)
    return f"{len(known)} questions in {args.rubrics or options.own_rubrics()}"


def _grader(args: argparse.Namespace) -> str:
    from agent.logic.grading.grading import judge
    from agent.values.transcript import Transcript

    question = next(iter(options.questions(args).values()))
    started = time.monotonic()
    # A reference answer of ours, nothing of the candidate's; the endpoint itself must answer here.
    answer = Transcript.from_text(question.answers.strong)
    verdict = judge(question, answer, options.grader(args, falls_back=False))
    if verdict.ungraded_reason is not None:
        raise EndpointError(f"{verdict.ungraded_reason}; try another model", "model")
    took = f"graded a test answer in {time.monotonic() - started:.1f} s, loading included"
    if args.grader == "llm":
        return f"{verdict.grader}, {took}; 'grade --print-prompt' shows what is sent"
    return f"embedded, no network; {took}"


def _endpoint(args: argparse.Namespace) -> str:
    from agent.adapters.http_post import host_of, proxy_host

    url = options.base_url(args)
    if url is None:
        return "none is configured"
    proxy = proxy_host(url)
    way = f"through the proxy {proxy}" if proxy else "without a proxy"
    used = "" if args.grader == "llm" else ", but unused unless you say --grader llm"
    return f"{host_of(url)} is configured{used}; answers would go there {way}"


def _data(args: argparse.Namespace) -> str:
    store = options.store(args)
    sound = {True: "is kept too, as you agreed", False: "is not kept", None: "is kept only if you agree when asked"}
    return (
        f"{len(store.sessions())} sessions in {store.folder}; their sound {sound[store.consent.to_audio]} "
        "('mock-interview history' shows, changes and deletes)"
    )


def _privacy(args: argparse.Namespace) -> str:
    if args.grader == "llm":
        return (
            "the transcript of each answer, with the question's points, goes to the endpoint above; audio never leaves"
        )
    return "nothing leaves this machine"
