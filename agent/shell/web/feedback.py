"""A graded answer as the page shows it: plain values for JSON, no markup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from agent.logic.grading.overall import MEANING, SignalRating
from agent.logic.reporting.build import report
from agent.logic.reporting.values import ReportedAnswer, ReportedQuestion
from agent.logic.speech.delivery import remark
from agent.values.rubric import Question, in_words
from agent.values.session import SavedTurn, Session, Turn


def feedback(turn: Turn, known: Mapping[str, Question], sound: str | None) -> dict[str, Any]:
    """Returns everything about one answer; `sound` is the address of its audio, None if there is none."""
    now = datetime.now().astimezone()
    session = Session(id="now", started=now, turns=(SavedTurn(turn=turn, at=now),))
    asked = report([session], known).sessions[0].questions[0]
    (answer,) = asked.answers
    return {
        "question_id": turn.question_id,
        "signal": asked.signal,
        "attempt": turn.attempt,
        "sound": sound,
        **_rating(answer),
        **_words(answer),
        **_advice(answer, asked),
        **_delivery(turn, answer),
    }


def _rating(answer: ReportedAnswer) -> dict[str, Any]:
    grade = answer.grade
    return {
        "scale": [{"name": step.name, "text": step.text, "here": step.reached} for step in answer.scale],
        "rating": grade.rating.spoken if grade.rating else None,
        "ungraded": grade.ungraded_reason,
        "confidence": grade.confidence,
        "perhaps": grade.alternative.spoken if grade.is_unsure and grade.alternative else None,
        "held": answer.capped,
    }


def _words(answer: ReportedAnswer) -> dict[str, Any]:
    return {
        "marks": [mark.model_dump() for mark in answer.marks],
        "words": [part.model_dump() for part in answer.words],
    }


def _advice(answer: ReportedAnswer, asked: ReportedQuestion) -> dict[str, Any]:
    grade = answer.grade
    return {
        "best": answer.best,
        "next": [hint.model_dump(include={"nudge", "why"}) for hint in grade.hints],
        "gaps": list(answer.gaps),
        "missing": [point.model_dump() for point in answer.missing],
        "references": [item.model_dump() for item in asked.references],
        "hints_used": grade.hints_used,
        "notes": [*grade.notes, *(f'"{item.heard}" was read as {item.term}.' for item in grade.repaired)],
        "grader": grade.grader,
    }


def _delivery(turn: Turn, answer: ReportedAnswer) -> dict[str, Any]:
    spoken, pause = turn.delivery, answer.longest_pause
    figures = [("Words", f"{spoken.words}" + (f" in {spoken.talk_s:.0f} s" if spoken.talk_s else ""))]
    if spoken.words_per_minute is not None:
        figures.append(("Pace", f"{spoken.words_per_minute:.0f} words a minute"))
    if turn.transcript.timed:
        figures.append(("Filler phrases", f"{spoken.fillers} heard"))
    if pause is not None:
        figures.append(("Longest pause", f"{pause.end_s - pause.start_s:.1f} s"))
    return {"delivery": figures, "remark": remark(spoken)}


def standing(ratings: Sequence[SignalRating]) -> list[dict[str, Any]]:
    """The rating of each signal and what it means."""
    return [
        {
            "signal": in_words(item.signal),
            "rating": item.rating.spoken,
            "rank": item.rating.rank,
            "meaning": MEANING[item.rating],
            "answers": item.answers,
        }
        for item in ratings
    ]
