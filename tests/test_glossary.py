"""Misheard terms are corrected where that is safe, and nowhere else; what leaked from the prompt is taken out."""

from __future__ import annotations

import pytest

from agent.adapters.text_model import ordinary
from agent.logic.speech.glossary import repair, repairs
from agent.logic.speech.hotwords import doubtful, leaks_prompt, reconcile, stopped_early
from agent.values.rubric import Term
from agent.values.transcript import Repair, Word

GLOSSARY = (
    Term(term="lasso", misheard=("lassel", "last so")),
    *(
        Term(term=name)
        for name in ("L1", "AUC", "ICA", "regularization", "autoencoder", "embedding", "gradient", "logits")
    ),
)


@pytest.mark.parametrize(
    ("transcribed", "corrected"),
    [
        ("I would use Lassel here.", "I would use lasso here."),
        ("A you see is the metric", "AUC is the metric"),
        ("the A.U.C. of it", "the AUC. of it"),
        ("add an el one penalty", "add an L1 penalty"),
        ("some remularisation helps", "some regularization helps"),
        ("train an auto encoder", "train an autoencoder"),
        ("the gredients explode", "the gradients explode"),
    ],
)
def test_misheard_terms_are_corrected(transcribed: str, corrected: str) -> None:
    assert repair(transcribed, GLOSSARY, ordinary) == corrected


@pytest.mark.parametrize(
    "said",
    [
        "I see a lot of noise and you see a difference.",
        "a regularised model, regularizing it, with embeddings",
        "the ingredients and the radiant grade",
        "at last, so we stop",
        "there are you, see it, and one more",
        "popularization and vectorization of encoders",
        "I don't know how long it's based on that",
    ],
)
def test_ordinary_speech_is_left_alone(said: str) -> None:
    assert repair(said, GLOSSARY, ordinary) == said


def test_a_term_that_stands_there_takes_in_no_word_before_it() -> None:
    terms = tuple(Term(term=name) for name in ("nearline", "newsvendor", "neuron", "unlearning", "naive Bayes"))
    for said in (
        "We have no nearline store",
        "There is no newsvendor logic",
        "so no neuron fires, and we need naive Bayes",
        "We use unlearning here",
    ):
        assert repair(said, terms, ordinary) == said
        assert repairs(said, terms, ordinary) == ()


def test_nothing_is_guessed_without_knowing_ordinary_words() -> None:
    assert repair("some remularisation helps", GLOSSARY) == "some remularisation helps"


def test_repairs_tell_what_was_written_first_and_not_mere_spelling() -> None:
    found = repairs("Lassel and an auto encoder, an A U C, then A you see", GLOSSARY, ordinary)
    assert found == (Repair(heard="Lassel", term="lasso"), Repair(heard="A you see", term="AUC"))


def words(text: str, **chances: float) -> list[Word]:
    return [
        Word(text=piece, start_s=0.0, end_s=0.0, probability=chances.get(piece.strip(".,").lower(), 0.9))
        for piece in text.split()
    ]


def timed(text: str, **chances: float) -> list[Word]:
    return [
        word.model_copy(update={"start_s": float(at), "end_s": at + 0.9})
        for at, word in enumerate(words(text, **chances))
    ]


def test_a_doubtful_term_gives_way_to_what_is_heard_without_the_glossary() -> None:
    said = timed("above AUC they ignored", auc=0.1)
    plain = timed("above one they ignored")
    assert doubtful(said, ["AUC"])
    assert [word.text for word in reconcile(said, plain, ["AUC"])] == ["above", "one", "they", "ignored"]


def test_a_doubtful_term_stays_where_something_like_it_is_transcribed_without_the_glossary() -> None:
    said = timed("use lasso here", lasso=0.1)
    assert reconcile(said, timed("use lassoo here"), ["lasso"]) == said
    assert reconcile(said, timed("use the here"), ["lasso"]) == timed("use the here")


def test_what_was_transcribed_for_one_term_does_not_stand_for_the_next() -> None:
    said = timed("fuzzy deduplication with MinHash because", minhash=0.05)
    plain = timed("fuzzy in the duplication with mimpash because")
    corrected = [word.text for word in reconcile(said, plain, ["deduplication", "MinHash"])]
    assert corrected == "fuzzy deduplication with MinHash because".split()
    drowned = [
        word.text for word in reconcile(said, timed("fuzzy the duplication because"), ["deduplication", "MinHash"])
    ]
    assert drowned == "fuzzy deduplication with because".split()


def test_times_run_forward_where_two_transcriptions_meet() -> None:
    said = timed("put the DCF on this", dcf=0.1)
    late = [word.model_copy(update={"start_s": word.start_s + 1.3, "end_s": word.end_s + 1.3}) for word in said]
    corrected = reconcile(said, [*late[:2], *words("DSF"), *late[3:]], ["DCF"])
    starts = [word.start_s for word in corrected]
    assert starts == sorted(starts)
    mixed = reconcile(said, [*late[:2], late[2].model_copy(update={"text": "easel"}), *late[3:]], ["DCF"])
    assert [(word.text, word.start_s) for word in mixed[1:4]] == [("the", 1.0), ("easel", 3.3), ("on", 3.3)]
    assert all(word.start_s <= word.end_s for word in mixed)


def test_a_term_that_was_plainly_spoken_needs_no_second_transcription_and_other_words_never_do() -> None:
    said = words("the lasso and learning rate mumble", lasso=0.8, learning=0.5, rate=0.5, mumble=0.01)
    assert not doubtful(said, ["lasso", "learning rate"])


def test_a_short_term_is_never_believed_alone() -> None:
    said, plain = timed("there are frameworks for RAG you know"), timed("there are frameworks for it you know")
    assert doubtful(said, ["RAG"])
    assert reconcile(said, plain, ["RAG"]) == plain
    assert reconcile(said, timed("there are frameworks for rack you know"), ["RAG"]) == said


def test_a_prompt_that_is_read_back_is_noticed() -> None:
    terms = ["AUC", "dropout", "learning rate"]
    assert leaks_prompt(words("so I would AUC, dropout, learning rate, AUC"), terms)
    assert leaks_prompt(words("at k, dropout, AUC at k, dropout"), terms)
    assert not leaks_prompt(words("I would tune the dropout first, and after that I look at the learning rate"), terms)


def test_decoding_that_stops_early_is_noticed() -> None:
    said = [Word(text="so", start_s=0.5, end_s=0.8), Word(text="yes", start_s=0.9, end_s=1.3)]
    assert not stopped_early(said, [(0.4, 1.6)])
    assert not stopped_early(said, [(0.4, 1.6), (4.0, 4.8)])
    assert stopped_early(said, [(0.4, 4.0)])
    assert stopped_early([], [(0.0, 2.0)])
    late = [Word(text="late", start_s=5.0, end_s=5.4)]
    assert stopped_early(late, [(0.5, 2.5), (4.9, 5.5)])
