"""The models of the interviews, loaded once and early, while the page is already there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from agent.compose.settings import Settings
from agent.shell.advice import advised
from agent.values.errors import MockInterviewError
from agent.values.rubric import Question

if TYPE_CHECKING:
    from agent.interview.controls import Controls
    from agent.interview.setup import InterviewSetup
    from agent.logic.ports import Microphone, Speaker

CHOOSE_MODELS = (
    "grader", "base_url", "api_key", "llm_model", "llm_timeout", "whisper_model", "whisper_device",
    "whisper_compute_type", "threads", "voice", "voice_rate",
)  # fmt: skip
"""Settings that need other models; all others change an interview without loading anything."""
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
        self._settings, self._known, self._changed = settings, known, changed
        self._setup: InterviewSetup | None = None
        self._parts: dict[str, str] = dict.fromkeys(("voice", "speech recognition", "grader"), WAITING)
        self.loaded = threading.Event()
        threading.Thread(target=self._load, name="models", daemon=True).start()

    def fit(self, settings: Settings) -> bool:
        """Whether these are the models for the given settings."""
        return all(getattr(settings, name) == getattr(self._settings, name) for name in CHOOSE_MODELS)

    def progress(self) -> list[dict[str, str]]:
        """Each part and its state: waiting, loading, ready, or what went wrong."""
        return [{"part": part, "state": state} for part, state in self._parts.items()]

    def setup(self, settings: Settings, microphone: Microphone, speaker: Speaker, controls: Controls) -> InterviewSetup:
        """An interview with these models. Raises what build() raises."""
        from agent.compose import build
        from agent.interview.endpointer import Candidate

        self.loaded.wait()
        base = self._setup or build.build(settings, microphone, speaker)
        return replace(
            base,
            microphone=microphone,
            speaker=speaker,
            controls=controls,
            # The parts are shared by all interviews; what one of them learned of its candidate is not.
            candidate=Candidate(),
            barge_in=build.barge_in(settings, microphone),
            policy=build.endpointing(settings),
            style=build.style(settings),
        )

    def sentence(self, text: str) -> bytes:
        """A spoken sentence as WAV, to try the loudspeaker. Raises VoiceError."""
        from agent.adapters.sound_file import encoded
        from agent.compose import build

        voice = self._setup.voice if self._setup is not None else build.voice(self._settings)
        return encoded(voice.synthesize(text), "WAV")

    def _load(self) -> None:
        from agent.adapters.browser_microphone import BrowserMicrophone
        from agent.adapters.browser_speaker import BrowserSpeaker
        from agent.compose.build import build

        try:
            setup = build(self._settings, BrowserMicrophone(), BrowserSpeaker())
        except MockInterviewError as error:
            self._parts["grader"] = advised(error)
        else:
            self._setup = setup
            self._warm("voice", setup.voice.warm)
            self._warm("speech recognition", setup.transcriber.warm, *(part.warm for part in _small(setup)))
            first = next(iter(self._known.values()))
            self._warm("grader", lambda: setup.grader.prepare(first))
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


def _small(setup: InterviewSetup) -> list[Any]:
    return [part for part in (setup.turns, setup.intents) if part is not None]
