"""What the page's server knows: settings, questions, models, sessions on record, and the one interview under way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from agent.compose import question_bank
from agent.compose.settings import Settings
from agent.interview.controls import Controls
from agent.interview.setup import Choose, InterviewSetup
from agent.shell.session_plan import SessionPlan, Wishes
from agent.shell.web.models import LoadedModels, Models
from agent.shell.web.session import AWAY_S, ENDS_WITHIN_S, Wanted, WebSession
from agent.values.base import Value
from agent.values.errors import InputError
from agent.values.rubric import Question

if TYPE_CHECKING:
    from agent.adapters.browser_microphone import BrowserMicrophone
    from agent.adapters.browser_speaker import BrowserSpeaker
    from agent.shell.store.session_recorder import SessionRecorder
    from agent.shell.store.store import Store


class Order(Value):
    """What the candidate wants to rehearse: all that the command line has, chosen on the page."""

    questions: tuple[str, ...] = Field(default=(), max_length=200)
    signals: tuple[str, ...] = Field(default=(), max_length=50)
    fields: tuple[str, ...] = Field(default=(), max_length=100)
    seniority: Literal["junior", "senior"] | None = None
    company: str | None = None
    count: int | None = Field(default=None, ge=1, le=200)
    minutes: float | None = Field(default=None, gt=0, le=600)
    """Time box: no further question is asked after so many minutes."""
    adaptive: bool = False
    review: bool = False
    patient: bool | None = None
    interrupt: bool | None = None
    """Whether the candidate's voice stops the agent."""
    save: bool = True
    keep_audio: bool = False


MakeModels = Callable[[Settings, Mapping[str, Question], Callable[[], None]], Models]


class Host:
    """One for each run of the server."""

    def __init__(
        self, settings: Settings, store: Store, *, models: MakeModels = LoadedModels, away_s: float = AWAY_S
    ) -> None:
        """`models` begin to load in the background. Raises RubricError."""
        self.store, self._make_models, self._away_s = store, models, away_s
        self._lock = threading.RLock()
        self._session: WebSession | None = None
        self._models: Models | None = None
        self.use(settings)

    def use(self, settings: Settings) -> None:
        """From the next interview on these settings count."""
        known = question_bank.questions(settings)
        with self._lock:
            self.settings, self.known = settings, known
            if self._models is None or not self._models.fit(settings):
                self._models = self._make_models(settings, known, self._loaded)

    @property
    def models(self) -> Models:
        """Those of the present settings."""
        assert self._models is not None
        return self._models

    @property
    def session(self) -> WebSession | None:
        """The interview under way, or the latest one; None before the first."""
        return self._session

    @property
    def running(self) -> WebSession | None:
        """The interview under way."""
        session = self._session
        return session if session is not None and session.running else None

    def start(self, order: Order) -> None:
        """Begins an interview. Raises InputError when one is under way, or when there is nothing to ask."""
        with self._lock:
            if self._session is not None:
                self._session.settle()
            if self.running is not None:
                raise InputError("an interview is under way; end it first, or take it over")
            settings = self._adjusted(order)
            choose, of = self._chosen(order, settings)
            if order.save:
                self.store.consent.remember(order.keep_audio)
            wanted = Wanted(choose, of, self.known, self._prepare(order, settings))
            self._session = WebSession(wanted, self._away_s)
            self._loaded()
            self._session.start()

    def close(self, within_s: float = ENDS_WITHIN_S) -> None:
        """Ends the interview under way and waits until it is saved, or for so many seconds."""
        if self._session is not None:
            self._session.finish(within_s)

    def _loaded(self) -> None:
        if self._session is not None:
            self._session.stage.set(loading=self.models.progress())

    def _adjusted(self, order: Order) -> Settings:
        given = {
            "seniority": order.seniority,
            "company": order.company,
            "count": order.count or (len(self.known) if order.minutes else None),
            "patient": order.patient if self.settings.end_silence is None else None,
            "interrupt": order.interrupt,
        }
        return self.settings.model_copy(update={name: value for name, value in given.items() if value is not None})

    def _chosen(self, order: Order, settings: Settings) -> tuple[Choose, int]:
        wishes = Wishes(order.questions, order.signals, order.fields, order.adaptive, order.review)
        if order.company is not None and order.company not in company_names():
            raise InputError(f"no company profile '{order.company}'; choose one of the list")
        plan, past = SessionPlan(wishes, settings, self.known), self.store.past_answers()
        nothing_due = plan.nothing_due(past)
        if nothing_due is not None:
            raise InputError(nothing_due)
        choose, of = plan.chooser(past)
        return (choose if order.minutes is None else time_boxed(choose, order.minutes)), of

    def _prepare(
        self, order: Order, settings: Settings
    ) -> Callable[[BrowserMicrophone, BrowserSpeaker, Controls], tuple[InterviewSetup, SessionRecorder | None]]:
        models, store = self.models, self.store

        def prepare(
            microphone: BrowserMicrophone, speaker: BrowserSpeaker, controls: Controls
        ) -> tuple[InterviewSetup, SessionRecorder | None]:
            from agent.shell.saving import journaled, remembering
            from agent.shell.store.answer_journal import AnswerJournal
            from agent.shell.store.session_recorder import SessionRecorder

            setup = remembering(models.setup(settings, microphone, speaker, controls), store.past_answers())
            if not order.save:
                return setup, None
            journal = AnswerJournal(order.keep_audio)
            return journaled(setup, journal), SessionRecorder(store, journal)

        return prepare

    def status(self) -> dict[str, Any]:
        """Whether an interview is under way, and how far the models are."""
        running = self.running
        return {
            "running": running is not None,
            "taken": running is not None and running.page is not None,
            "loading": self.models.progress(),
            "loaded": self.models.loaded.is_set(),
        }


class Opening:
    """The host to be: the page is served before questions and sessions have been read."""

    def __init__(self) -> None:
        self._host: Future[Host] = Future()

    def done(self, host: Host) -> None:
        """It is there."""
        self._host.set_result(host)

    def cancel(self) -> None:
        """It will never be there: requests that wait for it fail."""
        self._host.cancel()

    def __call__(self) -> Host:
        """Waits for it. Raises CancelledError."""
        return self._host.result()

    @property
    def running(self) -> WebSession | None:
        """The interview under way; never waits."""
        return self._host.result().running if self._host.done() and not self._host.cancelled() else None

    @property
    def session(self) -> WebSession | None:
        """The interview under way, or the latest one; never waits."""
        return self._host.result().session if self._host.done() and not self._host.cancelled() else None


def company_names() -> list[str]:
    """The profiles that come with the program."""
    return sorted(path.stem for path in question_bank.own_companies().glob("*.yaml"))


def time_boxed(choose: Choose, minutes: float, now: Callable[[], float] = time.monotonic) -> Choose:
    """The same choice, but no further question once the time is up; the answer under way is heard out."""
    ends = now() + 60 * minutes

    def chosen(turns: list[Any]) -> Question | None:
        return choose(turns) if now() < ends else None

    return chosen


def by_signal(known: Mapping[str, Question]) -> list[Question]:
    """All questions in the order of the list."""
    return sorted(known.values(), key=lambda question: (question.signal, question.seniority, question.id))
