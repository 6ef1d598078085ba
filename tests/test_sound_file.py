"""WAV and FLAC are written whole or not at all, and nothing is lost on the way there and back."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from agent.adapters.audio_file import read_clip
from agent.adapters.flac_file import write_flac
from agent.adapters.sound_file import encoded, load, save
from agent.adapters.wav_file import write_wav
from agent.values.audio import Clip
from agent.values.errors import DeviceError, StoreError

RAMP = Clip(samples=np.linspace(-1, 1, 150_001, dtype=np.float32), rate=16_000)


@pytest.mark.parametrize("form", ["WAV", "FLAC"])
def test_sound_comes_back_to_the_last_bit(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"new/folder/a.{form.lower()}"
    save(path, RAMP, form)  # type: ignore[arg-type]
    assert np.array_equal(load(path).samples * 32768, RAMP.pcm())
    assert np.array_equal(np.round(read_clip(path).samples * 32768), RAMP.pcm())
    assert os.listdir(path.parent) == [path.name]


def test_sixteen_bits_and_back_change_nothing() -> None:
    again = Clip.from_pcm(RAMP.pcm().tobytes() + b"\1", RAMP.rate)
    assert np.array_equal(again.pcm(), RAMP.pcm())
    assert np.abs(again.samples - RAMP.samples).max() < 1 / 32767
    assert Clip(np.array([-2.0, 2.0], np.float32), 16_000).pcm().tolist() == [-32767, 32767]


def test_channels_become_one_without_broken_samples() -> None:
    block = np.array([[0.5, 0.1], [np.nan, 1.0], [np.inf, 0.0], [-3.0, -3.0]], np.float32)
    assert Clip.from_channels(block, 16_000).samples == pytest.approx([0.3, 0.0, 1.0, -1.0])


def test_flac_is_about_half_of_wav() -> None:
    speechlike = Clip((np.sin(np.arange(160_000) / 30) * np.sin(np.arange(160_000) / 9000)).astype(np.float32), 16_000)
    assert len(encoded(speechlike, "FLAC")) < 0.6 * len(encoded(speechlike, "WAV"))


def test_a_disk_that_is_full_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, _content: bytes) -> int:
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StoreError, match="No space left on device"):
        write_flac(tmp_path / "a.flac", RAMP)
    with pytest.raises(DeviceError, match="No space left on device"):
        write_wav(tmp_path / "a.wav", RAMP)
    assert list(tmp_path.iterdir()) == []
