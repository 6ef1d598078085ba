"""Where a recording comes from: a path, bytes or a file object. It is opened once and read as often as needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

from agent.values.errors import AudioError

Source = Path | str | bytes | BinaryIO
"""A file's path, the content itself, or an open binary file, which stays open and is read from its beginning."""


class OpenSource(NamedTuple):
    """A recording that can be read and seeked."""

    name: str
    """Used in messages."""
    file: BinaryIO
    size: int
    """Bytes."""


@contextmanager
def opened(source: Source) -> Iterator[OpenSource]:
    """The recording, at its beginning. Raises AudioError if there is none."""
    name = source_name(source)
    try:
        file = _file(source)
        size = file.seek(0, 2)
        file.seek(0)
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        raise AudioError(f"{name}: cannot be opened ({reason}); check the file and its permissions") from error
    except ValueError as error:
        # A zero byte in a path, or a file object that is closed.
        raise AudioError(f"{name}: cannot be opened ({error}); check the file and its permissions") from error
    try:
        if size == 0:
            raise AudioError(f"{name}: the file is empty; record the answer again")
        yield OpenSource(name, file, size)
    finally:
        if file is not source:
            file.close()


def _file(source: Source) -> BinaryIO:
    if isinstance(source, str | Path):
        _refuse_no_file(Path(source))
        return Path(source).open("rb")
    if isinstance(source, bytes | bytearray | memoryview):
        return BytesIO(source)
    # A source that cannot seek, such as a pipe, is read into memory, since its header is read before it is decoded.
    return source if source.seekable() else BytesIO(source.read())


def source_name(source: Source) -> str:
    """What messages call the recording."""
    if isinstance(source, str | Path):
        return str(source)
    name = getattr(source, "name", None)
    return name if isinstance(name, str) and name else "the recording"


def _refuse_no_file(path: Path) -> None:
    if path.is_dir():
        raise AudioError(f"{path}: a folder, not a recording; give the path of an audio file")
    if not path.is_file():
        raise AudioError(f"{path}: no such recording; give the path of an audio file")
