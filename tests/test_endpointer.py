"""Hearing an answer out: what is known of it while the candidate still speaks."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence

import pytest

from agent.adapters.intent_classifier import EmbeddingIntentClassifier
from agent.interview.endpointer import Endpointer, EndpointerModels, LearnedHabit
from agent.interview.streaming_transcriber import StreamingTranscriber
from agent.logic.speech.endpointing import EndpointingPolicy
from agent.values.audio import Clip
from agent.values.dialogue import Intent, Moment
from agent.values.transcript import Transcript
from tests.conftest import Loudness, frames


class Slow:
    """A transcriber that needs until the candidate speaks again."""

    def __init__(self) -> None:
        self.spoken_again = threading.Event()

    def warm(self) -> None:
        """Nothing to load."""

    def transcribe(self, clip: Clip, glossary: Sequence[str] = ()) -> Transcript:
        assert self.spoken_again.wait(20)
        return Transcript.from_text(f"{clip.seconds:.0f} seconds of speech")


def test_what_is_transcribed_while_the_candidate_speaks_on_is_reported_at_once() -> None:
    transcriber, told = Slow(), list[tuple[bool, bool, str]]()
    streaming, speaking = StreamingTranscriber(transcriber), True

    def answer() -> Generator[Clip, None, None]:
        nonlocal speaking
        yield from frames(0.5, 6.0)
        speaking = False
        yield from frames(0.0, 0.8)
        speaking = True
        transcriber.spoken_again.set()
        for frame in frames(0.5, 6.0):
            streaming.background(int).result()  # What is there to transcribe is transcribed.
            yield frame

    def tell(known: Transcript, pauses: bool) -> None:
        told.append((speaking, pauses, known.text))

    endpointer = Endpointer(EndpointerModels(streaming, Loudness()), EndpointingPolicy(), on_words=tell)
    for _ in endpointer.listen(answer()):
        pass
    streaming.close()
    assert told == [(True, False, "6 seconds of speech")]


class Measuring:
    """A transcriber whose words are how many seconds it was given."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def warm(self) -> None:
        """Nothing to load."""

    def transcribe(self, clip: Clip, glossary: Sequence[str] = ()) -> Transcript:
        self.seconds.append(round(clip.seconds))
        return Transcript.from_text(f"{clip.seconds:.0f}s")


def words(*spoken_s: float, pause_s: float) -> tuple[str, list[float]]:
    """What is transcribed of speech with pauses in it, and the seconds that were transcribed."""
    transcriber = Measuring()
    streaming = StreamingTranscriber(transcriber)

    def answer() -> Generator[Clip, None, None]:
        for seconds in spoken_s:
            yield from frames(0.5, seconds)
            for frame in frames(0.0, pause_s):
                streaming.background(int).result()  # What is there to transcribe is transcribed.
                yield frame

    for _ in Endpointer(EndpointerModels(streaming, Loudness()), EndpointingPolicy()).listen(answer()):
        pass
    text = streaming.transcript().text
    streaming.close()
    return text, transcriber.seconds


def test_an_answer_with_only_short_pauses_leaves_little_to_transcribe_when_it_ends() -> None:
    assert words(9.0, 9.0, 9.0, pause_s=0.4) == ("9s 9s 9s", [9, 9, 9])


def test_who_says_that_the_answer_is_over_is_understood_before_all_is_written() -> None:
    all_may_be_written, ending_is_known = threading.Event(), threading.Event()

    class Busy(Measuring):
        def transcribe(self, clip: Clip, glossary: Sequence[str] = ()) -> Transcript:
            if clip.seconds > 4.5:
                ending_is_known.set()
                all_may_be_written.wait(60)
            return Transcript.from_text("And I would retrain it. That's my answer.")

    streaming = StreamingTranscriber(Busy())

    def answer() -> Generator[Clip, None, None]:
        yield from frames(0.5, 9.0)
        for number, frame in enumerate(frames(0.0, 9.0)):
            if number > 30:
                # The whole is begun once the ending is transcribed: there is one thread.
                assert ending_is_known.wait(20)
            yield frame

    endpointer = Endpointer(EndpointerModels(streaming, Loudness()), EndpointingPolicy.patient())
    for _ in endpointer.listen(answer()):
        pass
    assert streaming.final() is None
    all_may_be_written.set()
    streaming.close()
    assert endpointer.ended().wait_s < EndpointingPolicy.patient().end_silence_s


def test_a_sentence_is_heard_as_a_whole_over_a_short_pause() -> None:
    assert words(2.0, 3.0, pause_s=0.4) == ("6s", [2, 6])


def test_an_hour_of_silence_in_a_pause_takes_no_memory() -> None:
    streaming = StreamingTranscriber(Measuring())
    streaming.begin(forget_silence=True)
    silence = next(iter(frames(0.0, 0.04)))
    for _ in range(20_000):
        streaming.add(silence, speaks=False, silence_s=1.0)
    assert streaming.clip.seconds <= 1.1
    for frame in frames(0.5, 2.0):
        streaming.add(frame, speaks=True, silence_s=1.0)
    assert streaming.clip.seconds == pytest.approx(3.0, abs=0.1)
    streaming.close()


class Wavering:
    """A turn detector that is taken in by the first look, and not by any later one."""

    def __init__(self, *looks: float) -> None:
        self._looks, self.asked = looks, 0

    def warm(self) -> None:
        """Nothing to load."""

    def finished(self, clip: Clip) -> float:
        self.asked += 1
        return self._looks[min(self.asked, len(self._looks)) - 1]


def listened(turns: Wavering, habit: LearnedHabit, *parts: tuple[float, float]) -> float:
    """Seconds of the last silence when the turn ended; `parts` are seconds of speech and of the pause after it."""
    streaming = StreamingTranscriber(Measuring(), ahead=False)

    def answer() -> Generator[Clip, None, None]:
        for spoken_s, pause_s in parts:
            yield from frames(0.5, spoken_s)
            yield from frames(0.0, pause_s)

    endpointer = Endpointer(EndpointerModels(streaming, Loudness(), turns, None, habit), EndpointingPolicy())
    for _ in endpointer.listen(answer()):
        pass
    streaming.close()
    return endpointer.ended().wait_s


class Counting(EmbeddingIntentClassifier):
    """Counts how often it is asked, and finds nothing."""

    def __init__(self) -> None:
        self.asked = 0

    def command(self, text: str, moment: Moment = Moment.ANSWERING) -> Intent | None:
        self.asked += 1
        return None

    def is_question(self, text: str) -> bool:
        self.asked += 1
        return False


def test_a_silence_of_seconds_is_read_once_and_not_in_every_frame() -> None:
    intents, streaming = Counting(), StreamingTranscriber(Measuring())

    def answer() -> Generator[Clip, None, None]:
        yield from frames(0.5, 4.0)
        for frame in frames(0.0, 4.0):
            streaming.background(int).result()  # The words are known while the silence lasts.
            yield frame

    endpointer = Endpointer(EndpointerModels(streaming, Loudness(), intents=intents), EndpointingPolicy.patient())
    for _ in endpointer.listen(answer()):
        pass
    streaming.close()
    assert intents.asked == 2


def test_a_first_look_at_the_sound_can_be_corrected_while_the_silence_lasts() -> None:
    assert listened(Wavering(0.99), LearnedHabit(), (8.0, 9.0)) == pytest.approx(0.95, abs=0.1)
    assert listened(Wavering(0.99, 0.1), LearnedHabit(), (8.0, 9.0)) > 2.0


def test_the_sound_is_looked_at_every_fifth_of_a_second_and_no_more() -> None:
    turns = Wavering(0.0)
    listened(turns, LearnedHabit(), (8.0, 9.0))
    assert turns.asked == 12


def test_the_agent_learns_how_long_a_candidate_pauses_from_one_answer_to_the_next() -> None:
    habit = LearnedHabit()
    slow = [(2.0, 1.6)] * 12
    assert listened(Wavering(0.3), habit, *slow, (8.0, 12.0)) < 7.5
    assert habit.habit.pauses == 12
    assert listened(Wavering(0.99), habit, (8.0, 9.0)) > 1.3


def test_a_short_gap_between_words_is_no_habit() -> None:
    habit = LearnedHabit()
    listened(Wavering(0.3), habit, (2.0, 0.15), (2.0, 0.15), (8.0, 12.0))
    assert habit.habit.pauses == 0
