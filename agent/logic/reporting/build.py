"""Puts a report together from sessions, independent of pages and charts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from agent.logic.grading.coaching import change
from agent.logic.grading.naming import title_of
from agent.logic.grading.overall import superseded
from agent.logic.grading.work_on import work_on
from agent.logic.profile.table import claim_rows, hard_to_square
from agent.logic.reporting.marks import marked_texts, marks
from agent.logic.reporting.missing import gaps, missing_points
from agent.logic.reporting.notes import interview_notes
from agent.logic.reporting.signals import Numbered, first_tries_of, progress, standings
from agent.logic.reporting.spoken import delivery_figures, longest_pause
from agent.logic.reporting.values import (
    Comparison,
    EarlierAnswer,
    ReferenceAnswer,
    Report,
    ReportedAnswer,
    ReportedQuestion,
    ReportedSession,
    ScaleStep,
)
from agent.logic.speech.spacing import close_gaps
from agent.values.grade import Grade
from agent.values.interview_record import InterviewRecord
from agent.values.profile import Profile
from agent.values.rubric import Question, Rating, in_words
from agent.values.session import SavedTurn, Session


class _Past(NamedTuple):
    """A graded first try of some session."""

    session: int
    """Its number."""
    shown: EarlierAnswer
    saved: SavedTurn


_Earlier = Mapping[str, Sequence[_Past]]
"""The graded first tries at each question, the oldest first."""


def report(
    sessions: Sequence[Session],
    questions: Mapping[str, Question],
    record: Sequence[Session] = (),
    records: Mapping[str, InterviewRecord] | None = None,
) -> Report:
    """Builds the report of `sessions`, with the progress over `record`: all known sessions, or only these.

    `records` holds the profile and plan of each session by its id.
    """
    every = {item.id: _without_superseded(item) for item in (*record, *sessions)}
    known = sorted(every.values(), key=lambda item: (item.started, item.id))
    shown = {item.id for item in sessions}
    numbered = list(enumerate(known, start=1))
    chosen = [(number, item) for number, item in numbered if item.id in shown]
    earlier = _earlier(numbered, shown)
    reported = [_session(number, item, questions, earlier) for number, item in reversed(chosen)]
    return Report(
        sessions=tuple(_with_record(item, questions, (records or {}).get(item.session.id)) for item in reported),
        dates=tuple(item.started for item in known),
        standings=tuple(standings(chosen, questions)),
        progress=tuple(progress(numbered, questions)),
        delivery=tuple(delivery_figures(numbered)),
        ungraded=sum(saved.turn.grade.rating is None for _, item in chosen for saved in item.turns),
    )


def _without_superseded(session: Session) -> Session:
    """The session with each answer once: an answer that was continued is part of the later turn."""
    turns = [saved.turn for saved in session.turns]
    saved = tuple(saved for index, saved in enumerate(session.turns) if not superseded(turns, index))
    return session.model_copy(update={"turns": saved})


def _earlier(numbered: Sequence[Numbered], shown: set[str]) -> dict[str, list[_Past]]:
    earlier: dict[str, list[_Past]] = {}
    for number, session in numbered:
        tries = first_tries_of(session)
        for at, saved in enumerate(session.turns, start=1):
            rating = saved.turn.grade.rating
            if rating is not None and any(saved.turn is turn for turn in tries):
                anchor = _anchor(number, at) if session.id in shown else None
                item = EarlierAnswer(at=saved.at, rating=rating.spoken, anchor=anchor)
                earlier.setdefault(saved.turn.question_id, []).append(_Past(number, item, saved))
    return earlier


def _anchor(session: int, turn: int) -> str:
    return f"answer-{session}-{turn}"


def _session(number: int, session: Session, questions: Mapping[str, Question], earlier: _Earlier) -> ReportedSession:
    by_question: dict[str, list[tuple[str, SavedTurn]]] = {}
    for at, saved in enumerate(session.turns, start=1):
        by_question.setdefault(saved.turn.question_id, []).append((_anchor(number, at), saved))
    asked = tuple(
        _question(questions.get(name), turns, [past for past in earlier.get(name, ()) if past.session < number])
        for name, turns in by_question.items()
    )
    items = work_on([saved.turn for saved in session.turns], questions)
    return ReportedSession(
        number=number, anchor=f"session-{number}", session=session, questions=asked, work_on=tuple(items)
    )


def _with_record(
    reported: ReportedSession, questions: Mapping[str, Question], record: InterviewRecord | None
) -> ReportedSession:
    """The session with its claims, and with the debrief of a whole interview that was finished."""
    if record is None:
        return reported
    claimed = _with_claims(reported, questions, record.profile)
    if record.progress is None or record.unfinished:
        return claimed
    notes = interview_notes([saved.turn for saved in reported.session.turns], questions, record.profile)
    return claimed.model_copy(update={"notes": notes})


def _with_claims(
    reported: ReportedSession, questions: Mapping[str, Question], profile: Profile | None
) -> ReportedSession:
    """Returns the session with the candidate's claims; unchanged without a profile."""
    if profile is None:
        return reported
    asked = tuple(
        item.model_copy(update={"answers": tuple(_against(answer, item.question, profile) for answer in item.answers)})
        for item in reported.questions
    )
    rows = claim_rows(profile, [saved.turn for saved in reported.session.turns], questions)
    return reported.model_copy(update={"questions": asked, "claims": rows})


def _against(answer: ReportedAnswer, question: Question | None, profile: Profile) -> ReportedAnswer:
    says = None if question is None else hard_to_square(answer.saved.turn, question, profile)
    return answer.model_copy(update={"against": says})


def _question(
    question: Question | None, turns: Sequence[tuple[str, SavedTurn]], earlier: Sequence[_Past]
) -> ReportedQuestion:
    first, last = turns[0][1].turn, turns[-1][1].turn
    changed = change(question, first.grade, last.grade) if question is not None and len(turns) > 1 else ""
    headings = _headings([saved.turn.attempt for _, saved in turns])
    answers = tuple(
        _answer(question, saved, anchor, heading) for (anchor, saved), heading in zip(turns, headings, strict=True)
    )
    return ReportedQuestion(
        question_id=first.question_id,
        question=question,
        signal=in_words(first.grade.signal),
        answers=answers,
        change=changed,
        earlier=tuple(past.shown for past in earlier),
        comparison=_comparison(question, earlier[-1].saved, answers[0]) if earlier else None,
        references=tuple(_references(question, last.grade)) if question is not None else (),
    )


def _comparison(question: Question | None, before: SavedTurn, now: ReportedAnswer) -> Comparison:
    old, new = ({point.id for point in grade.points if point.met} for grade in (before.turn.grade, now.grade))
    names = [point.id for point in now.grade.points]
    return Comparison(
        at=before.at,
        then=_answer(question, before, "earlier", "Earlier"),
        now=now,
        gained=tuple(title_of(question, name) for name in names if name in new - old),
        lost=tuple(title_of(question, name) for name in names if name in old - new),
    )


def _headings(attempts: Sequence[int]) -> Iterator[str]:
    """Headings of the attempts. Two turns of one attempt appear only if the
    first was cut off before it could be graded.
    """
    for at, attempt in enumerate(attempts):
        yield f"Try {attempt}" + (", continued" if attempt in attempts[:at] else "")


def _references(question: Question, grade: Grade) -> Iterator[ReferenceAnswer]:
    above = (grade.rating or Rating.VERY_WEAK).above or Rating.VERY_STRONG
    if above is not Rating.VERY_STRONG:
        yield ReferenceAnswer(level=question.level_name(above), text=question.answers.of(above))
    yield ReferenceAnswer(level=question.level_name(Rating.VERY_STRONG), text=question.answers.very_strong)


def _answer(question: Question | None, saved: SavedTurn, anchor: str, heading: str) -> ReportedAnswer:
    turn, grade = saved.turn, saved.turn.grade
    found = marks(question, turn)
    rated = question if grade.rating is not None else None
    return ReportedAnswer(
        saved=saved,
        anchor=anchor,
        heading=heading,
        question_exists=question is not None,
        scale=_scale(question, grade.rating),
        marks=found,
        words=tuple(marked_texts(turn.transcript, found)),
        best=close_gaps(grade.good) if grade.good else None,
        gaps=tuple(gaps(rated, grade)) if rated is not None else (),
        missing=missing_points(rated, grade) if rated is not None else (),
        hints_given=question.hints[: grade.hints_used] if question is not None else (),
        capped=_capped(grade),
        longest_pause=longest_pause(turn),
    )


def _scale(question: Question | None, rating: Rating | None) -> tuple[ScaleStep, ...]:
    return tuple(
        ScaleStep(
            name=question.level_name(level) if question else level.spoken,
            text=question.levels.of(level) if question else "",
            reached=level is rating,
        )
        for level in Rating
    )


def _capped(grade: Grade) -> str | None:
    held = {
        "misconception": "A wrong statement, said as fact, limits the rating.",
        "hints": "The hints you used limit the rating.",
    }
    return held[grade.capped_by] if grade.capped_by else None
