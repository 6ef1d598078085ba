"""`questions draft`: has a language model write questions, checks them, and marks doubtful ratings."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.adapters.whole_file import written_whole
from agent.shell import options
from agent.values.errors import InputError, RubricError
from agent.values.rubric import Question, Rating, Topic

if TYPE_CHECKING:
    from agent.adapters.llm_drafter import Drafter, Model
    from agent.compose.settings import Settings

_TEMPLATE = Path(__file__).parent / "template.yaml"
_NO_ENDPOINT = "{error}; without one, 'mock-interview questions new FILE' writes a template to fill in"


def draft_options(parser: argparse.ArgumentParser) -> None:
    """Declares the options: what to draft and where to write it."""
    parser.add_argument("text", nargs="?", metavar="TEXT|FILE", help="the question, or a file with one in each line")
    parser.add_argument("--job", type=Path, metavar="FILE", help="questions for this job description instead")
    parser.add_argument("--count", type=options.count, default=3, metavar="N", help="how many for --job (default 3)")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("drafts"),
        metavar="DIR",
        help="a file for each question here (default: drafts)",
    )
    parser.add_argument(
        "--replies-in", type=Path, metavar="FILE.jsonl", help="a model's replies, one JSON string in each line"
    )
    options.grader_options(parser)


def run_draft(args: argparse.Namespace) -> int:
    """Writes a file for each question, and never overwrites one. The exit status is 1 if a question was given up."""
    from agent.compose import question_bank
    from agent.compose.drafter import drafter
    from agent.values.errors import EndpointError

    if (args.text is None) == (args.job is None):
        raise InputError("give a question, a file of questions, or --job FILE")
    settings = options.settings(args)
    known = question_bank.questions(settings)
    writer = drafter(_model(args, settings), _TEMPLATE.read_text("utf-8"), known)
    given_up = 0
    for text in _texts(args, writer):
        try:
            draft = writer.draft(text, faults)
        except EndpointError as error:
            if error.code != "model":
                raise
            print(f"{text[:70]}: {error}")
            given_up += 1
            continue
        _write(args.out, draft.data, settings)
    return 1 if given_up else 0


def _texts(args: argparse.Namespace, drafter: Drafter) -> list[str]:
    if args.job is not None:
        from agent.adapters.document_file import read_document

        return drafter.questions_for(read_document(args.job), args.count)
    path = Path(args.text) if len(args.text) < 250 and "\n" not in args.text else None
    if path is not None and path.is_file():
        try:
            found = [line.strip() for line in path.read_text("utf-8").splitlines() if line.strip()]
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{path}: cannot be read as text; save it as UTF-8") from error
        if not found:
            raise InputError(f"{path}: holds no question; write one in each line")
        return found
    if not args.text.strip():
        raise InputError("the question is empty; give its words")
    return [args.text]


def _model(args: argparse.Namespace, settings: Settings) -> Model:
    from agent.compose.drafter import endpoint_model, written_model
    from agent.compose.endpoint import model_address

    if args.replies_in is not None:
        return written_model(_written(args.replies_in))
    try:
        address = model_address(settings)
    except InputError as error:
        raise InputError(_NO_ENDPOINT.format(error=error), error.code) from error
    print(f"{address.model} at {address.base_url} writes; your texts go there.", flush=True)
    return endpoint_model(settings)


def _written(path: Path) -> list[str]:
    try:
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); give a file of replies") from error
    except ValueError as error:
        raise InputError(f"{path}: each line must be one JSON string or object ({error})") from error
    return [row if isinstance(row, str) else json.dumps(row) for row in rows]


def faults(data: dict[str, Any]) -> list[str]:
    """Returns the errors that `questions check` finds in a draft, without the file's name."""
    from agent.adapters.rubric_file import read_file
    from agent.adapters.yaml_file import as_yaml

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "draft.yaml"
        path.write_text(as_yaml(_topic(data)), "utf-8")
        try:
            read_file(path)
        except RubricError as error:
            return [line.replace(f"{path}:", "line ") for line in str(error).splitlines()]
    return []


def _topic(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "topic": f"Drafted: {data.get('id')}",
        "about": "Drafted by a language model; read it.",
        "questions": [data],
    }


def _write(folder: Path, data: dict[str, Any], settings: Settings) -> None:
    """Writes the question with remarks as comments at the top, and prints the same remarks."""
    from agent.adapters.yaml_file import as_yaml
    from agent.logic.rubrics.warnings import warnings

    topic = Topic.model_validate(_topic(data))
    question = topic.questions[0]
    notes = [*rated_otherwise(question, settings), *(f"warning: {finding.says}" for finding in warnings(topic))]
    text = "".join(f"# {line}\n" for line in ["Drafted by a language model.", *notes]) + as_yaml(_topic(data))
    path = _created(folder, question.id, text)
    print(f"Wrote {path}")
    for note in notes:
        print(f"  {note}")


def _created(folder: Path, name: str, text: str) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(1, 1000):
            path = folder / (f"{name}.yaml" if number == 1 else f"{name}-{number}.yaml")
            if not path.exists():
                with written_whole(path) as part:
                    part.write_text(text, encoding="utf-8")
                return path
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror}); give a folder of your own") from error
    raise InputError(f"{folder}: has a thousand drafts of that name; clear it")


def rated_otherwise(question: Question, settings: Settings) -> Sequence[str]:
    """Returns the reference answers that our own grader does not rate as their level says."""
    from agent.compose.build import grader
    from agent.logic.grading.grading import grade_answer
    from agent.values.transcript import Transcript

    own = grader(settings.model_copy(update={"grader": "embedded"}))
    found = []
    for level in Rating:
        rating = grade_answer(question, Transcript.from_text(question.answers.of(level)), own).rating
        if rating is not level:
            said = "ungraded" if rating is None else rating.spoken
            found.append(f"CHECK: the built-in grader rates the {level.spoken} answer {said}")
    return found
