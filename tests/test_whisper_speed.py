"""Which Whisper a machine can keep up with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.adapters.whisper_speed import choose, largest_that_keeps_up, times_real_time
from agent.values.audio import Clip
from agent.values.transcript import Transcript

SMALL_TO_LARGE = ["tiny", "base", "small", "medium", "large-v3"]


@pytest.mark.parametrize(
    ("names", "speeds", "chosen"),
    [
        (SMALL_TO_LARGE, {"tiny": 30, "base": 15, "small": 6, "medium": 2, "large-v3": 1}, "small"),
        (SMALL_TO_LARGE, {"tiny": 90, "base": 80, "small": 40, "medium": 20, "large-v3": 9}, "large-v3"),
        (["base", "small"], {"base": 15, "small": 3.9}, "base"),
        (["tiny", "base"], {"tiny": 3.0, "base": 1.5}, "base"),
        (["tiny"], {"tiny": 30}, "tiny"),
        (["small"], {"small": 1}, "small"),
        ([], {}, "base"),
    ],
)
def test_the_largest_model_that_keeps_up_is_taken(names: list[str], speeds: dict[str, float], chosen: str) -> None:
    assert largest_that_keeps_up(names, speeds) == chosen


class Machine:
    """Says how fast each model is, and remembers what it was asked."""

    def __init__(self, **speeds: float) -> None:
        self._speeds, self.asked = speeds, list[str]()

    def __call__(self, name: str) -> float:
        self.asked.append(name)
        return self._speeds[name]


def test_a_machine_is_measured_once_and_no_further_than_needed(tmp_path: Path) -> None:
    machine = Machine(base=15.0, small=3.0, medium=1.0)
    for _ in range(2):
        assert choose(machine, "cpu int8 2", ["base", "small", "medium"], tmp_path) == "base"
    assert machine.asked == ["base", "small"]
    assert choose(machine, "cuda float16 2", ["base"], tmp_path) == "base"
    assert machine.asked == ["base", "small"], "with one model there is nothing to measure"
    assert choose(Machine(base=50.0, small=20.0), "cuda float16 2", ["base", "small"], tmp_path) == "small"


def test_a_damaged_note_of_earlier_measurements_is_measured_anew(tmp_path: Path) -> None:
    (tmp_path / "whisper-speed.json").write_text('{"cpu": [1', "utf-8")
    assert choose(Machine(base=9.0, small=5.0), "cpu", ["base", "small"], tmp_path) == "small"


class Loading:
    """A transcriber that must be loaded before it is timed."""

    def __init__(self) -> None:
        self.loaded = False

    def warm(self) -> None:
        self.loaded = True

    def transcribe(self, clip: Clip, glossary: Sequence[str] = ()) -> Transcript:
        assert self.loaded
        return Transcript()


def test_loading_does_not_count_as_transcribing() -> None:
    assert times_real_time(Loading(), Clip.silence(10.0)) > 0
