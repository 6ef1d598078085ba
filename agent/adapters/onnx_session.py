"""Opens every ONNX model in the same way, on the CPU."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

MOST_THREADS = 4
"""More threads do not make our small models faster."""


def session(model: Path | bytes, threads: int = 0) -> Any:
    """An onnxruntime session; `threads` 0 chooses for this machine, at most MOST_THREADS."""
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
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def available_threads() -> int:
    """Cores that this process may use, at most MOST_THREADS."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows have no affinity
        cores = os.cpu_count() or 1
    return max(1, min(MOST_THREADS, cores))
