"""The embedded grader: no server, no network. Finds, for each point, the span of the answer that makes it.

Each sentence (and each pair of neighbors) is compared with the exemplars of each point; the most promising ones are
read by the point model, a small cross-encoder trained for "does this passage of speech make this point"; a logistic
calibration turns the measurements into a probability. docs/decisions.md has the designs that were rejected.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from agent.adapters.text_model import WEIGHTS, Matrix, SentenceEncoder, TextModel, ordinary
from agent.adapters.vector_cache import VectorCache
from agent.logic.grading.calibration import Calibration, Measured
from agent.logic.grading.evidence import CREDITED
from agent.logic.grading.point_features import (
    EvidenceSpan,
    Target,
    bare_list,
    described,
    evidence_spans,
    nearest,
    parts,
    rejects,
    targets,
    term_share,
)
from agent.logic.speech.glossary import repairs
from agent.values.errors import ModelError
from agent.values.grade import Claim, Verdict
from agent.values.provenance import ModelId
from agent.values.rubric import Point, Question
from agent.values.transcript import Transcript

READ = 4
"""Maximum number of spans that the point model reads for each target;
reading all costs five times as much and changes little.
"""
_MENTIONED = 0.15
"""Claims below this probability are left out: they could not change how sure a rating is."""
_MOST_REMEMBERED = 2000
"""Maximum number of spans cached: enough for one growing answer, not for a thousand answers to one question."""
_LESS_SURE = 0.5
"""How much less sure, in logits, the point model may be of a part of a span that is quoted in its place."""
_TERMS_HELP = 0.3
"""How much a full set of terms raises a span among those to be read."""


class _TargetVectors:
    """A target's texts as unit vectors."""

    def __init__(self, target: Target, vectors: Mapping[str, Matrix], points: Sequence[_TargetVectors] = ()) -> None:
        self.target = target
        self.exemplars = _rows(vectors, target.exemplars)
        # To a misconception, every right statement about the question is a near miss.
        self.counter: Matrix = np.vstack([_rows(vectors, target.counter), *(known.exemplars for known in points)])


def _rows(vectors: Mapping[str, Matrix], texts: Sequence[str]) -> Matrix:
    """Shape (len(texts), 384)."""
    return np.array([vectors[text] for text in texts], dtype=np.float32).reshape(len(texts), 384)


class Found(NamedTuple):
    """The span that comes closest to making a target, and its measurements."""

    target: Target
    span: EvidenceSpan
    measured: Measured
    described: str
    """The target as the point model read it."""


class EmbeddedGrader:
    """Makes claims with the models that ship with the program."""

    name = "embedded"

    def __init__(self, weights: Path = WEIGHTS, threads: int = 0, cache: Path | None = None) -> None:
        """`threads` 0 chooses for this machine; `cache` is a folder for vectors of rubric texts, None for no cache."""
        self._weights = weights
        self._threads = threads
        self._cache = cache
        self._prepared: dict[str, tuple[_TargetVectors, ...]] = {}
        self._running = ""
        """The question whose spans are cached."""
        self._vectors: dict[str, Matrix] = {}
        self._logits: dict[tuple[str, str], float] = {}

    @cached_property
    def _encoder(self) -> SentenceEncoder:
        return SentenceEncoder(self._threads)

    @cached_property
    def _calibration_file(self) -> bytes:
        file = self._weights / "calibration.json"
        try:
            return file.read_bytes()
        except OSError as error:
            raise ModelError(_damaged(file)) from error

    @cached_property
    def _calibration(self) -> Calibration:
        try:
            return Calibration.model_validate_json(self._calibration_file)
        except ValueError as error:
            raise ModelError(_damaged(self._weights / "calibration.json")) from error

    @cached_property
    def models(self) -> tuple[ModelId, ...]:
        """The models behind its claims. Raises ModelError."""
        return (
            SentenceEncoder.id,
            ModelId.of("point model", self._calibration.point_model_sha256),
            ModelId.of("calibration", hashlib.sha256(self._calibration_file).hexdigest()),
        )

    @cached_property
    def _model(self) -> TextModel:
        sha256 = self._calibration.point_model_sha256
        return TextModel(self._weights / "point-model.onnx", sha256, threads=self._threads)

    def prepare(self, question: Question) -> None:
        """Encodes the question's texts and loads the models ahead of time, so
        that grading an answer need not wait for that.
        """
        if question.id not in self._prepared:
            self._model.warm()
            texts = list(dict.fromkeys(text for item in targets(question) for text in (*item.exemplars, *item.counter)))
            vectors = dict(zip(texts, VectorCache(self._encoder, self._cache).embed(texts), strict=True))
            points = [_TargetVectors(point, vectors) for point in question.points]
            wrong = [_TargetVectors(item, vectors, points) for item in question.misconceptions]
            self._prepared[question.id] = (*points, *wrong)

    def claim(self, question: Question, transcript: Transcript) -> Verdict:
        """A claim for each target that the answer may make, with the probability as its confidence."""
        found = self.measure(question, transcript)
        made = claims(self._calibration, found, transcript, self._telling(question, found, transcript))
        repaired = repairs(transcript.text, question.glossary, ordinary)
        return Verdict(grader=self.name, claims=made, repaired=repaired, models=self.models)

    def measure(self, question: Question, transcript: Transcript) -> list[Found]:
        """Each target with the span that comes closest to making it; empty if nothing can be evidence."""
        self.prepare(question)
        spoken = evidence_spans(transcript, question, ordinary)
        if not spoken:
            return []
        if question.id != self._running or len(self._vectors) > _MOST_REMEMBERED:
            self._running, self._vectors, self._logits = question.id, {}, {}
        vectors = np.array(_remembered(self._vectors, [span.text for span in spoken], self._encoder.embed))
        tasks = [
            (known, index) for known in self._prepared[question.id] for index in _promising(known, spoken, vectors)
        ]
        inputs = [(_described(known, vectors[index]), spoken[index].text) for known, index in tasks]
        logits = _remembered(self._logits, inputs, self._read)
        best: dict[str, Found] = {}
        for (known, index), (text, _), logit in zip(tasks, inputs, logits, strict=True):
            if known.target.id not in best or logit > best[known.target.id].measured.logit:
                measured = _measured(known, spoken[index], vectors[index], logit)
                best[known.target.id] = Found(known.target, spoken[index], measured, text)
        return list(best.values())

    def _telling(self, question: Question, found: Sequence[Found], transcript: Transcript) -> dict[str, EvidenceSpan]:
        """Returns, for each target that was made, the shortest part of its span that makes it about as surely, if
        any.
        """
        tasks = [
            (item, part)
            for item in found
            if _probability(self._calibration, item.target, item.span, item.measured) >= CREDITED
            for part in parts(item.span, transcript, question, ordinary)
        ]
        logits = _remembered(self._logits, [(item.described, part.text) for item, part in tasks], self._read)
        telling: dict[str, EvidenceSpan] = {}
        for (item, part), logit in zip(tasks, logits, strict=True):
            enough = logit >= max(0.0, item.measured.logit - _LESS_SURE)
            if enough and part.words < telling.get(item.target.id, item.span).words:
                telling[item.target.id] = part
        return telling

    def _read(self, inputs: Sequence[tuple[str, str]]) -> list[float]:
        """The point model's logits."""
        return [float(row[0].reshape(-1)[0]) for row in self._model.run(inputs)]


def claims(
    calibration: Calibration, found: Sequence[Found], transcript: Transcript, telling: Mapping[str, EvidenceSpan]
) -> tuple[Claim, ...]:
    """A claim for each target that the answer may make, with the probability as its confidence.

    `telling` has a shorter span to quote for some targets.
    """
    return tuple(
        Claim(
            target=item.target.id,
            quote=_quote(telling.get(item.target.id, item.span), transcript),
            confidence=round(probability, 3),
        )
        for item in found
        if (probability := _probability(calibration, item.target, item.span, item.measured)) >= _MENTIONED
    )


def _probability(calibration: Calibration, target: Target, span: EvidenceSpan, measured: Measured) -> float:
    """Zero where the models must not count.

    A bare list of names only makes points whose terms it names. A misconception must be closer to a known wrong
    statement than to any right one: to be corrected after a right statement is the worst feedback.
    """
    if bare_list(span.text) and measured.terms < 1.0:
        return 0.0
    if isinstance(target, Point):
        return calibration.probability(measured, of_point=True)
    return calibration.probability(measured, of_point=False) if measured.margin > 0 else 0.0


def _damaged(file: Path) -> str:
    return f"The grader's file {file} is missing or damaged; reinstall mock-interview."


_Asked = TypeVar("_Asked")
_Answer = TypeVar("_Answer")


def _remembered(
    known: dict[_Asked, _Answer], asked: Sequence[_Asked], find: Callable[[list[_Asked]], Iterable[_Answer]]
) -> list[_Answer]:
    """What was found for each one; only new ones are computed, since a
    growing answer is graded again in every pause.
    """
    new = [item for item in dict.fromkeys(asked) if item not in known]
    known.update(zip(new, find(new), strict=True))
    return [known[item] for item in asked]


def _promising(known: _TargetVectors, spoken: Sequence[EvidenceSpan], vectors: Matrix) -> list[int]:
    """Indexes of the spans worth reading for one target, the most likely first."""
    likeness = (vectors @ known.exemplars.T).max(axis=1)
    terms = np.array([term_share(known.target, span.text) for span in spoken])
    order = np.argsort(-(likeness + _TERMS_HELP * terms), kind="stable")
    return [int(index) for index in order[:READ]]


def _described(known: _TargetVectors, said: Matrix) -> str:
    return described(known.target, nearest(said, known.exemplars, known.target.exemplars).text)


def _measured(known: _TargetVectors, span: EvidenceSpan, said: Matrix, logit: float) -> Measured:
    likeness = nearest(said, known.exemplars, known.target.exemplars).similarity
    near_miss = float((known.counter @ said).max()) if len(known.counter) else 0.0
    return Measured(
        logit=logit,
        likeness=likeness,
        margin=likeness - near_miss,
        terms=term_share(known.target, span.text),
        rejected=float(rejects(span.text)),
    )


def _quote(span: EvidenceSpan, transcript: Transcript) -> str:
    return " ".join(word.text for word in transcript.words[span.first : span.last + 1])
