"""Tests each part that an interview needs; how the results are shown is decided elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from agent.compose import build, devices, question_bank
from agent.compose.endpoint import base_url
from agent.compose.settings import Settings
from agent.compose.settings_sources import config_file
from agent.logic.grading.trial import Trial
from agent.shell.advice import advised
from agent.shell.saving import open_store
from agent.values.errors import EndpointError, MockInterviewError

if TYPE_CHECKING:
    from agent.shell.store.store import Store
    from agent.values.rubric import Question

NEEDED = {"voice", "Whisper", "grader", "questions"}
"""Parts without which not even recordings can be graded."""


class Check(NamedTuple):
    """One line of the report."""

    name: str
    good: bool
    says: str


def checks(settings: Settings, listen_s: float) -> Iterator[Check]:
    """Runs every check, one after another."""
    looks: dict[str, Callable[[], str]] = {
        "devices": _devices,
        "microphone": lambda: _microphone(settings, listen_s),
        "speaker": lambda: _speaker(settings),
        "voice": lambda: _voice(settings),
        "Whisper": lambda: _whisper(settings),
        "speed": lambda: _whisper_speed(settings),
        "questions": lambda: _questions(settings),
        "grader": lambda: _grader(settings),
        "endpoint": lambda: _endpoint(settings),
        "settings": lambda: f"'mock-interview config' shows each; the file is {config_file()}",
        "data": lambda: _data(settings),
        "privacy": lambda: _privacy(settings),
    }
    for name, look in looks.items():
        yield _tried(name, look)


def judge_checks(settings: Settings, *, trial: bool, yes: bool) -> Iterator[Check]:
    """Whether a language model that was found can be trusted as a judge; with `trial`, the trial runs now.

    Raises InputError when the user must agree first and cannot be asked.
    """
    from agent.shell import judge

    found = judge.candidates(settings)
    if not found:
        yield Check("judge", True, "no language model is configured or runs on the usual ports of this machine")
        return
    store, known = open_store(settings), question_bank.questions(settings)
    for mine, place, is_local in found:
        url, model = base_url(mine) or "", mine.llm_model or ""
        if not trial:
            yield _judged(place, store.judges.trial(url, model))
        elif is_local and not judge.agrees(place, url, store, yes=yes):
            yield Check("judge", True, f"{place} was sent nothing")
        else:
            yield _tried("judge", partial(_tried_now, place, mine, store, known))


def _judged(place: str, trial: Trial | None) -> Check:
    if trial is None:
        return Check(
            "judge", True, f"{place} is untested: 'mock-interview doctor --judge' tests it; it was sent nothing"
        )
    return _tried("judge", lambda: _trial(place, trial))


def _tried_now(place: str, settings: Settings, store: Store, known: Mapping[str, Question]) -> str:
    from agent.shell.judge import others, put_on_trial

    trial = put_on_trial(settings, store, known)
    more = others(settings) if trial.refused is not None else []
    return _trial(place, trial, f"; to try another of its models: --llm {more[0]}" if more else "")


def _trial(place: str, trial: Trial, more: str = "") -> str:
    if trial.refused is not None:
        raise EndpointError(f"{place} is refused as a judge: {trial.refused}; {trial.says}{more}")
    slow = "; too slow for a conversation, so it grades after the session" if trial.is_slow else ""
    return f"{place} can be trusted: {trial.says}{slow}"


def _tried(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except MockInterviewError as error:
        return Check(name, False, " ".join(advised(error).split()))


def _devices() -> str:
    return "; ".join(devices.names()) or "none found"


def _microphone(settings: Settings, listen_s: float) -> str:
    from contextlib import closing

    from agent.values.errors import DeviceError

    name, peak, seconds = devices.microphone_name(settings), 0.0, 0.0
    with closing(devices.plain_microphone(settings).frames()) as frames:
        for frame in frames:
            peak, seconds = max(peak, frame.peak), seconds + frame.seconds
            if seconds >= listen_s:
                break
    if peak < 0.002:
        raise DeviceError(
            f"only silence (peak level {peak:.4f}); unmute it, allow the terminal to use it, or try --microphone"
        )
    return f"'{name}' picks up sound (peak level {peak:.2f} of 1 in {seconds:.0f} s)"


def _speaker(settings: Settings) -> str:
    return f"'{devices.loudspeaker_name(settings)}' is available"


def _voice(settings: Settings) -> str:
    voice, started = build.voice(settings), time.monotonic()
    clip = voice.synthesize("This is how I sound.")
    return f"{voice.name}, {clip.seconds:.1f} s of speech synthesized in {time.monotonic() - started:.1f} s"


def _whisper(settings: Settings) -> str:
    from agent.adapters.whisper_model import model_path, verify
    from agent.compose.whisper_choice import whisper, whisper_name

    name = whisper_name(settings)
    path = model_path(name)
    checked = "sha256 checked" if verify(name) else "no checksum is known for this model"
    started = time.monotonic()
    whisper(settings, name).warm()
    return f"{name} in {path} ({checked}), loaded in {time.monotonic() - started:.1f} s"


def _whisper_speed(settings: Settings) -> str:
    from agent.adapters.whisper_speed import KEEPS_UP
    from agent.compose.whisper_choice import speeds

    measured = speeds(settings)
    if not measured:
        return "no size of Whisper is on this machine"
    shown = ", ".join(f"{name} {times:.1f} times as fast as speech" for name, times in measured.items())
    slow = "; close other programs or give a smaller --model" if max(measured.values()) < KEEPS_UP else ""
    return f"{shown}; {KEEPS_UP:.0f} times keep up{slow}; '--model auto' takes the largest that does"


def _questions(settings: Settings) -> str:
    known = question_bank.questions(settings)
    return f"{len(known)} questions in {settings.rubrics or question_bank.own_rubrics()}"


def _grader(settings: Settings) -> str:
    from agent.values.transcript import Transcript

    question = next(iter(question_bank.questions(settings).values()))
    started = time.monotonic()
    # Sends one of our reference answers, never the candidate's; no fallback, to test the endpoint itself.
    verdict = build.grader(settings, falls_back=False).claim(question, Transcript.from_text(question.answers.strong))
    if verdict.ungraded_reason is not None:
        raise EndpointError(f"{verdict.ungraded_reason}; try another model", "model")
    took = f"graded a test answer in {time.monotonic() - started:.1f} s, loading included"
    if settings.grader == "llm":
        return f"{verdict.grader}, {took}; 'grade --print-prompt' shows what is sent"
    return f"embedded, no network; {took}"


def _endpoint(settings: Settings) -> str:
    from agent.adapters.http_post import host_of, proxy_host

    url = base_url(settings)
    if url is None:
        return "none is configured"
    proxy = proxy_host(url)
    way = f"through the proxy {proxy}" if proxy else "without a proxy"
    used = "" if settings.grader == "llm" else ", but unused without --grader llm"
    return f"{host_of(url)} is configured{used}; answers would go there {way}"


def _data(settings: Settings) -> str:
    store = open_store(settings)
    sound = {True: "is saved too, as you agreed", False: "is not saved", None: "is saved only if you agree when asked"}
    agreed = store.consent.to_audio if settings.keep_audio is None else settings.keep_audio
    return (
        f"{len(store.sessions())} sessions in {store.folder}; their audio {sound[agreed]} "
        "('mock-interview history' shows, changes and deletes)"
    )


def _privacy(settings: Settings) -> str:
    if settings.grader == "llm":
        return (
            "the transcript of each answer, with the question's points, goes to the endpoint above; audio never leaves"
        )
    return "nothing leaves this machine"
