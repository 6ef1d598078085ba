"""Replaces names by pseudonyms: the same for the same name and key, and impossible to trace back without the key."""

from __future__ import annotations

import base64
import hashlib
import hmac
import unicodedata

from agent.values.batch import BatchRow, Failure

_LETTERS = 10
"""Fifty bits: among ten thousand candidates, the chance that any two share a pseudonym is 1 in 20 million."""


def pseudonym(name: str, key: bytes) -> str:
    """Returns a candidate's pseudonym, a keyed hash (HMAC-SHA256) that ignores case and spaces. Empty for no name."""
    plain = " ".join(unicodedata.normalize("NFC", name).casefold().split())
    return f"candidate-{_short(f'name {plain}', key)}" if plain else ""


def pseudonymous(row: BatchRow, key: bytes) -> BatchRow:
    """Returns the row without the names of candidate and recording, and without the manifest's own columns, which may
    reveal them.

    What candidates say of themselves stays in their transcripts.
    """
    item, failure = row.item, row.outcome.failure
    recording = f"recording-{_short(f'recording {item.recording}', key)}"
    hidden = item.model_copy(
        update={"candidate": pseudonym(item.candidate, key), "recording": recording, "columns": {}}
    )
    if failure is None:
        return BatchRow(item=hidden, outcome=row.outcome)
    # A reason names the recording, and libraries name it in ways of their own.
    reason = f"failed at stage {failure.stage}"
    shown = Failure(stage=failure.stage, reason=reason, retry=failure.retry)
    return BatchRow(item=hidden, outcome=row.outcome.model_copy(update={"failure": shown}))


def _short(text: str, key: bytes) -> str:
    return base64.b32encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode().lower()[:_LETTERS]
