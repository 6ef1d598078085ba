"""What the page asks for and sends, as JSON: choices, questions, history and settings."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from agent.logic.spelling import did_you_mean
from agent.shell.advice import advised
from agent.shell.web import past, preferences
from agent.shell.web.host import Host, Opening, by_signal
from agent.shell.web.order import Order, company_names
from agent.values.base import Value
from agent.values.errors import InputError, MockInterviewError
from agent.values.rubric import Question, Rating, in_words

Answer = Callable[[Host, Any], Any]
TEST_SENTENCE = "This is how I sound. If you hear me well, we can begin."


class Nothing(Value):
    """A request without a body."""


class SessionsToDelete(Value):
    """Saved sessions to delete."""

    sessions: tuple[str, ...] = Field(min_length=1, max_length=10_000)
    audio_only: bool = False


class Again(Value):
    """A session to grade again."""

    session: str
    keep: bool = False


class Preference(Value):
    """A setting and its new value; None removes it from the file."""

    name: str
    value: Annotated[str, Field(max_length=500)] | None


class ConsentGiven(Value):
    """Whether audio may be saved."""

    keep_audio: Literal[True, False]


def choices(host: Host, _: Nothing) -> dict[str, Any]:
    """Everything that can be chosen before an interview, except for the profile, which the page requests separately."""
    known, settings = host.questions, host.settings
    return {
        "signals": _names(question.signal for question in known.values()),
        "fields": _names(question.field for question in known.values()),
        "companies": company_names(),
        "count": settings.count,
        "questions": len(known),
        "due": len(past.due_names(host)),
        "unfinished": past.unfinished(host),
        "keep_audio": host.store.consent.to_audio if settings.keep_audio is None else settings.keep_audio,
        "interrupt": settings.interrupt,
        "patient": settings.patient,
        "leaves": preferences.what_leaves(settings),
        "folder": str(host.store.folder),
    }


def _names(names: Any) -> list[dict[str, str]]:
    return [{"name": name, "title": in_words(name)} for name in sorted(set(names))]


def questions(host: Host, _: Nothing) -> list[dict[str, Any]]:
    """All questions, without what would give an answer away."""
    due = set(past.due_names(host))
    return [
        {
            "id": question.id,
            "signal": in_words(question.signal),
            "field": question.field,
            "seniority": question.seniority,
            "tags": list(question.tags),
            "minutes": question.minutes,
            "scenario": question.scenario,
            "ask": question.ask,
            "due": question.id in due,
        }
        for question in by_signal(host.questions)
    ]


def question(host: Host, name: str) -> dict[str, Any]:
    """One question with its points and reference answers."""
    found: Question | None = host.questions.get(name)
    if found is None:
        raise InputError(f"no question '{name}'; {did_you_mean(name, host.questions) or 'choose one of the list'}")
    return {
        "points": [{"title": item.title or item.says, "says": item.says, "why": item.why} for item in found.points],
        "levels": [
            {"name": found.level_name(level), "means": found.levels.of(level), "answer": found.answers.of(level)}
            for level in reversed(Rating)
        ],
        "misconceptions": [{"says": item.says, "truth": item.truth} for item in found.misconceptions],
        "hints": list(found.hints),
    }


def routes(host: Opening) -> list[Route]:
    """Every address under /api/."""
    return [
        Route("/api/status", _reads(host, Nothing, lambda host, _: host.status())),
        Route("/api/choices", _reads(host, Nothing, choices)),
        Route("/api/questions", _reads(host, Nothing, questions)),
        Route("/api/questions/{name}", _named(host, question)),
        Route("/api/history", _reads(host, Nothing, lambda host, _: past.listed(host))),
        Route("/api/settings", _reads(host, Nothing, lambda host, _: preferences.listed(host))),
        Route("/api/export/{form}", _export(host)),
        Route("/api/test-sentence.wav", _test_sentence(host)),
        change(host, "/api/start", Order, lambda host, order: host.start(order)),
        change(
            host,
            "/api/delete",
            SessionsToDelete,
            lambda host, asked: past.delete(host, asked.sessions, asked.audio_only),
        ),
        change(host, "/api/regrade", Again, lambda host, asked: past.regrade(host, asked.session, asked.keep)),
        change(
            host, "/api/settings", Preference, lambda host, asked: preferences.change(host, asked.name, asked.value)
        ),
        change(host, "/api/consent", ConsentGiven, lambda host, asked: host.store.consent.remember(asked.keep_audio)),
    ]


Handler = Callable[[Request], Awaitable[Response]]


def _reads(host: Opening, _form: type[Nothing], answer: Answer) -> Handler:
    async def handle(request: Request) -> Response:
        return await answered(lambda: answer(host(), Nothing()))

    return handle


def _named(host: Opening, answer: Callable[[Host, str], Any]) -> Handler:
    async def handle(request: Request) -> Response:
        return await answered(lambda: answer(host(), request.path_params["name"]))

    return handle


def change(host: Opening, path: str, form: type[Value], answer: Answer) -> Route:
    """An address that takes one kind of message and changes something."""
    adapter: TypeAdapter[Any] = TypeAdapter(form)

    async def handle(request: Request) -> Response:
        try:
            asked = adapter.validate_json(await request.body())
        except ValidationError as error:
            return wrong(_in_one_line(error))
        return await answered(lambda: answer(host(), asked))

    return Route(path, handle, methods=["POST"])


def _export(host: Opening) -> Handler:
    async def handle(request: Request) -> Response:
        form, session = request.path_params["form"], request.query_params.get("session")
        try:
            name, media_type, text = await run_in_threadpool(lambda: past.exported(host(), form, session))
        except MockInterviewError as error:
            return wrong(advised(error))
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(text, media_type=media_type, headers=headers)

    return handle


def _test_sentence(host: Opening) -> Handler:
    async def handle(request: Request) -> Response:
        try:
            sound = await run_in_threadpool(lambda: host().models.sentence(TEST_SENTENCE))
        except MockInterviewError as error:
            return wrong(advised(error))
        return Response(sound, media_type="audio/wav")

    return handle


async def answered(work: Callable[[], Any]) -> Response:
    """Returns the result of the work as JSON, or its error in plain words. Another thread does the work, since the
    socket must not wait.
    """
    try:
        result = await run_in_threadpool(work)
    except MockInterviewError as error:
        return wrong(advised(error))
    return JSONResponse(json.loads(json.dumps(result)))


def wrong(text: str) -> Response:
    """The response to a request that cannot be carried out, with the reason."""
    return JSONResponse({"error": text}, status_code=HTTPStatus.UNPROCESSABLE_ENTITY)


def _in_one_line(error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"]) or "the request"
    return f"{place}: {first['msg']}"
