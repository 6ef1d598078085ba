"""Which grader grades when the user did not choose: a configured endpoint, a server on this machine, or our own.

A server on this machine is asked for its models only. It gets answers only after the user has agreed, in `doctor
--judge`, and after its model has passed the trial.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, NamedTuple

from agent.compose.endpoint import base_url, local_servers
from agent.compose.settings import Settings
from agent.logic.grading.trial import Trial, trial_questions, tried
from agent.values.errors import InputError
from agent.values.rubric import Rating

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.adapters.local_servers import LocalServer
    from agent.logic.ports import Grader
    from agent.shell.store.store import Store
    from agent.values.grade import Verdict
    from agent.values.rubric import Question
    from agent.values.transcript import Transcript

TRIAL = "'mock-interview doctor --judge'"
PATIENT_S = 180.0
"""Seconds for one answer when nobody is waiting: in a trial, and after the session."""


class Judge(NamedTuple):
    """The chosen grader, and how to tell the user."""

    settings: Settings
    """Settings with the grader for the conversation."""
    says: str
    """Says which grader grades, and what leaves the machine."""
    afterwards: Settings | None = None
    """Settings with a grader that is too slow for the conversation and grades the answers again afterwards."""


def chosen(settings: Settings, store: Store | None, *, undecided: bool) -> Judge:
    """Who grades a live interview. `undecided`: the user named no grader. Raises InputError or StoreError."""
    if settings.grader == "llm":
        return _endpoint(settings, store, undecided)
    if not undecided or store is None:
        return Judge(settings, "Grader: embedded; nothing leaves this machine.")
    untested, refused = list[str](), list[str]()
    for server in local_servers():
        for model in _models(server, settings):
            trial = store.judges.trial(server.base_url, model)
            if trial is None or not store.judges.agreed(server.base_url):
                untested.append(f"{short(model)} of {server.place}")
            elif trial.refused is None:
                return _local(settings, server, model, trial)
            else:
                refused.append(f"{short(model)} of {server.place}")
    more = f" {untested[0]} could grade too: {TRIAL} tests it." if untested else ""
    if refused and not untested:
        more = f" {refused[0]} was refused as a judge; 'mock-interview doctor' says why."
    return Judge(settings, f"Grader: embedded; nothing leaves this machine.{more}")


def _endpoint(settings: Settings, store: Store | None, undecided: bool) -> Judge:
    from agent.adapters.http_post import host_of

    url, model = base_url(settings) or "", settings.llm_model or ""
    trial = store.judges.trial(url, model) if store is not None else None
    if undecided and trial is not None and trial.refused is not None:
        own = settings.model_copy(update={"grader": "embedded"})
        return Judge(own, f"Grader: embedded. {model} was refused as a judge: {trial.refused}.")
    says = f"Grader: {model} at {host_of(url)}; the transcripts of your answers go there."
    untried = f"{says} To find out whether it grades well, run {TRIAL}."
    return _paced(settings, trial, says if trial is not None else untried)


def _local(settings: Settings, server: LocalServer, model: str, trial: Trial) -> Judge:
    found = settings.model_copy(update={"grader": "llm", "base_url": server.base_url, "llm_model": model})
    return _paced(found, trial, f"Grader: {short(model)} of {server.place}; nothing leaves this machine.")


def _paced(settings: Settings, trial: Trial | None, says: str) -> Judge:
    """If the model is slow, our own grader grades during the conversation."""
    if trial is None or not trial.is_slow:
        return Judge(settings, says)
    later = f"{says} It takes {trial.median_s:.0f} s an answer, so it grades after the session; until then: embedded."
    return Judge(settings.model_copy(update={"grader": "embedded"}), later, afterwards=_patient(settings))


def _patient(settings: Settings) -> Settings:
    return settings.model_copy(update={"llm_timeout": max(settings.llm_timeout, PATIENT_S)})


def short(model: str) -> str:
    """Returns a model's name for people, since llama.cpp gives the path of its file."""
    is_path = model.startswith(("/", "./", "~")) or model[1:3] == ":\\"
    return re.split(r"[\\/]", model)[-1] if is_path else model


def _models(server: LocalServer, settings: Settings) -> list[str]:
    """Returns the model that the user named, if the server has it; otherwise all of its models."""
    named = [model for model in server.models if model == settings.llm_model]
    return named or list(server.models)


# The trial


def candidates(settings: Settings) -> list[tuple[Settings, str, bool]]:
    """Returns what can be tried: settings, place, and whether the server was found rather than configured."""
    if settings.grader == "llm":
        from agent.adapters.http_post import host_of

        if base_url(settings) is None or settings.llm_model is None:
            # The check of the grader says what is missing.
            return []
        return [(settings, f"{settings.llm_model} at {host_of(base_url(settings) or '')}", False)]
    return [
        (
            settings.model_copy(update={"grader": "llm", "base_url": server.base_url, "llm_model": model}),
            f"{short(model)} of {server.place}",
            True,
        )
        for server in local_servers()
        for model in _models(server, settings)[:1]
    ]


def others(settings: Settings) -> list[str]:
    """The other models of the server on this machine that has the model of the settings."""
    return [
        model
        for server in local_servers()
        if server.base_url == base_url(settings)
        for model in server.models
        if model != settings.llm_model
    ]


class _Counted:
    """A grader that shows on a terminal how many answers it has graded: a trial takes minutes."""

    def __init__(self, grader: Grader, of: int) -> None:
        self._grader, self._of, self._count = grader, of, 0

    def prepare(self, question: Question) -> None:
        """Prepares the grader."""
        self._grader.prepare(question)

    def claim(self, question: Question, transcript: Transcript) -> Verdict:
        """Counts the answer and returns the grader's claims."""
        self._count += 1
        self._show(f"\rReference answer {self._count} of {self._of} ...")
        return self._grader.claim(question, transcript)

    def done(self) -> None:
        """Clears the line."""
        self._show("\r" + " " * 40 + "\r")

    def _show(self, text: str) -> None:
        if sys.stderr.isatty():
            print(text, end="", file=sys.stderr, flush=True)


def agrees(place: str, url: str, store: Store, *, yes: bool) -> bool:
    """Asks once per server whether the user agrees that answers are sent to it."""
    if store.judges.agreed(url):
        return True
    if not yes:
        if not (sys.stdin.isatty() and sys.stdout.isatty()):
            raise InputError(f"{place} was found; to send it reference answers, and later yours, add --yes")
        print(f"Send reference answers, and in interviews the transcripts of yours, to {place}? [y/N] ", end="")
        sys.stdout.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            return False
    store.judges.agree(url)
    return True


def put_on_trial(settings: Settings, store: Store, known: Mapping[str, Question]) -> Trial:
    """Grades the reference answers and stores the outcome. Raises InputError, EndpointError or StoreError."""
    from agent.compose.build import clock, llm_grader

    questions = trial_questions(known)
    grader = _Counted(llm_grader(_patient(settings), None), len(Rating) * len(questions))
    trial = tried(grader, questions, clock())
    grader.done()
    store.judges.remember(base_url(settings) or "", settings.llm_model or "", trial)
    return trial
