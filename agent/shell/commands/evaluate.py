"""`eval`: measures how well a grader agrees with labeled answers. With --grader llm each grade is saved at once.

If a run is stopped, or the endpoint refuses it, run the same command again to continue.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agent.logic.grading import agreement
from agent.shell import options
from agent.shell.evaluation.labeled import Labeled, read_labeled
from agent.shell.evaluation.run import Evaluation, EvaluationFiles, Graded, from_replies
from agent.shell.output import print_json, write_text
from agent.values.errors import InputError
from agent.values.grade import Grade
from agent.values.rubric import Question, Rating
from agent.values.transcript import Transcript

BANDS = ((0, 40), (40, 100), (100, 10_000))
"""Bands of answer length, in words; each has figures of its own."""
_Pair = tuple[Labeled, Grade]


def add(commands: options.Commands) -> None:
    """Declares the command."""
    parser = options.add_command(
        commands, "eval", "measure a grader on labeled answers", "eval answers.jsonl --json", description=__doc__
    )
    parser.add_argument("file", type=Path, metavar="FILE.jsonl")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--prompts-out", type=Path, metavar="FILE", help="write the LLM prompts as JSON lines and grade nothing"
    )
    parser.add_argument(
        "--replies-in",
        type=Path,
        metavar="FILE",
        help="grade with the replies in this file (id, reply) instead of asking a model",
    )
    parser.add_argument(
        "--save",
        type=Path,
        metavar="FILE",
        help="save the grades of --grader llm in FILE and reuse those already there "
        "(default: a file in your cache folder, removed when the run is complete)",
    )
    options.rubric_options(parser)
    options.grader_options(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Grades every answer and prints the figures."""
    from agent.compose import question_bank

    settings = options.settings(args)
    if args.save and (settings.grader != "llm" or args.replies_in or args.prompts_out):
        raise InputError("--save works only with --grader llm; leave it out")
    known = question_bank.questions(settings)
    items = read_labeled(args.file, known)
    if args.prompts_out:
        return _write_prompts(args.prompts_out, items, known)
    if args.replies_in:
        _show(args, _report(items, from_replies(args.replies_in, items, known), known, settings.threads))
        return 0
    evaluation = Evaluation(settings, items, known, EvaluationFiles(args.file, args.save))
    _show(args, _report(items, evaluation.graded(), known, settings.threads))
    evaluation.close()
    return 0


def _show(args: argparse.Namespace, report: dict[str, Any]) -> None:
    if args.json:
        print_json(report)
    else:
        _print(report)


def _write_prompts(path: Path, items: Sequence[Labeled], known: dict[str, Question]) -> int:
    import secrets

    from agent.logic.grading.judge_prompt import judge_prompt

    lines = []
    for item in items:
        prompt = judge_prompt(known[item.question_id], Transcript.from_text(item.answer), secrets.token_hex(4))
        row = {"id": item.id, "system": prompt.system, "user": prompt.user, "schema": prompt.schema}
        lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    write_text(path, "".join(lines))
    print(
        f"Wrote {len(items)} prompts to {path}. "
        "Answer them with any model, then: --replies-in FILE (lines of id and reply)"
    )
    return 0


def _report(
    items: Sequence[Labeled], graded: Sequence[Graded], known: dict[str, Question], threads: int
) -> dict[str, Any]:
    grades = [grade for grade, _ in graded]
    every = list(zip(items, grades, strict=True))
    pairs = [(item, grade) for item, grade in every if grade.rating is not None]
    labels, ratings = _ranks(pairs)
    right = [label == rating for label, rating in zip(labels, ratings, strict=True)]
    confidences = [grade.confidence for _, grade in pairs]
    words = [len(item.answer.split()) for item, _ in pairs]
    return {
        **_figures(every),
        "ungraded": len(items) - len(pairs),
        "qwk_95": agreement.interval(labels, ratings, agreement.quadratic_weighted_kappa) if pairs else None,
        **_parts(every),
        "confusion": agreement.confusion(labels, ratings).astype(int).tolist(),
        "calibration": agreement.calibration(confidences, right),
        "calibration_error": agreement.calibration_error(confidences, right),
        "length_only_qwk": agreement.quadratic_weighted_kappa(labels, agreement.by_quantile(labels, words)),
        "cosine_only_qwk": _cosine([item for item, _ in pairs], labels, known, threads),
        "pearson_within_question": _within(pairs),
        "correlation_of_rating_with_length": agreement.pearson(ratings, words),
        "seconds_per_answer": round(sum(seconds for _, seconds in graded) / len(graded), 3),
        "items": [_item(item, grade) for item, grade in every],
    }


def _item(item: Labeled, grade: Grade) -> dict[str, Any]:
    return {
        "id": item.id,
        "label": item.rating.value,
        "rating": grade.rating.value if grade.rating else None,
        "confidence": grade.confidence,
        "ungraded_reason": grade.ungraded_reason,
        "grader": grade.grader,
        "prompt_version": grade.provenance.prompt_version,
    }


def _parts(every: Sequence[_Pair]) -> dict[str, Any]:
    """The figures by label, by question and by length."""
    names = sorted({item.question_id for item, _ in every})
    return {
        "per_rating": {level.value: _figures([pair for pair in every if pair[0].rating is level]) for level in Rating},
        "per_question": {name: _figures([pair for pair in every if pair[0].question_id == name]) for name in names},
        "per_length": {
            f"{low}-{high - 1} words": _figures([pair for pair in every if low <= len(pair[0].answer.split()) < high])
            for low, high in BANDS
        },
    }


def _figures(every: Sequence[_Pair]) -> dict[str, Any]:
    """Agreement over the answers that were graded, and how many of them there are."""
    labels, ratings = _ranks(every)
    counts = {"n": len(every), "graded": len(labels)}
    if not labels:
        return {**counts, "qwk": None, "exact": None, "within_one": None}
    return {
        **counts,
        "qwk": agreement.quadratic_weighted_kappa(labels, ratings),
        "exact": agreement.exact(labels, ratings),
        "within_one": agreement.within_one(labels, ratings),
    }


def _ranks(every: Sequence[_Pair]) -> tuple[list[int], list[int]]:
    """Labels and ratings of the answers that were graded."""
    ranks = [(item.rating.rank, grade.rating.rank) for item, grade in every if grade.rating is not None]
    return [label for label, _ in ranks], [rating for _, rating in ranks]


def _within(pairs: Sequence[_Pair]) -> float | None:
    """Mean over questions of Pearson's r between label and rating."""
    values = []
    for name in {item.question_id for item, _ in pairs}:
        rows = [
            (item.rating.rank, grade.rating.rank) for item, grade in pairs if item.question_id == name and grade.rating
        ]
        value = agreement.pearson([a for a, _ in rows], [b for _, b in rows])
        values += [] if value is None else [value]
    return sum(values) / len(values) if values else None


def _cosine(items: Sequence[Labeled], labels: Sequence[int], known: dict[str, Question], threads: int) -> float | None:
    """QWK of cosine similarity to the best reference answer, with the most favorable thresholds, as for word count."""
    from agent.compose.build import sentence_encoder

    if not items:
        return None
    encoder = sentence_encoder(threads)
    names = sorted({item.question_id for item in items})
    best = dict(zip(names, encoder.embed([known[name].answers.very_strong for name in names]), strict=True))
    answers = encoder.embed([item.answer for item in items])
    scores = [float(vector @ best[item.question_id]) for vector, item in zip(answers, items, strict=True)]
    return agreement.quadratic_weighted_kappa(labels, agreement.by_quantile(labels, scores))


def _print(report: dict[str, Any]) -> None:
    low, high = report["qwk_95"] or (None, None)
    print(f"answers            {report['n']} ({report['ungraded']} ungraded, and in none of these figures)")
    print(f"grader             {', '.join(sorted({item['grader'] for item in report['items']}))}")
    print(f"QWK                {_number(report['qwk'])}  (95% interval {_number(low)} to {_number(high)})")
    print(f"exact, within one  {_number(report['exact'])}, {_number(report['within_one'])}")
    print(
        f"baselines          word count {_number(report['length_only_qwk'])}, "
        f"cosine {_number(report['cosine_only_qwk'])}"
    )
    print(f"Pearson per question {_number(report['pearson_within_question'])}")
    print(f"calibration error  {_number(report['calibration_error'])}")
    print(f"seconds per answer  {report['seconds_per_answer']}\n")
    print("label \\ rating  " + "  ".join(f"{level.spoken:>11}" for level in Rating))
    for level, row in zip(Rating, report["confusion"], strict=True):
        print(f"{level.spoken:15} " + "  ".join(f"{count:11}" for count in row))
    for part in ("per_question", "per_length"):
        print()
        for name, figures in report[part].items():
            missing = figures["n"] - figures["graded"]
            print(
                f"{name:40} n {figures['n']:4}  QWK {_number(figures['qwk'])}  exact {_number(figures['exact'])}"
                + (f"  ({missing} ungraded)" if missing else "")
            )


def _number(value: float | None) -> str:
    return "  -  " if value is None else f"{value:.3f}"
