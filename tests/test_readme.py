"""The documentation tells the truth: every file in the tree, every command and link, every decision in the index."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.conftest import ROOT, Command

README = (ROOT / "README.md").read_text("utf-8")
GUIDE = (ROOT / "docs" / "guide.md").read_text("utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
DECISIONS = (ROOT / "docs" / "decisions.md").read_text("utf-8")
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(
    path for path in (ROOT / "docs").glob("*.md")
)
QUALITY = (ROOT / "docs" / "quality.md").read_text("utf-8")
BENCHMARKS = ROOT / "benchmarks" / "README.md"
WIDEST, LONGEST_README = 120, 150
BRITISH = re.compile(
    r"(?<![-\w])(?:cancell(?:ed|er|ing)|neighbour\w*|licence\w*|practise\w*|(?:un)?recognis\w+|labell(?:ed|ing)|modell(?:ed|ing)"
    r"|behaviour\w*|favour\w*|colour\w*|organis\w+|summaris\w+|normalis\w+|centre\w*|grey|catalogue|judgement)(?![-\w])",
    re.IGNORECASE,
)


def test_the_tree_names_every_source_file_and_no_other() -> None:
    tree = ARCHITECTURE.split("## The tree")[1].split("```")[1]
    named, folder = set(), ""
    for line in tree.splitlines():
        if found := re.match(r"(\s*)(\S+)\s{2,}", line):
            folder = found[2] if not found[1] else folder
            named.add(found[2] if not found[1] else folder + found[2])
    files = {
        str(path.relative_to(ROOT)): path
        for path in (ROOT / "agent").rglob("*.py")
        if path.name != "__init__.py" and path.parent != ROOT / "agent"
    }
    missing = [f"  {files[name].name:38}{first_sentence(files[name])}" for name in sorted(files.keys() - named)]
    assert not missing, "add to the tree of docs/architecture.md:\n" + "\n".join(missing)
    gone = {name for name in named if name.endswith(".py")} - files.keys()
    assert not gone, f"remove from the tree of docs/architecture.md: {sorted(gone)}"


def first_sentence(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").split(".")[0].split(";")[0]


def test_the_guide_has_a_section_for_every_command_and_no_other(command: Command) -> None:
    real = set(re.findall(r"^    (\w+)(?:\s|$)", command("--help").stdout, flags=re.MULTILINE))
    sections = GUIDE.split("\n## Commands")[1].split("\n## ")[0]
    assert set(re.findall(r"^### (\w+)$", sections, flags=re.MULTILINE)) == real
    assert set(re.findall(r"^\| \[(\w+)\]", sections, flags=re.MULTILINE)) == real


def test_every_command_line_shown_is_of_a_command_that_exists(command: Command) -> None:
    real = set(re.findall(r"^    (\w+)(?:\s|$)", command("--help").stdout, flags=re.MULTILINE))
    for page in PAGES:
        shown = set(re.findall(r"^ {4}(?:\S*/)?mock-interview (\w+)", page.read_text("utf-8"), flags=re.MULTILINE))
        assert shown <= real, page.name


def test_the_index_of_decisions_names_every_entry_with_its_status() -> None:
    entries = re.findall(r"^## (\d{4}-\d\d-\d\d): (.+)\nStatus: ([^;\n]+)", DECISIONS, flags=re.MULTILINE)
    assert len(entries) == len(re.findall(r"^## ", DECISIONS, flags=re.MULTILINE)), "an entry has no Status line"
    rows = re.findall(r"^\| (\d{4}-\d\d-\d\d) \| (.+) \| (.+) \|$", DECISIONS.split("\n## ")[0], flags=re.MULTILINE)
    assert rows == entries
    assert all(re.match(r"accepted$|superseded by |not shipped$", status) for _, _, status in entries)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        path, _, heading = target.partition("#")
        if "://" in target:
            continue
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), target
        if heading:
            assert heading in anchors(linked), target


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize(
    "page",
    [*PAGES, ROOT / "benchmarks" / "README.md", *sorted((ROOT / "docs" / "review").glob("*.md"))],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_lines_are_short(page: Path) -> None:
    # A row of a table cannot be broken, and those of the reviews quote whole sentences.
    may_be_wide = "|" if page.parent.name == "review" else ()
    lines = [line for line in page.read_text("utf-8").splitlines() if not line.startswith(may_be_wide)]
    assert not [line for line in lines if len(line) > WIDEST]


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= LONGEST_README


@pytest.mark.parametrize(("answers", "file"), [("90 answers, 30 questions", "broad"), ("339 answers, 113", "bank")])
def test_the_readme_quotes_the_figures_of_grading_in_the_quality_page(answers: str, file: str) -> None:
    table = next(table for table in tables(QUALITY) if any(f"`{file}.jsonl`" in row for row in table))
    column = next(row for row in table if f"`{file}.jsonl`" in row).index(f"`{file}.jsonl`")
    figures = {row[0]: row[column] for row in table}
    quoted = re.search(rf"{answers}[^|]*\| (\d+)%; within one level (\d+)%", README)
    assert quoted, f"no row of README.md is about {answers}"
    assert quoted.groups() == tuple(f"{round(float(figures[name]) * 100)}" for name in ("exact", "within one"))
    assert [int(number) for number in re.findall(r"\d+", answers)] == [
        int(number) for number in figures["answers, questions"].split(", ")
    ]


def test_the_readme_quotes_the_other_figures_of_the_quality_page() -> None:
    rows = {row[0]: row[1:] for table in tables(QUALITY) for row in table}
    clean, every = rows["clean"], rows["all"]
    assert f"clean speech; with noise, echo and telephone | {clean[2]};" in README
    plain, ours = (round(100 * int(every[column]) / int(every[3])) for column in (4, 5))
    assert f"Technical terms missed, all conditions (plain Whisper) | {ours}% ({plain}%)" in README
    understood, misread = rows["utterances-3.jsonl, 302, tried once when all was done"]
    assert f"| {understood} of 302; {misread} |" in README
    terminal, page = (float(rows[name][-1].removesuffix(" s")) for name in ("terminal", "page"))
    assert f"the first word of feedback | median {terminal:.1f} s; {page:.1f} s in the browser" in README


def tables(page: str) -> list[list[list[str]]]:
    """The tables of a page: their rows, and the cells of each."""
    found = re.findall(r"(?:^\|.*\|\n)+", page, flags=re.MULTILINE)
    return [[[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()] for table in found]


def test_the_quality_page_lists_all_of_its_sections() -> None:
    contents = QUALITY.split("\n## ")[0]
    sections = re.findall(r"^## (.+)$", QUALITY, flags=re.MULTILINE)
    assert re.findall(r"\[([^\]]+)\]\(#", contents) == sections


def test_the_list_of_benchmarks_names_every_one() -> None:
    named = set(re.findall(r"^- `(\w+)\.py`", BENCHMARKS.read_text("utf-8"), flags=re.MULTILINE))
    assert named == {path.stem for path in BENCHMARKS.parent.glob("*.py")} - {"__init__"}


SHELL = ROOT / "agent" / "shell"


@pytest.mark.parametrize(
    "path",
    [
        *PAGES,
        BENCHMARKS,
        SHELL / "options.py",
        *(SHELL / "commands").glob("*.py"),
        *(SHELL / "web" / "static").glob("*.html"),
    ],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_spelling_is_american(path: Path) -> None:
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        texts = [node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)]
        text = "\n".join(text for text in texts if isinstance(text, str))
    assert not BRITISH.findall(re.sub(r"labelled\.py|aria-labelledby", "", text))
