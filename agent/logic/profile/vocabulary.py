"""Which words stand for which field and skill: those of the questions, and those that are listed beside them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from pydantic import Field

from agent.values.base import Value
from agent.values.rubric import Question, Text, in_words

_EXACT_LETTERS = 5
"""Names of up to this many letters must match in case, too: "Go" is a language, "go" a verb."""
Ordinary = Callable[[str], bool]
"""Whether a lower-case word is an everyday word, which alone names no skill."""


class Vocabulary(Value):
    """Words for fields and skills, beside those that the questions bring."""

    fields: dict[Text, tuple[Text, ...]] = Field(default_factory=dict)
    """Words that CVs and job descriptions use for each field; `*` at the end stands for any ending."""
    skills: dict[Text, tuple[Text, ...]] = Field(default_factory=dict)
    """Other spellings of each skill or tool."""
    listed: tuple[Text, ...] = ()
    """Skills whose names are so short that they count only in a list: R, Go, C."""


class Terms(Value):
    """A vocabulary made ready for searching."""

    fields: dict[str, re.Pattern[str]]
    """The words of each field."""
    hints: dict[str, re.Pattern[str]]
    """Weaker words of each field: tags that only its questions have."""
    skills: dict[str, re.Pattern[str]]


def terms_of(questions: Iterable[Question], extra: Vocabulary, ordinary: Ordinary) -> Terms:
    """Returns what to search for, without fields that no question has, since nothing could be asked about them."""
    known = list(questions)
    fields = sorted({question.field for question in known})
    tags = Counter(tag for field in fields for tag in {t for q in known if q.field == field for t in q.tags})
    hints = {
        field: sorted({in_words(t) for q in known if q.field == field for t in q.tags if tags[t] == 1 and "-" in t})
        for field in fields
    }
    by_field = {field: _pattern([field, *extra.fields.get(field, ())]) for field in fields}
    return Terms(
        fields=by_field,
        hints={field: _pattern(words) for field, words in hints.items() if words},
        skills=_skills(known, extra, list(by_field.values()), ordinary),
    )


def _skills(
    questions: Sequence[Question], extra: Vocabulary, fields: Sequence[re.Pattern[str]], ordinary: Ordinary
) -> dict[str, re.Pattern[str]]:
    """Returns the listed skills, and those terms of the questions that are not everyday words and not words for a
    field.
    """
    patterns = {
        name: _pattern((name, *others)) for name, others in extra.skills.items() if name not in extra.listed
    } | {name: _in_a_list(extra.skills.get(name, ()), name) for name in extra.listed}
    for name in dict.fromkeys(term.term for question in questions for term in question.glossary):
        known = (*patterns.values(), *fields)
        taken = any(pattern.fullmatch(form) for pattern in known for form in (name, f"{name}s"))
        if not taken and _tells(name, ordinary):
            patterns[name] = _pattern((name,))
    return patterns


def _tells(name: str, ordinary: Ordinary) -> bool:
    """Whether a question's term names what a CV would list: "XGBoost", "feature store", not "token" or "p99"."""
    if " " in name:
        return not all(ordinary(word) for word in name.casefold().split()) or len(name.split()) == 2
    return re.fullmatch(r"[a-z]\d+", name) is None and any(letter.isupper() or letter.isdigit() for letter in name)


def _pattern(forms: Iterable[str]) -> re.Pattern[str]:
    """Matches any of the forms as whole words, which spaces, hyphens or line ends may separate."""
    return re.compile(rf"(?<![\w+#])(?:{'|'.join(_form(form) for form in forms)})(?![\w+#])")


def _form(form: str) -> str:
    stem, any_ending = form.removesuffix("*"), form.endswith("*")
    words = [re.escape(word) for word in re.split(r"[\s-]+", stem)]
    body = r"(?:\s+|\s*[-\u2013/]\s*)".join(words) + (r"\w*" if any_ending else "(?:s|es)?")
    short = len(stem) <= _EXACT_LETTERS and stem != stem.lower()
    return body if short else f"(?i:{body})"


def _in_a_list(others: Sequence[str], name: str) -> re.Pattern[str]:
    """Matches the name as one item of a list, or its longer spellings anywhere."""
    item = re.escape(name)
    in_list = rf"(?:[,·|/(:;]|\b(?:and|or|in)\b)\s*{item}(?=[ \t]*(?:[,·|/);.]|$|(?:and|or)\b))"
    at_start = rf"^[ \t*-]*{item}(?=[ \t]*(?:[,·|/;]|$|(?:and|or)\b)|[ \t]{{2,}})"
    before_name = rf"(?<![\w+#.&]){item}(?=(?:,|\s+(?:and|or))\s+[A-Z])"
    longer = "".join(f"|(?<!\\w){_form(form)}(?!\\w)" for form in others)
    return re.compile(f"{in_list}|{at_start}|{before_name}{longer}", re.MULTILINE)
