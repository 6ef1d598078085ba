"""The feedback on an answer, and the talk about it. Sound and transcripts are scripted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence

from agent.adapters.embedded_grader import EmbeddedGrader
from agent.interview.events import (
    AnswerCompleted,
    InterviewConcluded,
)
from agent.interview.feedback_talk import CORRECTED, LOOKED_AGAIN, MENU
from agent.interview.interview import FAREWELL, HELLO, Interview, in_order
from agent.interview.turn_taking import ACKNOWLEDGED
from agent.logic.grading.coaching import meaning, missed
from agent.logic.grading.naming import title
from agent.logic.speech.speakable import sentences, speakable
from agent.values.audio import Clip
from agent.values.grade import Claim, Verdict
from agent.values.rubric import Question
from agent.values.transcript import Transcript
from tests.conftest import settled
from tests.interviews import (
    ADDED,
    ANSWER,
    ClaimingGrader,
    Script,
    rating_sentence,
    run,
    said,
    setup_of,
    told_after_the_answer,
)


def test_what_is_added_after_the_feedback_is_graded_with_the_answer(
    embedded: EmbeddedGrader, asked: list[Question]
) -> None:
    steps = run(Script(ANSWER, ADDED, None), embedded, asked[:1])
    first, whole = (step.turn for step in steps if isinstance(step, AnswerCompleted))
    assert whole.transcript.text == f"{ANSWER} {ADDED}"
    met = [{point.id for point in turn.grade.points if point.met} for turn in (first, whole)]
    assert met[0] < met[1]
    assert "Good, I added that. That gives you" in said(steps)
    assert isinstance(steps[-1], InterviewConcluded)
    assert [item.rating for item in steps[-1].ratings] == [whole.grade.rating]


def test_who_disagrees_is_shown_what_was_heard(asked: list[Question]) -> None:
    sure = ClaimingGrader(Claim(target="threshold", quote="retrain below a threshold"))
    steps = run(Script(ANSWER, "But I did say all of that already.", None), sure, asked[:1])
    [turn] = [step.turn for step in steps if isinstance(step, AnswerCompleted)]
    missing = title(asked[0].point(turn.grade.hints[0].point_id))
    assert LOOKED_AGAIN.format(point=missing, nearest=f"The nearest thing I heard was: {ANSWER}") in said(steps)
    assert CORRECTED not in said(steps)


def test_questions_about_the_rating_are_answered(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    script = Script(ANSWER, "Which point did I miss?", "What does concept drift mean?", "What can I say?", None)
    steps = run(script, embedded, asked[:1])
    [turn] = [step.turn for step in steps if isinstance(step, AnswerCompleted)]
    assert missed(asked[0], turn.grade) in said(steps)
    assert meaning(asked[0].point("concept-drift")) in said(steps)
    assert MENU in said(steps)


def test_after_the_rating_nothing_but_next_leads_on(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    steps = run(
        Script(ANSWER, "How long do I have?", "Repeat that please.", "Pause.", "Resume.", None), embedded, asked[:1]
    )
    assert said(steps).count(MENU) == 2
    [turn] = [step.turn for step in steps if isinstance(step, AnswerCompleted)]
    assert said(steps).count(rating_sentence(asked[0], turn.grade)) == 2
    assert f"Welcome back. {MENU}" in said(steps)


def test_the_first_sentence_of_the_feedback_is_made_while_it_is_still_silent(
    embedded: EmbeddedGrader, asked: list[Question]
) -> None:
    made: list[tuple[int, str]] = []

    class Noting(Script):
        played = 0
        settle: Callable[[], object]

        def frames(self) -> Generator[Clip, None, None]:
            for frame in super().frames():
                self.settle()
                yield frame

        def synthesize(self, text: str, speed: float = 1.0) -> Clip:
            made.append((self.played, text))
            return super().synthesize(text)

        def play(self, clip: Clip, until: Callable[[], bool] | None = None) -> bool:
            self.played += 1
            return True

    script = Noting(ANSWER, None)
    interview = Interview(in_order(asked), 1, setup_of(script, embedded))
    script.settle = settled(interview)
    steps = list(interview.events())
    first = sentences(told_after_the_answer(steps))[0]
    question = sentences(f"{asked[0].scenario} {asked[0].ask}")
    [before] = [played for played, text in made if text == speakable(first, asked[0].glossary)]
    assert before == len(sentences(HELLO)) + len(question)


def test_the_candidate_is_thanked_once_and_the_answer_is_graded_meanwhile(
    embedded: EmbeddedGrader, asked: list[Question]
) -> None:
    thanked, graded = threading.Event(), threading.Event()

    class Slow(Script):
        listened = False

        def frames(self) -> Generator[Clip, None, None]:
            self.listened = True
            yield from super().frames()

        def transcribe(self, clip: Clip, glossary: Sequence[str] = ()) -> Transcript:
            # Until then the words are not known, and the silence is bridged with thanks.
            assert thanked.wait(60)
            return super().transcribe(clip)

        def play(self, clip: Clip, until: Callable[[], bool] | None = None) -> bool:
            if self.listened:
                thanked.set()
                # The thanks last until the grade is known: whoever thanks first and grades then waits in vain.
                assert graded.wait(60)
            return super().play(clip, until)

    class Noting(ClaimingGrader):
        def claim(self, question: Question, transcript: Transcript) -> Verdict:
            graded.set()
            return embedded.claim(question, transcript)

    steps = run(Slow("I do not know.", None), Noting(), asked[:1])
    [turn] = [step.turn for step in steps if isinstance(step, AnswerCompleted)]
    assert rating_sentence(asked[0], turn.grade) in said(steps)
    assert ACKNOWLEDGED not in said(steps).removesuffix(FAREWELL)


def test_an_interview_ends_with_where_the_candidate_stands(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    steps = run(Script(ANSWER, None, mute_after=8), embedded, asked[:1])
    [turn] = [step.turn for step in steps if isinstance(step, AnswerCompleted)]
    end = steps[-1]
    assert isinstance(end, InterviewConcluded)
    assert [(item.signal, item.rating) for item in end.ratings] == [("production", turn.grade.rating)]
