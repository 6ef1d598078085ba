"""Endpoints that misbehave as real ones were reported to: every one ends in a verdict, or in the named fallback.

The server comes with the collection of failed inputs that may lie next to the repository.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.logic.grading.grading import grade_answer
from agent.values.rubric import Question
from tests.conftest import ROOT
from tests.fake_endpoint import ANSWER, llm_at, with_fallback

SERVER = next(
    (found for folder in ROOT.parents if (found := folder / "shared" / "cases" / "llm" / "server.py").exists()),
    Path("shared/cases/llm/server.py"),
)
MODES = sorted(re.findall(r'mode=="(\w+)"', SERVER.read_text("utf-8"))) if SERVER.exists() else []
READ = {"good", "think", "parts", "sse", "lmstudio", "quotes", "extrakey", "trail", "barelist", "tool", "redirect"}
"""Modes whose reply is sound under what is odd about it."""
WORDS = {
    "thinkopen": "no usable reply",
    "reasonlen": "cut short",
    "err200": "Provider returned error: upstream overloaded",
    "errchoice": "upstream died",
    "null": "does not serve chat completions",
    "html": "Sign in to WiFi",
    "trunc": "read only 2,048 tokens",
    "ctx400": "exceeds the available context size",
    "nan": "does not lie between 0 and 1",
    "slow": "did not answer within 2 s",
}
"""What the note of the fallback says, by mode."""

pytestmark = pytest.mark.skipif(not MODES, reason=f"the failed inputs are not here: no {SERVER}")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, str(SERVER), str(port)]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as server:
        assert server.stdout is not None
        server.stdout.readline()
        yield f"http://127.0.0.1:{port}"
        server.kill()


@pytest.mark.parametrize("mode", [*MODES, "unheardof"])
def test_every_endpoint_ends_well(mode: str, address: str, questions: dict[str, Question]) -> None:
    grader = with_fallback(llm_at(f"{address}/{mode}/v1", limit_s=2.0 if mode == "slow" else 20.0, retry_s=0.0))
    graded = grade_answer(questions["recsys-reduce-features"], ANSWER, grader)
    assert [point.id for point in graded.points if point.met] == ["pca"]
    if graded.grader == "embedded":
        assert "The embedded grader graded this answer instead." in graded.notes[-1]
        assert WORDS.get(mode, "") in graded.notes[-1]
        assert mode not in READ
    else:
        assert graded.grader == "llm:m"
        assert mode not in WORDS
