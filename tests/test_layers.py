"""The layers: each may import only what stands above it, and importing the package is cheap."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = ["values", "logic", "interview", "adapters", "compose", "shell"]
MAY_USE = {
    "values": {"values"},
    "logic": {"values", "logic"},
    "interview": {"values", "logic", "interview"},
    "adapters": {"values", "logic", "adapters"},
    "compose": {"values", "logic", "interview", "adapters", "compose"},
    "shell": {"values", "logic", "interview", "adapters", "compose", "shell"},
}
PURE = {"numpy", "pydantic", "pydantic_core"}
"""Compute, and touch nothing outside of the process."""
MAY_USE_OF_OTHERS = {
    "values": PURE,
    "logic": PURE | {"jinja2", "num2words", "rapidfuzz"},
    "interview": PURE,
    "compose": PURE | {"platformdirs", "pydantic_settings", "tomlkit"},
    "shell": PURE | {
        "alembic", "filelock", "jinja2", "markupsafe", "platformdirs", "rich", "shtab", "sqlalchemy",
        "starlette", "uvicorn",
    },
}  # fmt: skip
"""Whatever is not named is for adapters alone: devices, models, servers, file formats."""
OF_THE_SHELL = re.compile(
    r"mock-interview [a-z]|(?<![\w-])--[a-z]|\bmake [a-z]+\b['.;]|\b(?:OPENAI|MOCK_INTERVIEW)_[A-Z]"
)
"""Commands, options and variables, which only a shell may name."""
DEFINES_VARIABLES = "compose/settings.py"
FILES = [path for layer in LAYERS for path in sorted((ROOT / "agent" / layer).rglob("*.py"))]
SHELL = [path for path in FILES if path.is_relative_to(ROOT / "agent" / "shell")]


FOR_THE_SHELL = {
    # Readers and writers of files.
    "anki_file", "audio_file", "company_file", "document_file", "flac_file", "parquet_file", "rubric_file",
    "sound_file", "stores", "table_file", "whisper_download", "whisper_model", "whole_file", "yaml_file",
    # Values and functions that build nothing.
    "browser_audio.RATES", "browser_speaker.Outlet", "http_post.host_of", "http_post.proxy_host",
    "whisper_speed.KEEPS_UP",
}  # fmt: skip
"""Adapters, or names of theirs, that a shell may import; all others are built in agent/compose/."""


def imported(path: Path, *, types: bool = True) -> set[str]:
    """What a file imports; without `types`, only what it needs when it runs."""
    names: set[str] = set()
    tree = ast.parse(path.read_text("utf-8"))
    if not types:
        tree.body = [node for node in tree.body if not _is_for_types(node)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _is_for_types(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


@pytest.mark.parametrize("path", SHELL, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_shell_builds_no_adapters(path: Path) -> None:
    used = {name.removeprefix("agent.adapters.") for name in imported(path, types=False) if "agent.adapters" in name}
    assert {name for name in used if not {name, name.split(".")[0]} & FOR_THE_SHELL} == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_layer_imports_only_what_stands_above_it(path: Path) -> None:
    layer = path.relative_to(ROOT / "agent").parts[0]
    used = {name.split(".")[1] for name in imported(path) if name.startswith("agent.")} & set(LAYERS)
    assert used <= MAY_USE[layer]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_layer_uses_only_the_libraries_that_are_named_for_it(path: Path) -> None:
    layer = path.relative_to(ROOT / "agent").parts[0]
    if layer == "adapters":
        return
    others = {name.split(".")[0] for name in imported(path)} - set(sys.stdlib_module_names) - {"agent"}
    assert others <= MAY_USE_OF_OTHERS[layer]


def texts(path: Path) -> list[str]:
    """The strings of a file that a user may see: all but docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_shell_names_commands_options_and_variables(path: Path) -> None:
    place = path.relative_to(ROOT / "agent").as_posix()
    if place.startswith("shell/") or place == DEFINES_VARIABLES:
        return
    assert [text for text in texts(path) if OF_THE_SHELL.search(text)] == []


def test_importing_the_package_loads_nothing_else() -> None:
    script = "import sys; before = set(sys.modules); import agent; print(sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "['agent']"


def test_the_library_is_found_without_loading_a_model() -> None:
    script = (
        "import sys; from agent.compose.library import grade_recording; "
        "print(sorted({'faster_whisper', 'onnxruntime', 'sounddevice', 'rich', 'agent.shell'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
