"""Answers in other languages are left ungraded by every grader; every English text that there is counts as English."""

from __future__ import annotations

import json

import pytest

from agent.adapters.embedded_grader import EmbeddedGrader
from agent.logic.grading.grading import NOBODY, grade_answer
from agent.logic.speech.english import is_english
from agent.values.rubric import Question
from agent.values.transcript import Transcript
from tests.conftest import ROOT
from tests.fake_endpoint import llm_at, serving

GERMAN = (
    "Ich würde zuerst die Merkmale anschauen und dann mit einer Regularisierung die unwichtigen entfernen, weil das "
    "Modell sonst zu langsam ist."
)
MIXED = (
    "Für den Cold Start würde ich Content Features nehmen, also Embeddings von Text und Image, und dann "
    "Exploration mit Bandits wie Thompson Sampling, weil man in so einem Fall noch keine Clicks hat."
)
LISTED = (
    "Ich würde, wenn man mich fragt, Recall, Precision, NDCG, MRR, danach die Retention, die Latenz, die Kosten messen."
)
FOREIGN = {
    "German": GERMAN,
    "German, one sentence": "Ich würde das Modell jede Woche neu trainieren und die Drift überwachen.",
    "German, with terms": MIXED,
    "German, with commas": LISTED,
    "German, as some recognizers write": GERMAN.lower().replace(",", "").replace(".", ""),
    "half English": f"I would look at the features first. {GERMAN}",
    "French": "Je regarderais d'abord les données et ensuite je réduirais le nombre de variables avec une pénalité.",
    "Spanish": "Primero miraría los datos y después quitaría las variables que no son importantes para el modelo.",
    "Italian": "Prima guarderei i dati e poi toglierei le variabili che non sono importanti per il modello.",
    "Portuguese": "Primeiro eu olharia os dados e depois tiraria as variáveis que não são importantes para o modelo.",
    "Dutch": "Ik zou eerst naar de data kijken en dan de features weghalen die niet belangrijk zijn voor het model.",
    "Chinese": "我会先看数据 然后用正则化减少特征 因为模型太大会过拟合",
    "Russian": "Я бы сначала посмотрел на данные, потом убрал бы лишние признаки.",
}


@pytest.mark.parametrize("said", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("times", [1, 60], ids=["once", "a flood"])
def test_no_grader_is_asked_about_an_answer_in_another_language(
    said: str, times: int, questions: dict[str, Question]
) -> None:
    question, answer = questions["recsys-reduce-features"], Transcript.from_text(" ".join([said] * times))
    with serving([]) as endpoint:
        grades = [grade_answer(question, answer, grader) for grader in (EmbeddedGrader(), llm_at(endpoint.url))]
    assert endpoint.asked == []
    for graded in grades:
        assert (graded.rating, graded.grader, graded.confidence) == (None, NOBODY, 0.0)
        assert "English" in (graded.ungraded_reason or "")


ENGLISH = [
    "",
    "Mhm.",
    "PCA, lasso, autoencoders, mutual information, random forest importance, hashing, embeddings, variance threshold.",
    "SMOTE, undersampling, XGBoost, isolation forest, autoencoder, graph, Kafka, feature store, SHAP, drift, champion.",
    "Thompson sampling, Kullback Leibler, Benjamini Hochberg, de facto, à la carte, per se, El Niño, La Niña.",
    "The dot product is θ transposed x, so λ and μ scale it.",
    "Die size matters on the chip, and the man in the middle was at the door with ten men over the hat.",
]


@pytest.mark.parametrize("said", ENGLISH)
def test_lists_names_and_few_words_are_english(said: str) -> None:
    assert is_english(said)


def test_every_answer_that_there_is_is_english(questions: dict[str, Question]) -> None:
    """A thousand answers of many styles, and the reference answers of every question."""
    said = [
        json.loads(line).get("answer", "")
        for file in (ROOT / "benchmarks" / "judged").glob("*.jsonl")
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    said += [text for question in questions.values() for text in question.answers.model_dump().values() if text]
    assert len(said) > 500
    assert [text for text in said if not is_english(text)] == []
