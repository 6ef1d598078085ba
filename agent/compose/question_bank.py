"""The questions and company profiles: those that come with the program, or the user's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from agent.adapters.company_file import load_company
from agent.adapters.rubric_file import load_questions
from agent.compose.settings import Settings
from agent.logic.spelling import did_you_mean
from agent.values.company import ANY, Company
from agent.values.errors import InputError
from agent.values.rubric import Question

_PACKAGE = Path(__file__).parent.parent


def shipped(folder: str, marker: str) -> Path:
    """A folder that comes with the program: next to the package in a checkout, otherwise inside it.

    `marker` is a file in it, so that an unrelated folder of the same name is not used.
    """
    beside = _PACKAGE.parent / folder
    return beside if (beside / marker).exists() else _PACKAGE / folder


def own_rubrics() -> Path:
    """The folder of questions that comes with the program."""
    return shipped("rubrics", "recsys-1-reduce-features.yaml")


def own_companies() -> Path:
    """The folder of company profiles that comes with the program."""
    return own_rubrics() / "companies"


def questions(settings: Settings) -> dict[str, Question]:
    """Every question by id. Raises RubricError."""
    return load_questions([settings.rubrics or own_rubrics()])


def question(known: Mapping[str, Question], question_id: str) -> Question:
    """One question. Raises InputError with similar ids if there is none."""
    if question_id not in known:
        near = did_you_mean(question_id, known)
        raise InputError(f"no question '{question_id}'{f'; {near}' if near else ''}", None if near else "question")
    return known[question_id]


def asked(known: Mapping[str, Question], ids: Sequence[str]) -> list[Question]:
    """The questions of an interview in order. Raises InputError for an unknown question, or one that is given twice."""
    twice = next((name for number, name in enumerate(ids) if name in ids[:number]), None)
    if twice is not None:
        raise InputError(f"the question '{twice}' is given twice; an interview asks each once")
    return [question(known, name) for name in ids]


def company(settings: Settings) -> Company:
    """The company whose interview to practice. Raises InputError or RubricError."""
    return named_company(settings.company)


def named_company(name: str | None) -> Company:
    """Returns the company with that name or file; for None, a company without preferences.

    Raises InputError or RubricError.
    """
    return load_company(name, own_companies()) if name else ANY
