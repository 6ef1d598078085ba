"""How long the candidate waits once an answer has ended: a live interview in real time, answers of 10 s to 4 min.

    python -m benchmarks.latency [--seconds 10,30,60,120,240]

A synthetic voice speaks each answer at real speed into the interview as `practice` runs it. Decided: the answer is
taken as ended. First sound: something is heard, if only "thank you". Feedback: its first word is heard. Then the word
error rate of the words written while listening beside one pass over the whole recording, both against what was said.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import NamedTuple

import jiwer
import numpy as np
from whisper_normalizer.english import EnglishTextNormalizer

from agent.adapters.embedded_grader import EmbeddedGrader
from agent.adapters.intent_classifier import EmbeddingIntentClassifier
from agent.adapters.piper_voice import PiperVoice, available
from agent.adapters.pyttsx3_voice import Pyttsx3Voice
from agent.adapters.rubric_file import load_questions
from agent.adapters.silero_vad import SileroDetector
from agent.adapters.smart_turn import SmartTurn
from agent.adapters.system_clock import SystemClock
from agent.adapters.whisper import Whisper
from agent.interview.events import AgentSpeaks, AnswerCompleted
from agent.interview.interview import Interview, in_order
from agent.interview.setup import InterviewSetup, Style
from agent.logic.ports import Microphone, Speaker
from agent.logic.speech.endpointing import EndpointingPolicy
from agent.values.audio import FRAME, WHISPER_RATE, Clip, Samples
from agent.values.rubric import Question, Rating
from benchmarks.recordings import spoken, voices

ROOT = Path(__file__).parent.parent


class Stopwatch:
    """A loudspeaker that nobody hears; knows when it was first used after a moment."""

    def __init__(self) -> None:
        self.played: list[float] = []

    def play(self, clip: Clip, until: Callable[[], bool] | None = None) -> bool:
        """Notes the time, and takes as long as the sound does: models are loaded while a question is read."""
        self.played.append(time.perf_counter())
        time.sleep(clip.seconds)
        return True

    def after(self, moment: float) -> float:
        """Seconds from a moment to the first sound after it."""
        return min(at for at in self.played if at >= moment) - moment


class RealTime:
    """A microphone that hears recordings at the speed of life, or faster, then silence; knows when it was let go."""

    def __init__(self, speed: float = 1.0) -> None:
        self._speed = speed
        self.let_go = 0.0

    def speak(self, samples: Samples) -> None:
        """The next recording, heard from its beginning."""
        self._samples = np.concatenate([samples, np.zeros(30 * WHISPER_RATE, np.float32)])
        self._at = 0

    def frames(self) -> Generator[Clip, None, None]:
        """The recording, then silence; goes on where it was when it is opened again."""
        started, begin = time.perf_counter(), self._at
        try:
            while self._at < len(self._samples) - FRAME:
                due = started + (self._at - begin) / WHISPER_RATE / self._speed
                time.sleep(max(0.0, due - time.perf_counter()))
                self._at += FRAME
                yield Clip(samples=self._samples[self._at - FRAME : self._at], rate=WHISPER_RATE)
        finally:
            self.let_go = time.perf_counter()


class Interviewed(NamedTuple):
    """One answer, heard to its end."""

    first_s: float
    """From the answer being taken as ended to the first sound."""
    feedback_s: float
    """And to the first sound of the feedback."""
    text: str


def answer(question: Question, seconds: float) -> tuple[str, Samples]:
    """Sentences of the question's reference answers, said until the time is up, with short pauses between them."""
    voice, said, sound, size = voices()[1], list[str](), list[Samples](), 0
    whole = " ".join(question.answers.of(level) for level in reversed(Rating))
    parts = [part.strip() + "." for part in whole.split(".") if part.strip()]
    while size < seconds * WHISPER_RATE:
        text = parts[len(said) % len(parts)]
        clip = spoken(voice, text, question.glossary)
        pause = np.zeros(round((0.4 + 0.3 * (len(said) % 3)) * WHISPER_RATE), np.float32)
        said.append(text)
        sound += [clip, pause]
        size += len(clip) + len(pause)
    return " ".join(said), np.concatenate(sound)


def room_with(microphone: Microphone, speaker: Speaker, whisper: Whisper, grader: EmbeddedGrader) -> InterviewSetup:
    """A room as `practice` sets it up, without follow-up questions."""
    return InterviewSetup(
        voice=PiperVoice() if available() else Pyttsx3Voice(words_per_minute=165),
        speaker=speaker,
        microphone=microphone,
        detector=SileroDetector(),
        transcriber=whisper,
        grader=grader,
        clock=SystemClock(),
        policy=EndpointingPolicy(),
        style=Style(follow_ups=0),
        turns=SmartTurn(),
        intents=EmbeddingIntentClassifier(),
    )


def interviewed(question: Question, samples: Samples, whisper: Whisper, grader: EmbeddedGrader) -> Interviewed:
    """The question asked, the answer heard, the feedback begun."""
    speaker, microphone = Stopwatch(), RealTime()
    microphone.speak(samples)
    setup = room_with(microphone, speaker, whisper, grader)
    text, decided, steps = "", 0.0, Interview(in_order([question]), 1, setup).events()
    for step in steps:
        if isinstance(step, AnswerCompleted):
            text, decided = step.turn.transcript.text, microphone.let_go
            begun = len(speaker.played)
        elif isinstance(step, AgentSpeaks) and decided:
            break
    next(steps)  # the feedback is said when the next step is pulled
    feedback = speaker.played[begun] - decided
    return Interviewed(speaker.after(decided), feedback, text)


normalized = EnglishTextNormalizer()


def main() -> None:
    """Prints one row an answer, then the medians."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", default="10,30,60,120,240")
    args = parser.parse_args()
    questions = [item for item in load_questions([ROOT / "rubrics"]).values() if item.id.startswith("recsys-")]
    whisper, grader = Whisper(device="cpu"), EmbeddedGrader()
    whisper.warm()
    print(f"{'answer':>8}{'first sound':>13}{'feedback':>10}{'WER while listening':>21}{'WER in one pass':>17}")
    rows = []
    for number, seconds in enumerate(map(float, args.seconds.split(","))):
        question = questions[number % len(questions)]
        said, samples = answer(question, seconds)
        row = interviewed(question, samples, whisper, grader)
        terms = [term.term for term in question.glossary]
        once = whisper.transcribe(Clip(samples=samples, rate=WHISPER_RATE), terms).text
        rates = [float(jiwer.wer(str(normalized(said)), str(normalized(text)))) for text in (row.text, once)]
        rows.append((row.first_s, row.feedback_s, *rates))
        length = len(samples) / WHISPER_RATE
        waits = f"{length:>6.0f} s{row.first_s:>11.2f} s{row.feedback_s:>8.2f} s"
        print(f"{waits}{rates[0]:>21.1%}{rates[1]:>17.1%}", flush=True)
    medians = np.median(np.array(rows), axis=0)
    print(f"{'median':>8}{medians[0]:>11.2f} s{medians[1]:>8.2f} s{medians[2]:>21.1%}{medians[3]:>17.1%}")


if __name__ == "__main__":
    main()
