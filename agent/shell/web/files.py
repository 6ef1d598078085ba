"""The page's own files, read once: no request ever names a path on the disk."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import NamedTuple

from agent.shell.report import page

TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "svg": "image/svg+xml",
}


class File(NamedTuple):
    """One file."""

    content: bytes
    media_type: str


@lru_cache
def files() -> dict[str, File]:
    """Every file by its name."""
    found = {
        item.name: File(item.read_bytes(), TYPES[item.name.rpartition(".")[2]])
        for item in resources.files("agent.shell.web").joinpath("static").iterdir()
        if item.name.rpartition(".")[2] in TYPES
    }
    # The report's view is the report itself, with its style and script as files of their own.
    found["report.css"] = File((page.HERE / "style.css").read_bytes(), TYPES["css"])
    found["report.js"] = File((page.HERE / "page.js").read_bytes(), TYPES["js"])
    return found
