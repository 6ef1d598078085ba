"""Rubric texts and feedback are turned into words that a voice can say."""

import re
from pathlib import Path

import pytest
import yaml

from agent.logic.speech.speakable import sentences, speakable
from agent.values.rubric import Term

RUBRICS = sorted((Path(__file__).parent.parent / "rubrics").glob("*.yaml"))


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("10,000 features", "ten thousand features"),
        ("10 ,000 features", "ten thousand features"),
        ("10 000 features", "ten thousand features"),
        ("$20 ,000.", "twenty thousand dollars."),
        ("a loss of 1 ,5, then 3 .5", "a loss of one point five, then three point five"),
        ("1,5 % of them", "one point five percent of them"),
        ("layers 1,2,3 and 4, 5", "layers one, two, three and four, five"),
        ("10523 rows", "ten thousand five hundred and twenty three rows"),
        ("a loss of 0.85", "a loss of zero point eight five"),
        ("95% of them", "ninety five percent of them"),
        ("10k users, 5M items", "ten thousand users, five million items"),
        ("in 2019 we had 2000 items", "in twenty nineteen we had two thousand items"),
        ("the 1st of 3-5 runs took 32 ms", "the first of three to five runs took thirty two milliseconds"),
        ("2x faster with 16-bit weights", "two times faster with sixteen bit weights"),
        ("the AUC of CNNs", "the A U C of C N N's"),
        ("L1, F1, H100, GPT-4", "L one, F one, H one hundred, G P T four"),
        ("XGBoost or k-means in SQL", "X G boost or k means in S Q L"),
        ("LASSO, BERT, ADAM, SHAP, LIME and NASA", "lasso, bert, adam, shap, lime and nasa"),
        ("TF-IDF and ROC-AUC", "T F I D F and R O C A U C"),
        ("this is NOT it", "this is not it"),
        ("L1/L2 -> sparse & small", "L one or L two to sparse and small"),
        ("p < 0.05, k = 3, n >= 2", "p less than zero point zero five, k equals three, n greater than or equal to two"),
        ("recall@10, R^2", "recall at ten, R squared"),
        ("very_strong", "very strong"),
        ("**Bold**, `code`, *it* and [a link](http://x.y)", "Bold, code, it and a link"),
        ("- a\n- b", "First, a. Second, b."),
        ("Try:\n\n1. PCA.\n2. SHAP", "Try: First, P C A. Second, shap."),
        ("# Result\nGood", "Result. Good"),
        ("gains (e.g. speed) matter", "gains, for example speed, matter"),
        ("", ""),
    ],
)
def test_is_written_as_said(written: str, spoken: str) -> None:
    assert speakable(written).rstrip(".") == spoken.rstrip(".")


def test_glossary_wins_over_built_in_forms() -> None:
    glossary = (Term(term="SQL", spoken="sequel"), Term(term="one-hot", spoken="one hot"), Term(term="lasso"))
    assert speakable("SQL, One-hot and NoSQL", glossary).startswith("sequel, one hot and ")


def _texts(node: object) -> list[str]:
    if isinstance(node, dict):
        return [text for value in node.values() for text in _texts(value)]
    if isinstance(node, list):
        return [text for value in node for text in _texts(value)]
    return [node] if isinstance(node, str) else []


@pytest.mark.slow
@pytest.mark.parametrize("path", RUBRICS, ids=lambda path: path.stem)
def test_every_text_of_the_rubrics_becomes_words(path: Path) -> None:
    for text in _texts(yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)):
        spoken = speakable(text)
        assert re.fullmatch(r"[^\W\d_]?[^\d_*`#<>=%&/@^|]*", spoken), spoken
        assert speakable(spoken) == spoken


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello there. Why 3.5? Good!", ["Hello there.", "Why 3.5?", "Good!"]),
        ("We use e.g. PCA here. Then J. Smith left.", ["We use e.g. PCA here.", "Then J. Smith left."]),
        ("One line\nanother", ["One line", "another"]),
        ('He said "Yes." Then no.', ['He said "Yes."', "Then no."]),
        (" ... ", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected
