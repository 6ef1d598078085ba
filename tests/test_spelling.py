"""Code is spelled as in the United States; what candidates and questions say is not looked at."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = ("agent", "benchmarks", "training")
KINDS = (".py", ".js", ".html", ".j2")
BRITISH = re.compile(
    r"cancell(?:er|ing)|labell(?!edby)|recognis|neighbour|licence|practis|colour|favour|behaviour|metres?\b|centre"
    r"|judgement|(?:normal|optim|initial|organ|summar|serial|general|minim|maxim|synthes|token)is(?:e|ed|es|ing|ation)\b",
    re.IGNORECASE,
)


def files(folder: str) -> list[Path]:
    return sorted(path for path in (ROOT / folder).rglob("*") if path.suffix in KINDS)


@pytest.mark.parametrize("folder", FOLDERS)
def test_code_has_american_spelling(folder: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {match[0]}"
        for path in files(folder)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if (match := BRITISH.search(line)) is not None
    ]
    assert found == []
