"""Shows saved sessions in plain lines: a line for each in a list, or one with its answers and grades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.logic.grading.naming import title_of
from agent.logic.speech.spacing import close_gaps
from agent.shell.output import counted
from agent.values.grade import Grade
from agent.values.provenance import Provenance
from agent.values.rubric import Question, in_words
from agent.values.session import SavedTurn, Session

_WITHHELD = "This interview is not finished. Its ratings come in the debrief; --ratings shows them now."


def ratings(session: Session) -> str:
    """The rating of each answer."""
    return (
        ", ".join(f"{in_words(saved.turn.grade.signal)} {_rating(saved)}" for saved in session.turns) or "no answer yet"
    )


def so_far(session: Session) -> str:
    """How far an unfinished interview has come, without the ratings that its debrief will give."""
    return f"interview not finished, {counted(len(session.turns), 'answer')}; 'practice --resume' goes on"


def _rating(saved: SavedTurn) -> str:
    if saved.interrupted:
        return "interrupted"
    rating = saved.turn.grade.rating
    return "ungraded" if rating is None else rating.spoken


def rated(session: Session, grades: Sequence[Sequence[Grade]], questions: Mapping[str, Question]) -> list[str]:
    """Shows every answer with its grades, the latest last."""
    lines = [_title(session)]
    # An interview that is under way may have added an answer since.
    for number, (saved, given) in enumerate(zip(session.turns, grades, strict=False), start=1):
        lines += ["", *_turn(number, saved, given, questions.get(saved.turn.question_id))]
    return lines


def unrated(session: Session) -> list[str]:
    """Shows every answer of an interview that still waits for its debrief, without ratings."""
    lines = [_title(session), _WITHHELD]
    for number, saved in enumerate(session.turns, start=1):
        asked = f"{number}. {saved.turn.question_id} ({in_words(saved.turn.grade.signal)})"
        lines += ["", asked, *_transcript(saved), *_spoken(saved)]
    return lines


def _title(session: Session) -> str:
    return f"Session {session.id}, {session.started:%A %d %B %Y %H:%M}, answers: {len(session.turns)}"


def _turn(number: int, saved: SavedTurn, grades: Sequence[Grade], question: Question | None) -> list[str]:
    turn, grade = saved.turn, saved.turn.grade
    again = f", attempt {turn.attempt}" if turn.attempt > 1 else ""
    sure = f", sure {grade.confidence:.0%}" if grade.rating else ""
    lines = [f"{number}. {turn.question_id} ({in_words(grade.signal)}{again}): {_rating(saved)}{sure}"]
    lines += [f"   {grade.ungraded_reason}"] if grade.ungraded_reason else []
    earlier = [item.rating.spoken if item.rating else "ungraded" for item in grades[:-1]]
    lines += [f"   regraded by {grade.grader}; before: {', '.join(earlier)}"] if earlier else []
    return [*lines, *_transcript(saved), *_points(grade, question), *_spoken(saved), *_provenance(turn.provenance)]


def _transcript(saved: SavedTurn) -> list[str]:
    turn = saved.turn
    lines = [f"   You: {turn.transcript.text}"] if turn.transcript.words else []
    lines += [f"   You asked: {item.text}" for item in turn.clarified]
    return lines + [f"   Follow-up: {text}" for text in turn.probed]


def _spoken(saved: SavedTurn) -> list[str]:
    delivery, lines = saved.turn.delivery, []
    if delivery.words_per_minute is not None:
        lines.append(f"   {delivery.words} words, {delivery.words_per_minute:.0f} per minute")
    return lines + ([f"   Audio: {saved.audio}"] if saved.audio else [])


def _provenance(made: Provenance) -> list[str]:
    """What produced the answer's words and grade; empty for sessions of version 0.1, which did not record it."""
    if made.program is None:
        return []
    parts = [f"mock-interview {made.program}"]
    parts += [f"Whisper {made.transcriber}"] if made.transcriber else []
    parts += [f"grader {made.grader}"] if made.grader else []
    parts += [str(model) for model in made.grader_models]
    parts += [f"prompt {made.prompt_version}"] if made.prompt_version else []
    return [f"   Produced by {', '.join([*parts, f'question {made.rubric}'])}"]


def _points(grade: Grade, question: Question | None) -> list[str]:
    lines = [
        f'   [x] {title_of(question, point.id)}: "{close_gaps(point.quote or "")}"'
        for point in grade.points
        if point.met
    ]
    missed = [title_of(question, point.id) for point in grade.points if not point.met]
    lines += [f"   [ ] not heard: {'; '.join(missed)}"] if missed and grade.rating else []
    lines += [
        f'   [!] {title_of(question, wrong.target)}, the opposite: "{close_gaps(wrong.quote)}"'
        for wrong in grade.contradicted
    ]
    truths = {} if question is None else {item.id: item.truth for item in question.misconceptions}
    lines += [
        f'   [!] "{close_gaps(wrong.quote)}" {truths.get(wrong.target, "")}'.rstrip() for wrong in grade.misconceptions
    ]
    return lines + [f"   --> {hint.text}" for hint in grade.hints]
