"""Reads the text of Word files (DOCX) with python-docx, tables and text boxes in the order of the page."""

from __future__ import annotations

import io
import zipfile

from agent.values.errors import InputError

MOST_UNPACKED = 64 << 20
"""Bytes; a small file that unpacks to more is an attack, not a CV."""


def word_text(name: str, data: bytes) -> str:
    """The text, a line for each paragraph and table row. Raises InputError; `name` is for its message."""
    from docx import Document
    from docx.table import Table

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(item.file_size for item in archive.infolist()) > MOST_UNPACKED:
                raise InputError(f"{name}: too large once unpacked; give a document without pictures")
        document = Document(io.BytesIO(data))
        parts = []
        for block in document.iter_inner_content():
            if isinstance(block, Table):
                parts += [" | ".join(dict.fromkeys(cell.text.strip() for cell in row.cells)) for row in block.rows]
            else:
                parts.append(block.text)
    except InputError:
        raise
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError, NotImplementedError, RuntimeError) as error:
        raise InputError(
            f"{name}: not a Word file that can be read ({type(error).__name__}); save it as text"
        ) from error
    return "\n".join(parts)
