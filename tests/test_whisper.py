"""Real Whisper: silence and noise give no words, and the weights are joined once, whole, and checked."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from agent.adapters.whisper import Whisper
from agent.adapters.whisper_model import SHA256, model_path, verify
from agent.steps.delivery import delivery
from agent.values.audio import Clip
from agent.values.errors import InputError, ModelError
from agent.values.transcript import Transcript, Word


@pytest.mark.parametrize("sound", ["silence", "noise", "hum", "clicks"])
def test_what_is_not_speech_gives_no_words(whisper: Whisper, sound: str) -> None:
    draw, count = np.random.default_rng(0), 16_000 * 5
    samples = {
        "silence": np.zeros(count),
        "noise": draw.standard_normal(count) * 0.1,
        "hum": 0.3 * np.sin(2 * np.pi * 50 * np.arange(count) / 16_000),
        "clicks": (draw.random(count) > 0.9995) * 0.8,
    }[sound]
    assert whisper.transcribe(Clip(samples=samples.astype(np.float32), rate=16_000)).words == ()


def test_the_weights_are_joined_once_even_by_two_programs_at_once(tmp_path: Path) -> None:
    found: list[Path] = []
    threads = [threading.Thread(target=lambda: found.append(model_path("base", tmp_path))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found[0] == found[1]
    assert sorted(path.name for path in found[0].iterdir()) == sorted(SHA256)
    assert [path.name for path in tmp_path.iterdir()] == [found[0].name], "nothing half made is left behind"
    assert verify("base", tmp_path)


def test_damaged_weights_are_told_and_a_cut_file_is_joined_again(tmp_path: Path) -> None:
    folder = model_path("base", tmp_path)
    whole = (folder / "model.bin").stat().st_size
    with (folder / "model.bin").open("r+b") as file:
        file.write(b"damaged")
    with pytest.raises(ModelError, match="damaged"):
        verify("base", tmp_path)
    (folder / "model.bin").write_bytes(b"cut")
    assert (model_path("base", tmp_path) / "model.bin").stat().st_size == whole
    assert verify("base", tmp_path)


def test_an_unknown_model_is_refused_in_plain_words() -> None:
    with pytest.raises(InputError, match="no Whisper model 'enormous'"):
        model_path("enormous")


def test_delivery_is_counted_from_the_words() -> None:
    times = [(0.5, 0.8), (0.9, 1.2), (3.2, 3.5), (3.6, 4.0), (4.1, 4.5), (4.6, 5.0)]
    texts = ["So,", "um,", "you", "know,", "gradient", "descent."]
    words = tuple(Word(text=t, start_s=a, end_s=b) for t, (a, b) in zip(texts, times, strict=True))
    spoken = delivery(Transcript(words=words, duration_s=6.0))
    assert spoken.words == 6
    assert spoken.fillers == 2
    assert spoken.longest_pause_s == 2.0
    assert spoken.time_to_first_word_s == 0.5
    assert spoken.words_per_minute == pytest.approx(80.0)
    assert delivery(Transcript.from_text("so um yes")).words_per_minute is None
