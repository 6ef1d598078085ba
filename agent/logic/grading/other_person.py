"""Detects from voices and words whether someone other than the candidate speaks in a recording.

Only for recordings that the program did not make itself. At its own microphone the candidate may repeat the question,
and the agent's voice is not recorded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.logic.grading.sentences import Sentence, transcript_sentences
from agent.logic.speech.tokens import content
from agent.values.rubric import Question
from agent.values.transcript import Transcript

TWO_VOICES = (
    "Two people seem to speak in this recording: a second voice, {semitones:.0f} semitones away in pitch, speaks "
    "{when}. Only the candidate's words can be graded: give a recording or a channel of the candidate alone, or "
    "confirm that only one person speaks."
)
CONTRADICTION = (
    "Two people seem to speak in this recording: a question is asked and answered, and then somebody says "
    "'{words}'. Only the candidate's words can be graded: give a recording or a channel of the candidate alone, or "
    "confirm that only one person speaks."
)
READ_ALOUD = (
    "A question is asked aloud in this recording, {at_s:.0f} s from its start. If that is an interviewer, the "
    "interviewer's words were graded too; give a recording of the candidate alone."
)
_READ = 0.8
"""Share of a question's words in one sentence of the transcript from which the sentence counts as reading it aloud."""
_ANSWERED = 20
"""Minimum number of words between the question and "I have no idea" that count as someone's answer."""
_SPANS_NAMED = 3
_TO_SOMEBODY = re.compile(
    r"\b(?:how|what|which|why|when|where)\b.{0,60}\b(?:would|will|do|did|can|could|should|have) you\b"
    r"(?!\W+mean\b).*[?]\W*$",
    re.IGNORECASE | re.DOTALL,
)
"""What an interviewer asks ("How would you ..."); a candidate who repeats the question asks "How would I ..."."""
_NO_IDEA = re.compile(
    r"^\W*(?:(?:okay|ok|so|well|um+|uh+|oh|hm+|yeah|no|sorry|honestly|actually|i'?m sorry)\W+)*"
    r"i\W+(?:(?:really|honestly|just)\W+)?"
    r"(?:(?:have|had|'ve got)\W+(?:absolutely\W+)?no\W+(?:idea|clue)|(?:don'?t|do not)\W+know)"
    r"(?:\W+(?:sorry|at all|really|honestly|i'?m sorry|about (?:that|this)|(?:that|this)(?: one)?|the answer))*\W*$",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.?!])\s+")


def others_reason(question: Question, transcript: Transcript) -> str | None:
    """Why the recording cannot be graded as one person's answer, with what to do next; None if it can."""
    if not transcript.others_may_speak:
        return None
    second = transcript.second_voice
    if second is not None:
        return TWO_VOICES.format(semitones=second.semitones, when=_when(second.spans))
    sentences = transcript_sentences(transcript)
    asked = _asked(question, sentences)
    if asked is None:
        return None
    for sentence in sentences:
        if sentence.first - asked.last > _ANSWERED and _NO_IDEA.match(sentence.text):
            return CONTRADICTION.format(words=sentence.text.strip())
    return None


def note_on_others(question: Question, transcript: Transcript) -> str | None:
    """A note for the grade if someone asks a question in the recording; None otherwise."""
    if not transcript.others_may_speak:
        return None
    asked = _asked(question, transcript_sentences(transcript))
    return None if asked is None else READ_ALOUD.format(at_s=transcript.words[asked.first].start_s)


def _asked(question: Question, sentences: Sequence[Sentence]) -> Sentence | None:
    """The first sentence that asks the interview's question, or asks something as an interviewer would."""
    wanted = [content(text) for whole in (question.ask, question.rephrase) for text in _questions(whole)]
    wanted = [words for words in wanted if len(words) >= 4]
    for sentence in sentences:
        said = content(sentence.text)
        read = any(len(words & said) >= _READ * len(words) for words in wanted)
        if read or _TO_SOMEBODY.search(sentence.text):
            return sentence
    return None


def _questions(text: str) -> list[str]:
    """The sentences of a text that ask something; all of them if none has a question mark."""
    sentences = _SENTENCE_END.split(text)
    return [sentence for sentence in sentences if sentence.endswith("?")] or sentences


def _when(spans: Sequence[tuple[float, float]]) -> str:
    named = [f"from {start:.0f} to {end:.0f} s" for start, end in spans[:_SPANS_NAMED]]
    return " and ".join(named) + (" and later" if len(spans) > _SPANS_NAMED else "")
