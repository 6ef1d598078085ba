"""Reads the text of Word files (DOCX) with python-docx: headers, tables and text boxes too, in the page's order."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from agent.values.errors import InputError

if TYPE_CHECKING:
    from docx.blkcntnr import BlockItemContainer
    from docx.document import Document
    from docx.table import Table, _Row
    from docx.text.paragraph import Paragraph

MOST_UNPACKED = 64 << 20
"""Maximum unpacked bytes. A small file that unpacks to more is an attack, not a CV."""
_OLD_FORMAT = b"\xd0\xcf\x11\xe0"
"""First bytes of a file with a password, or of one from before Word 2007."""
_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, EOFError, SyntaxError, OSError),
    *(KeyError, ValueError, TypeError, AttributeError, IndexError, NotImplementedError, RuntimeError),
)
"""What the archive, its XML and python-docx raise on a file with wrong bytes."""
_DEEPEST = 8
"""Maximum depth of tables within tables."""


def word_text(name: str, data: bytes) -> str:
    """Returns the text, with a line for each paragraph and table row. Raises InputError, with `name` in its message."""
    import docx

    if data.startswith(_OLD_FORMAT):
        raise InputError(f"{name}: protected by a password, or of an old format; save it as .docx without a password")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(item.file_size for item in archive.infolist()) > MOST_UNPACKED:
                raise InputError(f"{name}: too large once unpacked; give a document without pictures")
        document = docx.Document(io.BytesIO(data))
        parts: list[BlockItemContainer | Document] = [
            section.header for section in document.sections if not section.header.is_linked_to_previous
        ]
        return "\n".join(line for part in (*parts, document) for line in _lines(part))
    except InputError:
        raise
    except _DAMAGED as error:
        raise InputError(
            f"{name}: not a Word file that can be read ({type(error).__name__}); save it as text"
        ) from error


def _lines(part: BlockItemContainer | Document, depth: int = 0) -> Iterator[str]:
    from docx.table import Table

    for block in part.iter_inner_content():
        if not isinstance(block, Table):
            yield block.text
            yield from _boxes(block)
        elif depth < _DEEPEST:
            yield from _rows(block, depth)


def _rows(table: Table, depth: int) -> Iterator[str]:
    """Returns a line for each row. A cell of many lines, such as a column of the page, has lines of its own."""
    for row in table.rows:
        cells = ["\n".join(line for line in texts if line.strip()) for texts in _cells(row, depth)]
        columns = any(cell.count("\n") > 1 for cell in cells)
        yield ("\n\n" if columns else " | ").join(cell for cell in cells if cell)


def _cells(row: _Row, depth: int) -> Iterator[Iterator[str]]:
    """Returns the cells of a row; merged cells count as one."""
    for cell in {id(cell._tc): cell for cell in row.cells}.values():
        yield _lines(cell, depth + 1)


def _boxes(paragraph: Paragraph) -> Iterator[str]:
    """Returns the text boxes of a paragraph. Word writes each twice, the second time for old programs."""
    from docx.oxml.ns import qn

    for box in paragraph._p.xpath(".//w:txbxContent[not(ancestor::*[local-name()='Fallback'])]"):
        for inner in box.iter(qn("w:p")):
            yield "".join(part.text or "" for part in inner.iter(qn("w:t")))
