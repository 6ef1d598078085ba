"""Suggests known names for a misspelled one; the only place that does so."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_NEAR = 0.5
"""Minimum similarity, 0 to 1, for a suggestion."""


def did_you_mean(name: str, known: Iterable[str], most: int = 3) -> str | None:
    """A question to the user with up to `most` known names, the most similar first; None if none is similar."""
    by_folded = {item.casefold(): item for item in known}
    near = get_close_matches(name.casefold(), by_folded, n=most, cutoff=_NEAR)
    names = " or ".join(f"'{by_folded[item]}'" for item in near)
    return f"did you mean {names}?" if near else None
