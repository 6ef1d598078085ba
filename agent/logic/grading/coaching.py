"""What to tell the candidate: what was good, in their own words, and the next step up. Independent of the grader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from agent.logic.grading.naming import listed, title
from agent.logic.grading.rating import missing
from agent.logic.rubrics.check import countable
from agent.values.grade import Evidence, Grade, Hint
from agent.values.rubric import Point, Question, Rating, in_words

MOST_HINTS = 2
MOST_PRAISED = 2
_QUOTE_WORDS = 22


def hints(question: Question, heard: Collection[str], rating: Rating) -> tuple[Hint, ...]:
    """The unmet needs of the next level up, most valuable first, at most two. None at the top."""
    chosen: list[Point] = []
    for point in _wanted(question, heard, rating):
        if point not in chosen:
            chosen.append(point)
    return tuple(Hint(point_id=p.id, nudge=p.nudge, why=p.why) for p in chosen[:MOST_HINTS])


def _wanted(question: Question, heard: Collection[str], rating: Rating) -> Iterator[Point]:
    """Missing points that would count toward unmet needs: next level first, taking the needs in turn."""
    for level in list(Rating)[rating.rank + 1 :]:
        rows = [
            [point for point in countable(need, question) if point.id not in heard]
            for need in question.needs.of(level)
            if missing(need, question, heard) > 0
        ]
        for position in range(max(map(len, rows), default=0)):
            yield from (row[position] for row in rows if position < len(row))


def best_words(question: Question, evidence: Mapping[str, Evidence]) -> str | None:
    """The candidate's words for the rarest point made: one that only the upper levels ask for, if there is one."""
    basic = {point.id for need in question.needs.weak for point in countable(need, question)}
    made = [evidence[point.id] for point in question.points if point.id in evidence]
    if not made:
        return None
    best = max(made, key=lambda item: (item.target not in basic, item.confidence))
    words = best.quote.split()
    return " ".join(words[:_QUOTE_WORDS]) + (" ..." if len(words) > _QUOTE_WORDS else "")


def feedback(question: Question, grade: Grade) -> str:
    """The spoken feedback: what was good, the rating, what was wrong, and one next step."""
    return f"{judgement(question, grade)} {advice(question, grade)}".strip()


def judgement(question: Question, grade: Grade) -> str:
    """What was good, and the rating; nothing here helps with the question."""
    if grade.rating is None:
        return f"I could not grade that answer. {grade.ungraded_reason}"
    best = [title(question.point(name)) for name in best_points(question, grade)]
    good = f"What worked: {listed(best)}." if best else "Thank you."
    return f"{good} {_rated(question, grade)}"


def _rated(question: Question, grade: Grade) -> str:
    assert grade.rating is not None
    rating = f"On {in_words(grade.signal)} I would call this answer {question.level_name(grade.rating)}"
    if grade.is_unsure and grade.alternative is not None:
        return f"{rating}, but I'm not certain: it could also be {question.level_name(grade.alternative)}."
    return f"{rating}."


def advice(question: Question, grade: Grade) -> str:
    """What limited the rating, and the next step up; empty without a rating."""
    if grade.rating is None:
        return ""
    parts = ["You used hints, and they hold the rating there."] if grade.capped_by == "hints" else []
    parts += [f"One correction: {item.truth}" for item in corrections(question, grade)[:1]]
    parts += [next_step(grade)] if grade.hints else []
    if grade.rating is Rating.VERY_STRONG and not grade.hints:
        parts.append("I have nothing to add.")
    return " ".join(parts)


def next_step(grade: Grade, number: int = 0) -> str:
    """One of the steps up as spoken text; a second one may follow on request."""
    return f"{'One step up' if number == 0 else 'Another step up'}: {grade.hints[number].text}"


def best_points(question: Question, grade: Grade) -> list[str]:
    """Ids of the points to praise, at most two, those that the upper levels ask for first."""
    upper = [need for level in (Rating.STRONG, Rating.VERY_STRONG) for need in question.needs.of(level)]
    asked = Counter(point.id for need in upper for point in countable(need, question))
    made = [point.id for point in grade.points if point.met]
    return sorted(made, key=lambda name: -asked[name])[:MOST_PRAISED]


def probe(question: Question, grade: Grade) -> str | None:
    """A follow-up question on the most valuable unmet point; None if there is nothing to build on or to add."""
    if grade.rating in (None, Rating.VERY_STRONG) or not grade.hints or not any(point.met for point in grade.points):
        return None
    return grade.hints[0].nudge


def explained(question: Question, grade: Grade) -> str:
    """Why the rating is what it is: which points were found, and what the next level needs."""
    if grade.rating is None:
        return f"There is no rating. {grade.ungraded_reason}"
    heard = [title(question.point(point.id)) for point in grade.points if point.met]
    parts = [f"I heard {listed(heard)}." if heard else "I didn't hear any of the points that I listen for."]
    parts += [f"This was not right: {item.truth}" for item in corrections(question, grade)]
    if grade.capped_by == "hints":
        parts.append("The hints you used hold the rating there.")
    return " ".join([*parts, missed(question, grade)]).strip()


def missed(question: Question, grade: Grade) -> str:
    """Titles of what the next level would have needed."""
    if grade.rating is None or not grade.hints:
        return "Nothing important is missing." if grade.rating is Rating.VERY_STRONG else ""
    wanted = [title(question.point(hint.point_id)) for hint in grade.hints]
    above = question.level_name(grade.rating.above or Rating.VERY_STRONG)
    return f"For {above}, I would also want to hear about {' or '.join(wanted)}."


def model_answer(question: Question) -> str:
    """The very strong reference answer, whatever the rating was."""
    return f"Here is a very strong answer. {question.answers.very_strong}"


def change(question: Question, before: Grade, after: Grade) -> str:
    """How the rating changed when the candidate tried again."""
    if before.rating is None or after.rating is None:
        return ""
    old, new = question.level_name(before.rating), question.level_name(after.rating)
    if before.rating is after.rating:
        gained = {p.id for p in after.points if p.met} - {p.id for p in before.points if p.met}
        return f"Still {new}, but you covered more." if gained else f"Still {new}."
    return f"From {old} to {new}: that is a step {'up' if after.rating.rank > before.rating.rank else 'down'}."


class Correction(NamedTuple):
    """Something said that was wrong."""

    quote: str
    """The candidate's words."""
    truth: str
    """What is right, as it is spoken."""


def corrections(question: Question, grade: Grade) -> list[Correction]:
    """What was wrong: misconceptions first, then contradicted points, the most confident first."""
    truths = {item.id: item.truth for item in question.misconceptions}
    stated = [Correction(item.quote, truths[item.target]) for item in grade.misconceptions if item.target in truths]
    opposite = sorted(grade.contradicted, key=lambda item: -item.confidence)
    return [*stated, *(Correction(item.quote, _opposed(question, item)) for item in opposite)]


def _opposed(question: Question, evidence: Evidence) -> str:
    point, words = question.point(evidence.target), evidence.quote.split()
    said = " ".join(words[:_QUOTE_WORDS]) + (" ..." if len(words) > _QUOTE_WORDS else "")
    return f'You said "{said.rstrip(".")}". On {title(point)}, I would rather say: {point.exemplars[0]}'
