"""Fits the regressions, one for each moment, that know spoken commands from answers: agent/weights/commands.npz.

    python -m training.train_commands

Prints the file's sha256. Reads training/commands, and as more of what is no command training/blind_answers and the
short exemplars and clarifying questions of every rubric. Nothing of benchmarks/commands is read.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression

from agent.adapters.rubric_file import load_questions
from agent.adapters.text_model import WEIGHTS, SentenceEncoder
from agent.logic.dialogue.clarifications import asks
from agent.logic.dialogue.commands import LONGEST, core, features
from agent.values.dialogue import ABOUT_A_RATING, Intent, Moment
from agent.values.rubric import Question
from training.drafts import CHATTER
from training.pairs import ROOT, read_answers

BEFORE = ("Hmm, that's a hard one.", "Okay, wow.", "Let me think.", "I'm not sure.", "Oh no.", "Good question.")
"""What people say before a command, and just as well before an answer."""
EXEMPLARS = 1200
UNMARKED = 0.4
"""Share of questions to learn from without their question mark."""
SAID = 4000
"""Segments of answers written blind: people say much in an answer that sounds like a request."""
SEED = 0


MEANT = {"time": Intent.MORE_TIME, "retry": Intent.TRY_AGAIN, "define": Intent.MEANING}
"""Names of what is meant that are not those of an intent; what is no command has neither."""


class Line(NamedTuple):
    """What somebody may say at a moment."""

    text: str
    intent: Intent | None
    weight: float = 1.0


def lines(moment: Moment) -> list[Line]:
    """Every line to learn from that can be said at the moment."""
    draw = random.Random(SEED)
    made = [line for row in _rows() if (line := _line(row, moment)) is not None]
    some = draw.sample(made, len(made) // 2)
    made += [Line(f"{draw.choice(BEFORE)} {text}", intent, 0.3) for text, intent, _ in some]
    plain = [*_of_answers(draw), *draw.sample(_asked(), EXEMPLARS // 3), *CHATTER]
    return made + [Line(text, None, 0.4) for text in plain]


def _of_answers(draw: random.Random) -> list[str]:
    """What people say in answers: segments of some, and exemplars of points."""
    spoken = [text for question in _questions() for point in question.points for text in point.exemplars]
    answered = [part.text for answer in read_answers(ROOT / "training" / "blind_answers") for part in answer.segments]
    short, said = ([text for text in texts if len(text.split()) <= LONGEST] for texts in (spoken, answered))
    return [*draw.sample(short, EXEMPLARS), *draw.sample(said, SAID)]


def _asked() -> list[str]:
    """Questions to the interviewer that the rubrics have a fact for."""
    return [text for question in _questions() for item in question.clarifications for text in item.asks]


@cache
def _questions() -> list[Question]:
    return list(load_questions([ROOT / "rubrics"]).values())


def _rows() -> Iterator[dict[str, Any]]:
    for file in sorted((ROOT / "training" / "commands").glob("*.jsonl")):
        yield from map(json.loads, file.read_text("utf-8").splitlines())


def _line(row: dict[str, Any], moment: Moment) -> Line | None:
    """None for what is said at the other moment only; lists without a moment are for both."""
    if row.get("when", moment) != moment:
        return None
    meant = row["intent"] if "intent" in row else row["meant"]
    intent = MEANT.get(meant) or Intent.__members__.get((meant or "").upper())
    if moment is Moment.ANSWERING and intent in ABOUT_A_RATING:
        intent = None
    return Line(row["text"], intent, 1.0 if intent else 1.5)


def _read(texts: Sequence[str], encoder: SentenceEncoder) -> np.ndarray:
    """Features of each text, one row each."""
    cores = [core(text) for text in texts]
    return np.stack([features(text, vector) for text, vector in zip(cores, encoder.embed(cores), strict=True)])


def fit(moment: Moment, encoder: SentenceEncoder) -> dict[str, Any]:
    """The arrays of the model for a moment, by their names in the file."""
    learned = lines(moment)
    rows = _read([line.text for line in learned], encoder)
    labels = [intent.value if intent else "" for _, intent, _ in learned]
    model = LogisticRegression(C=10.0, max_iter=500).fit(rows, labels, sample_weight=[line.weight for line in learned])
    print(moment.value, len(learned), "lines")
    return {
        f"{moment}_weights": model.coef_.T.astype(np.float16),
        f"{moment}_bias": model.intercept_.astype(np.float32),
        f"{moment}_classes": np.array(model.classes_),
    }


def fit_questions(encoder: SentenceEncoder) -> dict[str, Any]:
    """The arrays of the model that tells a question to the interviewer from a part of the answer."""
    draw = random.Random(SEED)
    rows = list(_rows())
    asked = [*_asked(), *(row["text"] for row in rows if row.get("meant") == "clarify")]
    asked = [text.rstrip("?") if draw.random() < UNMARKED else text for text in asked]
    plain = [row["text"] for row in rows if row.get("intent", "") is None and not asks(row["text"])]
    # A question within an answer, which the candidate goes on to answer, has its form and is none.
    plain += [*_of_answers(draw), *(row["text"] for row in rows if row.get("meant") == "answer")]
    labels = [1] * len(asked) + [0] * len(plain)
    model = LogisticRegression(C=10.0, max_iter=500).fit(_read([*asked, *plain], encoder), labels)
    print(len(asked), "questions of", len(labels), "lines")
    return {"question_weights": model.coef_[0].astype(np.float16), "question_bias": model.intercept_[0]}


def main() -> None:
    """Fits and writes."""
    encoder, file = SentenceEncoder(), WEIGHTS / "commands.npz"
    arrays = {name: array for moment in Moment for name, array in fit(moment, encoder).items()} | fit_questions(encoder)
    np.savez_compressed(file, **arrays)
    print("sha256", hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
