"""Reads the text of PDF files with pypdf; nothing is run, and no image is read."""

from __future__ import annotations

import io
import logging
import struct
import zlib
from typing import TYPE_CHECKING

from agent.logic.profile.columns import in_reading_order
from agent.values.errors import InputError

if TYPE_CHECKING:
    from pypdf import PageObject

MOST_PAGES = 50
_DAMAGED = (
    *(ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError, ArithmeticError),
    *(RecursionError, OSError, EOFError, zlib.error, struct.error),
)
"""What pypdf raises, beside its own errors, on a file with wrong bytes."""


def pdf_text(name: str, data: bytes) -> str:
    """Returns the text of all pages; empty if they are only pictures. Raises InputError, with `name` in its message."""
    from pypdf import PdfReader
    from pypdf.errors import DependencyError, PyPdfError

    # It reports what it repairs as warnings of its logger; our user can do nothing about them.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise InputError(f"{name}: protected by a password; save a copy without one")
        if len(reader.pages) > MOST_PAGES:
            raise InputError(f"{name}: has {len(reader.pages)} pages; give a document of at most {MOST_PAGES}")
        return "\n".join(_page_text(page) for page in reader.pages)
    except InputError:
        raise
    except (PyPdfError, *_DAMAGED) as error:
        raise InputError(f"{name}: not a PDF that can be read ({type(error).__name__}); save it as text") from error
    except (NotImplementedError, DependencyError) as error:
        raise InputError(f"{name}: encrypted in a way that cannot be read; save a copy without protection") from error


def _page_text(page: PageObject) -> str:
    """Returns the page's text in reading order. pypdf alone follows the file's order, which may mix two columns."""
    try:
        laid_out = page.extract_text(extraction_mode="layout", layout_mode_space_vertically=False)
    except (NotImplementedError, *_DAMAGED):
        # A page that cannot be laid out, for want of the widths of its letters, may still be read.
        laid_out = ""
    return in_reading_order(laid_out) or page.extract_text()
