"""Reads the text of PDF files with pypdf; nothing is run, and no image is read."""

from __future__ import annotations

import io
import logging

from agent.values.errors import InputError

MOST_PAGES = 50


def pdf_text(name: str, data: bytes) -> str:
    """The text of all pages; empty when they are only pictures. Raises InputError; `name` is for its message."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    # It reports what it repairs as warnings of its logger; our user can do nothing about them.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise InputError(f"{name}: protected by a password; save a copy without one")
        if len(reader.pages) > MOST_PAGES:
            raise InputError(f"{name}: has {len(reader.pages)} pages; give a document of at most {MOST_PAGES}")
        return "\n".join(page.extract_text() for page in reader.pages)
    except InputError:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError) as error:
        raise InputError(f"{name}: not a PDF that can be read ({type(error).__name__}); save it as text") from error
    except NotImplementedError as error:
        raise InputError(f"{name}: encrypted in a way that cannot be read; save a copy without protection") from error
