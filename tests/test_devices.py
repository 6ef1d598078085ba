"""Microphone and loudspeaker without a sound card: choice, framing, silence, gaps, and devices that come back."""

from __future__ import annotations

import ctypes
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from itertools import islice

import numpy as np
import pytest

from agent.adapters import loudspeaker as loudspeaker_module
from agent.adapters import microphone as microphone_module
from agent.adapters import portaudio
from agent.adapters.framing import Block, framed, resampled
from agent.adapters.loudspeaker import SoundCardSpeaker
from agent.adapters.microphone import SoundCardMicrophone
from agent.adapters.quiet_stderr import quiet_stderr, silence_alsa
from agent.interview.barge_in import BargeInMicrophone
from agent.values.audio import FRAME, WHISPER_RATE, Clip
from agent.values.errors import DeviceError, InputError
from tests.conftest import Loudness, wait_until
from tests.fake_sounddevice import HEADSET, MICROPHONE, MONITOR, FakeSoundDevice

TONE = Clip(samples=(0.5 * np.sin(np.arange(16_000) / 10)).astype(np.float32), rate=WHISPER_RATE)


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSoundDevice]:
    fake = FakeSoundDevice(MICROPHONE, HEADSET, MONITOR)
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    streams = portaudio.Streams()
    for module in (portaudio, loudspeaker_module, microphone_module):
        monkeypatch.setattr(module, "STREAMS", streams)
    portaudio.sounddevice.cache_clear()
    yield fake
    portaudio.sounddevice.cache_clear()


def recorded(card: FakeSoundDevice, samples: np.ndarray, channels: int = 1, lost: tuple[int, ...] = ()) -> None:
    """What the microphone hands over, in blocks of 32 ms at 48 kHz."""
    blocks = np.tile(samples[:, np.newaxis], (1, channels)).astype(np.float32)
    card.recorded = [(blocks[at : at + 1536], at // 1536 in lost) for at in range(0, len(blocks), 1536)]


def listened(count: int, device: portaudio.Device = None, **settings: float) -> list[Clip]:
    with closing(SoundCardMicrophone(device, **settings).frames()) as frames:
        return list(islice(frames, count))


# Which devices


def test_devices_are_listed_with_what_they_do(card: FakeSoundDevice) -> None:
    assert portaudio.devices() == ["0: Desk Mic (hears)", "1: USB Headset (hears and plays)", "2: Monitor (plays)"]


@pytest.mark.parametrize(
    ("wanted", "name"), [(None, "Desk Mic"), ("", "Desk Mic"), ("headset", "USB Headset"), (" 1 ", "USB Headset")]
)
def test_a_microphone_is_chosen_by_name_or_number(card: FakeSoundDevice, wanted: str | None, name: str) -> None:
    assert portaudio.microphone(wanted) == name


def test_a_device_that_cannot_record_is_no_default_microphone(card: FakeSoundDevice) -> None:
    card.default.device["input"] = 2
    assert portaudio.microphone() == "Desk Mic"
    assert portaudio.loudspeaker() == "USB Headset"


@pytest.mark.parametrize("wanted", ["monitor", "2", 7, "nothing"])
def test_an_unknown_microphone_is_refused_with_those_there_are(card: FakeSoundDevice, wanted: str | int) -> None:
    with pytest.raises(InputError, match=r"No microphone is called .* 0: Desk Mic; 1: USB Headset"):
        portaudio.microphone(wanted)


def test_a_machine_without_a_microphone_says_so(monkeypatch: pytest.MonkeyPatch, card: FakeSoundDevice) -> None:
    card.plugged_in = [MONITOR]
    card._initialize()
    with pytest.raises(DeviceError, match="There is no microphone"):
        portaudio.microphone()


def test_without_portaudio_the_fix_is_named(monkeypatch: pytest.MonkeyPatch, card: FakeSoundDevice) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(DeviceError, match="libportaudio2"):
        portaudio.devices()


# Recording


def test_frames_are_32_ms_at_16_khz_whatever_the_device_gives(card: FakeSoundDevice) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(96_000) / 48_000)
    recorded(card, tone, channels=1)
    frames = listened(50)
    assert {(len(frame.samples), frame.rate) for frame in frames} == {(FRAME, WHISPER_RATE)}
    whole = np.concatenate([frame.samples for frame in frames])
    assert np.argmax(np.abs(np.fft.rfft(whole))) / (len(whole) / WHISPER_RATE) == pytest.approx(440, abs=1)
    assert np.abs(whole[FRAME:]).max() == pytest.approx(0.5, abs=0.02)


def test_a_device_that_gives_only_stereo_is_mixed(card: FakeSoundDevice) -> None:
    card.plugged_in = [{**MICROPHONE, "takes": (2,)}]
    card._initialize()
    recorded(card, np.full(48_000, 0.25), channels=2)
    assert listened(10)[5].samples == pytest.approx(0.25, abs=0.01)


def test_broken_samples_stay_within_full_scale(card: FakeSoundDevice) -> None:
    recorded(card, np.tile([np.nan, np.inf, -1e30, 0.1], 12_000))
    assert max(frame.peak for frame in listened(20)) <= 1.5


def test_the_frame_after_lost_sound_says_so(card: FakeSoundDevice) -> None:
    recorded(card, np.full(96_000, 0.25), lost=(10,))
    gaps = [index for index, frame in enumerate(listened(40)) if frame.after_gap]
    assert len(gaps) == 1
    assert 8 <= gaps[0] <= 11


def test_a_muted_microphone_is_noticed(card: FakeSoundDevice) -> None:
    recorded(card, np.zeros(96_000))
    with pytest.raises(DeviceError, match="only silence: unmute it"):
        listened(60, muted_s=1.0)


def test_a_noise_gate_is_not_a_muted_microphone(card: FakeSoundDevice) -> None:
    recorded(card, np.concatenate([np.full(2_000, 0.1), np.zeros(94_000)]))
    assert len(listened(50, muted_s=1.0)) == 50


def test_a_microphone_that_gives_nothing_more_is_gone(card: FakeSoundDevice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(microphone_module, "GONE_S", 0.1)
    recorded(card, np.full(4_800, 0.25))
    with pytest.raises(DeviceError, match="stopped sending audio"):
        listened(100)
    assert card.open == 0


# Playing


def test_a_clip_is_played_whole_at_the_devices_rate(card: FakeSoundDevice) -> None:
    assert SoundCardSpeaker("monitor").play(TONE)
    played = np.concatenate(card.played)
    assert played.shape[1] == 2
    assert np.array_equal(played[:, 0], played[:, 1])
    # Silence around it, and nothing of what the device's memory held.
    assert len(played) >= 44_100 * 1.25
    assert np.isfinite(played).all()
    assert not played[: round(0.04 * 44_100)].any()
    assert np.square(played[:, 0]).mean() * len(played) / 44_100 == pytest.approx(0.125, rel=0.01)


def test_playing_ends_when_the_candidate_speaks(card: FakeSoundDevice) -> None:
    card.stuck = True
    assert not SoundCardSpeaker().play(TONE, until=lambda: True)
    assert card.open == 0


def test_a_loudspeaker_that_takes_no_sound_is_reported(card: FakeSoundDevice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loudspeaker_module, "GONE_S", 0.05)
    card.stuck = True
    with pytest.raises(DeviceError, match="stopped accepting audio"):
        SoundCardSpeaker().play(TONE)


# Devices that go and come back


def test_a_loudspeaker_that_is_plugged_in_again_is_found(card: FakeSoundDevice) -> None:
    card.plugged_in = [MICROPHONE]
    with pytest.raises(DeviceError, match="Device unavailable"):
        SoundCardSpeaker("headset").play(TONE)
    card.plugged_in = [MICROPHONE, MONITOR, HEADSET]
    assert SoundCardSpeaker("headset").play(TONE)
    assert card.restarts == 1


def test_a_loudspeaker_is_found_again_while_the_candidate_could_interrupt(
    card: FakeSoundDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(microphone_module, "GONE_S", 0.3)
    recorded(card, np.full(9_600, 0.25))
    with closing(BargeInMicrophone(SoundCardMicrophone(), Loudness())) as barge_in:
        barge_in.begin()
        wait_until(barge_in.interrupted)
        card.plugged_in = [MICROPHONE]
        with pytest.raises(DeviceError):
            SoundCardSpeaker("headset").play(TONE)
        card.plugged_in = [MICROPHONE, MONITOR, HEADSET]
        assert SoundCardSpeaker("headset").play(TONE)
        assert card.restarts == 1
        # The microphone was closed for that and is open again; that sound was lost meanwhile is not hidden.
        assert any(frame.after_gap for frame in islice(barge_in.frames(), 20))


def test_a_stream_that_stays_open_keeps_nobody_waiting_for_long(
    card: FakeSoundDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portaudio, "_YIELD_S", 0.05)
    recorded(card, np.full(96_000, 0.25))
    with closing(SoundCardMicrophone().frames()) as frames:
        next(frames)
        card.plugged_in = [MICROPHONE]
        for _ in range(2):
            with pytest.raises(DeviceError, match="unavailable"):
                SoundCardSpeaker("headset").play(TONE)
        assert card.restarts == 0
        assert len(next(frames).samples) == FRAME


# Framing without a device


@pytest.mark.parametrize("size", [1, 100, 512, 5000])
def test_blocks_of_any_length_become_the_same_frames(size: int) -> None:
    samples = np.arange(10_240, dtype=np.float32) / 10_240
    blocks = [Block(samples[at : at + size].astype(np.float32)) for at in range(0, len(samples), size)]
    frames = list(framed(blocks, WHISPER_RATE))
    assert np.array_equal(np.concatenate([frame.samples for frame in frames]), samples)


def test_a_gap_marks_one_frame() -> None:
    blocks = [Block(np.zeros(800, np.float32), gap) for gap in (False, True, False, False)]
    assert [frame.after_gap for frame in framed(blocks, WHISPER_RATE)].count(True) == 1


def test_resampling_keeps_the_length_and_full_scale() -> None:
    square = Clip(samples=np.sign(np.sin(np.arange(8_000) / 9)).astype(np.float32), rate=8_000)
    samples = resampled(square, 48_000)
    assert len(samples) == 48_000
    assert np.abs(samples).max() <= 1.0


# What C libraries print


def test_portaudio_prints_nothing_to_the_terminal(card: FakeSoundDevice, capfd: pytest.CaptureFixture[str]) -> None:
    recorded(card, np.full(9_600, 0.25))
    listened(2)
    SoundCardSpeaker("monitor").play(TONE)
    assert capfd.readouterr() == ("", "")
    os.write(2, b"ours")
    assert capfd.readouterr().err == "ours"


def test_two_threads_at_once_leave_standard_error_as_it_was(capfd: pytest.CaptureFixture[str]) -> None:
    def one() -> None:
        for _ in range(200):
            with quiet_stderr():
                os.write(2, b"noise")

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.write(2, b"ours")
    assert capfd.readouterr().err == "ours"


def test_alsas_own_messages_are_dropped(capfd: pytest.CaptureFixture[str]) -> None:
    try:
        alsa = ctypes.CDLL("libasound.so.2")
    except OSError:
        pytest.skip("ALSA is not installed")
    handle = ctypes.c_void_p()
    # A test that used a device in this process has silenced ALSA already.
    alsa.snd_lib_error_set_handler(None)
    try:
        alsa.snd_pcm_open(ctypes.byref(handle), b"no-such-device", 0, 0)
        assert "ALSA lib" in capfd.readouterr().err
        assert silence_alsa()
        assert alsa.snd_pcm_open(ctypes.byref(handle), b"no-such-device", 0, 0) < 0
        assert capfd.readouterr().err == ""
    finally:
        alsa.snd_lib_error_set_handler(None)
