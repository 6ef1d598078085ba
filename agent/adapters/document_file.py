"""Reads the text of a CV or job description: PDF, Word, Markdown or plain text."""

from __future__ import annotations

from pathlib import Path

from agent.adapters.pdf_text import pdf_text
from agent.adapters.word_text import word_text
from agent.values.errors import InputError

MOST_BYTES = 20 << 20
MOST_CHARACTERS = 200_000
"""About sixty pages. A longer text is not a CV, and searching it would take minutes."""
_PLAIN = (".txt", ".text", ".md", ".markdown", "")
_FEWEST_LETTERS = 40
"""A document with fewer letters has no usable text."""
TAKEN = "give a PDF, a .docx, Markdown or plain text"


def read_document(path: Path) -> str:
    """The document's text. Raises InputError in one line: what is wrong with the file, and what to give instead."""
    return document_text(path, _bytes(path))


def document_text(path: Path, data: bytes) -> str:
    """The text of a document whose bytes are there; its name says what it is. Raises InputError in one line."""
    if data.startswith(b"%PDF-") or path.suffix.lower() == ".pdf":
        text = pdf_text(str(path), data)
        if data and _letters(text) < _FEWEST_LETTERS:
            raise InputError(
                f"{path}: has pages but hardly any text, so it is probably scanned; give the original, or a copy whose "
                "text was recognized"
            )
    elif path.suffix.lower() == ".docx":
        text = word_text(str(path), data)
    elif path.suffix.lower() in _PLAIN:
        text = _plain(path, data)
    else:
        raise InputError(f"{path}: a file of this kind cannot be read; {TAKEN}")
    if _letters(text) < _FEWEST_LETTERS:
        raise InputError(f"{path}: holds hardly any text; {TAKEN} with the whole document")
    if len(text) > MOST_CHARACTERS:
        raise InputError(f"{path}: holds {len(text):,} characters, more than any CV; give the CV or job alone")
    return text


def _bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise InputError(f"{path}: is a folder; {TAKEN}")
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path}: larger than {MOST_BYTES >> 20} MB; give a document without pictures")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such file; {TAKEN}") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); make it readable") from error


def _plain(path: Path, data: bytes) -> str:
    """Decodes UTF-8, or UTF-16 with a byte order mark, or else the Windows encoding.

    Refuses bytes that no text contains.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    if b"\x00" in data:
        raise InputError(f"{path}: not a text file; {TAKEN}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _letters(text: str) -> int:
    return sum(letter.isalpha() for letter in text)
