"""`make demo`: a whole interview on the recordings of audio_fixtures/, heard where there is a loudspeaker."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from agent.shell.cli import main

FIXTURES = Path(__file__).parent.parent.parent / "audio_fixtures"
OUT = Path("mock-interview-demo")
CHOSEN = {
    "recsys-reduce-features": "very_strong",
    "recsys-choose-model": "weak",
    "recsys-sparse-loss": "strong",
    "recsys-metrics": "strong",
    "recsys-refresh": "very_weak",
}


def demo() -> int:
    """Replays one recorded answer to each example question."""
    entries = json.loads((FIXTURES / "manifest.json").read_text("utf-8"))["recordings"]
    by_intent = {(entry["question_id"], entry["intended_rating"]): entry["file"] for entry in entries}
    files = [str(FIXTURES / by_intent[item]) for item in CHOSEN.items()]
    print("A mock interview with recorded (synthetic) answers.\n", flush=True)
    status = main(["replay", *files, "--questions", ",".join(CHOSEN), "--out", str(OUT), "--aloud"])
    print("Your turn, with microphone and loudspeaker: .venv/bin/mock-interview practice")
    return status


if __name__ == "__main__":
    sys.exit(demo())
