"""How fast this machine transcribes with each Whisper that it has, and the largest one that keeps up.

Measured once and kept beside the models, until the number of threads or the device changes. Asks no network.
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
"""From the least accurate to the most."""
KEEPS_UP = 4.0
"""Times as fast as speech: a segment of 12 s is then transcribed in 3 s, within the silences that end an answer."""
_FILE = "whisper-speed.json"
Measure = Callable[[str], float]
"""From a size to how many times faster than speech it is. Raises ModelError."""


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
    """How many times faster than speech; loading is not counted. Raises ModelError."""
    transcriber.warm()
    started = time.perf_counter()
    transcriber.transcribe(clip)
    return clip.seconds / max(1e-3, time.perf_counter() - started)


def largest_that_keeps_up(names: list[str], speeds: Mapping[str, float]) -> str:
    """The largest of these models that is fast enough, but none below base where there is another."""
    fast = [name for name in names if speeds.get(name, 0.0) >= KEEPS_UP]
    usual = [name for name in names if SIZES.index(name) >= SIZES.index("base")]
    return max([*fast, *usual[:1]] or ["base"], key=SIZES.index)


def choose(measure: Measure, machine: str, names: list[str], cache: Path | None = None) -> str:
    """The model for this machine. Measures, from small to large, what is not known yet, until one is too slow.

    `machine` says under which conditions a measurement holds, such as device and threads.
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
