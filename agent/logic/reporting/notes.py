"""What an interviewer would write after a whole interview: per signal with evidence, overall, and what to work on.

It is independent of how they are shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from agent.logic.grading.naming import listed, title_of
from agent.logic.grading.overall import MEANING, first_tries, median_rating, overall
from agent.logic.profile.table import ClaimRow, claim_rows
from agent.logic.speech.spacing import close_gaps
from agent.values.base import Value
from agent.values.profile import Profile
from agent.values.rubric import Question, Rating, Weight, in_words
from agent.values.session import Turn

MOST_WORK = 3
_MOST_EVIDENCE = 2


class Quoted(Value):
    """Words of the candidate and what they show."""

    question_id: str
    label: str
    quote: str
    start_s: float | None
    """Seconds into the answer; None for typed text."""


class SignalNote(Value):
    """One signal."""

    signal: str
    rating: Rating
    meaning: str
    answers: int
    evidence: tuple[Quoted, ...]
    above: tuple[int, ...]
    """Numbers, from 1, of the things to work on that belong to this signal; they are in neither list below."""
    wrong: tuple[Quoted, ...]
    """Other wrong statements that were made as fact."""
    missing: tuple[str, ...]
    """Titles of other points that would have raised the answers by a level."""


class WorkOn(Value):
    """One thing to work on."""

    question_id: str
    title: str
    why: str
    start_s: float | None
    """The moment to replay: where it was said wrong, or where the answer ended without it."""

    @property
    def heading(self) -> str:
        """The title as a sentence of its own, which `why` follows."""
        first = self.title[:1].upper() + self.title[1:]
        return first if first.endswith(('"', ".", "?", "!")) else f"{first}."


class InterviewNotes(Value):
    """The debrief."""

    overall: Rating | None
    """Rating over all answers, with heavier questions counting more; None if none was graded."""
    meaning: str
    basis: str
    """How many questions the overall rating rests on, and signals without a rated answer; empty if all were rated."""
    signals: tuple[SignalNote, ...]
    work_on: tuple[WorkOn, ...]
    """At most three, the most urgent first."""
    hints: int
    """Number of hints that were asked for."""
    claims: tuple[ClaimRow, ...]


def interview_notes(
    turns: Sequence[Turn], questions: Mapping[str, Question], profile: Profile | None = None
) -> InterviewNotes:
    """Returns the notes on all turns of one interview; the first try at each question counts."""
    counted = first_tries(turns)
    rating, first = median_rating(counted, questions), tuple(_work_on(counted, questions))[:MOST_WORK]
    return InterviewNotes(
        overall=rating,
        meaning="no answer could be graded" if rating is None else MEANING[rating],
        basis=_basis(counted),
        signals=tuple(_signals(counted, questions, first)),
        work_on=first,
        hints=sum(turn.grade.hints_used for turn in counted),
        claims=() if profile is None else claim_rows(profile, turns, questions),
    )


def _basis(turns: Sequence[Turn]) -> str:
    """Returns what the overall rating rests on, in sentences; empty if every answer was rated or none was."""
    rated = [turn for turn in turns if turn.grade.rating is not None]
    if len(rated) in (0, len(turns)):
        return ""
    heard = {turn.grade.signal for turn in rated}
    unheard = dict.fromkeys(in_words(turn.grade.signal) for turn in turns if turn.grade.signal not in heard)
    rests = f"This rests on {len(rated)} of {len(turns)} questions; the others have no rated answer."
    return f"{rests} Nothing was heard on {listed(list(unheard))}." if unheard else rests


def _signals(turns: Sequence[Turn], questions: Mapping[str, Question], first: Sequence[WorkOn]) -> Iterator[SignalNote]:
    """Returns a note for each signal, without what is already among the `first` things to work on."""
    for item in overall(turns, questions):
        mine = [turn for turn in turns if turn.grade.signal == item.signal and turn.grade.rating is not None]
        asked = {turn.question_id for turn in mine}
        above = tuple(number for number, work in enumerate(first, start=1) if work.question_id in asked)
        said = {first[number - 1].title for number in above}
        hints = [(turn, hint) for turn in mine for hint in turn.grade.hints]
        missing = dict.fromkeys(title_of(questions.get(turn.question_id), hint.point_id) for turn, hint in hints)
        yield SignalNote(
            signal=item.signal,
            rating=item.rating,
            meaning=MEANING[item.rating],
            answers=item.answers,
            evidence=tuple(quoted for turn in mine for quoted in _evidence(turn, questions))[:_MOST_EVIDENCE],
            above=above,
            wrong=tuple(w for turn in mine for w in _wrong(turn, questions) if _title(w) not in said),
            missing=tuple(title for title in missing if title not in said),
        )


def _title(wrong: Quoted) -> str:
    return f'"{wrong.quote}"'


def _evidence(turn: Turn, questions: Mapping[str, Question]) -> Iterator[Quoted]:
    question = questions.get(turn.question_id)
    for point in turn.grade.points:
        if point.met and point.quote:
            label = title_of(question, point.id)
            yield Quoted(
                question_id=turn.question_id, label=label, quote=close_gaps(point.quote), start_s=point.start_s
            )


def _wrong(turn: Turn, questions: Mapping[str, Question]) -> Iterator[Quoted]:
    question = questions.get(turn.question_id)
    truths = {item.id: item.truth for item in question.misconceptions} if question is not None else {}
    for said in turn.grade.misconceptions:
        label = truths.get(said.target, "not right")
        yield Quoted(question_id=turn.question_id, label=label, quote=close_gaps(said.quote), start_s=said.start_s)


def _work_on(turns: Sequence[Turn], questions: Mapping[str, Question]) -> Iterator[WorkOn]:
    """Returns the things to work on: one of each answer before a second of any, the weakest answers first, and among
    equal ones those to heavier questions.

    What two answers lack is named once.
    """
    graded = [turn for turn in turns if turn.grade.rating is not None and turn.grade.rating < Rating.VERY_STRONG]
    lacking = [list(_lacking(turn, questions)) for turn in sorted(graded, key=lambda item: _urgency(item, questions))]
    named = set[str]()
    for item in (item for at in zip_longest(*lacking) for item in at if item is not None):
        if item.title not in named:
            named.add(item.title)
            yield item


def _lacking(turn: Turn, questions: Mapping[str, Question]) -> Iterator[WorkOn]:
    """Returns what one answer lacks: wrong statements before gaps."""
    for wrong in _wrong(turn, questions):
        yield WorkOn(question_id=turn.question_id, title=_title(wrong), why=wrong.label, start_s=wrong.start_s)
    for hint in turn.grade.hints:
        title = title_of(questions.get(turn.question_id), hint.point_id)
        yield WorkOn(question_id=turn.question_id, title=title, why=hint.why, start_s=_ended_s(turn))


def _urgency(turn: Turn, questions: Mapping[str, Question]) -> tuple[int, int]:
    question = questions.get(turn.question_id)
    weight = question.weight if question is not None else Weight.STANDARD
    return (turn.grade.rating.rank if turn.grade.rating is not None else len(Rating)), -weight.factor


def _ended_s(turn: Turn) -> float | None:
    """Returns where the last point made ended; the start of the answer if there is none."""
    ends = [point.end_s for point in turn.grade.points if point.met and point.end_s is not None]
    return max(ends) if ends else (0.0 if turn.transcript.timed else None)
