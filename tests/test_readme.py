"""The README tells the truth: every file in its tree, every command, nothing that is not there."""

from __future__ import annotations

import re

from tests.conftest import ROOT, Command

README = (ROOT / "README.md").read_text("utf-8")


def test_the_tree_names_every_source_file_and_no_other() -> None:
    tree = README.split("## Files")[1].split("```")[1]
    told, folder = set(), ""
    for line in tree.splitlines():
        if found := re.match(r"(\s*)(\S+)\s{2,}", line):
            folder = found[2] if not found[1] else folder
            told.add(found[2] if not found[1] else folder + found[2])
    there = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "agent").rglob("*.py")
        if path.name != "__init__.py" and path.parent != ROOT / "agent"
    }
    assert {name for name in told if name.endswith(".py")} == there


def test_the_commands_of_the_readme_exist(command: Command) -> None:
    shown = command("--help").stdout
    table = README.split("## Commands")[1].split("## Files")[0]
    told = set(re.findall(r"^\| `(\w+)", table, flags=re.MULTILINE))
    assert told == set(re.findall(r"^    (\w+)\s", shown, flags=re.MULTILINE))
