"""Documents of every kind, made on the spot."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pypdf import PdfWriter


def pdf(path: Path, lines: Sequence[str], password: str | None = None) -> Path:
    """A PDF with one page of text; without lines a page of nothing, as a scan looks to a reader of text."""
    shown = " ".join(f"({line.translate(ESCAPED)}) Tj T*" for line in lines)
    writer = _written(f"BT /F1 11 Tf 14 TL 50 780 Td {shown} ET")
    if password is not None:
        writer.encrypt(password, algorithm="RC4-128")
    return _saved(writer, path)


def row_by_row(path: Path, rows: Sequence[tuple[str, str]]) -> Path:
    """A PDF with two columns, written as many programs do: the left and the right part of each row, row after row."""
    places = [
        f"BT /F1 9 Tf 1 0 0 1 {x} {800 - 14 * number} Tm ({text.translate(ESCAPED)}) Tj ET"
        for number, row in enumerate(rows)
        for x, text in zip((40, 200), row, strict=True)
        if text
    ]
    return _saved(_written("\n".join(places)), path)


def aes_pdf(path: Path, lines: Sequence[str]) -> Path:
    """A PDF that says that it is encrypted by AES, as today's are; without the ciphers' library it is only refused."""
    from pypdf.generic import DictionaryObject, NameObject, NumberObject

    shown = " ".join(f"({line.translate(ESCAPED)}) Tj T*" for line in lines)
    writer = _written(f"BT /F1 11 Tf 14 TL 50 780 Td {shown} ET")
    writer.encrypt("", "owner", algorithm="RC4-128")
    entry = writer._encrypt_entry
    assert entry is not None
    cipher = DictionaryObject({NameObject("/CFM"): NameObject("/AESV2"), NameObject("/Length"): NumberObject(16)})
    entry[NameObject("/V")], entry[NameObject("/R")] = NumberObject(4), NumberObject(4)
    entry[NameObject("/CF")] = DictionaryObject({NameObject("/StdCF"): cipher})
    entry[NameObject("/StmF")] = entry[NameObject("/StrF")] = NameObject("/StdCF")
    return _saved(writer, path)


def _written(content: str) -> PdfWriter:
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = PdfWriter()
    page = writer.add_blank_page(595, 842)
    stream = DecodedStreamObject()
    stream.set_data(content.encode("cp1252"))
    names = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica", "/Encoding": "/WinAnsiEncoding"}
    font = DictionaryObject({NameObject(key): NameObject(value) for key, value in names.items()})
    fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    page[NameObject("/Contents")] = writer._add_object(stream)
    return writer


def _saved(writer: PdfWriter, path: Path) -> Path:
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


BOX = (
    '<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:AlternateContent>'
    "<mc:Choice><w:txbxContent><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:txbxContent></mc:Choice>"
    "<mc:Fallback><w:txbxContent><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:txbxContent></mc:Fallback>"
    "</mc:AlternateContent></w:r>"
)


def word_template(path: Path, header: str, columns: tuple[Sequence[str], Sequence[str]], inner: str, box: str) -> Path:
    """A Word file as templates of CVs are: a header, a page laid out by a table, a table in that, and a text box."""
    from docx import Document
    from docx.oxml import parse_xml

    document = Document()
    document.sections[0].header.paragraphs[0].text = header
    cells = document.add_table(1, 2).rows[0].cells
    for cell, lines in zip(cells, columns, strict=True):
        for line in lines:
            cell.add_paragraph(line)
    cells[1].add_table(1, 1).cell(0, 0).text = inner
    document.add_paragraph()._p.append(parse_xml(BOX.format(text=box)))
    document.save(str(path))
    return path
