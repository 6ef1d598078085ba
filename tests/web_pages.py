"""A running server for tests: real sockets, store and interview loop; only sound and models are scripted, or real."""

from __future__ import annotations

import json
import shutil
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from agent.adapters.browser_audio import MicrophoneBlock, written
from agent.adapters.system_clock import SystemClock
from agent.compose.settings import Settings
from agent.interview.controls import Controls
from agent.interview.setup import InterviewSetup
from agent.logic.ports import Grader, Microphone, Speaker, Transcriber
from agent.logic.speech.endpointing import EndpointingPolicy
from agent.shell.store.store import Store
from agent.shell.web.access import Address
from agent.shell.web.host import Host, Opening
from agent.shell.web.server import Server
from agent.values.audio import WHISPER_RATE, Clip, Samples
from agent.values.grade import Claim, Verdict
from agent.values.rubric import Question
from agent.values.transcript import Transcript, Word
from tests.conftest import ROOT, Loudness

RATE = 48_000


class ToneVoice:
    """Speaks every sentence as a tone of a tenth of a second."""

    name = "a tone"

    def warm(self) -> None:
        """Nothing to load."""

    def synthesize(self, text: str, speed: float = 1.0) -> Clip:
        seconds = np.arange(round(0.1 * WHISPER_RATE)) / WHISPER_RATE
        return Clip(samples=np.sin(2 * np.pi * 440 * seconds).astype(np.float32) * 0.3, rate=WHISPER_RATE)


class Dictated:
    """Transcribes whatever is said as the same words, one every third of a second of sound."""

    words = "I would watch the accuracy each week and retrain once it drops below a threshold"

    def warm(self) -> None:
        """Nothing to load."""

    def transcribe(self, clip: Clip, glossary: Sequence[str] = ()) -> Transcript:
        texts = self.words.split()[: max(1, int(clip.seconds * 3))]
        words = [Word(text=text, start_s=at / 3, end_s=at / 3 + 0.3) for at, text in enumerate(texts)]
        return Transcript(words=tuple(words), duration_s=clip.seconds)


class GivesAPoint:
    """Claims that the first words make the question's first point."""

    def prepare(self, question: Question) -> None:
        """Nothing to load."""

    def claim(self, question: Question, transcript: Transcript) -> Verdict:
        quote = " ".join(word.text for word in transcript.words[:6])
        return Verdict(grader="by hand", claims=(Claim(target=question.points[0].id, quote=quote),))


class ScriptedModels:
    """Implements Models: loaded from the first moment on."""

    def __init__(self, settings: Settings, known: Mapping[str, Question], changed: Callable[[], None]) -> None:
        self.loaded = threading.Event()
        self.loaded.set()
        self.transcriber: Transcriber = Dictated()
        self.grader: Grader = GivesAPoint()
        self.setups: list[InterviewSetup] = []

    def fit(self, settings: Settings) -> bool:
        return True

    def progress(self) -> list[dict[str, str]]:
        return [{"part": "voice", "state": "ready"}]

    def setup(self, settings: Settings, microphone: Microphone, speaker: Speaker, controls: Controls) -> InterviewSetup:
        setup = InterviewSetup(
            voice=ToneVoice(),
            speaker=speaker,
            microphone=microphone,
            detector=Loudness(),
            transcriber=self.transcriber,
            grader=self.grader,
            clock=SystemClock(),
            policy=EndpointingPolicy.fixed(0.8),
            controls=controls,
        )
        self.setups.append(replace(setup, style=setup.style.model_copy(update={"follow_ups": 0})))
        return self.setups[-1]

    def sentence(self, text: str) -> bytes:
        return b"RIFF"


def five_questions(folder: Path) -> Path:
    """The example questions alone: all others take seconds to read."""
    found = folder / "rubrics"
    found.mkdir()
    for path in (ROOT / "rubrics").glob("recsys-[1-5]-*.yaml"):
        shutil.copy(path, found)
    return found


class Site:
    """A server on a free port, from entering to leaving."""

    def __init__(self, folder: Path, models: Any = ScriptedModels, away_s: float = 60.0) -> None:
        self.store = Store.open(folder / "store")
        self.host = Host(Settings(rubrics=five_questions(folder)), self.store, models=models, away_s=away_s)
        self.server = Server(Address("127.0.0.1", 0))
        self.cookie = ""

    def __enter__(self) -> Site:
        opening = Opening()
        opening.done(self.host)
        self.server.start(opening)
        _, headers, _ = self.ask("GET", f"/?token={self.server.access.token}")
        self.cookie = headers["set-cookie"].split(";")[0]
        return self

    def __exit__(self, *_: object) -> None:
        self.host.close()
        self.server.stop()

    @property
    def port(self) -> int:
        return self.server.access.address.port

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        headers = {"Cookie": self.cookie, **({"Origin": self.origin} if method != "GET" else {})}
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=120)) as connection:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            given = {name.lower(): value for name, value in response.getheaders()}
            return response.status, given, response.read()

    def get(self, path: str) -> Any:
        status, _, body = self.ask("GET", path)
        assert status == 200, body
        return json.loads(body)

    def post(self, path: str, **body: Any) -> tuple[int, Any]:
        status, _, answer = self.ask("POST", path, body)
        return status, json.loads(answer)

    def page(self, tab: str = "first-tab", **more: Any) -> WebPage:
        return WebPage(self, tab, **more)


class WebPage:
    """A page as the server sees it: plays every clip at once, and keeps what it is shown."""

    def __init__(self, site: Site, tab: str, take: bool = False, plays: bool = True) -> None:
        self.values: dict[str, Any] = defaultdict(lambda: None)
        self.acknowledged: tuple[int, int] = (0, 0)
        self.clips: list[int] = []
        self.said: list[str] = []
        self.closed: int | None = None
        self._plays = plays
        self._position, self._recording = 0, 1
        headers = {"Cookie": site.cookie}
        self._connection = connect(
            f"ws://127.0.0.1:{site.port}/ws",
            origin=Origin(site.origin),
            additional_headers=headers,
            compression=None,
        )
        self.socket: ClientConnection = self._connection.__enter__()
        self.send(type="hello", tab=tab, take=take)

    def __enter__(self) -> WebPage:
        return self

    def __exit__(self, *_: object) -> None:
        self.drop()

    def drop(self) -> None:
        self._connection.__exit__(None, None, None)

    def send(self, **message: Any) -> None:
        self.socket.send(json.dumps(message))

    def ready(self) -> WebPage:
        self.send(type="ready", rate=RATE)
        return self

    def record(self, samples: Samples) -> None:
        """Sends sound in blocks of 20 ms."""
        pcm = Clip(samples=samples, rate=RATE).pcm()
        for start in range(0, len(pcm), RATE // 50):
            block = pcm[start : start + RATE // 50]
            first = self._position + start
            self.socket.send(written(MicrophoneBlock(self._recording, RATE, first, block.tobytes())))
        self._position += len(pcm)

    def record_whole(self, samples: Samples) -> None:
        """Sends sound in one block."""
        pcm = Clip(samples=samples, rate=RATE).pcm()
        self.socket.send(written(MicrophoneBlock(self._recording, RATE, self._position, pcm.tobytes())))
        self._position += len(pcm)

    def drain(self) -> None:
        """Reads what has arrived."""
        with suppress(TimeoutError):
            while True:
                self._read(0.001)

    def until(self, wanted: Callable[[dict[str, Any]], bool], timeout: float = 30.0) -> dict[str, Any]:
        """Reads until what is shown is wanted. Fails when the server closes the socket, or takes too long."""
        while not wanted(self.values):
            self._read(timeout)
        return self.values

    def until_closed(self, timeout: float = 30.0) -> int:
        """Reads until the server closes the socket; returns its code."""
        try:
            while True:
                self._read(timeout)
        except ConnectionClosed as error:
            return 1006 if error.rcvd is None else error.rcvd.code

    def _read(self, timeout: float) -> None:
        message = self.socket.recv(timeout)
        if isinstance(message, bytes):
            self._play(message)
            return
        found = json.loads(message)
        if found["type"] == "set":
            self.values.update(found["values"])
        elif found["type"] == "heard":
            self.acknowledged = found["stream"], found["next"]
        elif found["type"] == "said":
            self.said.append(found["id"])

    def _play(self, message: bytes) -> None:
        number, sentence = (int.from_bytes(message[at : at + 4], "little") for at in (4, 8))
        if message[1] == 1:
            self.clips.append(sentence)
            if self._plays:
                self.send(type="played", clip=number, frames=1, state="done")


def is_listening(values: Mapping[str, Any]) -> bool:
    return values.get("phase") == "listening"
