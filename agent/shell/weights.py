"""Makes sure that Whisper's weights are present before they are needed; downloads them only with the user's consent."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from agent.values.errors import ModelError

if TYPE_CHECKING:
    from agent.compose.settings import Settings


def ensure_whisper(settings: Settings, args: argparse.Namespace) -> None:
    """Does nothing if the model is present. Uses the network only with --download, or if the user agrees.

    Raises ModelError if the model is missing and may not be downloaded, InputError if there is no such model.
    """
    from agent.adapters.whisper_model import MISSING, model_path

    try:
        model_path(settings.whisper_model)
    except ModelError as error:
        if error.code != MISSING or not (args.download or _agrees(settings.whisper_model, error)):
            raise
        _fetch(settings.whisper_model)


def _agrees(name: str, why: ModelError) -> bool:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    from agent.adapters.whisper_download import HUB, size_mb

    size = size_mb(name)
    print(why, file=sys.stderr)
    how_much = f" ({size} MB)" if size else ""
    print(f"Download the Whisper model '{name}' from {HUB}{how_much} now? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _fetch(name: str) -> None:
    from agent.adapters.whisper_download import HUB, fetch, size_mb

    size = size_mb(name)
    print(f"Downloading the Whisper model '{name}' from {HUB}{f', {size} MB' if size else ''} ...", file=sys.stderr)
    print(f"Saved in {fetch(name)}", file=sys.stderr)
