"""Recordings of any kind become 16 kHz mono; what cannot be graded is told in one line."""

from __future__ import annotations

import struct
import tracemalloc
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from agent.adapters.audio_file import frames, read_clip
from agent.adapters.recordings import Recordings
from agent.interview.endpointer import Endpointer, EndpointerModels
from agent.interview.streaming_transcriber import StreamingTranscriber
from agent.logic.speech.endpointing import EndpointingPolicy
from agent.values.audio import Clip
from agent.values.errors import AudioError
from agent.values.transcript import Transcript
from tests.conftest import FIXTURES

ANSWER = FIXTURES / "metrics-weak.ogg"


def tone(seconds: float, rate: int) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate)).astype(np.float32)


def write(path: Path, codec: str, rate: int, layout: str, seconds: float = 2.0) -> Path:
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=rate, layout=layout)
        channels = 2 if layout == "stereo" else 1
        samples = np.tile(tone(seconds, rate), (channels, 1))
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout=layout)
        frame.sample_rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return path


@pytest.mark.parametrize(
    ("name", "codec", "rate", "layout"),
    [
        ("a.wav", "pcm_s16le", 44_100, "stereo"),
        ("a.wav", "pcm_s16le", 8_000, "mono"),
        ("a.flac", "flac", 48_000, "stereo"),
        ("a.ogg", "libopus", 48_000, "mono"),
        ("a.mp3", "libmp3lame", 22_050, "mono"),
        ("a.m4a", "aac", 44_100, "stereo"),
    ],
)
def test_any_format_rate_and_layout_is_read(tmp_path: Path, name: str, codec: str, rate: int, layout: str) -> None:
    clip = read_clip(write(tmp_path / name, codec, rate, layout))
    assert clip.rate == 16_000
    assert clip.seconds == pytest.approx(2.0, abs=0.15)
    spectrum = np.abs(np.fft.rfft(clip.samples))
    assert np.argmax(spectrum) / clip.seconds == pytest.approx(440, abs=3)


def test_streamed_frames_are_the_same_sound(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", "pcm_s16le", 44_100, "stereo")
    streamed = np.concatenate([frame.samples for frame in frames(path)])
    whole = read_clip(path).samples
    assert np.array_equal(streamed[: len(whole)], whole)


def test_the_length_of_streamed_blocks_can_be_chosen() -> None:
    blocks = list(frames(ANSWER, block_s=0.25))
    assert {len(block.samples) for block in blocks} == {4000}
    assert sum(block.seconds for block in blocks) == pytest.approx(read_clip(ANSWER).seconds, abs=0.25)


def test_a_whisper_quiet_recording_is_not_silence(tmp_path: Path) -> None:
    quiet = read_clip(ANSWER).samples * 0.01
    assert read_clip(float_wav(tmp_path / "quiet.wav", quiet)).peak < 0.01


def cut_wav(folder: Path) -> Path:
    path = write(folder / "cut.wav", "pcm_s16le", 16_000, "mono", seconds=4.0)
    path.write_bytes(path.read_bytes()[:-64_000])
    return path


def cut(path: Path) -> Path:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def click() -> np.ndarray:
    samples = np.zeros(80_000, np.float32)
    samples[40_000] = 0.9
    return samples


def float_wav(path: Path, samples: np.ndarray) -> Path:
    sizes = struct.pack("<IHHIIHH", 16, 3, 1, 16_000, 64_000, 4, 32), struct.pack("<I", samples.nbytes)
    total = struct.pack("<I", 36 + samples.nbytes)
    path.write_bytes(b"RIFF" + total + b"WAVEfmt " + sizes[0] + b"data" + sizes[1] + samples.tobytes())
    return path


def silent_wav(folder: Path) -> Path:
    with wave.open(str(folder / "silent.wav"), "wb") as out:
        out.setparams((1, 2, 16_000, 0, "NONE", ""))
        out.writeframes(bytes(64_000))
    return folder / "silent.wav"


def test_what_cannot_be_graded_is_reported_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.mp3").write_text("words, not sound", encoding="utf-8")
    expected = {
        tmp_path / "missing.wav": "no such recording",
        tmp_path: "a folder",
        tmp_path / ("x" * 400): "cannot be opened",
        tmp_path / "empty.wav": "empty",
        tmp_path / "text.mp3": "not a recording",
        cut_wav(tmp_path): "cut short",
        silent_wav(tmp_path): "silent",
        float_wav(tmp_path / "click.wav", click()): "only a click",
        float_wav(tmp_path / "broken.wav", np.full(48_000, np.nan, np.float32)): "not a number",
        float_wav(tmp_path / "header.wav", np.zeros(0, np.float32)): "contains no audio",
        cut(write(tmp_path / "a.flac", "flac", 16_000, "mono", 8.0)): "damaged|cut short",
        cut(write(tmp_path / "a.mp3", "libmp3lame", 16_000, "mono", 8.0)): "damaged|cut short",
        cut(write(tmp_path / "a.m4a", "aac", 16_000, "mono", 8.0)): "not a recording",
    }
    for path, reason in expected.items():
        with pytest.raises(AudioError, match=reason) as caught:
            read_clip(path)
        assert "\n" not in str(caught.value)
        assert ";" in str(caught.value), "says what to do"


class Deaf:
    def reset(self) -> None: ...

    def probability(self, frame: Clip) -> float:
        return 0.0


class NoWords:
    def warm(self) -> None: ...

    def transcribe(self, clip: Clip, glossary: Sequence[str] = ()) -> Transcript:
        return Transcript()


def test_a_long_recording_is_held_once_and_handed_on_as_one_copy(tmp_path: Path) -> None:
    minutes = 10
    path = write(tmp_path / "long.flac", "flac", 16_000, "mono", seconds=60.0 * minutes)
    size = 4 * 16_000 * 60 * minutes
    tracemalloc.start()
    streaming = StreamingTranscriber(NoWords(), ahead=False)
    for _ in Endpointer(EndpointerModels(streaming, Deaf()), EndpointingPolicy.endless()).listen(
        Recordings([path]).frames()
    ):
        pass
    clip = streaming.clip
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    streaming.close()
    assert clip.seconds == pytest.approx(60 * minutes, abs=1)
    assert peak < 2.2 * size
