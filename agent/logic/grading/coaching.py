"""What to tell the candidate: what was good in their own words, and the next step up. Knows nothing of graders."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from agent.logic.grading.rating import missing
from agent.logic.rubrics.check import countable
from agent.values.grade import Evidence, Grade, Hint
from agent.values.rubric import Misconception, Point, Question, Rating

MOST_HINTS = 2
_QUOTE_WORDS = 22


def hints(question: Question, heard: Collection[str], rating: Rating) -> tuple[Hint, ...]:
    """The unmet needs of the next level up, most valuable first, at most two. None at the top."""
    chosen: list[Point] = []
    for point in _wanted(question, heard, rating):
        if point not in chosen:
            chosen.append(point)
    return tuple(Hint(point_id=p.id, nudge=p.nudge, why=p.why) for p in chosen[:MOST_HINTS])


def _wanted(question: Question, heard: Collection[str], rating: Rating) -> Iterator[Point]:
    """Unheard points that would count towards unmet needs, next level first, one need after the other in turn."""
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
    """The feedback as it is spoken: the good first, then the rating, what was wrong, and the next steps."""
    return f"{judgement(question, grade)} {advice(question, grade)}".strip()


def judgement(question: Question, grade: Grade) -> str:
    """What was good and the rating: nothing in it helps with this question."""
    if grade.rating is None:
        return f"I could not grade that answer. {grade.ungraded_reason}"
    good = f"I liked that you said: {grade.good}" if grade.good else "Thank you."
    rating = f"On {grade.signal.replace('_', ' ')} I would call this answer {question.level_name(grade.rating)}."
    return _sentences(good, rating)


def advice(question: Question, grade: Grade) -> str:
    """What held the rating down and the next steps up; empty when there was no rating."""
    if grade.rating is None:
        return ""
    parts = ["The hints you used hold it there."] if grade.capped_by == "hints" else []
    parts += [item.truth for item in _wrong(question, grade)]
    parts += [f"To go further: {grade.hints[0].text}"] if grade.hints else []
    parts += [f"And also: {hint.text}" for hint in grade.hints[1:]]
    if grade.rating is Rating.VERY_STRONG and not grade.hints:
        parts.append("There is nothing that I would add.")
    return _sentences(*parts)


def _sentences(*parts: str) -> str:
    return " ".join(part if part.endswith((".", "?", "!")) else part + "." for part in parts)


def probe(question: Question, grade: Grade) -> str | None:
    """A follow-up question on the most valuable unmet point; None when there is nothing to build on or to add."""
    if grade.rating in (None, Rating.VERY_STRONG) or not grade.hints or not any(point.met for point in grade.points):
        return None
    return grade.hints[0].nudge


def explained(question: Question, grade: Grade) -> str:
    """Why the rating is what it is: what was heard, what the next level asks for."""
    if grade.rating is None:
        return f"There is no rating. {grade.ungraded_reason}"
    heard = [question.point(point.id).says for point in grade.points if point.met]
    parts = [f"{question.level_name(grade.rating).capitalize()} means here: {question.levels.of(grade.rating)}"]
    parts.append("I heard this. " + " ".join(heard) if heard else "I did not hear any of the points that I listen for.")
    parts += [f"This was not right. {item.truth}" for item in _wrong(question, grade)]
    if grade.capped_by == "hints":
        parts.append("The hints you used hold the rating there.")
    above = grade.rating.above
    if above is not None:
        parts.append(f"One level up, {question.level_name(above)}, means: {question.levels.of(above)}")
    return " ".join(parts)


def model_answer(question: Question, grade: Grade) -> str:
    """One sentence for the most valuable unmet point when there is one, then the whole answer one level up."""
    above = (grade.rating or Rating.VERY_WEAK).above or Rating.VERY_STRONG
    sentence = f"{model_sentence(question, grade.hints[0].point_id)} " if grade.hints else ""
    return f"{sentence}A whole answer that I would call {question.level_name(above)}: {question.answers.of(above)}"


def change(question: Question, before: Grade, after: Grade) -> str:
    """What became of the rating when the candidate tried again."""
    if before.rating is None or after.rating is None:
        return ""
    old, new = question.level_name(before.rating), question.level_name(after.rating)
    if before.rating is after.rating:
        gained = {p.id for p in after.points if p.met} - {p.id for p in before.points if p.met}
        return f"Still {new}, but with more in it." if gained else f"Still {new}."
    return f"From {old} to {new}: that is a step {'up' if after.rating.rank > before.rating.rank else 'down'}."


def _wrong(question: Question, grade: Grade) -> list[Misconception]:
    stated = {item.target for item in grade.misconceptions}
    return [item for item in question.misconceptions if item.id in stated]


def model_sentence(question: Question, point_id: str) -> str:
    """One spoken-style sentence that makes the point: for after the answer, on demand."""
    return f"You could say: {question.point(point_id).exemplars[0]}."
