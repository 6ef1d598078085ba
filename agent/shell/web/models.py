"""The models of the interviews, loaded once and early, while the page is already there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from agent.compose.settings import NEW_MODELS, Settings, marked
from agent.shell.advice import advised
from agent.values.errors import MockInterviewError
from agent.values.rubric import Question

if TYPE_CHECKING:
    from agent.compose.build import SharedModels
    from agent.interview.controls import Controls
    from agent.interview.setup import InterviewSetup
    from agent.logic.ports import Microphone, Speaker

WAITING, LOADING, READY = "waiting", "loading", "ready"


class Models(Protocol):
    """The models that an interview needs."""

    loaded: threading.Event
    """Set once loading of every part has succeeded or failed."""

    def fit(self, settings: Settings) -> bool:
        """Whether these are the models for the given settings."""
        ...

    def progress(self) -> list[dict[str, str]]:
        """Each part and its state: waiting, loading, ready, or what went wrong."""
        ...

    def setup(self, settings: Settings, microphone: Microphone, speaker: Speaker, controls: Controls) -> InterviewSetup:
        """An interview with these models. Raises what build() raises."""
        ...

    def sentence(self, text: str) -> bytes:
        """A spoken sentence as WAV, to try the loudspeaker. Raises VoiceError."""
        ...


class LoadedModels:
    """The models that the settings name."""

    def __init__(self, settings: Settings, known: Mapping[str, Question], changed: Callable[[], None]) -> None:
        """`changed` is called, from another thread, whenever a part has been loaded."""
        self._settings, self._questions, self._changed = settings, known, changed
        self._shared: SharedModels | None = None
        self._parts: dict[str, str] = dict.fromkeys(("voice", "speech recognition", "grader"), WAITING)
        self.loaded = threading.Event()
        threading.Thread(target=self._load, name="models", daemon=True).start()

    def fit(self, settings: Settings) -> bool:
        """Whether these are the models for the given settings."""
        return all(getattr(settings, name) == getattr(self._settings, name) for name in marked(NEW_MODELS))

    def progress(self) -> list[dict[str, str]]:
        """Each part and its state: waiting, loading, ready, or what went wrong."""
        return [{"part": part, "state": state} for part, state in self._parts.items()]

    def setup(self, settings: Settings, microphone: Microphone, speaker: Speaker, controls: Controls) -> InterviewSetup:
        """An interview with these models. Raises what build() raises."""
        from agent.compose.build import build

        self.loaded.wait()
        return replace(build(settings, microphone, speaker, self._shared), controls=controls)

    def sentence(self, text: str) -> bytes:
        """A spoken sentence as WAV, to try the loudspeaker. Raises VoiceError."""
        from agent.adapters.sound_file import encoded
        from agent.compose import build

        voice = self._shared.voice if self._shared is not None else build.voice(self._settings)
        return encoded(voice.synthesize(text), "WAV")

    def _load(self) -> None:
        from agent.compose.build import shared_models

        try:
            shared = shared_models(self._settings)
        except MockInterviewError as error:
            self._parts["grader"] = advised(error)
        else:
            self._shared = shared
            self._warm("voice", shared.voice.warm)
            self._warm("speech recognition", shared.transcriber.warm, shared.turns.warm, shared.intents.warm)
            first = next(iter(self._questions.values()))
            self._warm("grader", lambda: shared.grader.prepare(first))
        self.loaded.set()
        self._changed()

    def _warm(self, part: str, *works: Callable[[], object]) -> None:
        self._parts[part] = LOADING
        self._changed()
        try:
            for work in works:
                work()
            self._parts[part] = READY
        except MockInterviewError as error:
            # The interview meets it again, where it belongs, and reports it.
            self._parts[part] = advised(error)
