"""What points are called on screen and in speech."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.values.rubric import Misconception, Point, Question, in_words

_CLAIMS = "Claims that "
_THIRD_PERSON = re.compile(r"(?<=x)es$|(?<=ss)es$|(?<=[cs]h)es$|s$")


def title(point: Point) -> str:
    """A point's short name, never its id."""
    return point.title or point.says.rstrip(".")


def claimed(wrong: Misconception) -> str:
    """The wrong statement itself, as it follows "that"; never its id."""
    return wrong.says.removeprefix(_CLAIMS).rstrip(".")


def understood(wrong: Misconception) -> str:
    """What the candidate seems to have said, as a clause that begins a sentence; never the misconception's id."""
    if wrong.says.startswith(_CLAIMS):
        return f"I understood you to say that {claimed(wrong)}"
    verb, _, rest = re.split(r", (?:claiming|saying)\b", claimed(wrong))[0].partition(" ")
    return f"It sounded as if you {re.sub(_THIRD_PERSON, '', verb.lower())} {rest}"


def in_sentence(question: Question, text: str) -> str:
    """Returns a sentence as it continues after a comma: with a small first letter, unless it begins with a name."""
    first = re.match(r"\w+(?:[-']\w+)*", text)
    return text if first is None or _is_name(question, first[0]) else text[0].lower() + text[1:]


def _is_name(question: Question, word: str) -> bool:
    """Names are written with a capital letter in the middle of the question's sentences too."""
    if word == "A":
        return False
    if re.match(r"I(?:'|$)", word) or re.search(r"[A-Z0-9]", word[1:]):
        return True
    if any(term.term.split()[0] == word for term in question.glossary):
        return True
    inside = re.compile(rf"(?<=[a-z0-9,] ){re.escape(word)}\b")
    says = (text for point in question.points for text in (point.says, *point.exemplars))
    wrong = (item.says for item in question.misconceptions)
    return any(inside.search(text) for text in (question.scenario, question.ask, *says, *wrong))


def title_of(question: Question | None, point_id: str) -> str:
    """Returns the title of the point with that id; the id as words if the question or the point no longer exists."""
    known = {point.id: point for point in question.points} if question is not None else {}
    return title(known[point_id]) if point_id in known else in_words(point_id)


def listed(items: Sequence[str], last_by: str = "and") -> str:
    """Joins items as in a sentence: "a and b", "a, b and c"; "a and b, and c" where one has an "and" of its own."""
    *most, last = items
    comma = "," if any(re.search(r",|\band\b|\bor\b", item) for item in items) else ""
    return f"{', '.join(most)}{comma} {last_by} {last}" if most else last
