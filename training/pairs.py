"""Training examples for the point model: does this passage of speech make this point?

Positives are exemplars and tagged sentences of written answers; negatives are counters, the exemplars of other points,
sentences tagged with other points, bare lists of names, the question read back. Each is roughened the way a recognizer
and a nervous speaker would: fillers, no punctuation, misheard terms, a neighboring sentence.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from agent.adapters.rubric_file import load_questions
from agent.adapters.text_model import SentenceEncoder
from agent.logic.grading.point_features import Target, described, nearest, targets, term_share
from agent.logic.grading.sentences import transcript_sentences
from agent.values.rubric import Point, Question, Rating
from agent.values.transcript import Transcript
from training import point_sentences
from training.drafts import CHATTER, Draft, beside
from training.point_sentences import PointSentences

ROOT = Path(__file__).parent.parent
QUESTIONS = (ROOT / "rubrics", ROOT / "training" / "questions")
"""Those that the program asks, and more that only teach the point model what making a point sounds like elsewhere."""
OPENERS = (
    "um",
    "so",
    "yeah",
    "okay so",
    "well",
    "I think",
    "I guess",
    "right so",
    "and then",
    "also",
    "let me think",
    "basically",
    "you know",
    "another thing is",
    "so first of all",
    "uh",
    "maybe",
    "what I would do is",
    "and",
    "the other thing",
    "hmm",
)

SENSIBLE = "sensible"
"""The id under which the model learns whether a sentence contributes at all; no grader asks for it."""
HARD = 2
"""Targets that a sentence does not make, though it is nearest to them: always used, for they are mistaken most."""
CONTRADICTED = -1
"""Label of a segment that says the opposite of a point."""
OF_CONTRADICTED = 2.0
"""Weight of such a segment: it is nearest to the point in words, the negative that teaches most."""


def sensible(question: Question) -> str:
    """What the model reads to tell whether a sentence is a sensible contribution to a question."""
    return f"A sensible idea for this question: {question.ask}"


class Pair(NamedTuple):
    """One training example."""

    question_id: str
    target: str
    described: str
    said: str
    label: int
    """1 for made, 0 for neither, CONTRADICTED for the opposite said."""
    weight: float


class Tagged(NamedTuple):
    """A segment of an answer with what it says."""

    text: str
    points: frozenset[str]
    """Ids of the points that it makes, and of the misconceptions that it states."""
    wrong: frozenset[str] = frozenset()
    """Ids of the points that it contradicts."""
    other: bool | None = None
    """Whether it holds a sensible idea that no point lists; None when nobody looked."""

    @property
    def contributes(self) -> bool | None:
        """Whether it is a sensible contribution, listed or not; None when that is not known."""
        if self.points - self.wrong:
            return True
        return False if self.wrong else self.other


class Answer(NamedTuple):
    """A written answer whose segments are tagged with the points that they make."""

    id: str
    question_id: str
    rating: str
    style: str
    segments: tuple[Tagged, ...]

    @property
    def text(self) -> str:
        """The whole answer."""
        return " ".join(segment.text for segment in self.segments)


def read_answers(folder: Path) -> list[Answer]:
    """All answers of a folder's JSON-lines files, in file order."""
    rows = [
        json.loads(line)
        for file in sorted(folder.glob("*.jsonl"))
        for line in file.read_text("utf-8").splitlines()
        if line
    ]
    return [
        Answer(
            row["id"],
            row["question_id"],
            row["rating"],
            row.get("style", "plain"),
            tuple(
                Tagged(
                    part["text"].strip(), frozenset(part["points"]), frozenset(part.get("wrong", [])), part.get("other")
                )
                for part in row["segments"]
            ),
        )
        for row in rows
    ]


class Vectors:
    """The vector of each text, found once."""

    def __init__(self, encoder: SentenceEncoder) -> None:
        self._encoder = encoder
        self._found: dict[str, np.ndarray] = {}

    def of(self, texts: Sequence[str]) -> np.ndarray:
        """One row a text."""
        new = [text for text in dict.fromkeys(texts) if text not in self._found]
        self._found.update(zip(new, self._encoder.embed(new), strict=True))
        return np.array([self._found[text] for text in texts])


class Prepared:
    """The texts of every target with their vectors."""

    def __init__(self, questions: Sequence[Question], vectors: Vectors) -> None:
        self._vectors = vectors
        self._texts: dict[tuple[str, str], list[str]] = {}
        for question in questions:
            for target in targets(question):
                self._texts[(question.id, target.id)] = list(target.exemplars)

    def describe(self, question: Question, target: Target, said: str, without: str | None = None) -> str:
        """The target with its nearest exemplar, never the very sentence that is being judged."""
        texts = [text for text in self._texts[(question.id, target.id)] if text != without]
        return described(target, nearest(self._vectors.of([said])[0], self._vectors.of(texts), texts).text)

    def likeness(self, question: Question, target: Target, said: str) -> float:
        """Cosine of a sentence to the target's nearest exemplar."""
        texts = self._texts[(question.id, target.id)]
        return nearest(self._vectors.of([said])[0], self._vectors.of(texts), texts).similarity


class Shares(NamedTuple):
    """How much of what could be made examples of is used, each 0 to 1."""

    rubric: float = 1.0
    """Of the examples made of rubric text."""
    idle: float = 0.5
    """Of the targets that a sentence of an answer does not make, beside the `HARD` nearest ones."""

    def less(self, by: float) -> Shares:
        """Both times `by`."""
        return Shares(self.rubric * by, self.idle * by)


def pairs(
    question_ids: set[str],
    answers: Sequence[Answer],
    shares: dict[str, Shares],
    seed: int = 0,
    sentences: Sequence[PointSentences] = (),
) -> list[Pair]:
    """The examples of the given questions, of each as much as its shares say; the others are held out whole."""
    questions = load_questions(QUESTIONS)
    chosen = {key: question for key, question in questions.items() if key in question_ids}
    vectors = Vectors(SentenceEncoder())
    known = Prepared(list(chosen.values()), vectors)
    draw = random.Random(seed)
    drafts: list[Draft] = []
    for question in chosen.values():
        possible = list(_from_rubric(question, list(chosen.values()), draw))
        drafts += draw.sample(possible, round(shares[question.id].rubric * len(possible)))
    for item in sentences:
        if item.question_id in chosen:
            drafts += point_sentences.drafts(chosen[item.question_id], item, draw)
    contributions: list[Pair] = []
    for answer in answers:
        if answer.question_id in chosen:
            contributions += _contributions(chosen[answer.question_id], answer, draw)
            drafts += _from_answer(chosen[answer.question_id], answer, known, draw, shares[answer.question_id].idle)
    return [_finished(draft, known, draw) for draft in drafts] + contributions


def _contributions(question: Question, answer: Answer, draw: random.Random) -> Iterator[Pair]:
    for segment in answer.segments:
        if segment.contributes is not None:
            said = _roughen(segment.text, question, draw)
            yield Pair(question.id, SENSIBLE, sensible(question), said, int(segment.contributes), 1.0)


def _finished(draft: Draft, known: Prepared, draw: random.Random) -> Pair:
    return Pair(
        draft.question.id,
        draft.target.id,
        known.describe(draft.question, draft.target, draft.said, draft.without),
        _roughen(draft.said, draft.question, draw),
        draft.label,
        draft.weight,
    )


def _from_rubric(question: Question, others: Sequence[Question], draw: random.Random) -> Iterator[Draft]:
    foreign = [text for other in others if other.id != question.id for text in _sentences(other)]
    for target in targets(question):
        mates = [mate for mate in targets(question) if mate.id != target.id]
        # An exemplar with all of the target's own terms may well make both: no label beats a wrong one.
        near = [text for mate in mates for text in mate.exemplars if term_share(target, text) < 1.0]
        idle = [*near, *target.counter, *CHATTER]

        for text in target.exemplars:
            yield Draft(question, target, text, 1, without=text)
            yield Draft(
                question, target, beside(text, draw.choice([*near, *CHATTER, *foreign[:1]]), draw), 1, without=text
            )
        # What stands beside a passage, and its length, must not tell the label: negatives are joined just as often.
        for text in target.counter:
            yield Draft(question, target, text, 0, weight=1.5)
            yield Draft(question, target, beside(text, draw.choice([*near, *CHATTER]), draw), 0)
        for text in draw.sample(near, min(14, len(near))):
            yield Draft(question, target, text, 0)
        for text in draw.sample(near, min(10, len(near))):
            yield Draft(question, target, beside(text, draw.choice(idle), draw), 0)
        for text in draw.sample(foreign, min(8, len(foreign))):
            yield Draft(
                question,
                target,
                text if draw.random() < 0.5 else beside(text, draw.choice([*foreign, *idle]), draw),
                0,
            )
        yield Draft(question, target, draw.choice([question.ask, question.rephrase, question.scenario]), 0)
        yield from _lists(question, target, draw)


def _sentences(question: Question) -> list[str]:
    """Sentences of the reference answers: long, natural speech that belongs to this question and to no other."""
    whole = " ".join(question.answers.of(level) for level in Rating)
    return [sentence.text for sentence in transcript_sentences(Transcript.from_text(whole))]


def _lists(question: Question, target: Target, draw: random.Random) -> Iterator[Draft]:
    """Names dropped one after the other make points that only ask for a name, and no mechanism."""
    names = [
        point.terms[0][0]
        for point in question.points
        if len(point.terms) == 1 and point.kind in ("method", "metric", "model")
    ]
    if len(names) >= 3 and isinstance(target, Point) and target.kind in ("mechanism", "why", "tradeoff", "practice"):
        text = ", ".join(draw.sample(names, 3)) + draw.choice(
            ["", " and so on", ", that kind of thing", ", all of those"]
        )
        yield Draft(question, target, text, 0)


def _from_answer(
    question: Question, answer: Answer, known: Prepared, draw: random.Random, idle: float
) -> Iterator[Draft]:
    statements = {item.id for item in question.misconceptions}
    for index, segment in enumerate(answer.segments):
        text, points, wrong = segment.text, segment.points, segment.wrong
        made = points | (wrong & statements)
        before = answer.segments[index - 1] if index else Tagged("", frozenset())
        made_before = before.points | (before.wrong & statements)
        hard = _nearest_idle(question, text, made | wrong, known)
        for target in targets(question):
            hit = target.id in made
            if target.id in wrong - statements:
                yield Draft(question, target, text, CONTRADICTED, OF_CONTRADICTED)
            elif hit or target.id in hard or draw.random() < idle:
                yield Draft(question, target, text, int(hit), 1.5 if hit else 1.0)
            either = hit or target.id in made_before
            if index and draw.random() < (0.3 if either or target.id in hard else 0.6 * idle):
                yield Draft(question, target, f"{before.text} {text}", int(either))


def _nearest_idle(question: Question, text: str, said: frozenset[str], known: Prepared) -> set[str]:
    idle = [target for target in targets(question) if target.id not in said]
    nearest_first = sorted(idle, key=lambda target: -known.likeness(question, target, text))
    return {target.id for target in nearest_first[:HARD]}


def _roughen(text: str, question: Question, draw: random.Random) -> str:
    words = text.split()
    if draw.random() < 0.35:
        words = [draw.choice(OPENERS), *words]
    if draw.random() < 0.2 and len(words) > 6:
        words.insert(draw.randrange(2, len(words) - 2), draw.choice(["um", "uh", "like", "you know", "I mean"]))
    rough = " ".join(words)
    if draw.random() < 0.5:
        rough = rough[:1].upper() + rough[1:] + ("" if rough.endswith((".", "?", "!")) else ".")
    if draw.random() < 0.3:
        rough = rough.lower().replace(",", "").replace(".", "")
    if draw.random() < 0.15 and question.glossary:
        term = draw.choice(question.glossary)
        if term.misheard:
            rough = rough.replace(term.term, draw.choice(term.misheard))
    return rough
