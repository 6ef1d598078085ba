"""What a report of one or more sessions says, as frozen values; knows nothing of pages and charts.

Ratings stay names: a trend is told by comparing sessions pair by pair, never by averaging ranks into a number. Second
tries come after feedback, so they stand beside the first ones and count neither for the ratings nor for the progress.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import combinations, groupby, pairwise
from statistics import median
from typing import Literal

from agent.logic.grading.coaching import change
from agent.logic.grading.evidence import find_quote
from agent.logic.grading.overall import MEANING, first_tries, overall, superseded
from agent.logic.grading.rating import counted, missing
from agent.logic.rubrics.check import countable
from agent.values.base import Value
from agent.values.grade import Evidence, Grade, PointResult
from agent.values.rubric import Question, Rating
from agent.values.session import KeptTurn, Session, Turn
from agent.values.transcript import Transcript

FEWEST_SESSIONS = 3
"""Sessions below which there is no talk of a trend."""
_UNLIKELY = 1.96
"""Standard deviations beyond which chance would carry a series in one of twenty cases."""
_FEW_NAMES = 5

MarkKind = Literal["point", "extra", "misconception"]


class Mark(Value):
    """A stretch of a transcript and what it is evidence of."""

    kind: MarkKind
    label: str
    """Name of the point or misconception."""
    says: str
    """What the stretch conveys, as a plain statement."""
    truth: str | None = None
    """What is right, for a misconception."""
    quote: str
    first_word: int | None
    """Index into the transcript's words; None when the words are not in it, such as those of a clarifying question."""
    last_word: int | None
    """Index into the transcript's words, inclusive."""
    start_s: float | None
    """Seconds into the audio; None for typed text."""
    end_s: float | None


class Segment(Value):
    """Words of a transcript that bear the same marks."""

    text: str
    marks: tuple[int, ...] = ()
    """Positions of the marks that cover it."""
    ending: tuple[int, ...] = ()
    """Positions of the marks that end with it."""


class Missing(Value):
    """A point that was not heard."""

    label: str
    says: str
    why: str
    needed: bool
    """Whether it would count towards the next level."""


class Level(Value):
    """One step of the scale, or a reference answer on it."""

    name: str
    text: str
    here: bool = False


class Pause(Value):
    """A silence between two words."""

    start_s: float
    end_s: float


class Try(Value):
    """One answer to a question."""

    kept: KeptTurn
    anchor: str
    """Unique in the report."""
    number: int
    """From 1; of the same question in the same session."""
    known: bool
    """Whether the question is still known, so that it can be told what is missing."""
    scale: tuple[Level, ...]
    marks: tuple[Mark, ...]
    segments: tuple[Segment, ...]
    gaps: tuple[str, ...]
    """What the next level asks for and did not get, in words."""
    missing: tuple[Missing, ...]
    """Needed ones first."""
    hints_heard: tuple[str, ...]
    """Hints that were given during the answer."""
    capped: str | None
    longest_pause: Pause | None

    @property
    def grade(self) -> Grade:
        """The grade."""
        return self.kept.turn.grade


class Earlier(Value):
    """The first try of the same question in an earlier session."""

    at: datetime
    rating: str
    anchor: str | None
    """None when that session is not in the report."""


class Exchange(Value):
    """One question of a session with its tries."""

    question_id: str
    question: Question | None
    """None when the rubrics do not hold it any more."""
    signal: str
    tries: tuple[Try, ...]
    change: str
    """What became of the rating from the first to the last try; empty for one try."""
    earlier: tuple[Earlier, ...]
    references: tuple[Level, ...]
    """The reference answer one level up, and the very strong one."""


class Part(Value):
    """One session of the report."""

    number: int
    """From 1, among all sessions on record."""
    anchor: str
    session: Session
    exchanges: tuple[Exchange, ...]


class Dot(Value):
    """One graded first try, for a chart."""

    session: int
    """Number of its session, from 1."""
    rating: Rating
    confidence: float
    """0 to 1."""


class SignalRow(Value):
    """The ratings of one signal in the sessions of the report."""

    signal: str
    rating: Rating
    meaning: str
    dots: tuple[Dot, ...]


class Progress(Value):
    """The ratings of one signal from session to session."""

    signal: str
    dots: tuple[Dot, ...]
    course: tuple[tuple[int, Rating], ...]
    """For each session with graded answers its number and rating."""
    text: str


class Spoken(Value):
    """One figure of delivery over sessions, or over answers when there are too few sessions."""

    name: str
    unit: str
    values: tuple[tuple[int, float], ...]
    """Number of the session, or of the answer, and the figure."""
    by: Literal["session", "answer"]
    text: str


class Report(Value):
    """All that the page shows."""

    parts: tuple[Part, ...]
    """The latest session first."""
    dates: tuple[datetime, ...]
    """Starts of all sessions on record, the oldest first."""
    signals: tuple[SignalRow, ...]
    progress: tuple[Progress, ...]
    spoken: tuple[Spoken, ...]
    ungraded: int
    """Answers of the report without a rating."""


def report(sessions: Sequence[Session], questions: Mapping[str, Question], record: Sequence[Session] = ()) -> Report:
    """The report of `sessions`, with the progress over `record`: all sessions that are known, or only those."""
    every = {item.id: _whole(item) for item in (*record, *sessions)}
    known = sorted(every.values(), key=lambda item: (item.started, item.id))
    shown = {item.id for item in sessions}
    numbered = list(enumerate(known, start=1))
    chosen = [(number, item) for number, item in numbered if item.id in shown]
    past = _past(numbered, shown)
    return Report(
        parts=tuple(_part(number, item, questions, past) for number, item in reversed(chosen)),
        dates=tuple(item.started for item in known),
        signals=tuple(_signal_rows(chosen, questions)),
        progress=tuple(_progress(numbered, questions)),
        spoken=tuple(_spoken(numbered)),
        ungraded=sum(kept.turn.grade.rating is None for _, item in chosen for kept in item.turns),
    )


def plain(name: str) -> str:
    """An id as a person reads it."""
    return name.replace("_", " ").replace("-", " ")


# Ratings and their course


def _whole(session: Session) -> Session:
    """The session with each answer once: what was gone on with stands in the later turn."""
    turns = [kept.turn for kept in session.turns]
    kept = tuple(kept for index, kept in enumerate(session.turns) if not superseded(turns, index))
    return session.model_copy(update={"turns": kept})


def _first_tries(session: Session) -> list[Turn]:
    return first_tries([kept.turn for kept in session.turns])


def _dots(numbered: Iterable[tuple[int, Session]], signal: str) -> tuple[Dot, ...]:
    return tuple(
        Dot(session=number, rating=turn.grade.rating, confidence=turn.grade.confidence)
        for number, session in numbered
        for turn in _first_tries(session)
        if turn.grade.signal == signal and turn.grade.rating is not None
    )


def _signal_rows(numbered: Sequence[tuple[int, Session]], questions: Mapping[str, Question]) -> Iterator[SignalRow]:
    turns = [turn for _, session in numbered for turn in _first_tries(session)]
    for item in overall(turns, questions):
        yield SignalRow(
            signal=plain(item.signal),
            rating=item.rating,
            meaning=MEANING[item.rating],
            dots=_dots(numbered, item.signal),
        )


def _progress(numbered: Sequence[tuple[int, Session]], questions: Mapping[str, Question]) -> Iterator[Progress]:
    courses: dict[str, list[tuple[int, Rating]]] = {}
    for number, session in numbered:
        for item in overall(_first_tries(session), questions):
            courses.setdefault(item.signal, []).append((number, item.rating))
    for signal, course in courses.items():
        text = _course_text([rating for _, rating in course])
        yield Progress(signal=plain(signal), dots=_dots(numbered, signal), course=tuple(course), text=text)


def _course_text(ratings: Sequence[Rating]) -> str:
    count = len(ratings)
    if count < FEWEST_SESSIONS:
        return _too_few(count)
    if len(set(ratings)) == 1:
        return f"{ratings[0].spoken.capitalize()} in all {count} sessions."
    way = direction([rating.rank for rating in ratings])
    if way == 0:
        return f"No clear trend over {count} sessions: the ups and downs may well be chance."
    course, word = ("Rising", "higher") if way > 0 else ("Falling", "lower")
    return f"{course} over {count} sessions: later ones tend to be rated {word}, which chance alone would rarely do."


def _too_few(count: int) -> str:
    have = "1 session" if count == 1 else f"{count} sessions"
    return f"Only {have} so far: too few for a trend, which takes at least {FEWEST_SESSIONS}."


def direction(values: Sequence[float]) -> int:
    """1 when later values are higher, -1 when lower, 0 when chance could have ordered them so.

    The Mann-Kendall test: it asks only which of two values is higher, so that it fits levels without distances.
    """
    count = len(values)
    balance = sum((later > former) - (later < former) for former, later in combinations(values, 2))
    ties = [values.count(value) for value in set(values)]
    spread = sum(sign * n * (n - 1) * (2 * n + 5) for sign, sizes in ((1, [count]), (-1, ties)) for n in sizes) / 18
    if spread <= 0 or (abs(balance) - 1) / math.sqrt(spread) < _UNLIKELY:
        return 0
    return 1 if balance > 0 else -1


# Delivery


def _spoken(numbered: Sequence[tuple[int, Session]]) -> Iterator[Spoken]:
    heard = [
        (number, kept.turn)
        for number, session in numbered
        for kept in session.turns
        if kept.turn.delivery.words_per_minute is not None
    ]
    enough = len({number for number, _ in heard}) >= FEWEST_SESSIONS
    for name, unit in (("Pace", "words a minute"), ("Fillers", "per 100 words"), ("Longest pause", "seconds")):
        figures = [(number if enough else at, _figure(name, turn)) for at, (number, turn) in enumerate(heard, start=1)]
        if figures:
            yield Spoken(
                name=name,
                unit=unit,
                values=tuple(figures),
                by="session" if enough else "answer",
                text=_spoken_text(figures, len({number for number, _ in heard})),
            )


def _figure(name: str, turn: Turn) -> float:
    spoken = turn.delivery
    if name == "Pace":
        return spoken.words_per_minute or 0.0
    return round(100 * spoken.fillers / spoken.words, 1) if name == "Fillers" else spoken.longest_pause_s or 0.0


def session_medians(values: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """For each session, or answer, the middle one of its figures."""
    return [(at, median(value for _, value in group)) for at, group in groupby(values, key=lambda pair: pair[0])]


def _spoken_text(figures: Sequence[tuple[int, float]], sessions: int) -> str:
    values = [value for _, value in figures]
    span = f"From {min(values):.3g} to {max(values):.3g}, with {median(values):.3g} in the middle."
    if len(values) == 1:
        span = f"{values[0]:.3g} in the one spoken answer."
    if sessions < FEWEST_SESSIONS:
        return f"{span} {_too_few(sessions)}"
    way = direction([value for _, value in session_medians(figures)])
    course = {1: "Later sessions tend to be higher.", 0: "No clear trend.", -1: "Later sessions tend to be lower."}
    return f"{span} {course[way]}"


# Sessions, questions, answers


def _past(numbered: Sequence[tuple[int, Session]], shown: set[str]) -> dict[str, list[tuple[int, Earlier]]]:
    """For each question its graded first tries with the number of the session."""
    past: dict[str, list[tuple[int, Earlier]]] = {}
    for number, session in numbered:
        tries = _first_tries(session)
        for at, kept in enumerate(session.turns, start=1):
            grade = kept.turn.grade
            if grade.rating is not None and any(kept.turn is turn for turn in tries):
                anchor = _anchor(number, at) if session.id in shown else None
                item = Earlier(at=kept.at, rating=grade.rating.spoken, anchor=anchor)
                past.setdefault(kept.turn.question_id, []).append((number, item))
    return past


def _anchor(session: int, turn: int) -> str:
    return f"answer-{session}-{turn}"


def _part(
    number: int,
    session: Session,
    questions: Mapping[str, Question],
    past: Mapping[str, Sequence[tuple[int, Earlier]]],
) -> Part:
    by_question: dict[str, list[tuple[str, KeptTurn]]] = {}
    for at, kept in enumerate(session.turns, start=1):
        by_question.setdefault(kept.turn.question_id, []).append((_anchor(number, at), kept))
    exchanges = tuple(
        _exchange(questions.get(name), turns, [item for when, item in past.get(name, ()) if when < number])
        for name, turns in by_question.items()
    )
    return Part(number=number, anchor=f"session-{number}", session=session, exchanges=exchanges)


def _exchange(question: Question | None, turns: Sequence[tuple[str, KeptTurn]], earlier: Sequence[Earlier]) -> Exchange:
    first, last = turns[0][1].turn, turns[-1][1].turn
    changed = change(question, first.grade, last.grade) if question is not None and len(turns) > 1 else ""
    return Exchange(
        question_id=first.question_id,
        question=question,
        signal=plain(first.grade.signal),
        tries=tuple(_try(question, kept, anchor) for anchor, kept in turns),
        change=changed,
        earlier=tuple(earlier),
        references=tuple(_references(question, last.grade)) if question is not None else (),
    )


def _references(question: Question, grade: Grade) -> Iterator[Level]:
    above = (grade.rating or Rating.VERY_WEAK).above or Rating.VERY_STRONG
    if above is not Rating.VERY_STRONG:
        yield Level(name=question.level_name(above), text=question.answers.of(above))
    yield Level(name=question.level_name(Rating.VERY_STRONG), text=question.answers.of(Rating.VERY_STRONG))


def _try(question: Question | None, kept: KeptTurn, anchor: str) -> Try:
    turn, grade = kept.turn, kept.turn.grade
    # In the order in which they were said; those that stand elsewhere come last.
    size = len(turn.transcript.words)
    marks = tuple(sorted(_marks(question, turn), key=lambda mark: size if mark.first_word is None else mark.first_word))
    rated = question is not None and grade.rating is not None
    return Try(
        kept=kept,
        anchor=anchor,
        number=turn.attempt,
        known=question is not None,
        scale=_scale(question, grade.rating),
        marks=marks,
        segments=tuple(_segments(turn.transcript, marks)),
        gaps=tuple(_gaps(question, grade)) if question is not None and rated else (),
        missing=_missing(question, grade) if question is not None and rated else (),
        hints_heard=question.hints[: grade.hints_used] if question is not None else (),
        capped=_capped(grade),
        longest_pause=_longest_pause(turn),
    )


def _scale(question: Question | None, rating: Rating | None) -> tuple[Level, ...]:
    return tuple(
        Level(
            name=question.level_name(level) if question else level.spoken,
            text=question.levels.of(level) if question else "",
            here=level is rating,
        )
        for level in Rating
    )


def _capped(grade: Grade) -> str | None:
    held = {
        "misconception": "A wrong statement, said as fact, holds the rating there.",
        "hints": "The hints that were used hold the rating there.",
    }
    return held[grade.capped_by] if grade.capped_by else None


# Marks


def _marks(question: Question | None, turn: Turn) -> Iterator[Mark]:
    """What was heard, what was wrong and what was valid though not listed, each with its place."""
    for point in turn.grade.points:
        if point.met and point.quote:
            yield _point_mark(question, turn.transcript, point)
    for evidence in turn.grade.extra:
        yield _evidence_mark(evidence, "extra", f"A valid {plain(evidence.kind or 'point')} that was not on the list.")
    wrong = {item.id: item for item in question.misconceptions} if question else {}
    for evidence in turn.grade.misconceptions:
        known = wrong.get(evidence.target)
        yield _evidence_mark(evidence, "misconception", known.says if known else "", known.truth if known else None)


def _point_mark(question: Question | None, transcript: Transcript, result: PointResult) -> Mark:
    span = _place(transcript, result)
    known = {point.id: point.says for point in question.points} if question else {}
    return Mark(
        kind="point",
        label=plain(result.id),
        says=known.get(result.id, ""),
        quote=result.quote or "",
        first_word=span[0] if span else None,
        last_word=span[1] if span else None,
        start_s=result.start_s,
        end_s=result.end_s,
    )


def _place(transcript: Transcript, result: PointResult) -> tuple[int, int] | None:
    """By its times first: the same words may have been said twice."""
    if transcript.timed and result.start_s is not None:
        first = [at for at, word in enumerate(transcript.words) if word.start_s == result.start_s]
        last = [at for at, word in enumerate(transcript.words) if word.end_s == result.end_s]
        if first and last and first[0] <= last[-1]:
            return first[0], last[-1]
    return find_quote(result.quote or "", transcript)


def _evidence_mark(evidence: Evidence, kind: MarkKind, says: str, truth: str | None = None) -> Mark:
    return Mark(
        kind=kind,
        label=plain(evidence.target),
        says=says,
        truth=truth,
        quote=evidence.quote,
        first_word=evidence.first_word,
        last_word=evidence.last_word,
        start_s=evidence.start_s,
        end_s=evidence.end_s,
    )


def _segments(transcript: Transcript, marks: Sequence[Mark]) -> Iterator[Segment]:
    """The transcript cut wherever a mark begins or ends; overlapping marks share segments."""
    spans = [
        (at, mark.first_word, mark.last_word)
        for at, mark in enumerate(marks)
        if mark.first_word is not None and mark.last_word is not None
    ]
    size = len(transcript.words)
    edges = {0, size, *(first for _, first, _ in spans), *(last + 1 for _, _, last in spans)}
    cuts = sorted(edge for edge in edges if edge <= size)
    for start, end in pairwise(cuts):
        yield Segment(
            text=" ".join(word.text for word in transcript.words[start:end]),
            marks=tuple(at for at, first, last in spans if first <= start and end <= last + 1),
            ending=tuple(at for at, _, last in spans if last + 1 == end),
        )


# What was missing


def _gaps(question: Question, grade: Grade) -> Iterator[str]:
    """The unmet needs of the next level up, in words."""
    above = (grade.rating or Rating.VERY_WEAK).above
    level = question.level_name(above or Rating.VERY_STRONG).capitalize()
    for lack, points in _unmet(question, grade):
        names = [plain(name) for name in points]
        if len(names) == lack:
            yield f"{level} asks for {' and '.join(names)}."
        elif len(names) <= _FEW_NAMES:
            yield f"{level} asks for {lack} more of these: {', '.join(names)}."
        else:
            yield f"{level} asks for {lack} more out of {len(names)} points, such as {', '.join(names[:3])}."


def _unmet(question: Question, grade: Grade) -> Iterator[tuple[int, list[str]]]:
    """For each unmet need of the next level how many points lack, and which could fill it."""
    above = (grade.rating or Rating.VERY_WEAK).above
    heard = {point.id for point in grade.points if point.met}
    extra = counted(item.kind or "" for item in grade.extra)
    for need in question.needs.of(above) if above else ():
        lack = missing(need, question, heard, extra)
        points = [point.id for point in countable(need, question) if point.id not in heard]
        if lack and points:
            yield lack, points


def _missing(question: Question, grade: Grade) -> tuple[Missing, ...]:
    """Unheard points: those of the spoken hints first, then others that the next level needs, then the rest."""
    hinted = [hint.point_id for hint in grade.hints]
    needed = [name for _, points in _unmet(question, grade) for name in points]
    order = [*(name for name in hinted if name in needed), *needed]
    unheard = {point.id for point in grade.points if not point.met}
    points = [point for point in question.points if point.id in unheard]
    points.sort(key=lambda point: order.index(point.id) if point.id in order else len(order))
    return tuple(Missing(label=plain(p.id), says=p.says, why=p.why, needed=p.id in needed) for p in points)


def _longest_pause(turn: Turn) -> Pause | None:
    """The one that the delivery tells of: where the agent spoke, the candidate did not pause."""
    words, most = turn.transcript.words, turn.delivery.longest_pause_s
    if not turn.transcript.timed or most is None:
        return None
    gaps = [Pause(start_s=a.end_s, end_s=b.start_s) for a, b in pairwise(words) if b.start_s - a.end_s <= most + 0.01]
    longest = max(gaps, key=lambda gap: gap.end_s - gap.start_s, default=None)
    return longest if longest is not None and longest.end_s > longest.start_s else None
