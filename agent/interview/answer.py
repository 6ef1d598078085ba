"""The answer to one question as it grows: what was said, asked and hinted. Pure; knows nothing of devices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from agent.logic.speech.delivery import delivery
from agent.logic.speech.speakable import sentences
from agent.logic.speech.tokens import tokens
from agent.values.audio import WHISPER_RATE, Clip
from agent.values.grade import Grade
from agent.values.rubric import Question
from agent.values.session import Clarified, Turn
from agent.values.transcript import Transcript, joined


class AnswerPart(NamedTuple):
    """What the candidate said between two things that the agent said."""

    clip: Clip
    transcript: Transcript

    def until(self, end_s: float) -> AnswerPart:
        """What was said before a second."""
        clip = Clip(samples=self.clip.samples[: round(end_s * WHISPER_RATE)], rate=WHISPER_RATE)
        return AnswerPart(clip, self.transcript.until(end_s))

    def before(self, word: int) -> AnswerPart:
        """What was said before a word, by its index."""
        words = self.transcript.words
        return AnswerPart(
            self.until(words[word].start_s).clip, self.transcript.model_copy(update={"words": words[:word]})
        )


@dataclass(frozen=True)
class AnswerDraft:
    """An answer that may still grow; every step gives a new draft."""

    question: Question
    attempt: int = 1
    parts: tuple[AnswerPart, ...] = ()
    hints: int = 0
    """Hints given."""
    clarified: tuple[Clarified, ...] = ()
    follow_ups: tuple[str, ...] = ()

    def with_part(self, part: AnswerPart) -> AnswerDraft:
        """With something more said."""
        return replace(self, parts=(*self.parts, part))

    def with_hint(self) -> AnswerDraft:
        """With one hint more given."""
        return replace(self, hints=self.hints + 1)

    def with_clarified(self, asked: Clarified) -> AnswerDraft:
        """With one question to the interviewer answered."""
        return replace(self, clarified=(*self.clarified, asked))

    def with_follow_up(self, text: str) -> AnswerDraft:
        """With one follow-up question asked."""
        return replace(self, follow_ups=(*self.follow_ups, text))

    def restarted(self) -> AnswerDraft:
        """Nothing said yet; the hints that were given stay given."""
        return replace(self, parts=())

    def next_attempt(self) -> AnswerDraft:
        """A new attempt at the same question."""
        return AnswerDraft(self.question, self.attempt + 1)

    def transcript(self, running: Transcript | None = None) -> Transcript:
        """All parts in one, and what is being said now, with the times that they have in the joined audio."""
        pieces, at = list[tuple[float, Transcript]](), 0.0
        for part in self.parts:
            pieces.append((at, part.transcript))
            at += part.clip.seconds
        if running is not None:
            pieces.append((at, running))
        return joined(pieces, duration_s=at + (running.duration_s if running else 0.0))

    def clip(self) -> Clip:
        """The audio of all parts."""
        if not self.parts:
            return Clip.silence()
        return Clip(samples=np.concatenate([part.clip.samples for part in self.parts]), rate=WHISPER_RATE)

    def only_questions(self) -> bool:
        """Whether nothing was said but questions to the interviewer."""
        said = [sentence for part in self.parts for sentence in sentences(part.transcript.text)]
        return all(sentence.endswith("?") or len(tokens(sentence)) <= 2 for sentence in said)

    def turn(self, grade: Grade, timings_s: dict[str, float]) -> Turn:
        """The answer with its grade."""
        return Turn(
            question_id=self.question.id,
            transcript=self.transcript(),
            grade=grade,
            delivery=delivery(self._speech_only()),
            timings_s=timings_s,
            attempt=self.attempt,
            clarified=self.clarified,
            probed=self.follow_ups,
        )

    def _speech_only(self) -> Transcript:
        """As transcript(), with each part beginning where the one before ended: what lies between was not theirs."""
        pieces, at = list[tuple[float, Transcript]](), 0.0
        for transcript in (part.transcript for part in self.parts if part.transcript.words):
            start = at - transcript.words[0].start_s if pieces else 0.0
            pieces.append((start, transcript))
            at = start + transcript.words[-1].end_s
        return joined(pieces, duration_s=at)
