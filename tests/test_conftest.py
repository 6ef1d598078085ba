"""What conftest.py says of the tests is true."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import LONGEST


def test_the_longest_files_are_there() -> None:
    assert [name for name in LONGEST if not Path(__file__).with_name(f"{name}.py").is_file()] == []
