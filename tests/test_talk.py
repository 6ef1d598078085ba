"""The conversation around an answer, as scripts in virtual time: being stuck, asking, disagreeing, looking back."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from agent.adapters.embedded_grader import EmbeddedGrader
from agent.interview.answer import AnswerDraft, AnswerPart
from agent.interview.answering import OFFER, STILL_THERE, THINKING_S
from agent.interview.assessment import SKIPPED
from agent.interview.events import (
    AgentSpeaks,
    AnswerCompleted,
    AnswerContinued,
    Event,
    InterviewConcluded,
    QuestionAsked,
    RequestRecognized,
)
from agent.interview.feedback_talk import CORRECTED, MENU, STAYS
from agent.interview.interview import Interview, in_order
from agent.interview.requests import NO_FACT, REPORT_LATER, TAKE_TIME
from agent.interview.turn_taking import GO_ON
from agent.logic.dialogue.memory import Memory, ago
from agent.logic.dialogue.talk_back import start_of_the_answer
from agent.logic.grading.coaching import MOST_EXPLAINED, correction, explained, meaning, missed, model_answer, next_step
from agent.logic.grading.grading import grade
from agent.logic.grading.naming import listed, title
from agent.logic.grading.quoting import phrase
from agent.logic.grading.work_on import spoken, work_on
from agent.logic.ports import Grader
from agent.logic.speech.endpointing import EndpointingPolicy
from agent.values.audio import FRAME, Clip
from agent.values.grade import Claim, Verdict
from agent.values.history import PastAnswer
from agent.values.profile import Profile, ProfileClaim
from agent.values.rubric import Question, Rating
from agent.values.session import Turn
from agent.values.transcript import Transcript, Word
from tests.interviews import ADDED, ANSWER, ClaimingGrader, Late, Line, Script, said, setup_of, told_after_the_answer

NOW = datetime(2026, 11, 30, 18, 0, tzinfo=UTC)


@pytest.fixture
def asked(questions: dict[str, Question]) -> list[Question]:
    return [questions["recsys-refresh"]]


def interviewed(grader: Grader, asked: list[Question], *lines: Line, memory: Memory | None = None) -> list[Event]:
    setup = setup_of(Script(*lines), grader)
    setup = replace(setup, memory=memory or Memory())
    return list(Interview(in_order(asked), len(asked), setup).events())


def turns(steps: Sequence[Event]) -> list[Turn]:
    return [step.turn for step in steps if isinstance(step, AnswerCompleted)]


def lines(steps: Sequence[Event]) -> list[str]:
    return [step.text for step in steps if isinstance(step, AgentSpeaks)]


# 1. Thinking


class SaidOnce(Script):
    """Transcribes no line for the segments of silence that a long wait is cut into."""

    def transcribe(self, clip: Clip, glossary: Sequence[str] = ()) -> Transcript:
        return super().transcribe(clip) if clip.peak > 0.1 else Transcript(duration_s=clip.seconds)


def test_thought_after_a_question_is_no_answer_and_time_is_given(
    embedded: EmbeddedGrader, asked: list[Question]
) -> None:
    question = "Is that about clicks or purchases?"
    script = SaidOnce(question, None, "I need more time please.", Late(ANSWER, THINKING_S - 5), None)
    steps = list(Interview(in_order(asked), 1, setup_of(script, embedded)).events())
    assert lines(steps).count(STILL_THERE) == 1
    assert lines(steps).count(TAKE_TIME) == 1
    [turn] = turns(steps)
    assert turn.transcript.text == ANSWER
    assert turn.grade.rating is not None


def test_who_asked_for_time_is_asked_again_when_that_is_over(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    steps = interviewed(embedded, asked, None, "Let me think about it.", None, ANSWER, None)
    assert lines(steps).count(STILL_THERE) == 2
    assert [turn.transcript.text for turn in turns(steps)] == [ANSWER]


@pytest.mark.parametrize(("reply", "skips"), [("Yes.", False), ("No.", False), ("Skip it.", True)])
def test_yes_and_no_to_an_offer_of_three_things_cost_nothing(
    embedded: EmbeddedGrader, asked: list[Question], reply: str, skips: bool
) -> None:
    steps = interviewed(embedded, asked, None, reply, ANSWER, None)
    [turn] = turns(steps)
    assert (turn.transcript.text, turn.grade.ungraded_reason) == (("", SKIPPED) if skips else (ANSWER, None))
    assert lines(steps).count(TAKE_TIME) == (0 if skips else 1)
    assert turn.grade.hints_used == 0


def test_who_does_not_know_after_a_silence_is_offered_a_hint_too(
    embedded: EmbeddedGrader, asked: list[Question]
) -> None:
    steps = interviewed(embedded, asked, None, "I don't know.", "Yes please.", ANSWER, None)
    assert [text for text in lines(steps) if text in (STILL_THERE, OFFER)] == [STILL_THERE, OFFER]
    [turn] = turns(steps)
    assert (turn.transcript.text, turn.grade.hints_used) == (ANSWER, 1)


def test_a_reply_to_an_offer_ends_at_once_even_for_who_is_waited_for(
    embedded: EmbeddedGrader, asked: list[Question]
) -> None:
    script = Script(None, "I don't know.", "Yes, please.", f"{ANSWER} That's my answer.", None)
    setup = replace(setup_of(script, embedded), policy=EndpointingPolicy.patient())
    said_so = lines(list(Interview(in_order(asked[:1]), 1, setup).events()))
    offers = said_so[: said_so.index(asked[0].hints[0])]
    assert offers[-2:] == [STILL_THERE, OFFER]
    assert GO_ON not in offers


def test_what_is_added_before_a_request_belongs_to_the_answer(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    more = "I would also compare the distribution of the inputs with the training data."
    steps = interviewed(embedded, asked, ANSWER, f"{more} How am I doing?", None)
    assert turns(steps)[-1].transcript.text == f"{ANSWER} {more}"
    assert any(text.startswith("This is the only question.") for text in lines(steps))


def test_each_hint_that_does_not_help_is_followed_by_an_offer_of_the_next(
    embedded: EmbeddedGrader, asked: list[Question]
) -> None:
    steps = interviewed(embedded, asked, "I don't know.", "Yes please.", "I still don't know.", "No thanks.")
    assert lines(steps).count(OFFER) == 2
    assert asked[0].hints[0] in said(steps)
    assert asked[0].hints[1] not in said(steps)
    assert [turn.grade.rating for turn in turns(steps)] == [None]


def test_thought_in_the_middle_of_an_answer_is_asked_about_kindly(
    embedded: EmbeddedGrader, asked: list[Question]
) -> None:
    steps = interviewed(embedded, asked, ANSWER, None)
    assert GO_ON not in lines(steps)
    steps = interviewed(embedded, asked, f"{ANSWER} Is that about clicks?", None, "No, that was it.", None)
    assert lines(steps).count(GO_ON) == 1
    assert [turn.transcript.text for turn in turns(steps)] == [ANSWER]


# 2. Only the answer is the answer


class Timed(Script):
    """Three words a second, from the third second on."""

    def transcribe(self, clip: Clip, glossary: Sequence[str] = ()) -> Transcript:
        every = super().transcribe(clip).words
        words = [
            word.model_copy(update={"start_s": 3 + at / 3, "end_s": 3.3 + at / 3}) for at, word in enumerate(every)
        ]
        return Transcript(words=tuple(words), duration_s=clip.seconds)


@pytest.mark.parametrize(
    ("spoken", "reply"),
    [
        (f"{ANSWER} How am I doing?", "This is the only question."),
        (f"{ANSWER} What can I say?", "You can answer, ask me about the question"),
        (f"{ANSWER} Is that about clicks or purchases?", ""),
        (f"{ANSWER} Can you repeat the question please?", "ask"),
        (f"{ANSWER} Give me more time please.", TAKE_TIME),
        (f"{ANSWER} That's my answer.", ""),
        (f"{ANSWER} That's my answer. A.", ""),
        (f"{ANSWER[:-1]}, how am I doing?", "This is the only question."),
        (f"{ANSWER[:-1]}, is that about clicks or purchases?", ""),
        (f"Good question. Let me think. {ANSWER}", ""),
        (f"{ANSWER} Hold on a second.", ""),
    ],
)
def test_what_is_said_to_the_agent_is_no_part_of_the_answer(
    embedded: EmbeddedGrader, asked: list[Question], spoken: str, reply: str
) -> None:
    setup = setup_of(Timed(spoken, None, None), embedded)
    steps = list(Interview(in_order(asked), 1, setup).events())
    [turn] = turns(steps)
    assert turn.transcript.text.rstrip(",.") == ANSWER.rstrip(".")
    assert turn.delivery.words == len(ANSWER.split())
    assert turn.delivery.longest_pause_s is None or turn.delivery.longest_pause_s < 0.2
    assert (asked[0].ask if reply == "ask" else reply) in said(steps).split("Hello", 1)[1]


@pytest.mark.parametrize(
    ("said_so", "left"),
    [
        ("and let me think, I would compare the predictions.", "I would compare the predictions."),
        ("That's a good one, I've never done that.", "I've never done that."),
        ("Second, a full back fill.", "Second, a full back fill."),
        ("Let me think about drift, then about labels.", "Let me think about drift, then about labels."),
    ],
)
def test_talk_before_a_comma_is_no_part_of_the_answer(said_so: str, left: str) -> None:
    parts = AnswerPart(Clip.silence(), Transcript.from_text(said_so)).of_the_answer()
    assert " ".join(part.transcript.text for part in parts) == left


def test_what_is_left_out_in_the_middle_becomes_no_pause(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    first, second = "I would log every prediction.", "Then I would retrain below a threshold."
    setup = setup_of(Timed(f"{first} Hmm, let me think about that for a moment. {second}", None), embedded)
    [turn] = turns(list(Interview(in_order(asked), 1, setup).events()))
    assert turn.transcript.text == f"{first} {second}"
    assert turn.delivery.longest_pause_s is None or turn.delivery.longest_pause_s < 0.2
    assert turn.delivery.talk_s == pytest.approx(12 / 3, abs=0.5)


def test_a_sentence_of_an_answer_that_sounds_like_a_command_stays(
    embedded: EmbeddedGrader, asked: list[Question]
) -> None:
    text = f"{ANSWER} Then we repeat."
    assert turns(interviewed(embedded, asked, text, None))[0].transcript.text == text


# 3. Talking about the rating


def test_a_reply_to_the_question_in_the_feedback_is_graded_with_the_answer(
    embedded: EmbeddedGrader, asked: list[Question]
) -> None:
    steps = interviewed(
        embedded, asked, ANSWER, "By the population stability index of the inputs against training.", None
    )
    first, whole = turns(steps)
    assert len(whole.transcript.words) > len(first.transcript.words)
    assert "I added that." in said(steps)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Oh, and one more thing. I forgot warmup in a cosine schedule.", "warmup in a cosine schedule."),
        ("But I did say that we retrain below a threshold.", "we retrain below a threshold."),
        ("I already mentioned the threshold.", "the threshold."),
        ("I would also compare the inputs.", "I would also compare the inputs."),
        ("One more thing.", "One more thing."),
    ],
)
def test_what_only_announces_an_addition_is_no_part_of_the_answer(text: str, left: str) -> None:
    assert " ".join(text.split()[start_of_the_answer(text) :]) == left


class CutShort(Script):
    """The candidate begins to speak while the agent says a sentence that begins so, once."""

    def __init__(self, begins: str, *lines: Line) -> None:
        super().__init__(*lines)
        self._begins, self._sentences, self.cut = begins, dict[int, str](), False

    def synthesize(self, text: str, speed: float = 1.0) -> Clip:
        clip = super().synthesize(text, speed)
        # Each clip of its own length, so that it is known again when it is played.
        clip = Clip(samples=np.zeros(FRAME + len(self._sentences), np.float32), rate=clip.rate)
        self._sentences[len(clip.samples)] = text
        return clip

    def play(self, clip: Clip, until: Callable[[], bool] | None = None) -> bool:
        if not self.cut and self._sentences.get(len(clip.samples), "").startswith(self._begins):
            self.cut = True
            return False
        return super().play(clip, until)


@pytest.mark.parametrize(
    ("begins", "belongs"), [("On production", True), ("One step up", False), ("This would be hard to square", False)]
)
def test_what_is_said_over_the_rating_belongs_to_the_answer_and_over_advice_does_not(
    asked: list[Question], begins: str, belongs: bool
) -> None:
    script = CutShort(begins, "We hold meetings about it.", "I would retrain below a threshold.", None)
    claimed = ProfileClaim(kind="field", name=asked[0].field, line="I ran the recommender")
    setup = setup_of(script, ClaimingGrader())
    setup = replace(setup, profile=Profile(claims=(claimed,)))
    steps = list(Interview(in_order(asked), 1, setup).events())
    assert script.cut
    assert ("I added that." in said(steps)) != belongs


def test_the_agent_looks_again_and_corrects_itself(asked: list[Question]) -> None:
    question = asked[0]
    sure = Claim(target="threshold", quote="retrain below a threshold")
    missing = grade(question, Transcript.from_text(ANSWER), Verdict(claims=(sure,), grader="claiming")).hints[0]
    half = [Claim(target=hint.id, quote="log every prediction", confidence=0.4) for hint in question.points]
    others = tuple(claim for claim in half if claim.target != "threshold")
    steps = interviewed(ClaimingGrader(sure, *others), asked, ANSWER, "But I did say that.", None)
    assert missing is not None
    assert CORRECTED in said(steps)
    assert any(isinstance(step, AnswerContinued) for step in steps)
    first, second = turns(steps)
    assert first.transcript.text == second.transcript.text == ANSWER
    met = [sum(point.met for point in turn.grade.points) for turn in (first, second)]
    assert met[0] < met[1]


def test_the_agent_says_what_it_heard_when_it_stays_with_its_rating(asked: list[Question]) -> None:
    sure = ClaimingGrader(Claim(target="threshold", quote="retrain below a threshold"))
    steps = interviewed(sure, asked, ANSWER, "That's not fair, I said all of that.", None)
    reply = next(line for line in lines(steps) if line.startswith("I looked again"))
    assert "I would log every prediction" in reply or "retrain below a threshold" in reply
    assert len(turns(steps)) == 1


def test_the_agent_says_what_holds_a_rating_that_lacks_nothing(asked: list[Question]) -> None:
    question = asked[0]
    every = tuple(Claim(target=point.id, quote="retrain below a threshold") for point in question.points)
    steps = interviewed(ClaimingGrader(*every), asked, "Give me a hint.", ANSWER, "But I did say all of that.", None)
    reply = next(line for line in lines(steps) if line.startswith(STAYS))
    assert "With a hint, strong is the most I can give." in reply


@pytest.mark.parametrize("text", ["Okay, thanks.", "Hm, I see.", "Got it, makes sense."])
def test_a_nod_is_answered_with_silence(embedded: EmbeddedGrader, asked: list[Question], text: str) -> None:
    steps = interviewed(embedded, asked, ANSWER, text, "Which point did I miss?", None)
    assert MENU not in said(steps)
    assert missed(asked[0], turns(steps)[0].grade) in said(steps)


@pytest.mark.parametrize("text", ["No, thanks.", "Next question please.", "Let's continue."])
def test_who_has_nothing_to_say_is_led_on(embedded: EmbeddedGrader, asked: list[Question], text: str) -> None:
    steps = interviewed(embedded, asked, ANSWER, text)
    assert isinstance(steps[-1], InterviewConcluded)
    assert len(turns(steps)) == 1


def test_time_and_the_report_may_be_asked_for_after_the_feedback(
    embedded: EmbeddedGrader, asked: list[Question]
) -> None:
    steps = interviewed(embedded, asked, ANSWER, "Give me a moment to think.", Late(ADDED, THINKING_S - 5), None)
    assert TAKE_TIME in said(steps)
    assert len(turns(steps)) == 2
    steps = interviewed(embedded, asked, ANSWER, "Can I get a written report?", None)
    assert REPORT_LATER in said(steps)


# 4. What can I say?


def test_the_options_are_those_that_make_sense_now(embedded: EmbeddedGrader, questions: dict[str, Question]) -> None:
    two = [questions["recsys-refresh"], questions["recsys-metrics"]]
    ask = "What can I say?"
    steps = interviewed(
        embedded, two, ask, "Hint.", "Hint.", "Hint.", ask, ANSWER, ask, None, ask, "Skip this question."
    )
    first, exhausted, after, second = (line for line in lines(steps) if line.startswith("You can "))
    assert "hint" in first
    assert "go back" not in first
    assert "hint" not in exhausted
    assert "try again" in after
    assert "go back" in second


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("What can I say?", "You can answer, ask me about the question"),
        ("How am I doing?", "This is the only question."),
        ("How many questions are left?", "This is the only question."),
    ],
)
def test_requests_that_were_misread_while_answering(
    embedded: EmbeddedGrader, asked: list[Question], text: str, reply: str
) -> None:
    steps = interviewed(embedded, asked, text, ANSWER, None)
    assert reply in said(steps)
    assert NO_FACT not in said(steps)
    assert model_answer(asked[0]) not in said(steps)
    [turn] = turns(steps)
    assert (turn.transcript.text, turn.clarified) == (ANSWER, ())


def test_let_me_try_that_again_starts_over_in_and_after_the_answer(
    embedded: EmbeddedGrader, asked: list[Question]
) -> None:
    again = "Let me try that again."
    steps = interviewed(embedded, asked, "Something about dashboards I guess.", again, ANSWER, None)
    assert turns(steps)[-1].transcript.text.endswith(ANSWER)
    steps = interviewed(embedded, asked, ANSWER, again, ADDED, None)
    assert [turn.attempt for turn in turns(steps)] == [1, 2]


def test_the_model_answer_is_the_very_strong_one(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    steps = interviewed(embedded, asked, "I would look at it.", "Model answer please.", None)
    assert asked[0].answers.very_strong in said(steps)
    assert asked[0].answers.weak not in said(steps)


# 5. Feedback


def words(text: str, *unsure: str) -> list[Word]:
    return [
        Word(text=word, start_s=0, end_s=0, probability=0.2 if word.strip(".,") in unsure else 0.95)
        for word in text.split()
    ]


@pytest.mark.parametrize(
    ("text", "unsure", "quoted"),
    [
        ("Small batches are noisy, and that can help.", (), "Small batches are noisy, and that can help."),
        ("It pulls more weight so that is nearer, the value has no derivative.", ("nearer",), None),
        ("It is nearer at that point. A penalty drives many to zero.", ("nearer",), "A penalty drives many to zero."),
        ("Below some threshold we retrain, that's my answer.", (), "Below some threshold we retrain"),
        ("With the batch and the", (), None),
        ("Yes.", (), None),
    ],
)
def test_only_whole_phrases_that_were_clearly_heard_are_quoted(
    text: str, unsure: tuple[str, ...], quoted: str | None
) -> None:
    assert phrase(words(text, *unsure)) == quoted


def test_what_was_wrong_is_corrected_in_one_sentence(questions: dict[str, Question]) -> None:
    for question in questions.values():
        for wrong in question.misconceptions:
            text = correction(question, wrong)
            assert wrong.id not in text
            assert not re.search(r"\b(?:but|in fact,) [A-Z][a-z]+ ", text.replace("Adam", "")), text
            assert text.count(" but ") <= 1 or "; in fact, " in text, text
            assert text.rstrip(".!?").count(". ") == 0, text
            assert "Claims that" not in text


def test_what_was_wrong_is_named_and_corrected(questions: dict[str, Question]) -> None:
    known = {wrong.id: (question, wrong) for question in questions.values() for wrong in question.misconceptions}
    assert correction(*known["clf-swapped"]).startswith(
        "It sounded as if you swap precision and recall in both halves,"
    )
    assert " but Adam only rescales" in correction(*known["opt-adam-no-rate"])


def test_every_point_can_be_talked_about(questions: dict[str, Question]) -> None:
    """Titles follow "about" and "you missed", and what a term means is a sentence."""
    for point in (point for question in questions.values() for point in question.points):
        assert point.title is not None
        assert not re.match(r"(?:is|are|does|do|did|may) ", point.title), point.title
        assert re.match(r"In short, (?:it's about|the idea is to|one [a-z-]+|\w)", meaning(point)), meaning(point)
        assert not re.search(r"about (?:that|at|out|about|First) ", meaning(point)), meaning(point)


def test_an_explanation_names_no_more_points_than_can_be_followed(questions: dict[str, Question]) -> None:
    question = questions["recsys-refresh"]
    text = question.answers.very_strong
    every = tuple(Claim(target=point.id, quote=" ".join(text.split()[:6])) for point in question.points)
    full = grade(question, Transcript.from_text(text), Verdict(grader="x", claims=every))
    said = explained(question, full)
    named = [point.title for point in question.points if f"{point.title}" in said]
    assert len(named) <= MOST_EXPLAINED + 1
    assert "and more. That makes it very strong." in said


@pytest.mark.parametrize(
    ("items", "text"),
    [
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["precision and recall", "c"], "precision and recall, and c"),
        (["a, b and c", "d", "e"], "a, b and c, d, and e"),
    ],
)
def test_lists_can_be_followed_by_ear(items: list[str], text: str) -> None:
    assert listed(items) == text


def test_an_explanation_sounds_like_talking(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    [turn] = turns(interviewed(embedded, asked, ANSWER, None))
    text = explained(asked[0], turn.grade)
    met = [asked[0].point(name) for name in turn.grade.points_met]
    assert met
    assert all(title(point) in text for point in met)
    assert not any(point.says in text for point in asked[0].points)


def test_a_hint_is_not_about_what_was_said_already(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    steps = interviewed(embedded, asked, ANSWER + " Give me a hint please.", ADDED, None)
    hint = lines(steps)[2]
    made = [point for point in asked[0].points if hint == point.nudge]
    [turn] = turns(steps)
    assert turn.grade.hints_used == 1
    assert len(made) == 1
    alone = embedded_points(embedded, asked[0])
    assert made[0].id not in alone


def embedded_points(grader: EmbeddedGrader, question: Question) -> set[str]:
    transcript = Transcript.from_text(ANSWER)
    found = grade(question, transcript, grader.claim(question, transcript))
    return {point.id for point in found.points if point.met}


def test_the_question_of_the_follow_up_is_not_the_next_step_too(
    embedded: EmbeddedGrader, asked: list[Question]
) -> None:
    setup = setup_of(Script(ANSWER, "I am really not sure about that part.", None), embedded, follow_ups=1)
    steps = list(Interview(in_order(asked), 1, setup).events())
    [turn] = turns(steps)
    [nudge] = turn.probed
    spoken_feedback = told_after_the_answer(steps)
    assert next_step(turn.grade) in spoken_feedback
    assert nudge not in spoken_feedback
    transcript = Transcript.from_text(ANSWER)
    first = grade(asked[0], transcript, embedded.claim(asked[0], transcript))
    draft = AnswerDraft(asked[0]).with_follow_up(first.hints[0].nudge)
    assert draft.asked_last(first).hints == (first.hints[1], first.hints[0])


def test_a_correction_is_not_followed_by_the_question_that_it_answers(questions: dict[str, Question]) -> None:
    question = questions["basics-classifier-metrics"]
    text = "Precision and recall tell how good it is. Accuracy is the best measure here."
    wrong = Claim(target="clf-accuracy-proves", quote="Accuracy is the best measure here.")
    transcript = Transcript.from_text(text)
    first = grade(question, transcript, Verdict(claims=(), grader="x")).hints
    corrected = grade(question, transcript, Verdict(claims=(wrong,), grader="x"))
    assert "clf-accuracy" in first[0].point_id
    assert "clf-accuracy" not in corrected.hints[0].point_id


def test_a_point_that_was_perhaps_made_is_not_asked_for_first(asked: list[Question]) -> None:
    sure = Claim(target="threshold", quote="retrain below a threshold")
    transcript = Transcript.from_text(ANSWER)
    first = grade(asked[0], transcript, Verdict(claims=(sure,), grader="x")).hints[0].point_id
    half = Claim(target=first, quote="log every prediction", confidence=0.4)
    assert grade(asked[0], transcript, Verdict(claims=(sure, half), grader="x")).hints[0].point_id != first


def test_each_hint_that_is_used_lowers_the_highest_rating(questions: dict[str, Question]) -> None:
    question = questions["recsys-refresh"]
    text = question.answers.very_strong
    every = tuple(Claim(target=point.id, quote=" ".join(text.split()[:6])) for point in question.points)
    verdict = Verdict(claims=every, grader="x")
    ratings = [grade(question, Transcript.from_text(text), verdict, used).rating for used in range(4)]
    assert ratings == [Rating.VERY_STRONG, Rating.STRONG, Rating.STRONG, Rating.WEAK]
    assert all(max(item.hint_caps) < Rating.VERY_STRONG for item in questions.values())


# 7. The end of a session


def test_an_interview_ends_with_what_to_work_on(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    steps = interviewed(embedded, asked, ANSWER, None)
    end = steps[-1]
    assert isinstance(end, InterviewConcluded)
    assert 1 <= len(end.work_on) <= 3
    [turn] = turns(steps)
    assert [item.point_id for item in end.work_on] == [hint.point_id for hint in turn.grade.hints]
    assert spoken(end.work_on).startswith(("One thing", "Two things", "Three things"))
    assert not any(item.point_id in spoken(end.work_on) for item in end.work_on if "-" in item.point_id)


def test_the_weakest_answers_come_first_and_what_was_learned_needs_no_work(
    embedded: EmbeddedGrader, questions: dict[str, Question]
) -> None:
    two = [questions["recsys-refresh"], questions["recsys-metrics"]]
    strong = two[0].answers.strong
    steps = interviewed(embedded, two, strong, None, "I would use accuracy I think.", None)
    items = work_on(turns(steps), {question.id: question for question in two})
    assert items[0].question_id == "recsys-metrics"
    again = interviewed(embedded, two[:1], ANSWER, "Try again.", two[0].answers.very_strong, None)
    first, last = turns(again)
    left = work_on([first, last], {two[0].id: two[0]})
    assert {item.point_id for item in left} <= {hint.point_id for hint in last.grade.hints}


# 8. Memory


def past(question: Question, rating: Rating, days: float, *missed: str) -> PastAnswer:
    return PastAnswer(
        question_id=question.id, signal=question.signal, rating=rating, at=NOW - timedelta(days=days), missed=missed
    )


def test_what_was_missed_the_last_time_is_said_when_the_question_comes_again(
    embedded: EmbeddedGrader, asked: list[Question]
) -> None:
    memory = Memory.of([past(asked[0], Rating.WEAK, 30, "drift"), past(asked[0], Rating.WEAK, 8, "threshold")], NOW)
    steps = interviewed(embedded, asked, ANSWER, "Try again.", ANSWER, None, memory=memory)
    name = asked[0].point("threshold").title
    reminder = f"We had this one before. Last week you missed {name} here."
    [event] = [step for step in steps if isinstance(step, QuestionAsked)]
    assert event.reminder == reminder
    assert said(steps).count(reminder) == 1
    assert said(steps).index(reminder) < said(steps).index(asked[0].ask)
    assert said(steps).count(f"And this time you had {name}.") == 1


def test_a_new_question_and_one_that_went_well_come_without_a_reminder(asked: list[Question]) -> None:
    assert Memory().reminder(asked[0]) == ""
    assert Memory.of([past(asked[0], Rating.VERY_STRONG, 8)], NOW).reminder(asked[0]) == ""
    assert Memory.of([past(asked[0], Rating.WEAK, 8, "a-point-of-an-old-rubric")], NOW).reminder(asked[0]) == ""


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (0, "earlier today"), (1, "yesterday"), (4, "four days ago"), (7, "last week"), (13, "last week"),
        (15, "two weeks ago"), (35, "last month"), (200, "six months ago"), (400, "last year"), (5000, "13 years ago"),
    ],
)  # fmt: skip
def test_times_are_said_as_people_say_them(days: int, text: str) -> None:
    assert ago((NOW - timedelta(days=days)).date(), NOW.date()) == text


def test_requests_are_shown(embedded: EmbeddedGrader, asked: list[Question]) -> None:
    steps = interviewed(embedded, asked, None, "I need a bit more time.", ANSWER, None)
    assert "more time" in [step.what for step in steps if isinstance(step, RequestRecognized)]
