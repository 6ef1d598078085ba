"""Opens every ONNX model in the same way, on the CPU, and translates what running one raises."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agent.values.errors import ModelError

MOST_THREADS = 4
"""More threads do not make our small models faster."""


def session(model: Path | bytes, threads: int = 0) -> Any:
    """An onnxruntime session; `threads` 0 chooses for this machine, at most MOST_THREADS. Raises ModelError."""
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or available_threads()
    # The arena would keep memory for the largest batch ever seen.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    # Threads that spin while they wait take the cores from everything else: Whisper, the voice, another worker.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    source = model if isinstance(model, bytes) else str(model)
    with translated("Loading a model"):
        return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Raises ModelError for whatever onnxruntime raises; `what` begins the sentence."""
    try:
        yield
    except Exception as error:
        if not type(error).__module__.startswith("onnxruntime"):
            raise
        first = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise ModelError(f"{what} failed ({first}); start again, or reinstall mock-interview") from error


def available_threads() -> int:
    """Cores that this process may use, at most MOST_THREADS."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows have no affinity
        cores = os.cpu_count() or 1
    return max(1, min(MOST_THREADS, cores))
