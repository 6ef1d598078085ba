"""Every port raises every error at every step of an interview: whatever ends it, nothing that was said is lost."""

from __future__ import annotations

import errno
import itertools
import os
import random
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from typing import Any

import numpy as np
import pytest

from agent.adapters.rubric_file import load_questions
from agent.interview.events import AnswerTranscribed, Event, PartialTranscript, QuestionAsked
from agent.interview.interview import in_order
from agent.interview.setup import InterviewSetup, Style
from agent.logic.dialogue.clarifications import asks
from agent.logic.grading.overall import SignalRating
from agent.logic.speech.endpointing import EndpointingPolicy
from agent.shell.session_runner import SessionRunner
from agent.shell.store.answer_journal import AnswerJournal
from agent.shell.store.recording import RecordingMicrophone
from agent.shell.store.session_recorder import SessionRecorder
from agent.shell.store.store import Store
from agent.values.audio import FRAME, WHISPER_RATE, Clip
from agent.values.dialogue import Intent, Moment
from agent.values.errors import DeviceError, EndpointError, ModelError, StoreError, VoiceError
from agent.values.grade import Claim, Verdict
from agent.values.rubric import Clarification, Question
from agent.values.transcript import Transcript
from tests.conftest import ROOT, Loudness, frames
from tests.sessions import sound

ANSWERS = (
    "I would watch the accuracy every week and retrain the model below a threshold that we fixed beforehand",
    "I would compare the distribution of the inputs with the training data by a population stability index",
    "I would train a fresh candidate and run it in shadow mode beside the live one before we replace it",
)
ERRORS: tuple[Callable[[], BaseException], ...] = (
    lambda: DeviceError("The device went away."),
    lambda: VoiceError("The voice failed."),
    lambda: ModelError("The model failed."),
    lambda: EndpointError("The endpoint failed."),
    lambda: StoreError("The store failed."),
    lambda: OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
    lambda: RuntimeError("A fault of ours."),
    KeyboardInterrupt,
)
PORTS = ("synthesize", "play", "frames", "probability", "transcribe", "prepare", "claim", "finished", "command")
ALL = os.environ.get("ALL_FAULTS") == "1"
"""Every call of every port, instead of some of each."""


class World:
    """All ports in one, each call of which is counted; one of the calls raises."""

    name = "world"

    def __init__(self, port: str = "", at: int = 0, error: Callable[[], BaseException] = KeyboardInterrupt) -> None:
        self._port, self._at, self._error = port, at, error
        self.calls: dict[str, int] = {}
        self._lines = itertools.cycle(range(len(ANSWERS)))
        self._time = 0.0
        self._loudness = Loudness()
        self.view = Watched(self)
        self.listens_for_answer = True

    def _call(self, port: str) -> None:
        self.calls[port] = self.calls.get(port, 0) + 1
        if port == self._port and self.calls[port] == self._at:
            raise self._error()

    def warm(self) -> None:
        """Nothing to load."""

    def synthesize(self, text: str, speed: float = 1.0) -> Clip:
        self._call("synthesize")
        return Clip.silence(FRAME / WHISPER_RATE)

    def play(self, clip: Clip, until: Callable[[], bool] | None = None) -> bool:
        self._call("play")
        return True

    def frames(self) -> Generator[Clip, None, None]:
        level = 0.5 + 0.1 * next(self._lines) if self.listens_for_answer else 0.0
        for frame in itertools.chain(frames(level, 6.0), frames(0.0, 40.0)):
            self._call("frames")
            yield frame

    def reset(self) -> None:
        """Knows nothing of before."""

    def probability(self, frame: Clip) -> float:
        self._call("probability")
        return self._loudness.probability(frame)

    def finished(self, clip: Clip) -> float:
        self._call("finished")
        return 0.9

    def transcribe(self, clip: Clip, glossary: Sequence[str] = ()) -> Transcript:
        self._call("transcribe")
        # The level tells the line, so that the same sound always holds the same words.
        levels = clip.samples[np.abs(clip.samples) > 0.1]
        lines = [round((float(level) - 0.5) / 0.1) for level, _ in itertools.groupby(levels)]
        words = Transcript.from_text(" ".join(ANSWERS[line] for line in lines)).words
        times = [min(at * 0.3, clip.seconds) for at in range(len(words) + 1)]
        timed = tuple(
            word.model_copy(update={"start_s": start, "end_s": end})
            for word, start, end in zip(words, times, times[1:], strict=False)
        )
        return Transcript(words=timed, duration_s=clip.seconds)

    def prepare(self, question: Question) -> None:
        self._call("prepare")

    def claim(self, question: Question, transcript: Transcript) -> Verdict:
        self._call("claim")
        return Verdict(grader="by hand", claims=(Claim(target=question.points[0].id, quote=transcript.text[:40]),))

    def command(self, text: str, moment: Moment = Moment.ANSWERING) -> Intent | None:
        self._call("command")
        return None

    def is_question(self, text: str) -> bool:
        return asks(text)

    def asks(self, question: Question, text: str) -> Clarification | None:
        self._call("asks")
        return None

    def now(self) -> float:
        self._time += 0.01
        return self._time

    def sleep(self, seconds: float) -> None:
        self._time += seconds


class Watched:
    """A view that keeps the words it was shown, and tells the world when an answer is wanted."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.words: list[str] = []

    def show(self, event: Event) -> None:
        if isinstance(event, PartialTranscript | AnswerTranscribed) and event.transcript.words:
            self.words.append(event.transcript.text)
        if event.kind in ("answer_completed", "question_asked"):
            self._world.listens_for_answer = event.kind == "question_asked"

    def note(self, text: str) -> None:
        """Nobody reads it."""

    def overall(self, ratings: list[SignalRating]) -> None:
        """Nobody reads it."""

    def saved(self, session_id: str) -> None:
        """Nobody reads it."""


@pytest.fixture(scope="module")
def asked() -> list[Question]:
    questions = load_questions([ROOT / "rubrics" / "recsys-5-refresh.yaml", ROOT / "rubrics" / "recsys-4-metrics.yaml"])
    more = load_questions([ROOT / "rubrics" / "basics.yaml"])
    return [*questions.values(), next(iter(more.values()))]


def interview(world: World, asked: list[Question], folder: Path) -> Watched:
    view, journal = world.view, AnswerJournal(keeps_audio=True)
    recorder = SessionRecorder(Store.open(folder), journal)
    setup = InterviewSetup(
        voice=world,
        speaker=world,
        microphone=RecordingMicrophone(world, journal),
        detector=world,
        transcriber=world,
        grader=world,
        clock=world,
        policy=EndpointingPolicy(),
        style=Style(follow_ups=1),
        turns=world,
        intents=world,
    )
    SessionRunner(view, {item.id: item for item in asked}, recorder).run(in_order(asked), len(asked), setup)
    return view


def check(folder: Path, view: Watched) -> None:
    """Every word that was shown is on record, and the sound of every answer."""
    store = Store.open(folder)
    turns = [saved for session in store.sessions() for saved in session.turns]
    on_record = [saved.turn.transcript.text for saved in turns]
    for words in view.words:
        assert any(words in text for text in on_record), (words, on_record)
    for saved in turns:
        assert (saved.turn.grade.rating is None) == (saved.turn.grade.ungraded_reason is not None)
        if saved.turn.transcript.words:
            assert saved.audio is not None
            assert len(sound(saved.audio)) / WHISPER_RATE >= saved.turn.transcript.words[-1].end_s
    assert not list((folder / "live").iterdir())


def positions(calls: int, draw: random.Random) -> list[int]:
    if ALL:
        return list(range(1, calls + 1))
    return sorted({calls, draw.randint(1, calls)})


@pytest.fixture(scope="module")
def calls(asked: list[Question], tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """How often each port is called when nothing goes wrong."""
    world, folder = World(), tmp_path_factory.mktemp("clean")
    view = interview(world, asked, folder)
    check(folder, view)
    [session] = Store.open(folder).sessions()
    assert [saved.turn.grade.rating is not None for saved in session.turns] == [True] * len(asked)
    return world.calls


@pytest.mark.parametrize("error", ERRORS, ids=lambda make: type(make()).__name__)
@pytest.mark.parametrize("port", PORTS)
def test_whatever_a_port_raises_nothing_is_lost(
    port: str, error: Callable[[], BaseException], asked: list[Question], calls: dict[str, int], tmp_path: Path
) -> None:
    for at in positions(calls[port], random.Random(f"{port} {error()!r}")):
        world, folder = World(port, at, error), tmp_path / str(at)
        with suppress(type(error())):
            interview(world, asked, folder)
        check(folder, world.view)


class Failing:
    """A store whose writes fail for a while, as when the disk is full or another program has the database."""

    def __init__(self, store: Store, monkeypatch: pytest.MonkeyPatch, failures: int) -> None:
        self.left, self._write = failures, store.write
        monkeypatch.setattr(store, "write", self.write)

    def write(self, *given: Any) -> Path | None:
        if self.left > 0:
            self.left -= 1
            raise StoreError("The database is locked.")
        return self._write(*given)


@pytest.mark.parametrize("failures", [1, 3, 5, 1000])
def test_a_turn_that_could_not_be_written_is_tried_again(
    failures: int, asked: list[Question], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Failing] = []
    begin = Store.begin

    def failing(self: Store) -> str:
        made.append(Failing(self, monkeypatch, failures))
        return begin(self)

    monkeypatch.setattr(Store, "begin", failing)
    world = World()
    view = interview(world, asked, tmp_path)
    monkeypatch.setattr(Store, "begin", begin)
    if failures < 1000:
        assert made[0].left == 0
    check(tmp_path, view)
    [session] = Store.open(tmp_path).sessions()
    assert [saved.turn.grade.rating is not None for saved in session.turns] == [True] * len(asked)


def test_on_a_full_disk_the_words_are_written_into_the_room_set_aside(
    asked: list[Question], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agent.shell.store import answer_journal

    store, journal = Store.open(tmp_path), AnswerJournal(keeps_audio=False)
    recorder = SessionRecorder(store, journal)
    reserve, write = store.reserve_path(recorder.session_id), answer_journal._replace

    def full(path: Path, data: bytes) -> None:
        if reserve.exists():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(path, data)

    monkeypatch.setattr(answer_journal, "_replace", full)
    recorder.handle(QuestionAsked(number=1, of=1, question=asked[0]))
    recorder.handle(PartialTranscript(transcript=Transcript.from_text(ANSWERS[0]), running=ANSWERS[0]))
    assert not reserve.exists()
    del recorder  # Killed here: nothing is closed.
    store._locks.clear()
    [session] = Store.open(tmp_path).sessions()
    assert [(saved.interrupted, saved.turn.transcript.text) for saved in session.turns] == [(True, ANSWERS[0])]


def test_where_the_candidate_stands_is_shown_after_an_error_too(asked: list[Question], tmp_path: Path) -> None:
    class Fails(Watched):
        def show(self, event: Event) -> None:
            super().show(event)
            if isinstance(event, QuestionAsked) and event.number == 2:
                raise RuntimeError("A fault of ours.")

    world, shown = World(), list[SignalRating]()
    world.view = Fails(world)
    world.view.overall = shown.extend  # type: ignore[method-assign,assignment]
    with pytest.raises(RuntimeError):
        interview(world, asked, tmp_path)
    assert [item.signal for item in shown] == [asked[0].signal]


def test_every_model_is_loaded_before_the_first_answer_is_transcribed(asked: list[Question], tmp_path: Path) -> None:
    class Cold(World):
        loaded, first = 0, 0

        def warm(self) -> None:
            self.loaded += 1

        def transcribe(self, clip: Clip, glossary: Sequence[str] = ()) -> Transcript:
            self.first = self.first or self.loaded
            return super().transcribe(clip, glossary)

    world = Cold()
    interview(world, asked[:1], tmp_path)
    # Voice, Whisper, the turn detector and the command model; the voice has a thread of its own.
    assert world.loaded == 4
    assert world.first >= 3


class Deleting(World):
    """A candidate who deletes the folder in the middle of the interview."""

    def __init__(self, folder: Path, after: str, ends: int = 0) -> None:
        super().__init__("claim", ends)
        self._folder, self._after = folder, after
        self.view = Watched(self)
        self.view.show = self._show  # type: ignore[method-assign]

    def _show(self, event: Event) -> None:
        Watched.show(self.view, event)
        if event.kind == self._after and self._folder.exists():
            self._after = ""
            rmtree(self._folder)


@pytest.mark.parametrize("ends", [0, 1], ids=["goes on", "Ctrl-C"])
@pytest.mark.parametrize("after", ["question_asked", "listening_started", "answer_transcribed"])
def test_a_folder_that_was_deleted_meanwhile_is_made_anew(
    after: str, ends: int, asked: list[Question], tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    world = Deleting(folder, after, ends)
    with suppress(KeyboardInterrupt):
        interview(world, asked, folder)
    assert not world._after
    check(folder, world.view)


def test_what_could_be_saved_nowhere_is_not_promised(asked: list[Question], tmp_path: Path) -> None:
    """A file stands where the folder was."""
    folder, said = tmp_path / "data", list[str]()

    class Replacing(Deleting):
        def _show(self, event: Event) -> None:
            super()._show(event)
            if not folder.exists():
                folder.write_text("")

    world = Replacing(folder, "question_asked", 1)
    world.view.note = said.append  # type: ignore[method-assign,assignment]
    interview(world, asked, folder)
    assert "could not be saved anywhere" in said[-1]


def test_an_answer_is_on_record_before_it_is_graded(asked: list[Question], tmp_path: Path) -> None:
    seen: list[str] = []

    class Peeking(World):
        def claim(self, question: Question, transcript: Transcript) -> Verdict:
            import sqlite3

            connection = sqlite3.connect(tmp_path / "sessions.sqlite")
            seen.extend(row[0] for row in connection.execute("SELECT turn FROM turns"))
            connection.close()
            return super().claim(question, transcript)

    world = Peeking()
    assert interview_without_grading_ahead(world, asked[:1], tmp_path).words
    assert any("accuracy" in turn for turn in seen)


def interview_without_grading_ahead(world: World, asked: list[Question], folder: Path) -> Watched:
    view, journal = world.view, AnswerJournal(keeps_audio=False)
    recorder = SessionRecorder(Store.open(folder), journal)
    setup = InterviewSetup(
        voice=world, speaker=world, microphone=world, detector=world, transcriber=world, grader=world, clock=world,
        policy=EndpointingPolicy(), style=Style(follow_ups=0, grade_ahead=False), turns=world, intents=world,
    )  # fmt: skip
    SessionRunner(view, {item.id: item for item in asked}, recorder).run(in_order(asked), len(asked), setup)
    return view


def test_the_samples_of_silence_are_what_they_say() -> None:
    assert np.array_equal(Clip.silence(0.1).samples, np.zeros(1600, np.float32))
