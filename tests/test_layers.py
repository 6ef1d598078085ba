"""The layers: each may import only what stands above it, and importing the package is cheap."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ["values", "logic", "interview", "adapters", "shell"]
MAY_USE = {
    "values": {"values"},
    "logic": {"values", "logic"},
    "interview": {"values", "logic", "interview"},
    "adapters": {"values", "logic", "adapters"},
    "shell": {"values", "logic", "interview", "adapters", "shell"},
}
OUTSIDE_ONLY_IN_ADAPTERS = {
    "sounddevice", "pyttsx3", "piper", "faster_whisper", "httpx2", "onnxruntime", "av", "soxr",
    "yaml", "tokenizers", "espeakng_loader",
}  # fmt: skip
FILES = [path for layer in LAYERS for path in sorted((ROOT / "agent" / layer).rglob("*.py"))]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_layer_imports_only_what_stands_above_it(path: Path) -> None:
    layer = path.relative_to(ROOT / "agent").parts[0]
    used = {name.split(".")[1] for name in imported(path) if name.startswith("agent.")} & set(LAYERS)
    assert used <= MAY_USE[layer]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_devices_and_models_are_known_only_to_adapters(path: Path) -> None:
    if path.relative_to(ROOT / "agent").parts[0] != "adapters":
        assert not {name.split(".")[0] for name in imported(path)} & OUTSIDE_ONLY_IN_ADAPTERS


def test_importing_the_package_loads_nothing_else() -> None:
    script = "import sys; before = set(sys.modules); import agent; print(sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "['agent']"
