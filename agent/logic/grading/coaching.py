"""What to tell the candidate: what was good, in their own words, and the next step up. Independent of the grader."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from agent.logic.grading.naming import in_sentence, listed, title, understood
from agent.logic.grading.quoting import phrase
from agent.logic.grading.rating import missing
from agent.logic.rubrics.check import countable
from agent.logic.speech.tokens import content
from agent.values.grade import Evidence, Grade, Hint
from agent.values.rubric import Misconception, Point, Question, Rating, in_words
from agent.values.transcript import Transcript

MOST_HINTS = 2
MOST_PRAISED = 2
FEWEST_SHARED = 3
"""Minimum number of content words that a correction must share with a point's question to give away its answer."""
MOST_EXPLAINED = 4
"""Maximum number of points that an explanation names; a listener could not follow more."""
_TELLS = re.compile(
    r"^(?:Says|Explains|Recognizes|Points out|Notes|Notices|Knows|Sees|Warns|States|Considers) that (?=\w)"
)
_IS_ABOUT = re.compile(r"^(?:Says|Names|Explains|Describes|Gives|Knows|States|Proposes|Considers) (?=\w)")
"""Verbs of a rubric that say no more than that an answer says something."""


def hints(question: Question, met: Collection[str], rating: Rating, perhaps: Collection[str] = ()) -> tuple[Hint, ...]:
    """The unmet needs of the next level up, most valuable first, at most two. None at the top.

    Points that were `perhaps` made come last: the candidate may just have made them. So do points that the correction
    of something wrong gives away.
    """
    told = [wrong for wrong in question.misconceptions if wrong.id in met]
    later = {*perhaps, *(point.id for point in question.points if any(_gives_away(wrong, point) for wrong in told))}
    wanted = sorted(dict.fromkeys(_wanted(question, met, rating)), key=lambda point: point.id in later)
    return tuple(Hint(point_id=p.id, nudge=p.nudge, why=p.why) for p in wanted[:MOST_HINTS])


def _gives_away(wrong: Misconception, point: Point) -> bool:
    asked = content(f"{point.title or ''} {point.nudge}")
    return len(asked & content(f"{wrong.says} {wrong.truth}")) >= min(FEWEST_SHARED, len(asked))


def _wanted(question: Question, met: Collection[str], rating: Rating) -> Iterator[Point]:
    """Missing points that would count toward unmet needs: next level first, taking the needs in turn."""
    for level in list(Rating)[rating.rank + 1 :]:
        rows = [
            [point for point in countable(need, question) if point.id not in met]
            for need in question.needs.of(level)
            if missing(need, question, met) > 0
        ]
        for position in range(max(map(len, rows), default=0)):
            yield from (row[position] for row in rows if position < len(row))


def best_words(question: Question, evidence: Mapping[str, Evidence], transcript: Transcript) -> str | None:
    """The candidate's words for the rarest point made: one that only the upper levels ask for, if there is one.

    Returns a whole phrase that was clearly heard; None if there is none.
    """
    basic = {point.id for need in question.needs.weak for point in countable(need, question)}
    made = [evidence[point.id] for point in question.points if point.id in evidence]
    made.sort(key=lambda item: (item.target in basic, -item.confidence))
    quotes = (phrase(transcript.words[item.first_word : item.last_word + 1]) for item in made)
    return next((quote for quote in quotes if quote is not None), None)


def feedback(question: Question, grade: Grade) -> str:
    """The spoken feedback: what was good, the rating, what was wrong, and one next step."""
    return f"{judgment(question, grade)} {advice(question, grade)}".strip()


def judgment(question: Question, grade: Grade, *, acknowledged: bool = False) -> str:
    """What was good, and the rating; nothing in it helps to answer the question.

    An answer that was `acknowledged` before is not thanked for again.
    """
    if grade.rating is None:
        return f"I could not grade that answer. {grade.ungraded_reason}"
    best = [title(question.point(name)) for name in best_points(question, grade)]
    thanks = "" if acknowledged else "Thank you. "
    good = f"I liked what you said about {listed(best)}. " if best else thanks
    return f"{good}{_rated(question, grade)}"


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
    parts = [_capped(question, grade)] if grade.capped_by == "hints" else []
    parts += [item.spoken for item in corrections(question, grade)[:1]]
    parts += [next_step(grade)] if grade.hints else []
    if grade.rating is Rating.VERY_STRONG and not grade.hints:
        parts.append("I have nothing to add.")
    return " ".join(parts)


def _capped(question: Question, grade: Grade) -> str:
    assert grade.rating is not None
    hints = "a hint" if grade.hints_used == 1 else "hints"
    return f"With {hints}, {question.level_name(grade.rating)} is the most I can give."


def next_step(grade: Grade, number: int = 0) -> str:
    """One of the steps up as spoken text; a second one may follow on request."""
    return f"{'One step up' if number == 0 else 'Another step up'}: {grade.hints[number].text}"


def best_points(question: Question, grade: Grade) -> list[str]:
    """Ids of the points to praise, at most two, those that the upper levels ask for first."""
    return _by_worth(question, [point.id for point in grade.points if point.met])[:MOST_PRAISED]


def _by_worth(question: Question, made: list[str]) -> list[str]:
    """Sorts points: those that only the upper levels ask for come first."""
    upper = [need for level in (Rating.STRONG, Rating.VERY_STRONG) for need in question.needs.of(level)]
    asked = Counter(point.id for need in upper for point in countable(need, question))
    return sorted(made, key=lambda name: -asked[name])


def probe(question: Question, grade: Grade) -> str | None:
    """A follow-up question on the most valuable unmet point; None if there is nothing to build on or to add."""
    if grade.rating in (None, Rating.VERY_STRONG) or not grade.hints or not any(point.met for point in grade.points):
        return None
    return grade.hints[0].nudge


def second_chance(question: Question, grade: Grade) -> str | None:
    """The question's own follow-up for an answer that made no point; None for any other answer."""
    made_none = grade.rating is Rating.VERY_WEAK and not any(point.met for point in grade.points)
    return question.probes[0] if made_none else None


def explained(question: Question, grade: Grade) -> str:
    """Why the rating is what it is: which points were found, and what the next level needs."""
    if grade.rating is None:
        return f"There is no rating. {grade.ungraded_reason}"
    rating = question.level_name(grade.rating)
    met = [point.id for point in grade.points if point.met]
    parts = [
        f"You talked about {listed(_most_telling(question, met))}. That makes it {rating}."
        if met
        else f"I didn't hear any of the points that I was listening for, so I called it {rating}."
    ]
    parts += [item.spoken for item in corrections(question, grade)]
    if grade.capped_by == "hints":
        parts.append(_capped(question, grade))
    return " ".join([*parts, missed(question, grade)]).strip()


def _most_telling(question: Question, made: list[str]) -> list[str]:
    """Titles of the points made, the most valuable of them if there are many."""
    names = _by_worth(question, made)
    titles = [title(question.point(name)) for name in names]
    return titles if len(titles) <= MOST_EXPLAINED + 1 else [*titles[:MOST_EXPLAINED], "more"]


def missed(question: Question, grade: Grade) -> str:
    """Titles of what the next level would have needed."""
    if grade.rating is None or not grade.hints:
        return "Nothing important is missing." if grade.rating is Rating.VERY_STRONG else ""
    wanted = [title(question.point(hint.point_id)) for hint in grade.hints]
    above = question.level_name(grade.rating.above or Rating.VERY_STRONG)
    return f"For {above}, I would also want to hear about {listed(wanted, 'or')}."


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
    """What is right."""
    spoken: str
    """What was wrong and what is right, in one sentence."""


def corrections(question: Question, grade: Grade) -> list[Correction]:
    """What was wrong: misconceptions first, then contradicted points, the most confident first."""
    known = {item.id: item for item in question.misconceptions}
    stated = [
        Correction(item.quote, known[item.target].truth, correction(question, known[item.target]))
        for item in grade.misconceptions
        if item.target in known
    ]
    opposite = sorted(grade.contradicted, key=lambda item: -item.confidence)
    return [*stated, *(_opposed(question.point(item.target), item) for item in opposite)]


def _opposed(point: Point, evidence: Evidence) -> Correction:
    text = f"On {title(point)} you said the opposite. A better answer: {point.exemplars[0]}"
    return Correction(evidence.quote, text, text)


def meaning(point: Point) -> str:
    """Says what a point is about. A rubric describes what an answer does; this sentence says what there is to know."""
    told, about = _TELLS.sub("", point.says), _IS_ABOUT.sub("", point.says)
    if told != point.says:
        return f"In short, {told}"
    if about == point.says:
        return f"In short, one {_small(point.says)}"
    lead = "the idea is" if about.startswith("to ") else "it's about"
    return f"In short, {lead} {about}"


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def correction(question: Question, wrong: Misconception) -> str:
    """What was wrong and what is right, in one sentence."""
    right = in_sentence(question, re.split(r"(?<=[.!?])\s+", wrong.truth)[0])
    said = understood(wrong)
    link = "; in fact," if re.search(r"\bbut\b", f"{said} {right}") else ", but"
    return f"{said}{link} {right}"
