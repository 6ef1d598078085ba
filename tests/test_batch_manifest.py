"""Manifests: every kind that is read, and every fault with its line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.logic.batch.manifest import TableRow, from_file_names
from agent.shell.batch.manifest import Manifest
from agent.values.batch import BatchItem
from agent.values.errors import InputError
from agent.values.rubric import Rating
from tests.batch_workers import QUESTIONS, tone

ROWS: list[dict[str, Any]] = [
    {"recording": "a.wav", "question_id": "recsys-refresh", "candidate": "Ann", "hints_used": 1, "room": 7},
    {"recording": "b.wav", "question_id": "recsys-metrics", "candidate": "Bob", "label": "very strong", "room": 8},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, name in enumerate(("a.wav", "b.wav")):
        tone(tmp_path / name, number)
    return tmp_path


def read(path: Path) -> list[BatchItem]:
    manifest = Manifest(str(path), QUESTIONS)
    assert manifest.checked().rows
    return list(manifest.items())


def faults(path: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    with pytest.raises(InputError, match="nothing was computed"):
        Manifest(str(path), QUESTIONS).checked()
    return [line.removeprefix(f"{path}:") for line in capsys.readouterr().err.splitlines()]


def write_parquet(path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist([{**ROWS[0], "label": None}, ROWS[1]]), path)


@pytest.mark.parametrize("name", ["m.csv", "semicolons.csv", "excel.csv", "m.tsv", "m.jsonl", "m.parquet"])
def test_every_kind_of_manifest_reads_the_same(folder: Path, name: str) -> None:
    path = folder / name
    if name.endswith(".parquet"):
        pytest.importorskip("pyarrow")
        write_parquet(path)
    elif name.endswith(".jsonl"):
        path.write_text("\n\n".join(map(json.dumps, ROWS)) + "\n", "utf-8")
    else:
        mark = {"m.csv": ",", "m.tsv": "\t"}.get(name, ";")
        columns = ["recording", "question_id", "candidate", "hints_used", "label", "room"]
        lines = [columns, *([str(row.get(column, "")) for column in columns] for row in ROWS)]
        text = "\r\n".join(mark.join(line) for line in lines) + "\r\n\r\n"
        path.write_bytes((b"\xef\xbb\xbf" if name == "excel.csv" else b"") + text.encode())
    ann, bob = read(path)
    assert (ann.recording, ann.question_id, ann.candidate) == (str(folder / "a.wav"), "recsys-refresh", "Ann")
    assert (ann.hints_used, ann.label, str(ann.columns["room"])) == (1, None, "7")
    assert (bob.hints_used, bob.label) == (0, Rating.VERY_STRONG)


def test_every_fault_is_reported_with_its_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "m.csv"
    path.write_text(
        "recording,question_id,candidate,hints_used,label\n"
        "a.wav,recsys-refresh,Ann,0,\n"
        "c.wav,recsys-refrsh,Ann,five,fine\n"
        '"a.wav\n",recsys-metrics,Ann,,\n'
        ",,,,\n"
        "a.wav,recsys-refresh,Ann,0,weak\n"
        "a.wav,recsys-refresh,Ann,0,weak,more\n"
        ",recsys-refresh,Cat,,\n"
        "s9://bucket/a.wav,recsys-refresh,Dan,,\n.,recsys-refresh,Eve,,\n",
        "utf-8",
    )
    found = faults(path, capsys)
    assert [line.split(":")[0] for line in found] == ["3", "3", "3", "3", "7", "8", "9", "10", "11"]
    assert "no such recording" in found[0]
    assert "did you mean 'recsys-refresh'" in found[1]
    assert "from 0 to 3" in found[2]
    assert "very_weak, weak, strong, very_strong" in found[3]
    assert "as in line 2" in found[4]
    assert "6 cells, but 5 columns" in found[5]
    assert "recording is empty" in found[6]
    assert "no such store" in found[7]
    assert "a folder" in found[8]


def test_a_second_try_at_a_question_is_a_warning(folder: Path) -> None:
    path = folder / "m.csv"
    lines = ["recording,question_id,candidate", "a.wav,recsys-refresh,Ann", "b.wav,recsys-refresh,Ann"]
    path.write_text("\n".join([*lines, "a.wav,recsys-refresh,", "b.wav,recsys-refresh,"]), "utf-8")
    assert len(read(path)) == 4
    said = Manifest(str(path), QUESTIONS).checked().warning
    assert f"m.csv: 1 recording is a candidate's further try at the same question, such as {folder / 'b.wav'}" in said
    path.write_text("\n".join(lines[:2]), "utf-8")
    assert Manifest(str(path), QUESTIONS).checked().warning == ""


@pytest.mark.parametrize(
    ("given", "line", "says"),
    [
        (("m.csv", b"file,question_id\nx.wav,recsys-refresh\n"), 1, "no column recording; the columns are: file"),
        (("m.csv", b""), 1, "there are no recordings"),
        (("m.csv", b"recording,question_id\n"), 1, "there are no recordings"),
        (("m.csv", b"recording,recording,question_id\n"), 1, "is there twice"),
        (("m.csv", b'recording,question_id\n"a.wav,recsys-refresh\n'), 2, "not CSV"),
        (("m.csv", b"recording,question_id\n\xff.wav,recsys-refresh\n"), 2, "not UTF-8"),
        (("m.csv", "recording,question_id\na.wav,recsys-refresh\n".encode("utf-16")), 1, "not UTF-8"),
        (("m.csv", "recording,question_id\na.wav,recsys-refresh\n".encode("utf-16-le")), 1, "not UTF-8"),
        (("m.csv", b"recording,question_id\na\0.wav,recsys-refresh\n"), 2, "not UTF-8"),
        (("m.csv", b"a.wav,recsys-refresh,Ann\n"), 1, "must name the columns; it says: a.wav, recsys-refresh, Ann"),
        (("m.csv", b"recording,question_id,,\na.wav,recsys-refresh,,x\n"), 2, "a column without a name"),
        (("m.csv", b"recording,question_id\na.wav,%s\n" % (b"x" * 1_000_000)), 2, "no question 'xxx"),
        (("m.csv", b"recording,question_id\n%s,recsys-refresh\n" % (b"x" * 1_000_000)), 2, "recording is 'xxx"),
        (("m.csv", b"recording,question_id\nfile:///nowhere/a.wav,recsys-refresh\n"), 2, "no such recording"),
        (("m.csv", b"recording,question_id,key,manifest_key\na.wav,recsys-refresh,1,2\n"), 1, "'manifest_key' in the"),
        (("m.jsonl", b'[\n{"recording": "a.wav", "question_id": "recsys-refresh"}\n]'), 1, "one JSON object a line"),
        (("m.jsonl", b'{"recording": "a.wav"'), 1, "not JSON"),
        (("m.jsonl", b"\n[1]\n"), 2, "not a JSON object"),
        (
            ("m.jsonl", b'{"recording": "a.wav", "question_id": "recsys-refresh", "x": "\\ud800"}'),
            1,
            "half a character",
        ),
        (("m.jsonl", b'{"recording": 7, "question_id": ["recsys-refresh"]}'), 1, "recording is 7; give a path"),
        (("m.jsonl", b'{"recording": "a.wav", "question_id": "recsys-refresh", "hints_used": true}'), 1, "from 0 to 3"),
    ],
)
def test_what_is_no_manifest_says_why(
    folder: Path, capsys: pytest.CaptureFixture[str], given: tuple[str, bytes], line: int, says: str
) -> None:
    (folder / given[0]).write_bytes(given[1])
    first = faults(folder / given[0], capsys)[0]
    assert first.startswith(f"{line}: ")
    assert says in first


def test_a_fault_never_fills_the_screen(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    huge = "x" * 1_000_000
    (folder / "m.csv").write_text(f"recording,question_id,label,hints_used\n{huge},{huge},{huge},{huge}\n", "utf-8")
    assert max(map(len, faults(folder / "m.csv", capsys))) < 300


def test_long_cells_spaces_and_columns_without_a_name_are_no_faults(folder: Path) -> None:
    tone(folder / "with space" / "b c.wav", 3)
    text = f"recording,question_id,notes,,\nwith space/b c.wav,recsys-refresh,{'x' * 1_000_000},,\n"
    (folder / "m.csv").write_text(text, "utf-8")
    (found,) = read(folder / "m.csv")
    assert Path(found.recording).is_file()
    assert len(found.columns["notes"]) == 1_000_000
    assert "" not in found.columns


def test_numbers_that_are_none_are_empty(folder: Path) -> None:
    """Tables with gaps hold whole numbers as 17.0, and gaps as NaN."""
    row = '{"recording": "a.wav", "question_id": "recsys-refresh", "candidate": 17.0, "hints_used": NaN, "x": NaN}'
    (folder / "m.jsonl").write_text(row, "utf-8")
    (found,) = read(folder / "m.jsonl")
    assert (found.candidate, found.hints_used, found.columns) == ("17", 0, {"x": None})


def write_column(path: Path, column: Any, kind: Any = None) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    plain = {"recording": ["a.wav"], "question_id": ["recsys-refresh"]}
    pq.write_table(pa.table({**plain, "x": pa.array(column, kind)}), path)


def test_parquet_with_odd_types(folder: Path) -> None:
    """Nanoseconds are what pandas writes; zones may be unknown here; words may be categories."""
    pa = pytest.importorskip("pyarrow")
    kinds = {
        "nanoseconds": ([1_234_567_890_123_456_789], pa.timestamp("ns")),
        "zone": ([0], pa.timestamp("us", "Mars/Olympus")),
        "duration": ([123_456_789], pa.duration("ns")),
        "time": ([123_456_789], pa.time64("ns")),
        "seconds": ([12], pa.time32("s")),
        "bytes": ([b"\xff"], pa.binary()),
        "huge": ([2**64 - 1], pa.uint64()),
        "nested": ([{"a": [1, 2]}], None),
        "nothing": ([None], pa.null()),
    }
    for name, (values, kind) in kinds.items():
        write_column(folder / f"{name}.parquet", values, kind)
        (found,) = read(folder / f"{name}.parquet")
        assert json.dumps(found.columns["x"], default=str), name
    write_column(folder / "category.parquet", pa.array(["a", "b"][:1]).dictionary_encode())
    assert read(folder / "category.parquet")[0].columns == {"x": "a"}


def test_parquet_that_python_cannot_hold_is_bad_input_with_its_line(folder: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    write_column(folder / "m.parquet", pa.array([b"\xff"]).view(pa.string()))
    with pytest.raises(InputError, match=r"m.parquet:1: column 'x' cannot be read .* as text"):
        Manifest(str(folder / "m.parquet"), QUESTIONS).checked()


def test_a_folder_whose_file_names_hold_question_ids(tmp_path: Path) -> None:
    tone(tmp_path / "ann_recsys-refresh.wav", 1)
    tone(tmp_path / "Bob Smith" / "recsys-metrics.WAV", 2)
    (tmp_path / "notes.txt").write_text("no recording")
    ann, bob = sorted(read(tmp_path), key=lambda item: item.question_id, reverse=True)
    assert (ann.candidate, ann.question_id) == ("ann", "recsys-refresh")
    assert (bob.candidate, bob.question_id) == ("Bob Smith", "recsys-metrics")
    assert Path(bob.recording).is_file()


@pytest.mark.parametrize(
    ("name", "candidate"),
    [
        ("recsys-metrics - Bob (2).OGG", "Bob (2)"),
        ("Müller, Jörg (Gruppe B) recsys-refresh.ogg", "Müller, Jörg (Gruppe B)"),
        ("1 recsys-refresh (Take 2).ogg", "1 (Take 2)"),
        ("ann_recsys-refresh_2.wav", "ann 2"),
        ("Ann (recsys-refresh).wav", "Ann"),
        ("Ann (recsys-refresh, room 3).wav", "Ann (room 3)"),
        ("[Ann] recsys-refresh.wav", "Ann"),
        ("(a) recsys-refresh (b).wav", "(a) (b)"),
        ("Ann ( recsys-refresh.wav", "Ann"),
        ("recsys-refresh.wav", ""),
        ("Bob Smith/recsys-refresh.wav", "Bob Smith"),
        ("Bob Smith/(recsys-refresh).wav", "Bob Smith"),
    ],
)
def test_the_candidate_in_a_file_name(name: str, candidate: str) -> None:
    (found,) = from_file_names([name], QUESTIONS)
    assert isinstance(found, TableRow)
    assert found.values["candidate"] == candidate


def test_a_file_name_without_a_question_is_a_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tone(tmp_path / "ann_recsys-refresh.wav", 1)
    tone(tmp_path / "bob_recsys-refreshing.wav", 1)
    assert faults(tmp_path, capsys) == [
        " bob_recsys-refreshing.wav: its name holds no question's id; rename it, such as ann_recsys-metrics.wav"
    ]


def test_a_folder_is_not_said_to_have_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match="1 fault, listed above; nothing was computed"):
        Manifest(str(tmp_path), QUESTIONS).checked()
    assert capsys.readouterr().err == (
        f"{tmp_path}: there are no recordings in it; put audio files there whose names hold a question's id\n"
    )
    (tmp_path / "m.csv").write_text("recording,question_id\n", "utf-8")
    with pytest.raises(InputError, match="1 fault, listed above with its line; nothing"):
        Manifest(str(tmp_path / "m.csv"), QUESTIONS).checked()


@pytest.mark.parametrize("name", ["none.csv", "m.xlsx"])
def test_what_cannot_be_read_at_all_is_bad_input(tmp_path: Path, name: str) -> None:
    (tmp_path / "m.xlsx").write_bytes(b"x")
    with pytest.raises(InputError, match="give"):
        Manifest(str(tmp_path / name), QUESTIONS).checked()


def test_damaged_parquet_is_bad_input(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    (tmp_path / "m.parquet").write_bytes(b"PAR1 but not really PAR1")
    with pytest.raises(InputError, match="not Parquet"):
        Manifest(str(tmp_path / "m.parquet"), QUESTIONS).checked()
