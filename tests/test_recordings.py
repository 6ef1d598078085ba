"""Complete recordings are read whatever their headers say, and the track and channel with speech is used and named."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.adapters.audio_file import frames, read_clip, read_recording
from agent.adapters.recordings import Recordings
from agent.shell.cli import main
from agent.values.audio import Samples
from agent.values.errors import AudioError, ChoiceError
from agent.values.selection import MIX, Selection
from tests.conftest import FIXTURES, ROOT
from tests.recordings import wav, with_picture, write

CASES = ROOT.parent / "shared" / "cases" / "sound"
SPEECH = read_clip(FIXTURES / "metrics-weak.ogg").samples[: 16_000 * 8]
OTHER = read_clip(FIXTURES / "metrics-strong.ogg").samples[: 16_000 * 8]
SECONDS = len(SPEECH) / 16_000
QUIET = (np.random.default_rng(0).standard_normal(len(SPEECH)) * 1e-4).astype(np.float32)


def stacked(*channels: Samples) -> Samples:
    return np.stack(channels).astype(np.float32)


MONO = stacked(SPEECH)


def in_turn(share_of_other: float = 0.0) -> Samples:
    """An interviewer on the first channel, then the candidate on the second; each microphone picks up the other."""
    silence = np.zeros_like(SPEECH)
    first, second = np.concatenate([SPEECH, silence]), np.concatenate([silence, OTHER])
    leak = np.float32(share_of_other)
    return stacked(first + leak * second, second + leak * first)


def test_the_recordings_that_failed_are_read_whole() -> None:
    if not CASES.is_dir():
        pytest.skip(f"{CASES} is not there")
    for path in sorted(CASES.iterdir()):
        assert 18 < read_clip(path).seconds < 27, path


COMPLETE: dict[str, Callable[[Path], Path]] = {
    "AAC without a length": lambda path: write(path / "a.aac", "aac", [MONO], "adts"),
    "MP3 that does not count its frames": lambda path: write(
        path / "a.mp3", "libmp3lame", [stacked(np.concatenate([SPEECH, SPEECH * 0]))], write_xing="0"
    ),
    "pictures longer than the sound, Matroska": lambda path: with_picture(path / "a.mkv", "aac", MONO, 30),
    "pictures longer than the sound, MP4": lambda path: with_picture(path / "a.mp4", "aac", MONO, 30),
    "pictures longer than the sound, AVI": lambda path: with_picture(path / "a.avi", "pcm_s16le", MONO, 30),
    "WAV written to a pipe, sizes 0": lambda path: wav(path / "a.wav", MONO, data_size=0, riff_size=0),
    "WAV written to a pipe, sizes -1": lambda path: wav(
        path / "a.wav", MONO, data_size=0xFFFFFFFF, riff_size=0xFFFFFFFF
    ),
    "WAV written to a pipe by arecord": lambda path: wav(
        path / "a.wav", MONO, data_size=0x80000000, riff_size=0x80000024
    ),
    "WAV header a few bytes off": lambda path: wav(
        path / "a.wav", MONO, data_size=len(SPEECH) * 2 + 44, riff_size=len(SPEECH) * 2 + 88
    ),
    "WAV with the wrong size of the whole": lambda path: wav(path / "a.wav", MONO, riff_size=1 << 24),
    "WebM": lambda path: write(path / "a.webm", "libopus", [MONO]),
    "transport stream": lambda path: write(path / "a.ts", "aac", [MONO], "mpegts"),
}


@pytest.mark.parametrize("kind", COMPLETE)
def test_complete_recordings_are_read_whole(kind: str, tmp_path: Path) -> None:
    path = COMPLETE[kind](tmp_path)
    clip = read_clip(path)
    assert clip.seconds >= SECONDS - 0.1
    # The end is there: the last second of the answer sounds as it did.
    end = slice(len(SPEECH) - 16_000, len(SPEECH))
    assert np.std(clip.samples[end]) == pytest.approx(np.std(SPEECH[end]), rel=0.3)


def halved(path: Path) -> Path:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


@pytest.mark.parametrize(
    "make",
    [
        lambda path: wav(path / "a.wav", MONO),
        lambda path: write(path / "a.flac", "flac", [MONO]),
        lambda path: write(path / "a.mp3", "libmp3lame", [MONO]),
        lambda path: write(path / "a.mp4", "aac", [MONO], movflags="faststart"),
        lambda path: write(path / "a.mkv", "aac", [MONO]),
        lambda path: with_picture(path / "b.mkv", "aac", MONO, 8),
    ],
)
def test_truncated_recordings_are_reported(make: Callable[[Path], Path], tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"cut short|damaged"):
        read_clip(halved(make(tmp_path)))


def test_a_tag_at_the_end_is_no_damage(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp3", "libmp3lame", [MONO])
    path.write_bytes(path.read_bytes() + b"APETAGEX" + bytes(range(256)) * 4)
    assert read_clip(path).seconds == pytest.approx(SECONDS, abs=0.2)


# Which track and channel


def test_the_track_with_speech_is_used_and_named(tmp_path: Path) -> None:
    path = write(tmp_path / "obs.mkv", "aac", [stacked(QUIET * 0, QUIET * 0), MONO])
    recording = read_recording(path)
    assert recording.selection.track == 2
    assert recording.notes == ("Track 2 of 2 was used; the other holds no speech.",)
    assert recording.clip.peak > 0.1


def test_a_track_can_be_chosen(tmp_path: Path) -> None:
    path = write(tmp_path / "two.mkv", "aac", [stacked(SPEECH), stacked(SPEECH * 0.5)])
    assert read_clip(path, Selection(track=2)).peak == pytest.approx(np.abs(SPEECH).max() * 0.5, rel=0.2)
    assert read_recording(path).notes == ("Track 1 of 2 was used; there is speech on track 2 too.",)
    with pytest.raises(AudioError, match=r"there is no track 3; the recording has tracks 1 to 2"):
        read_clip(path, Selection(track=3))


def test_a_microphone_on_input_2_of_8_is_found(tmp_path: Path) -> None:
    channels = stacked(QUIET, SPEECH, *[QUIET] * 6)
    recording = read_recording(wav(tmp_path / "a.wav", channels))
    assert recording.selection == Selection(1, 2)
    assert recording.notes == ("Channel 2 of 8 was used; the others hold no speech.",)
    assert np.allclose(recording.clip.samples, SPEECH, atol=1e-3)


def test_channels_that_cancel_are_not_mixed(tmp_path: Path) -> None:
    recording = read_recording(wav(tmp_path / "a.wav", stacked(SPEECH, -SPEECH)))
    assert recording.notes == ("Channel 1 of 2 was used; mixed, the channels cancel each other out.",)
    assert np.allclose(recording.clip.samples, SPEECH, atol=1e-3)


@pytest.mark.parametrize("right", [SPEECH, SPEECH * 0.4, np.roll(SPEECH, 3)])
def test_one_voice_on_both_channels_is_mixed_without_a_word(right: Samples, tmp_path: Path) -> None:
    recording = read_recording(wav(tmp_path / "a.wav", stacked(SPEECH, right)))
    assert (recording.selection, recording.notes) == (Selection(1, MIX), ())


@pytest.mark.parametrize("leak", [0.0, 0.1, 0.3])
def test_two_people_on_two_channels_must_be_told_apart(leak: float, tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", in_turn(leak))
    with pytest.raises(ChoiceError, match=r"different people speak on channel 1 .* and on channel 2") as caught:
        read_clip(path)
    assert (caught.value.what, caught.value.numbers) == ("channel", (1, 2))
    half = len(SPEECH)
    candidate = read_clip(path, Selection(channel=2)).samples
    assert np.std(candidate[half:]) > 3 * np.std(candidate[:half])
    assert read_clip(path, Selection(channel=MIX)).seconds == pytest.approx(2 * SECONDS, abs=0.1)


def test_two_people_on_two_tracks_must_be_told_apart(tmp_path: Path) -> None:
    both = in_turn()
    path = write(tmp_path / "a.mkv", "aac", [both[:1], both[1:]])
    with pytest.raises(ChoiceError, match="on track 1") as caught:
        read_clip(path)
    assert caught.value.what == "track"
    assert read_clip(path, Selection(track=2)).seconds > 2 * SECONDS - 0.2


def test_a_channel_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", MONO)
    for read in (read_clip, lambda source, selection: list(frames(source, selection=selection))):
        with pytest.raises(AudioError, match="there is no channel 2; the recording has only one channel"):
            read(path, Selection(channel=2))


# Sources


@pytest.mark.parametrize("seekable", [True, False])
def test_a_recording_may_be_bytes_or_a_file_object(seekable: bool, tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", stacked(QUIET, SPEECH))
    expected = read_clip(path).samples
    assert np.array_equal(read_clip(path.read_bytes()).samples, expected)
    assert np.array_equal(read_clip(str(path)).samples, expected)

    class Source(io.BytesIO):
        def seekable(self) -> bool:
            return seekable

        def seek(self, offset: int, whence: int = 0) -> int:
            assert seekable, "a pipe cannot be sought"
            return super().seek(offset, whence)

    source = Source(path.read_bytes())
    assert np.array_equal(read_clip(source).samples, expected)
    assert not source.closed


def test_a_file_is_opened_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, original = wav(tmp_path / "a.wav", stacked(QUIET, SPEECH)), Path.open
    opened: list[Path] = []

    def counted(self: Path, *more: Any) -> Any:
        opened.append(self)
        return original(self, *more)

    monkeypatch.setattr(Path, "open", counted)
    read_clip(path)
    assert opened == [path]


@pytest.mark.parametrize("source", [b"", b"no sound", io.BytesIO(b"RIFF"), "a\0b.wav"])
def test_sources_without_a_recording_are_refused_in_one_line(source: bytes) -> None:
    with pytest.raises(AudioError, match=";") as caught:
        read_clip(source)
    assert "\n" not in str(caught.value)


def test_replayed_recordings_use_the_chosen_channel(tmp_path: Path) -> None:
    path = wav(tmp_path / "a.wav", in_turn())
    microphone = Recordings([path, path], [Selection(1, 1), Selection(1, 2)])
    first, second = (np.concatenate([frame.samples for frame in microphone.frames()]) for _ in range(2))
    half = len(SPEECH)
    assert np.std(first[:half]) > 10 * np.std(first[half:])
    assert np.std(second[half:]) > 10 * np.std(second[:half])


# Commands


def test_the_way_out_is_named_by_its_option(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = wav(tmp_path / "a.wav", in_turn())
    ask = ("--question", "recsys-metrics")
    replayed = ("replay", str(path), "--questions", "recsys-metrics", "--out", str(tmp_path / "out"))
    for words in (("grade", str(path), *ask), replayed):
        assert main(words) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        assert "--channel 1 or --channel 2 (--channel mix reads everybody)" in error
    assert main(["grade", str(path), *ask, "--track", "2"]) == 2
    assert "no track 2" in capsys.readouterr().err


@pytest.mark.parametrize("value", ["0", "-1", "left", ""])
def test_a_channel_is_a_number_or_mix(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["grade", "a.wav", "--question", "recsys-metrics", f"--channel={value}"])
    assert caught.value.code == 2
    assert "--channel" in capsys.readouterr().err


def test_the_channel_that_was_used_is_in_the_notes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = wav(tmp_path / "a.wav", stacked(QUIET, SPEECH))
    assert main(["grade", str(path), "--question", "recsys-metrics", "--json"]) == 0
    notes = json.loads(capsys.readouterr().out)["notes"]
    assert "Channel 2 of 2 was used; the other holds no speech." in notes
