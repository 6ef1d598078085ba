"""Sound to and from a page: blocks that come twice, late or never, and sentences that nobody heard to their end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import islice, pairwise

import numpy as np
import pytest

from agent.adapters import browser_microphone
from agent.adapters.audio_file import read_clip
from agent.adapters.browser_audio import MOST_BYTES, MicrophoneBlock, SpokenSentence, messages, read_block, written
from agent.adapters.browser_microphone import BrowserMicrophone
from agent.adapters.browser_speaker import SILENT_S, BrowserSpeaker, Outlet
from agent.adapters.silero_vad import SileroDetector
from agent.interview.barge_in import BargeInMicrophone
from agent.interview.controls import Controls, InterviewStopped
from agent.values.audio import FRAME, WHISPER_RATE, Clip, Samples
from agent.values.dialogue import Intent
from agent.values.errors import DeviceError, InputError
from tests.conftest import FIXTURES, wait_until

RATE = 48_000
BLOCK = RATE // 50


def ramp(seconds: float) -> Samples:
    """No two samples nearby are alike, so that a lost or a doubled one shows."""
    return np.linspace(-0.5, 0.5, round(seconds * RATE), dtype=np.float32)


def blocks(samples: Samples, rate: int = RATE, stream: int = 7, size: int = BLOCK) -> list[bytes]:
    """The messages of a page that records this."""
    starts = range(0, len(samples), size)
    pcm = Clip(samples=samples, rate=rate).pcm()
    return [written(MicrophoneBlock(stream, rate, at, pcm[at : at + size].tobytes())) for at in starts]


def received(send: Callable[[BrowserMicrophone], None], count: int) -> tuple[Samples, list[bool]]:
    """The first frames of a page's microphone: their samples, and whether each comes after a gap."""
    microphone = BrowserMicrophone()
    frames = microphone.frames()

    def page() -> None:
        wait_until(lambda: microphone._listening)
        send(microphone)

    sender = threading.Thread(target=page)
    sender.start()
    found = [next(frames) for _ in range(count)]
    sender.join()
    frames.close()
    return np.concatenate([frame.samples for frame in found]), [frame.after_gap for frame in found]


def all_of(messages: list[bytes]) -> Callable[[BrowserMicrophone], None]:
    def send(microphone: BrowserMicrophone) -> None:
        for message in messages:
            microphone.receive(message)

    return send


FRAMES = 40


def test_blocks_become_frames_at_the_rate_of_the_speech_recognizer() -> None:
    samples, gaps = received(all_of(blocks(ramp(2.0))), FRAMES)
    assert samples.shape == (FRAMES * FRAME,)
    rising = np.diff(samples[FRAME:])
    assert (rising > 0).all()
    assert not any(gaps)


def test_what_is_sent_again_after_a_dropped_socket_is_heard_once_and_whole() -> None:
    sent = blocks(ramp(2.0))
    again = [*sent[:30], *sent[20:]]
    whole, _ = received(all_of(sent), FRAMES)
    resent, gaps = received(all_of(again), FRAMES)
    np.testing.assert_array_equal(whole, resent)
    assert not any(gaps)


def test_what_is_sent_again_in_larger_blocks_is_heard_once_too() -> None:
    samples = ramp(2.0)
    small, large = blocks(samples), blocks(samples, size=7 * BLOCK)
    whole, _ = received(all_of(small), FRAMES)
    resent, gaps = received(all_of([*small[:30], *large[3:]]), FRAMES)
    np.testing.assert_array_equal(whole, resent)
    assert not any(gaps)


def test_a_hole_is_silence_of_its_own_length_and_reported() -> None:
    sent = blocks(np.full(2 * RATE, 0.25, np.float32))
    samples, gaps = received(all_of([*sent[:25], *sent[50:]]), FRAMES)
    quiet = np.abs(samples) < 0.01
    assert quiet.sum() / WHISPER_RATE == pytest.approx(0.5, abs=0.01)
    assert sum(gaps) == 1


def test_another_microphone_goes_on_at_its_own_rate() -> None:
    first = blocks(np.full(RATE, 0.25, np.float32))
    second = blocks(np.full(44_100, 0.25, np.float32), rate=44_100, stream=8, size=882)
    samples, gaps = received(all_of([*first, *second]), 58)
    assert np.abs(samples[FRAME : 57 * FRAME] - 0.25).max() < 0.3
    assert not any(gaps)


def test_the_position_says_what_need_not_be_sent_again() -> None:
    microphone = BrowserMicrophone()
    assert microphone.position is None
    for message in blocks(ramp(1.0)):
        microphone.receive(message)
    assert microphone.position == (7, RATE)


def test_nothing_is_kept_while_nobody_listens() -> None:
    microphone = BrowserMicrophone()
    for message in blocks(ramp(1.0)):
        microphone.receive(message)
    assert not microphone._blocks


def test_while_the_candidate_types_the_microphone_is_not_listened_to() -> None:
    def page(microphone: BrowserMicrophone) -> None:
        sent = blocks(np.full(2 * RATE, 0.25, np.float32))
        microphone.mute(True)
        for message in sent[:50]:
            microphone.receive(message)
        microphone.mute(False)
        for message in sent[50:]:
            microphone.receive(message)

    samples, gaps = received(page, 25)
    assert np.abs(samples[FRAME:] - 0.25).max() < 0.05
    assert not any(gaps)


def test_an_interview_that_does_not_keep_up_loses_the_oldest_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser_microphone, "MOST_WAITING_S", 1.0)
    microphone = BrowserMicrophone()
    frames = microphone.frames()
    all_of(blocks(ramp(5.0)))(microphone)
    late = list(islice(frames, 20))
    # Four of the five seconds, in which the ramp rises from -0.5 to 0.3, are gone.
    assert np.concatenate([frame.samples for frame in late[1:]]).min() > 0.29
    assert [frame.after_gap for frame in late] == [True] + 19 * [False]


def test_a_pressed_button_is_noticed_although_no_sound_arrives() -> None:
    controls = Controls()
    microphone = BrowserMicrophone(lambda: controls.waiting)
    controls.press(Intent.DONE)
    frame = next(microphone.frames())
    assert frame.peak == 0


def test_a_stop_wakes_whoever_waits_for_sound() -> None:
    controls = Controls()
    microphone = BrowserMicrophone(lambda: controls.waiting)
    threading.Thread(target=controls.stop).start()
    with pytest.raises(InterviewStopped):
        next(microphone.frames())


def test_a_page_that_will_not_come_back_ends_the_waiting() -> None:
    microphone = BrowserMicrophone()
    threading.Thread(target=microphone.close).start()
    with pytest.raises(DeviceError):
        next(microphone.frames())


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\x01",
        b"\x01" + bytes(15),
        b"\x02" + bytes(31),
        written(MicrophoneBlock(1, RATE, 0, bytes(3)))[:19],
        written(MicrophoneBlock(1, 0, 0, bytes(4))),
        written(MicrophoneBlock(1, 2**31, 0, bytes(4))),
        written(MicrophoneBlock(1, RATE, 0, bytes(MOST_BYTES))),
    ],
    ids=["empty", "a byte", "no samples", "another kind", "half a sample", "no rate", "a wild rate", "too long"],
)
def test_what_is_no_sound_is_refused(message: bytes) -> None:
    with pytest.raises(InputError):
        read_block(message)


def test_a_block_is_read_as_it_was_written() -> None:
    block = MicrophoneBlock(2**32 - 1, RATE, 2**32 - 2, b"\x01\x02")
    assert read_block(written(block)) == block


# The loudspeaker


class PageThatPlays:
    """A page that plays what it gets, as scripted."""

    def __init__(self, *script: str) -> None:
        self.script, self.sent, self.stopped = list(script), list[bytes](), list[int]()
        self.speaker = BrowserSpeaker()
        self.attach()

    def attach(self) -> None:
        self.speaker.attach(Outlet(self.send, self.stopped.append, RATE))

    def send(self, message: bytes) -> None:
        self.sent.append(message)
        if message[1] != 1:
            return
        number = int.from_bytes(message[4:8], "little")
        match self.script.pop(0):
            case "done":
                self.speaker.report(number, 10, "done")
            case "gone":
                self.speaker.detach()
                self.attach()
            case "playing":
                self.speaker.report(number, 10, "playing")
            case "late":
                self.speaker.report(number - 1, 10, "done")


def sentences_of(sent: list[bytes]) -> list[int]:
    return [int.from_bytes(message[8:12], "little") for message in sent]


TONE = Clip(samples=np.full(1000, 0.1, np.float32), rate=RATE)


def test_a_sentence_has_been_said_when_the_page_has_played_it() -> None:
    page = PageThatPlays("done", "done")
    assert page.speaker.play(TONE)
    assert page.speaker.play(TONE)
    assert sentences_of(page.sent) == [1, 2]
    assert page.stopped == []


def test_a_sentence_during_which_the_page_was_reloaded_is_said_again() -> None:
    page = PageThatPlays("gone", "done")
    assert page.speaker.play(TONE)
    assert sentences_of(page.sent) == [1, 1]
    first, second = (int.from_bytes(message[4:8], "little") for message in page.sent)
    assert first != second


def test_an_interruption_stops_the_page() -> None:
    page = PageThatPlays("playing")
    asked: list[int] = []

    def until() -> bool:
        asked.append(1)
        return len(asked) > 2

    assert not page.speaker.play(TONE, until)
    assert page.stopped == [1]


def test_a_stop_request_stops_the_page_too() -> None:
    page = PageThatPlays("playing")
    controls = Controls()

    def until() -> bool:
        if page.sent:
            controls.stop()
        return controls.waiting

    with pytest.raises(InterviewStopped):
        page.speaker.play(TONE, until)
    assert page.stopped == [1]


def test_reports_on_an_earlier_sentence_are_ignored() -> None:
    page = PageThatPlays("late")
    calls = iter([False, False, True])
    assert not page.speaker.play(TONE, lambda: next(calls))


def test_a_page_that_plays_nothing_is_reported() -> None:
    times = iter([0.0, 0.0, SILENT_S + 1, SILENT_S + 2])
    speaker = BrowserSpeaker(lambda: next(times))
    speaker.attach(Outlet(lambda _: None, lambda _: None, RATE))
    with pytest.raises(DeviceError, match="plays no sound"):
        speaker.play(TONE)


def test_speech_waits_for_a_page() -> None:
    speaker = BrowserSpeaker()
    page = Outlet(lambda message: speaker.report(1, 1, "done"), lambda _: None, RATE)
    threading.Thread(target=lambda: speaker.attach(page)).start()
    assert speaker.play(TONE)


def test_a_page_that_will_not_come_back_ends_the_speech() -> None:
    speaker = BrowserSpeaker()
    threading.Thread(target=speaker.close).start()
    with pytest.raises(DeviceError):
        speaker.play(TONE)


def test_a_long_clip_comes_in_pieces_of_which_only_the_last_says_so() -> None:
    clip = Clip(samples=np.zeros(200_000, np.float32), rate=RATE)
    sent = list(messages(SpokenSentence(3, 2, clip)))
    assert [message[1] for message in sent] == [0] * (len(sent) - 1) + [1]
    assert sum(len(message) - 16 for message in sent) == 2 * len(clip.samples)
    assert all(len(message) < 1 << 18 for message in sent)
    assert len(list(messages(SpokenSentence(1, 1, Clip.silence())))) == 1


# Interruption


class CountingDetector(SileroDetector):
    """The real one; it counts what it was given."""

    seconds = 0.0

    def probability(self, frame: Clip) -> float:
        self.seconds += frame.seconds
        return super().probability(frame)


def test_a_fifth_of_a_second_of_speech_from_the_page_interrupts_the_agent() -> None:
    speech = read_clip(FIXTURES / "metrics-strong.ogg")
    samples = np.concatenate([np.zeros(speech.rate, np.float32), speech.samples[: 2 * speech.rate]])
    onset_s = int(np.argmax(np.abs(samples) > 0.05)) / speech.rate
    microphone, detector = BrowserMicrophone(), CountingDetector()
    barge_in = BargeInMicrophone(microphone, detector)
    barge_in.begin()
    wait_until(lambda: microphone._listening)
    all_of(blocks(samples, rate=speech.rate, size=speech.rate // 50))(microphone)
    microphone.close()
    assert barge_in._thread is not None
    barge_in._thread.join()
    assert barge_in.interrupted()
    assert detector.seconds - onset_s < 0.2


def test_blocks_are_numbered_by_their_samples() -> None:
    firsts = [read_block(message).first for message in blocks(ramp(0.2))]
    assert {b - a for a, b in pairwise(firsts)} == {BLOCK}
