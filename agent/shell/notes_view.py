"""Shows the debrief of a whole interview in plain lines, each thing once."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from agent.logic.profile.table import ClaimRow
from agent.logic.reporting.notes import InterviewNotes, Quoted, SignalNote
from agent.shell.terminal import printable
from agent.values.rubric import Rating, in_words

_WIDE = 84
_QUOTED = 100


def lines(notes: InterviewNotes) -> Iterator[str]:
    """Returns the overall rating first, then what to work on, then the signals and the claims."""
    rating = notes.overall.spoken if notes.overall is not None else "no rating"
    yield "-- Debrief: what the interviewer would write " + "-" * 38
    yield from _wrapped(f"Overall: {rating}: {notes.meaning}. {notes.basis}".rstrip())
    if notes.work_on:
        yield ""
        yield "Work on these first:"
        for number, item in enumerate(notes.work_on, start=1):
            where = f" (replay {item.question_id}{_at(item.start_s)})"
            yield from _wrapped(f"{number}. {item.heading} {item.why}{where}", "   ")
    said = {notes.meaning}
    for note in notes.signals:
        yield ""
        yield from _signal(note, "" if note.meaning in said else f": {note.meaning}")
        said.add(note.meaning)
    if notes.claims:
        yield ""
        yield "Claims and answers:"
        for group in alike(notes.claims):
            names = ", ".join(row.claim.name for row in group)
            rated = group[0].rating.spoken if group[0].rating is not None else "not tested"
            yield from _wrapped(f"  {names} ({group[0].claim.source}): {rated}. {group[0].says}", "    ")
    if notes.hints:
        yield f"Hints that you asked for: {notes.hints}; they limit ratings."


def alike(rows: Sequence[ClaimRow]) -> list[list[ClaimRow]]:
    """Groups rows that rest on the same words and say the same; keeps their order."""
    groups: dict[tuple[str, Rating | None, str], list[ClaimRow]] = {}
    for row in rows:
        groups.setdefault((row.claim.source, row.rating, row.says), []).append(row)
    return list(groups.values())


def _signal(note: SignalNote, meaning: str) -> Iterator[str]:
    """Shows one signal, with the `meaning` of its rating if that was not said yet."""
    yield from _wrapped(f"{in_words(note.signal)}: {note.rating.spoken}{meaning}.")
    for item in note.evidence:
        yield from _wrapped(f"  + {item.label}: {_quoted(item)}", "    ")
    for item in note.wrong:
        yield from _wrapped(f"  - {_quoted(item)}: {item.label}", "    ")
    above = f"see {' and '.join(map(str, note.above))} above" if note.above else ""
    also = f"not heard: {'; '.join(note.missing)}" if note.missing else ""
    if above or also:
        yield from _wrapped(f"  {'; also '.join(text for text in (above, also) if text)}", "    ")


def _quoted(item: Quoted) -> str:
    quote = item.quote if len(item.quote) <= _QUOTED else item.quote[:_QUOTED].rsplit(" ", 1)[0] + " ..."
    return f'"{quote}"{_at(item.start_s)}'


def _at(seconds: float | None) -> str:
    return "" if seconds is None else f" at {int(seconds) // 60}:{int(seconds) % 60:02d}"


def _wrapped(text: str, indent: str = "  ") -> Iterator[str]:
    yield from textwrap.wrap(printable(text), _WIDE, subsequent_indent=indent) or [""]
