"""CV and job description on the page: read here, corrected there, and stored nowhere; also the plan that follows from
them.
"""

from __future__ import annotations

import secrets
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from agent.logic.planning.claimed import ClaimedPlan
from agent.logic.planning.pacing import question_count
from agent.shell.session_plan import SessionPlan
from agent.shell.terminal import printable
from agent.shell.web import api
from agent.shell.web.access import DOCUMENT
from agent.shell.web.host import Host, Opening
from agent.shell.web.order import Order, adjusted
from agent.values.base import Value
from agent.values.errors import InputError
from agent.values.profile import Profile, Source
from agent.values.rubric import in_words

LONGEST_NAME = 80
LARGEST_SEED = 2**32


class SavedProfile(Value):
    """The profile to save for other days; None deletes the saved one."""

    profile: Profile | None


def routes(host: Opening) -> list[Route]:
    """The addresses of these requests."""
    return [
        Route(DOCUMENT, _document(host), methods=["POST"]),
        Route("/api/profile", _saved(host)),
        api.change(host, "/api/profile/keep", SavedProfile, lambda _, asked: save(asked.profile)),
        api.change(host, "/api/plan", Order, plan),
    ]


def _document(host: Opening) -> api.Handler:
    async def handle(request: Request) -> Response:
        source, name = request.query_params.get("source", ""), request.query_params.get("name", "")
        data = await request.body()
        return await api.answered(lambda: read(host(), source, name, data))

    return handle


def _saved(host: Opening) -> api.Handler:
    async def handle(request: Request) -> Response:
        return await api.answered(lambda: {"profile": saved()})

    return handle


def read(host: Host, source: str, name: str, data: bytes) -> dict[str, Any]:
    """Returns the claims of one document. Raises InputError, in one line, if it cannot be read, and ModelError."""
    from agent.adapters.document_file import document_text
    from agent.compose import profiles

    whose: Source | None = next((item for item in get_args(Source) if item == source), None)
    if whose is None:
        raise InputError("the document is neither a CV nor a job description; reload the page")
    # A name to speak of: nothing is opened by it.
    spoken = " ".join(printable(Path(name).name).split())[-LONGEST_NAME:]
    text = document_text(Path(spoken or "the document"), data)
    find = profiles.reader(host.questions, threads=host.settings.threads)
    return find(text, whose, date.today().year).model_dump(mode="json")


def saved() -> dict[str, Any] | None:
    """Returns the saved profile; None if there is none. Raises InputError if the file is not a valid profile."""
    from agent.compose.profile_file import load_profile, profile_file

    path = profile_file()
    return load_profile(path).model_dump(mode="json") if path.exists() else None


def save(profile: Profile | None) -> dict[str, Any]:
    """Writes the profile beside the settings, or deletes it. Raises InputError."""
    from agent.compose.profile_file import forget_profile, profile_file, replace_profile

    path = profile_file()
    if profile is None:
        forget_profile(path)
        return {"file": str(path), "before": None}
    before = replace_profile(profile, path)
    return {"file": str(path), "before": None if before is None else str(before)}


def plan(host: Host, order: Order) -> dict[str, Any]:
    """Returns why each question would be asked, in order and without its text, and which claims no question touches.

    Raises InputError when there is nothing to ask.
    """
    order.check()
    seed = order.seed if order.seed is not None else secrets.randbelow(LARGEST_SEED)
    settings = adjusted(order, host.settings, host.questions)
    if order.real is not None:
        signals = order.signals or {question.signal for question in host.questions.values()}
        settings = settings.model_copy(update={"count": question_count(order.real, len(signals))})
    request = order.request._replace(seed=seed)
    claimed = SessionPlan(request, settings, host.questions).claimed() if request.follows_claims else None
    if claimed is None:
        raise InputError("named, adaptive and due questions follow no CV; choose another way to rehearse")
    return {"seed": seed, "questions": _reasons(host, claimed), **_left_out(claimed)}


def _reasons(host: Host, claimed: ClaimedPlan) -> list[dict[str, str]]:
    asked = [(host.questions[item.question_id], item.why) for item in claimed.questions]
    return [
        {"signal": in_words(question.signal), "field": question.field, "seniority": question.seniority, "why": why}
        for question, why in asked
    ]


def _left_out(claimed: ClaimedPlan) -> dict[str, list[str]]:
    def names(kind: Literal["field", "skill"]) -> list[str]:
        return list(dict.fromkeys(claim.name for claim in claimed.unmatched if claim.kind == kind))

    later = list(dict.fromkeys(claim.name for claim in claimed.not_today))
    return {"no_field": names("field"), "no_skill": names("skill"), "later": later}
