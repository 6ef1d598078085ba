"""Records what produced a grade: program, models, rubric and prompt."""

from __future__ import annotations

import hashlib

from agent import __version__
from agent.values.grade import Verdict
from agent.values.provenance import SHORT, Provenance
from agent.values.rubric import Question
from agent.values.transcript import Transcript


def produced_by(question: Question, transcript: Transcript | None = None, verdict: Verdict | None = None) -> Provenance:
    """What produced a grade with this version; without a verdict, no grader was called."""
    return Provenance(
        program=__version__,
        transcriber=transcript.transcriber if transcript is not None else None,
        grader=verdict.grader if verdict is not None else None,
        grader_models=verdict.models if verdict is not None else (),
        rubric=rubric_hash(question),
        prompt_version=verdict.prompt_version if verdict is not None else None,
    )


def rubric_hash(question: Question) -> str:
    """SHORT hexadecimal digits that are equal only if every text and rule of the question is.

    A key that a later version adds does not change them while it has its default.
    """
    return hashlib.sha256(question.model_dump_json(exclude_defaults=True).encode()).hexdigest()[:SHORT]
