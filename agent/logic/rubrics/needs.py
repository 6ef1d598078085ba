"""What is doubtful about the needs of a question, found by rating sets of points; independent of words and files.

Each rule tries answers as sets of points. No rule can tell whether a level's text and its needs agree: see
docs/decisions.md for what was tried.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import combinations

from agent.logic.grading.rating import missing, rate, with_implied
from agent.logic.rubrics.check import Finding
from agent.values.rubric import Need, Point, Question, Rating

BASIC = "basic"
"""The kind of point that anybody makes, whatever the question."""
ANYTHING = 0.9
"""Share of all short answers above which strong asks for nothing in particular."""


def need_warnings(question: Question) -> Iterator[Finding]:
    """All warnings about needs, with their places inside the question."""
    yield from _worth_nothing(question)
    yield from list(_strong_by_anything(question)) or _strong_by_one_kind(question)
    yield from _strong_by_one_point(question)
    yield from _very_strong_without_the_subject(question)
    yield from _compulsory(question)
    yield from _too_much(question)


def _worth_nothing(question: Question) -> Iterator[Finding]:
    """Points that earn nothing alone: one sensible idea should be weak, never very weak."""
    nothing = [point for point in question.points if rate(question, [point.id]).rating is Rating.VERY_WEAK]
    if nothing:
        yield Finding(
            ("needs", "weak"),
            f"an answer that makes only {_names(nothing, 'or')} is very weak; write 'weak: [{{at_least: 1}}]', "
            "so that any one point is enough",
        )


def _strong_by_one_kind(question: Question) -> Iterator[Finding]:
    """Strong answers that only make points of one kind, such as a list of methods without a reason.

    A strong level that names points states what it is about, and may be met by one kind, but never by basic points.
    Implied points are left out here: a candidate who explains two methods has done more than list them.
    """
    named = any(need.points is not None for need in question.needs.strong)
    for kind in dict.fromkeys(point.kind for point in question.points):
        alone = {point.id for point in question.points if point.kind == kind}
        if (kind == BASIC or not named) and _reaches(question, Rating.STRONG, alone):
            yield Finding(
                ("needs", "strong"),
                f"points of kind '{kind}' alone reach strong; name the points that the question is about "
                "('points: [...]') or ask for another kind as well",
            )


def _strong_by_one_point(question: Question) -> Iterator[Finding]:
    """A single point that, with what it implies, is strong, unless the strong level names it."""
    named = {name for need in question.needs.strong for name in need.points or ()}
    for point in question.points:
        if point.id not in named and _reaches(question, Rating.STRONG, with_implied(question, [point.id])):
            yield Finding(
                ("needs", "strong"),
                f"an answer that makes only '{point.id}' is strong; ask for one more point, or name '{point.id}' "
                "if it is the whole answer",
            )


def _strong_by_anything(question: Question) -> Iterator[Finding]:
    """A strong level that asks for nothing in particular: nearly any three points are strong.

    Uses fewer than three points where three would be more than half of the points.
    """
    count = max(1, min(3, len(question.points) // 2))
    answers = list(combinations([point.id for point in question.points], count))
    strong = sum(_reaches(question, Rating.STRONG, with_implied(question, said)) for said in answers)
    if strong >= ANYTHING * len(answers):
        yield Finding(
            ("needs", "strong"),
            f"{strong} of the {len(answers)} answers with {count} points are strong, whatever they are about; name the "
            "points that the question is about ('points: [...]')",
        )


def _very_strong_without_the_subject(question: Question) -> Iterator[Finding]:
    """Points that strong names because the question is about them, and that very strong can do without."""
    for need in question.needs.strong:
        named = set(need.points or ())
        others = [point.id for point in question.points if not {point.id, *point.implies} & named]
        if named and _reaches(question, Rating.VERY_STRONG, with_implied(question, others)):
            subject = _names((question.point(name) for name in sorted(named)), "or")
            yield Finding(
                ("needs", "very_strong"),
                f"an answer without {subject} can be very strong, although strong asks for one of them; "
                "ask for one of them here, too",
            )


def _compulsory(question: Question) -> Iterator[Finding]:
    """Kinds of which a level needs every point that exists. A need that names points does so on purpose."""
    for level in (Rating.STRONG, Rating.VERY_STRONG):
        for index, need in enumerate(question.needs.of(level)):
            forced = [] if need.points is not None else [p for p in question.points if _falls(need, question, p)]
            if forced:
                yield Finding(
                    ("needs", level.value, index),
                    f"without {_names(forced, 'or')} no answer is {level.spoken}, since no other point counts; add a "
                    f"point, let another kind count, or write 'points: [{', '.join(point.id for point in forced)}]' "
                    "if the question is about it",
                )


def _falls(need: Need, question: Question, point: Point) -> bool:
    """Whether an answer that makes every other point misses a need."""
    others = [other.id for other in question.points if other is not point]
    return missing(need, question, with_implied(question, others)) > 0


def _too_much(question: Question) -> Iterator[Finding]:
    """A very strong level that needs more than half of the points, if they are made one by one."""
    most = (len(question.points) + 1) // 2
    if not _enough(question, frozenset(), most, set()):
        yield Finding(
            ("needs", "very_strong"),
            f"needs more than {most} of the {len(question.points)} points; few candidates say so much, "
            "so ask for at most half of them",
        )


def _enough(question: Question, met: frozenset[str], left: int, failed: set[tuple[frozenset[str], int]]) -> bool:
    """Whether `left` more points can make an answer very strong; `failed` remembers sets that cannot."""
    needs = question.needs.very_strong
    unmet = next((need for need in needs if missing(need, question, met) > 0), None)
    if unmet is None:
        return True
    if left == 0 or (met, left) in failed:
        return False
    for point in question.points:
        more = met.union(with_implied(question, [point.id]))
        useful = missing(unmet, question, more) < missing(unmet, question, met)
        if useful and _enough(question, more, left - 1, failed):
            return True
    failed.add((met, left))
    return False


def _reaches(question: Question, level: Rating, met: Collection[str]) -> bool:
    return all(missing(need, question, met) == 0 for need in question.needs.of(level))


def _names(points: Iterable[Point], word: str) -> str:
    *first, last = [f"'{point.id}'" for point in points]
    return f"{', '.join(first)} {word} {last}" if first else last
