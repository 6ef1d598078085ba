"""Documents of every kind, made on the spot."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path


def pdf(path: Path, lines: Sequence[str], password: str | None = None) -> Path:
    """A PDF with one page of text; without lines a page of nothing, as a scan looks to a reader of text."""
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = PdfWriter()
    page = writer.add_blank_page(595, 842)
    stream = DecodedStreamObject()
    shown = " ".join(f"({line.translate(ESCAPED)}) Tj T*" for line in lines)
    stream.set_data(f"BT /F1 11 Tf 14 TL 50 780 Td {shown} ET".encode("latin-1"))
    names = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    font = DictionaryObject({NameObject(key): NameObject(value) for key, value in names.items()})
    fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    page[NameObject("/Contents")] = writer._add_object(stream)
    if password is not None:
        writer.encrypt(password, algorithm="RC4-128")
    with path.open("wb") as out:
        writer.write(out)
    return path


ESCAPED = str.maketrans({"(": r"\(", ")": r"\)", "\\": r"\\"})


def word(path: Path, lines: Sequence[str], table: Sequence[Sequence[str]] = ()) -> Path:
    """A Word file with paragraphs, and a table after them."""
    from docx import Document

    document = Document()
    for line in lines:
        document.add_paragraph(line)
    if table:
        made = document.add_table(len(table), len(table[0]))
        for row, cells in enumerate(table):
            for column, text in enumerate(cells):
                made.cell(row, column).text = text
    out = io.BytesIO()
    document.save(out)
    path.write_bytes(out.getvalue())
    return path
