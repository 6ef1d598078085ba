"""Makes docs/session.svg: the terminal of a real replay, as it was shown.

python docs/screenshot.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parent.parent
ANSWER = ROOT / "audio_fixtures" / "reduce-features-strong.ogg"


def main() -> None:
    """Runs one question and draws what the terminal showed."""
    with tempfile.TemporaryDirectory() as out:
        words = [str(ANSWER), "--questions", "recsys-reduce-features", "--out", out]
        shown = subprocess.run(
            [sys.executable, "-m", "agent", "replay", *words],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env={**os.environ, "FORCE_COLOR": "1", "COLUMNS": "88", "COLORTERM": "truecolor"},
        ).stdout.replace(out, "DIR")
    console = Console(record=True, width=88, file=open(os.devnull, "w"))  # noqa: SIM115
    console.print(Text.from_ansi(shown))
    console.save_svg(str(ROOT / "docs" / "session.svg"), title="mock-interview replay")


if __name__ == "__main__":
    main()
