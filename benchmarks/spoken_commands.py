"""Are spoken commands understood, and is none found in an answer? Prints what was right and the confusion table.

    python -m benchmarks.spoken_commands

The lists in benchmarks/commands were written by someone who had not seen those in training/commands, and none of their
lines may be copied there (a test watches that). The files called utterances hold what people say while they
answer and after the feedback, each by somebody who had seen no other list. The first two were read while the classifier
was made; utterances-3.jsonl was tried once, when it was done.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from agent.adapters.intent_classifier import EmbeddingIntentClassifier
from agent.adapters.rubric_file import load_questions
from agent.interview.answer import AnswerPart
from agent.logic.dialogue.talk_back import TalkBack, talk_back
from agent.logic.speech.endpointing import closes
from agent.values.audio import Clip
from agent.values.dialogue import ABOUT_A_RATING, Intent, Moment
from agent.values.transcript import Transcript

ROOT = Path(__file__).parent.parent
Rows = list[dict[str, Any]]
FOLDER = ROOT / "benchmarks" / "commands"


def main() -> None:
    meaning = EmbeddingIntentClassifier()
    for list_ in ("", "-2"):
        print(f"unseen{list_}.jsonl, answers{list_}.jsonl")
        _report(meaning, _rows(f"unseen{list_}.jsonl"), _rows(f"answers{list_}.jsonl"))
    _clarifying(meaning)
    for list_ in ("", "-2", "-3"):
        print(f"utterances{list_}.jsonl")
        _talk(meaning, _rows(f"utterances{list_}.jsonl"))


def understood(meaning: EmbeddingIntentClassifier, text: str, when: str) -> str:
    """What the agent takes an utterance for, in the words of utterances.jsonl; `when` is answering or feedback."""
    part = AnswerPart(Clip.silence(), Transcript.from_text(text))
    intent = meaning.command(text, Moment(when))
    if when == "feedback":
        if intent is not None and intent not in ABOUT_A_RATING:
            return AFTERWARDS.get(intent, intent.name.lower())
        return ABOUT[talk_back(text, intent)]
    if intent is not None and intent not in ABOUT_A_RATING:
        return ANSWERING.get(intent, intent.name.lower())
    if not part.of_the_answer():
        return "done" if closes(text) else "time"
    return "clarify" if meaning.is_question(text) else "answer"


ANSWERING = {
    Intent.MORE_TIME: "time", Intent.TRY_AGAIN: "retry", Intent.NEXT: "skip"
}  # fmt: skip
"""Names of utterances.jsonl where they differ. Skip and next do the same before the feedback."""
AFTERWARDS = {Intent.TRY_AGAIN: "retry", Intent.RESUME: "next", Intent.SKIP: "next", Intent.DONE: "next"}
"""The same after it, where all of these lead on."""
ABOUT = {
    TalkBack.ADDS: "add", TalkBack.DISAGREES: "disagree", TalkBack.ASKS_WHAT_WAS_MISSED: "explain",
    TalkBack.ASKS_FOR_MEANING: "define", TalkBack.NOTHING: "(menu)",
}  # fmt: skip


def _talk(meaning: EmbeddingIntentClassifier, rows: Rows) -> None:
    """An addition and a reply to the question in the feedback are graded alike, so they count as one."""
    got = [(row["when"], meant(row), understood(meaning, row["text"], row["when"]), row["text"]) for row in rows]
    print(f"utterances understood   {_share([want == given for _, want, given, _ in got])}")
    print(f"sentences of answers misread   {_share([given != want for _, want, given, _ in got if want == 'answer'])}")
    print("   when       meant         right  taken for")
    for when, want in dict.fromkeys((when, want) for when, want, _, _ in got):
        taken = Counter(given for at, meant, given, _ in got if (at, meant) == (when, want))
        others = ", ".join(f"{name} {count}" for name, count in taken.most_common() if name != want)
        print(f"   {when:9}  {want:12}  {taken[want]:2} of {taken.total():2}  {others}".rstrip())
    for when, want, given, text in got:
        if want != given:
            print(f"      {when}: {want} taken for {given}: {text}")


def meant(row: dict[str, Any]) -> str:
    """What a row of utterances.jsonl means: a reply to the feedback's question is graded like an addition."""
    return "add" if row["meant"] == "reply" else str(row["meant"])


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
        seen.append(meaning.is_question(row["text"]) and _name(meaning, row["text"]) is None)
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
