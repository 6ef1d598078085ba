"""Saved sessions, as the page lists, deletes, exports and regrades them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent.shell.store import export
from agent.shell.web.host import Host
from agent.shell.withheld import exported_sessions, past_answers, rated_sessions
from agent.values.errors import InputError
from agent.values.grade import Grade
from agent.values.rubric import in_words
from agent.values.session import SavedTurn, Session

FORMS = {
    "json": ("json", "application/json", export.as_json),
    "csv": ("csv", "text/csv", export.as_csv),
    "markdown": ("md", "text/markdown", export.as_markdown),
}


def due_names(host: Host) -> list[str]:
    """Returns the questions that are due for review according to earlier answers. Raises StoreError."""
    from agent.compose.review import due

    return [name for name in due(past_answers(host.store)) if name in host.questions]


def listed(host: Host) -> list[dict[str, Any]]:
    """All sessions, the latest first. Raises StoreError."""
    running, unfinished = host.running, host.store.interviews.unfinished()
    chosen = [item for item in reversed(host.store.sessions()) if item.turns or running is None]
    return [_session(item, rated=item.id not in unfinished) for item in chosen]


def _session(item: Session, rated: bool) -> dict[str, Any]:
    return {
        "id": item.id,
        "started": item.started.isoformat(),
        "rated": rated,
        "has_audio": any(saved.audio is not None for saved in item.turns),
        "answers": [_answer(saved, rated) for saved in item.turns],
    }


def _answer(saved: SavedTurn, rated: bool) -> dict[str, Any]:
    """Returns one answer, without its rating if the interview still waits for its debrief."""
    grade = saved.turn.grade
    return {
        "question": saved.turn.question_id,
        "signal": in_words(grade.signal),
        "attempt": saved.turn.attempt,
        "rating": "interrupted" if saved.interrupted else _rating(grade) if rated else "in the debrief",
        "rank": grade.rating.rank if grade.rating and rated else None,
    }


def _rating(grade: Grade) -> str:
    return grade.rating.spoken if grade.rating else "not graded"


def unfinished(host: Host) -> dict[str, Any] | None:
    """The whole interview that can go on; None when there is none. Raises StoreError."""
    from agent.shell.whole_session import left_last

    try:
        begun = left_last(host.store, host.questions)
    except InputError:
        return None
    progress, session = begun.record.progress, begun.session
    if progress is None or session is None or host.running is not None:
        return None
    return {
        "started": session.started.isoformat(),
        "answers": sum(not saved.interrupted for saved in session.turns),
        "minutes": progress.minutes,
        "left": max(1, round(progress.minutes - progress.used_s / 60)),
    }


def delete(host: Host, names: Sequence[str], audio_only: bool) -> dict[str, Any]:
    """Removes sessions, or their audio, for good. Raises InputError or StoreError."""
    remove = host.store.delete_audio if audio_only else host.store.delete
    return {"deleted": remove(names)}


def exported(host: Host, form: str, session: str | None) -> tuple[str, str, str]:
    """File name, type and text of one session, or of all. Raises InputError or StoreError."""
    if form not in FORMS:
        raise InputError(f"no format '{form}'; choose one of: {', '.join(FORMS)}")
    ending, media_type, write = FORMS[form]
    chosen = exported_sessions(host.store, form, session)
    name = "sessions" if session is None else f"session-{chosen[0].id}"
    return f"{name}.{ending}", media_type, write(chosen)


def regrade(host: Host, name: str, keep: bool) -> list[dict[str, Any]]:
    """Returns a session's old and new grades; with `keep` the new ones count from now on.

    Raises InputError, StoreError, ModelError or EndpointError.
    """
    from agent.compose import build
    from agent.shell.regrading import graded_again

    [session] = rated_sessions(host.store, name)
    judge = build.grader(host.settings, falls_back=False)
    rows = []
    for number, saved in enumerate(session.turns, start=1):
        old, asked = saved.turn.grade, host.questions.get(saved.turn.question_id)
        row = {"question": saved.turn.question_id, "before": _rating(old)}
        if asked is None or not saved.turn.transcript.words:
            rows.append({**row, "now": "cannot be graded"})
            continue
        now = graded_again(judge, asked, saved.turn)
        if keep and (now.rating is not None or old.rating is None):
            host.store.regrade(session.id, {number: now})
        rows.append({**row, "now": _rating(now)})
    return rows
