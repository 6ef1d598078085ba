"""What several tests share: the fixtures' manifest, the loaded Whisper and grader, and a clean environment."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.adapters.embedded_grader import EmbeddedGrader
from agent.adapters.intent_classifier import EmbeddingIntentClassifier
from agent.adapters.rubric_file import load_questions
from agent.adapters.smart_turn import SmartTurn
from agent.adapters.whisper import Whisper
from agent.interview.interview import Interview
from agent.values.audio import FRAME, WHISPER_RATE, Clip
from agent.values.rubric import Question
from agent.values.transcript import Transcript

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "audio_fixtures"
SCRIPT = ROOT / "tests" / "sound_card.sh"
Command = Callable[..., "subprocess.CompletedProcess[str]"]


LONGEST = (
    "test_rubrics", "test_command_line", "test_web_rough", "test_web_page", "test_history", "test_faults",
    "test_conversation", "test_whole_interview", "test_batch", "test_hard_answers", "test_talk",
)  # fmt: skip
"""The slowest files, slowest first. If one of them started last, a single process would work while the other waits."""


def pytest_configure() -> None:
    """One of several test processes keeps to one core, with all that it starts: threads of models that wait for one
    another on the same cores cost more than they gain.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[int(worker.removeprefix("gw")) % len(cores)]})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {name: at for at, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))


class Loudness:
    """Whatever is loud is speech."""

    def probability(self, frame: Clip) -> float:
        return float(frame.peak > 0.1)

    def reset(self) -> None:
        """Remembers nothing."""


def frames(level: float, seconds: float) -> Generator[Clip, None, None]:
    """Sound of one level, in frames as a microphone gives them."""
    for _ in range(round(seconds * WHISPER_RATE / FRAME)):
        yield Clip(samples=np.full(FRAME, level, np.float32), rate=WHISPER_RATE)


@pytest.fixture(autouse=True)
def no_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may reach an endpoint of the person who runs it."""
    for name in [*os.environ]:
        if name.startswith(("OPENAI_", "MOCK_INTERVIEW_")):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def no_settings_file(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """No test may depend on the settings of the person who runs it; returns where a test may write its own."""
    import platformdirs

    home = tmp_path_factory.mktemp("settings")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
    monkeypatch.setattr(platformdirs, "user_config_path", lambda *_, **__: home / "mock-interview")
    return home / "mock-interview" / "config.toml"


@pytest.fixture(scope="session")
def recordings() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads((FIXTURES / "manifest.json").read_text("utf-8"))["recordings"]
    return entries


@pytest.fixture(scope="session")
def questions() -> dict[str, Question]:
    return load_questions([ROOT / "rubrics"])


@pytest.fixture
def asked(questions: dict[str, Question]) -> list[Question]:
    """Three questions of the example interview."""
    return [questions[name] for name in ("recsys-refresh", "recsys-metrics", "recsys-choose-model")]


class VirtualClock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += seconds


def wait_until(happened: Callable[[], object], within_s: float = 120.0) -> None:
    """Waits for what another thread or process does; fails if that does not happen."""
    ends = time.monotonic() + within_s
    while not happened():
        assert time.monotonic() < ends, f"nothing happened within {within_s:.0f} s"
        time.sleep(0.001)


def settled(interview: Interview) -> Callable[[], object]:
    """Waits for the work under way: the thread in the background works in turn."""
    return lambda: interview._runtime.streaming.background(lambda: None).result()


class MemorizingWhisper(Whisper):
    """The real one; the same audio with the same glossary is transcribed once for all tests."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[tuple[str, tuple[str, ...]], Transcript] = {}

    def transcribe(self, clip: Clip, glossary: Sequence[str] = ()) -> Transcript:
        key = (hashlib.sha256(clip.samples.tobytes()).hexdigest(), tuple(glossary))
        if key not in self._known:
            self._known[key] = super().transcribe(clip, glossary)
        return self._known[key]


@pytest.fixture(scope="session")
def whisper() -> Whisper:
    return MemorizingWhisper()


@pytest.fixture(scope="session")
def smart_turn() -> SmartTurn:
    return SmartTurn()


@pytest.fixture(scope="session")
def intents() -> EmbeddingIntentClassifier:
    return EmbeddingIntentClassifier()


@pytest.fixture(scope="session")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where vectors of rubric texts are kept: one folder for all test processes of a run."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "vectors"


@pytest.fixture(scope="session")
def embedded(vectors: Path) -> EmbeddedGrader:
    return EmbeddedGrader(cache=vectors)


@pytest.fixture
def command() -> Command:
    """Runs the program as a user would, in a process of its own."""

    def run(*arguments: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-m", "agent", *map(str, arguments)]
        environment = {**os.environ, **more.pop("env", {})}
        return subprocess.run(words, capture_output=True, text=True, timeout=240, env=environment, cwd=ROOT, **more)

    return run


@pytest.fixture
def card(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of programs that are to use the virtual sound card."""
    started = subprocess.run([SCRIPT, "start", tmp_path / "card"], capture_output=True, text=True, check=True)
    pairs = re.findall(r"(\w+)=(\S+)", started.stdout)
    yield {**os.environ, **dict(pairs)}
    subprocess.run([SCRIPT, "stop", tmp_path / "card"], check=True, capture_output=True)
