"""Output for the terminal: text without escape sequences, in any encoding."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any, TextIO

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Control characters except tab and line feed; the last ones change the direction of writing."""


def printable(text: str) -> str:
    """The text with control characters written out, so that rubrics, transcripts and servers cannot move the cursor."""
    return _CONTROL.sub(lambda found: found.group(0).encode("unicode_escape").decode(), text.replace("\r\n", "\n"))


class PrintableStream:
    """A text stream that makes everything printable."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        """The stream beneath, for code that writes escape sequences on purpose, such as Rich."""

    def write(self, text: str) -> int:
        """Writes text after making it printable."""
        return self.stream.write(printable(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def unfiltered(stream: TextIO) -> TextIO:
    """The stream beneath a PrintableStream, or the stream itself."""
    return stream.stream if isinstance(stream, PrintableStream) else stream


def open_what_is_closed() -> None:
    """Opens the streams that the parent process has closed (`2>&-`), so that output is dropped and input is empty."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))


def never_fail_to_encode() -> None:
    """Shows a question mark for characters that the terminal's encoding lacks, such as cp1252 on Windows."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def program() -> str:
    """How to call this program from the user's shell, so that printed commands work as typed."""
    if shutil.which("mock-interview") is not None:
        return "mock-interview"
    started = Path(sys.argv[0])
    if started.stem == "mock-interview":
        return os.path.relpath(started)
    return f"{Path(sys.executable).name} -m agent"
