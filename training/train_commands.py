"""Fits the regression that knows spoken commands from answers; writes agent/weights/commands.npz and prints its sha256.

    python -m training.train_commands

Reads training/commands (both kinds), and as more of what is no command the short exemplars, clarifying questions and
hints' answers of every rubric. Nothing of benchmarks/commands is read.
"""

from __future__ import annotations

import hashlib
import json
import random

import numpy as np
from sklearn.linear_model import LogisticRegression

from agent.adapters.rubric_file import load_questions
from agent.adapters.text_model import WEIGHTS, SentenceEncoder
from agent.logic.dialogue.commands import LONGEST, core, features
from agent.values.dialogue import Intent
from training.pairs import CHATTER, ROOT

BEFORE = ("Hmm, that's a hard one.", "Okay, wow.", "Let me think.", "I'm not sure.", "Oh no.", "Good question.")
"""What people say before a command, and just as well before an answer."""
EXEMPLARS = 1200
SEED = 0


def lines() -> list[tuple[str, str | None, float]]:
    """(text, name of the command or None, weight) of every line to learn from."""
    draw = random.Random(SEED)
    rows = [
        json.loads(line)
        for file in sorted((ROOT / "training" / "commands").glob("*.jsonl"))
        for line in file.read_text("utf-8").splitlines()
    ]
    made = [(row["text"], row["intent"], 1.0 if row["intent"] else 1.5) for row in rows]
    made += [(f"{draw.choice(BEFORE)} {text}", intent, 0.3) for text, intent, _ in draw.sample(made, len(made) // 2)]
    questions = load_questions([ROOT / "rubrics"]).values()
    spoken = [text for question in questions for point in question.points for text in point.exemplars]
    asked = [text for question in questions for item in question.clarifications for text in item.asks]
    short = [text for text in spoken if len(text.split()) <= LONGEST]
    plain = [*draw.sample(short, EXEMPLARS), *draw.sample(asked, EXEMPLARS // 3), *CHATTER]
    return made + [(text, None, 0.4) for text in plain]


def main() -> None:
    """Fits and writes."""
    learned, encoder = lines(), SentenceEncoder()
    cores = [core(text) for text, _, _ in learned]
    rows = np.stack([features(text, vector) for text, vector in zip(cores, encoder.embed(cores), strict=True)])
    labels = [intent or "" for _, intent, _ in learned]
    model = LogisticRegression(C=10.0, max_iter=500).fit(rows, labels, sample_weight=[w for _, _, w in learned])
    names = [Intent[name.upper()].value if name else "" for name in model.classes_]
    file = WEIGHTS / "commands.npz"
    weights = model.coef_.T.astype(np.float16)
    np.savez_compressed(file, weights=weights, bias=model.intercept_.astype(np.float32), classes=np.array(names))
    print(len(learned), "lines; sha256", hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
