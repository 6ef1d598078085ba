"""What the page's server knows: settings, questions, models, sessions on record, and the one interview under way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from agent.compose import question_bank
from agent.compose.settings import Settings
from agent.shell.web.models import LoadedModels, Models
from agent.shell.web.order import Order
from agent.shell.web.session import AWAY_S, ENDS_WITHIN_S, WebSession
from agent.shell.web.starting import Means, practice, whole
from agent.values.errors import InputError
from agent.values.rubric import Question

if TYPE_CHECKING:
    from agent.shell.store.store import Store

MakeModels = Callable[[Settings, Mapping[str, Question], Callable[[], None]], Models]


class Host:
    """Holds the state of one run of the server."""

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
        """Uses these settings from the next interview on."""
        known = question_bank.questions(settings)
        with self._lock:
            self.settings, self.questions = settings, known
            if self._models is None or not self._models.fit(settings):
                self._models = self._make_models(settings, known, self._loaded)

    @property
    def models(self) -> Models:
        """The models of the present settings."""
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
            means = Means(self.settings, self.questions, self.store, self.models)
            run = whole(order, means) if order.real is not None or order.resume else practice(order, means)
            if order.save:
                self.store.consent.remember(order.keep_audio)
            self._session = WebSession(run, self.questions, self._away_s)
            self._loaded()
            self._session.start()

    def close(self, within_s: float = ENDS_WITHIN_S) -> None:
        """Ends the interview under way and waits until it is saved, or for so many seconds."""
        if self._session is not None:
            self._session.finish(within_s)

    def _loaded(self) -> None:
        if self._session is not None:
            self._session.stage.set(loading=self.models.progress())

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
    """A host that is still being opened: the page is served before questions and sessions have been read."""

    def __init__(self) -> None:
        self._host: Future[Host] = Future()

    def done(self, host: Host) -> None:
        """Reports that the host is ready."""
        self._host.set_result(host)

    def cancel(self) -> None:
        """Reports that the host will never be ready, so that waiting requests fail."""
        self._host.cancel()

    def __call__(self) -> Host:
        """Waits for the host and returns it. Raises CancelledError."""
        return self._host.result()

    @property
    def running(self) -> WebSession | None:
        """The interview under way; never waits."""
        return self._host.result().running if self._host.done() and not self._host.cancelled() else None

    @property
    def session(self) -> WebSession | None:
        """The interview under way, or the latest one; never waits."""
        return self._host.result().session if self._host.done() and not self._host.cancelled() else None


def by_signal(known: Mapping[str, Question]) -> list[Question]:
    """All questions in the order of the list."""
    return sorted(known.values(), key=lambda question: (question.signal, question.seniority, question.id))
