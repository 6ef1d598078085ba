"""What a misspelt name was probably meant to be; the one place where that is guessed."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_NEAR = 0.5
"""Likeness, 0 to 1, from which a name is suggested."""


def did_you_mean(name: str, known: Iterable[str], most: int = 3) -> str | None:
    """A question to the user with up to `most` known names, the nearest first; None when none is near."""
    by_folded = {item.casefold(): item for item in known}
    near = get_close_matches(name.casefold(), by_folded, n=most, cutoff=_NEAR)
    names = " or ".join(f"'{by_folded[item]}'" for item in near)
    return f"did you mean {names}?" if near else None
