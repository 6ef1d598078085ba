"""YAML from others: what blows up, nests without end or hides escape sequences is refused in one line, at once."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from itertools import count, pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.adapters import yaml_file
from agent.adapters.rubric_file import load
from agent.adapters.yaml_file import read_yaml
from agent.values.errors import RubricError
from tests.conftest import ROOT

NAMES = "abcdefghijklmnopqrst"
BOMB = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}]\n" for a, b in pairwise(NAMES))
CASES = ROOT.parent / "shared" / "cases" / "yaml"
TEMPLATE = (ROOT / "agent" / "shell" / "template.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (BOMB, "repeats a list or mapping"),
        ("topic: " + "[" * 5000, "nested levels"),
        ("topic: " + "{a: " * 300 + "1" + "}" * 300, "nested levels"),
    ],
    ids=["aliases", "lists", "mappings"],
)
def test_what_blows_up_is_refused_in_one_line(text: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "bomb.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RubricError, match=says) as refused:
        read_yaml(file)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    "text",
    [
        "!!map [1]",
        "? !!timestamp foo\n: x",
        'a: !!int ""',
        'a: !!float ""',
        "a: !!bool foo",
        "a: [1, !!omap [b]]",
        "a: !important text",
        "a: ! text",
    ],
)
def test_a_tag_is_refused_with_its_line(text: str, tmp_path: Path) -> None:
    file = tmp_path / "tag.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RubricError, match=r"tag.yaml:1: the tag '.*' is not used here"):
        read_yaml(file)


def test_tags_that_change_nothing_are_read(tmp_path: Path) -> None:
    file = tmp_path / "tag.yaml"
    file.write_text("!!map\na: !!str 5\nb: !!seq [1]\n", encoding="utf-8")
    assert read_yaml(file).data == {"a": "5", "b": [1]}


def test_a_wrong_character_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "zero.yaml"
    file.write_bytes(b"a: \0")
    with pytest.raises(RubricError) as refused:
        read_yaml(file)
    assert "\n" not in str(refused.value)


def test_a_wrong_question_is_not_reported_as_no_questions_too(tmp_path: Path) -> None:
    file = tmp_path / "minutes.yaml"
    file.write_text(TEMPLATE.replace("minutes: 3", "minutes: three", 1), encoding="utf-8")
    with pytest.raises(RubricError) as refused:
        load(file)
    assert str(refused.value).startswith(f"{file}:12: questions.1.minutes: ")
    assert "\n" not in str(refused.value)


def test_an_alias_of_a_text_is_fine(tmp_path: Path) -> None:
    file = tmp_path / "alias.yaml"
    file.write_text("a: &a some text\nb: *a\n", encoding="utf-8")
    assert read_yaml(file).data == {"a": "some text", "b": "some text"}


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_file, "MOST_BYTES", 10)
    file = tmp_path / "large.yaml"
    file.write_text("a: 1\nb: 22222\n", encoding="utf-8")
    with pytest.raises(RubricError, match="split it"):
        read_yaml(file)


def test_escape_sequences_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "escape.yaml"
    file.write_text(TEMPLATE.replace("topic: ", 'topic: "\\e[31mred" #', 1), encoding="utf-8")
    with pytest.raises(RubricError, match="control character") as refused:
        load(file)
    assert "\x1b" not in str(refused.value)


@pytest.mark.parametrize("name", ["bomb_small.yaml", "deep.yaml", "control.yaml"])
def test_files_that_failed(name: str) -> None:
    if not CASES.exists():
        pytest.skip("the folder with files that failed is not beside the repository")
    with pytest.raises(RubricError) as refused:
        load(CASES / name)
    assert len(str(refused.value)) < 2000
    assert "\x1b" not in str(refused.value)


_LINES = TEMPLATE.splitlines()
_PIECES = st.sampled_from(
    ["[", "{", "*a", "&a", "- ", ": ", "\t", "!!python/object:os.system", "|", "\x00", "'", '"', "---"]
)
_EDITS = st.lists(st.tuples(st.integers(0, len(_LINES) - 1), st.integers(0, 40), _PIECES), max_size=6)
_DATA = st.recursive(
    st.none() | st.text(max_size=8) | st.integers(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
)
_BYTES = st.binary(max_size=400) | _DATA.map(lambda data: yaml.safe_dump(data).encode())
SECONDS = float(os.environ.get("FUZZ_SECONDS", "0"))
EXAMPLES = 40


@pytest.mark.timeout(SECONDS + 400)
def test_only_our_own_errors_come_out(tmp_path: Path) -> None:
    """`FUZZ_SECONDS=600 python -m pytest tests/test_yaml_file.py -s` tries for longer, and says how many."""
    file, tried, ends = tmp_path / "fuzzed.yaml", count(), time.monotonic() + SECONDS

    @settings(
        max_examples=1000 if SECONDS else EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(_EDITS, _BYTES)
    def fuzz(edits: list[tuple[int, int, str]], content: bytes) -> None:
        lines = list(_LINES)
        for line, at, piece in edits:
            lines[line] = lines[line][:at] + piece + lines[line][at:]
        for each in ("\n".join(lines).encode(), content):
            next(tried)
            file.write_bytes(each)
            with suppress(RubricError):
                load(file)

    fuzz()
    while time.monotonic() < ends:
        fuzz()
    print(f"{next(tried)} files tried")
