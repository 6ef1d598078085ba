"""How fast this machine transcribes with each Whisper that it has, and the largest one that keeps up.

It measures once, and saves the figure until the number of threads or the device changes. Uses no network.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from agent.adapters.whisper_model import default_cache, local_snapshot, model_path
from agent.logic.ports import Transcriber
from agent.values.audio import Clip
from agent.values.errors import ModelError

SIZES = ("tiny", "base", "small", "medium", "large-v3")
"""Sizes from the least to the most accurate."""
KEEPS_UP = 4.0
"""How many times faster than speech a model must be. A segment of 12 s then takes 3 s, within the silences that end an
answer.
"""
_FILE = "whisper-speed.json"
Measure = Callable[[str], float]
"""Measures how many times faster than speech a size is. Raises ModelError."""


def installed() -> list[str]:
    """The sizes whose weights are on this machine, from small to large."""
    return [name for name in SIZES if _is_here(name)]


def _is_here(name: str) -> bool:
    if name != "base":
        return local_snapshot(name) is not None
    try:
        model_path(name)
    except ModelError:
        return False
    return True


def times_real_time(transcriber: Transcriber, clip: Clip) -> float:
    """Measures how many times faster than speech a model is, without loading it. Raises ModelError."""
    transcriber.warm()
    started = time.perf_counter()
    transcriber.transcribe(clip)
    return clip.seconds / max(1e-3, time.perf_counter() - started)


def largest_that_keeps_up(names: list[str], speeds: Mapping[str, float]) -> str:
    """Returns the largest of these models that is fast enough; never one below base if there is another."""
    fast = [name for name in names if speeds.get(name, 0.0) >= KEEPS_UP]
    usual = [name for name in names if SIZES.index(name) >= SIZES.index("base")]
    return max([*fast, *usual[:1]] or ["base"], key=SIZES.index)


def choose(measure: Measure, machine: str, names: list[str], cache: Path | None = None) -> str:
    """Returns the model for this machine.

    Measures the sizes that have no figure yet, from small to large, until one is too slow. `machine` names the
    conditions of a measurement, such as device and threads.
    """
    if names in ([], ["base"]):
        return "base"  # Nothing to choose from, so nothing to measure.
    file = (cache or default_cache()) / _FILE
    known = _read(file)
    speeds = known.setdefault(machine, {})
    for name in names:
        if name not in speeds:
            speeds[name] = round(measure(name), 2)
        if speeds[name] < KEEPS_UP:
            break
    _write(file, known)
    return largest_that_keeps_up(names, speeds)


def measured(measure: Measure) -> Iterator[tuple[str, float]]:
    """Each model on this machine with its speed. Raises ModelError."""
    for name in installed():
        yield name, measure(name)


def _read(file: Path) -> dict[str, dict[str, float]]:
    with suppress(OSError, ValueError):
        found = json.loads(file.read_text("utf-8"))
        return {str(machine): {str(n): float(s) for n, s in speeds.items()} for machine, speeds in found.items()}
    return {}


def _write(file: Path, known: dict[str, dict[str, float]]) -> None:
    with suppress(OSError):  # It is measured again the next time.
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(known, indent=1), "utf-8")
