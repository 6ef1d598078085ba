"""Builds the readers of CVs and job descriptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agent.compose.question_bank import own_rubrics
from agent.compose.settings import Settings
from agent.logic.profile.claims import profile_of
from agent.logic.profile.vocabulary import terms_of
from agent.values.profile import Profile, Source
from agent.values.rubric import Question

Reader = Callable[[str, Source, int], Profile]
"""Returns the claims in a text; the last argument is the current year."""


def reader(questions: Mapping[str, Question], *, listed: bool = True, threads: int = 0) -> Reader:
    """The reader that needs no endpoint. Raises ModelError.

    Fields without a word list, such as those of the user's own rubrics, are found by meaning; without `listed`, all
    fields are.
    """
    from agent.adapters.text_model import SentenceEncoder, ordinary
    from agent.adapters.vocabulary_file import load_vocabulary
    from agent.logic.profile.meaning import QuestionMeaning

    extra = load_vocabulary(own_rubrics() / "profiles" / "vocabulary.yaml")
    if not listed:
        extra = extra.model_copy(update={"fields": {}})
    terms = terms_of(questions.values(), extra, ordinary)
    unlisted = {question.field for question in questions.values()} - extra.fields.keys()
    near = QuestionMeaning(questions.values(), SentenceEncoder(threads), unlisted) if unlisted else None
    return lambda text, source, year: profile_of(text, source, terms, near, year)


def llm_reader(settings: Settings, questions: Mapping[str, Question]) -> Reader:
    """The reader behind the configured endpoint, to which it sends the document. Raises InputError."""
    from agent.adapters.chat_endpoint import ChatEndpoint
    from agent.adapters.llm_profile import LlmProfileReader
    from agent.compose.endpoint import model_address

    fields = {question.field for question in questions.values()}
    return LlmProfileReader(ChatEndpoint(model_address(settings)), fields, settings.llm_timeout)
