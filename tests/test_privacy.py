"""Nothing leaves the machine unasked, the reports of libraries about their use included."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

USES_MODELS = """
import agent
import numpy as np
from agent.adapters.silero_vad import SileroDetector
from agent.adapters.smart_turn import SmartTurn
from agent.values.audio import FRAME, Clip

SileroDetector().probability(Clip.silence(FRAME / 16_000))
SmartTurn().finished(Clip.silence(1.0))
"""


def test_no_library_prepares_to_report_its_use(tmp_path: Path) -> None:
    """onnxruntime would keep a device id and a queue of events for its maker in the user's cache folder."""
    kept = {name: value for name, value in os.environ.items() if "TELEMETRY" not in name and "USAGE" not in name}
    environment = {**kept, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    subprocess.run([sys.executable, "-c", USES_MODELS], cwd=ROOT, env=environment, check=True, timeout=120)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_the_variables_of_all_of_them_are_set() -> None:
    code = "import agent, os; print(*(os.environ[name] for name in ('ORT_DISABLE_TELEMETRY', "
    code += "'HF_HUB_DISABLE_TELEMETRY', 'RAY_USAGE_STATS_ENABLED')))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "1", "0"]
