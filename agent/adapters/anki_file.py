"""Writes cards as an Anki package with genanki; imported again, cards are updated and keep their dates."""

from __future__ import annotations

import html
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from agent.adapters.whole_file import written_whole
from agent.logic.reporting.cards import Card
from agent.values.errors import InputError

_MODEL_ID, _DECK_ID = 1_607_392_319, 2_059_400_110
"""These must never change: Anki uses them to see that two packages belong together."""
DECK = "Mock interview: missed"
_STYLE = ".card { font-family: sans-serif; font-size: 18px; } .said { color: #0a6a63; font-style: italic; }"


def write_anki(cards: Sequence[Card], path: Path) -> None:
    """Writes the package, replacing any earlier one. Raises InputError if it cannot be written."""
    import genanki

    model = genanki.Model(
        _MODEL_ID,
        "Mock interview",
        fields=[{"name": "Front"}, {"name": "Back"}, {"name": "Said"}],
        templates=[
            {
                "name": "Card",
                "qfmt": "{{Front}}",
                "afmt": '{{FrontSide}}<hr id="answer">{{Back}}<p class="said">{{Said}}</p>',
            }
        ],
        css=_STYLE,
    )
    deck = genanki.Deck(_DECK_ID, DECK)
    for card in cards:
        fields = [_html(card.front), _html(card.back), "<br>".join(_html(f"“{text}”") for text in card.sentences)]
        deck.add_note(genanki.Note(model=model, fields=fields, guid=genanki.guid_for(card.key), tags=list(card.tags)))
    try:
        with written_whole(path) as part:
            genanki.Package(deck).write_to_file(str(part))
    except (OSError, sqlite3.Error) as error:
        # genanki builds a database in the folder for temporary files first.
        why = getattr(error, "strerror", None) or error
        raise InputError(f"{path}: cannot be written ({why}); give a path in an existing folder with room") from error


def _html(text: str) -> str:
    """Escapes a rubric's text for HTML."""
    return html.escape(text, quote=False).replace("\n", "<br>")
