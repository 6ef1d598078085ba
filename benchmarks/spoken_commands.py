"""Are spoken commands understood, and is none found in an answer? Prints what was right and the confusion table.

    python -m benchmarks.spoken_commands

The lists in benchmarks/commands were written by someone who had not seen those in training/commands, and none of their
lines may be copied there (a test watches that).
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from agent.adapters.intent_classifier import EmbeddingIntentClassifier
from agent.adapters.rubric_file import load_questions
from agent.logic.dialogue.clarifications import asks

ROOT = Path(__file__).parent.parent
Rows = list[dict[str, Any]]
FOLDER = ROOT / "benchmarks" / "commands"


def main() -> None:
    meaning = EmbeddingIntentClassifier()
    for list_ in ("", "-2"):
        print(f"unseen{list_}.jsonl, answers{list_}.jsonl")
        _report(meaning, _rows(f"unseen{list_}.jsonl"), _rows(f"answers{list_}.jsonl"))
    _clarifying(meaning)


def _report(meaning: EmbeddingIntentClassifier, rows: Rows, sentences: Rows) -> None:
    got = [(row["intent"], _name(meaning, row["text"]), row["text"]) for row in rows]
    print(f"commands understood   {_share([want == heard for want, heard, _ in got])}")
    confused = Counter((want, given or "(none)") for want, given, _ in got if want != given)
    for (want, taken), count in confused.most_common():
        texts = " | ".join(text for meant, given, text in got if (meant, given or "(none)") == (want, taken))
        print(f"   {count}  {want} taken for {taken}: {texts}")
    answers = [(_name(meaning, row["text"]), row["text"]) for row in sentences]
    print(f"answers taken for a command   {_share([heard is not None for heard, _ in answers])}")
    for heard, text in answers:
        if heard is not None:
            print(f"   {heard}: {text}")


def _clarifying(meaning: EmbeddingIntentClassifier) -> None:
    questions = load_questions([ROOT / "rubrics"])
    seen, right, honest = list[bool](), list[bool](), list[bool]()
    for row in _rows("clarifying.jsonl"):
        question = questions[row["question_id"]]
        found = meaning.asks(question, row["text"])
        index = None if found is None else question.clarifications.index(found)
        seen.append(asks(row["text"]) and _name(meaning, row["text"]) is None)
        (honest if row["fact"] is None else right).append(index == row["fact"])
    print(f"questions to the interviewer seen as such   {_share(seen)}")
    print(f"known facts found   {_share(right)};  unknown ones told so   {_share(honest)}")


def _rows(name: str) -> Rows:
    return [json.loads(line) for line in (FOLDER / name).read_text("utf-8").splitlines()]


def _name(meaning: EmbeddingIntentClassifier, text: str) -> str | None:
    intent = meaning.command(text)
    return None if intent is None else intent.name.lower()


def _share(right: list[bool]) -> str:
    return "none" if not right else f"{sum(right)} of {len(right)} ({sum(right) / len(right):.1%})"


if __name__ == "__main__":
    main()
