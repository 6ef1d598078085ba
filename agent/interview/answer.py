"""The answer to one question as it grows: what was said and asked, and
which hints were given. Pure; uses no devices.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from agent.logic.dialogue.help import talk_before, to_the_interviewer
from agent.logic.grading.sentences import transcript_sentences
from agent.logic.speech.delivery import delivery
from agent.logic.speech.endpointing import without_closing
from agent.logic.speech.speakable import sentences
from agent.logic.speech.tokens import tokens
from agent.values.audio import WHISPER_RATE, Clip
from agent.values.grade import Grade
from agent.values.rubric import Question
from agent.values.session import Clarified, Turn
from agent.values.transcript import Transcript, joined


class AnswerPart(NamedTuple):
    """What the candidate said between two utterances of the agent."""

    clip: Clip
    transcript: Transcript

    def until(self, end_s: float) -> AnswerPart:
        """Returns the part before that second."""
        clip = Clip(samples=self.clip.samples[: round(end_s * WHISPER_RATE)], rate=WHISPER_RATE)
        return AnswerPart(clip, self.transcript.until(end_s))

    def before(self, word: int) -> AnswerPart:
        """Returns the part before the word with that index."""
        words = self.transcript.words
        return AnswerPart(
            self.until(words[word].start_s).clip, self.transcript.model_copy(update={"words": words[:word]})
        )

    def between(self, first: int, end: int) -> AnswerPart:
        """Returns the words from index `first` to before another index, with their audio and the silence after them."""
        every = self.transcript.words
        start_s = every[first].start_s if first > 0 else 0.0
        end_s = every[end].start_s if end < len(every) else self.clip.seconds
        words = tuple(
            word.model_copy(
                update={"start_s": max(0.0, round(word.start_s - start_s, 3)), "end_s": round(word.end_s - start_s, 3)}
            )
            for word in every[first:end]
        )
        clip = Clip(
            samples=self.clip.samples[round(start_s * WHISPER_RATE) : round(end_s * WHISPER_RATE)], rate=WHISPER_RATE
        )
        duration_s = max(0.0, end_s - start_s)
        return AnswerPart(clip, self.transcript.model_copy(update={"words": words, "duration_s": duration_s}))

    def without_closing(self) -> tuple[AnswerPart, ...]:
        """Returns the part without a closing phrase; empty if nothing is left."""
        part = self._replace(transcript=without_closing(self.transcript))
        return (part,) if part.transcript.words else ()

    def of_the_answer(self) -> tuple[AnswerPart, ...]:
        """Returns the part without what was said to the interviewer, such as "let me think", and without a closing
        phrase.

        What is left out separates two parts, so that it does not count as a pause. Empty if nothing is left.
        """
        part = self._replace(transcript=without_closing(self.transcript))
        runs = list[tuple[int, int]]()
        for sentence in transcript_sentences(part.transcript):
            if to_the_interviewer(sentence.text):
                continue
            said = [word.text for word in part.transcript.words[sentence.first : sentence.last + 1]]
            first = sentence.first + talk_before(said)
            if runs and runs[-1][1] == first:
                runs[-1] = (runs[-1][0], sentence.last + 1)
            else:
                runs.append((first, sentence.last + 1))
        whole = runs == [(0, len(part.transcript.words))]
        return (part,) if whole else tuple(part.between(first, end) for first, end in runs)


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
        """The draft with another part."""
        return replace(self, parts=(*self.parts, part))

    def with_hint(self) -> AnswerDraft:
        """The draft with another hint."""
        return replace(self, hints=self.hints + 1)

    def with_clarified(self, asked: Clarified) -> AnswerDraft:
        """The draft with an answered question to the interviewer."""
        return replace(self, clarified=(*self.clarified, asked))

    def with_follow_up(self, text: str) -> AnswerDraft:
        """The draft with a follow-up question."""
        return replace(self, follow_ups=(*self.follow_ups, text))

    def restarted(self) -> AnswerDraft:
        """The draft without any speech; the hints given so far still count."""
        return replace(self, parts=())

    def next_attempt(self) -> AnswerDraft:
        """A new attempt at the same question."""
        return AnswerDraft(self.question, self.attempt + 1)

    def transcript(self, running: Transcript | None = None) -> Transcript:
        """All parts joined, with what is being said now; the times are those in the joined audio."""
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
        """Whether the candidate has only asked the interviewer questions."""
        said = [sentence for part in self.parts for sentence in sentences(part.transcript.text)]
        return all(sentence.endswith("?") or len(tokens(sentence)) <= 2 for sentence in said)

    def asked_last(self, grade: Grade) -> Grade:
        """Returns the grade with the steps that a follow-up has asked for at the end, so that no question is heard
        twice.
        """
        steps = sorted(grade.hints, key=lambda step: step.nudge in self.follow_ups)
        return grade.model_copy(update={"hints": tuple(steps)})

    def turn(self, grade: Grade, timings_s: dict[str, float]) -> Turn:
        """The answer with its grade."""
        return Turn(
            question_id=self.question.id,
            transcript=self.transcript(),
            grade=self.asked_last(grade),
            delivery=delivery(self._speech_only()),
            timings_s=timings_s,
            attempt=self.attempt,
            clarified=self.clarified,
            probed=self.follow_ups,
        )

    def _speech_only(self) -> Transcript:
        """Returns the transcript with each part starting where the one before ended, since the audio in between is not
        the candidate's.
        """
        pieces, at = list[tuple[float, Transcript]](), 0.0
        for transcript in (part.transcript for part in self.parts if part.transcript.words):
            start = at - transcript.words[0].start_s if pieces else 0.0
            pieces.append((start, transcript))
            at = start + transcript.words[-1].end_s
        return joined(pieces, duration_s=at)
