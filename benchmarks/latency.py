"""How long the candidate waits once an answer has ended: a live interview in real time, answers of 10 s to 4 min.

    python -m benchmarks.latency --recordings DIR [--seconds 10,30,60,120,240]

Speech enters at real speed into the interview as `practice` runs it: with --recordings stretches of people, each from
one long pause to another; without it a synthetic voice, which is given more silence, since it lets every sentence fall
as if it were the last one. Waits are in seconds from the end of the speech:

    decided   the answer is taken as ended
    sound     something is heard, if only "thank you"
    feedback  the first word of the feedback is heard; "after" is that without the wait until the decision
    plain     the same after a plain pipeline: 2 s of silence, faster-whisper on the whole, grade, synthesize

Then the share of words that differ between what was written while listening and one pass over the same sound.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import jiwer
import numpy as np
from whisper_normalizer.english import EnglishTextNormalizer

from agent.adapters.audio_file import read_clip
from agent.adapters.embedded_grader import EmbeddedGrader
from agent.adapters.intent_classifier import EmbeddingIntentClassifier
from agent.adapters.piper_voice import PiperVoice, available
from agent.adapters.pyttsx3_voice import Pyttsx3Voice
from agent.adapters.rubric_file import load_questions
from agent.adapters.silero_vad import SileroDetector, speech_parts
from agent.adapters.smart_turn import SmartTurn
from agent.adapters.system_clock import SystemClock
from agent.adapters.whisper import Whisper
from agent.adapters.whisper_model import model_path
from agent.interview.events import AgentSpeaks, AnswerCompleted
from agent.interview.interview import Interview, in_order
from agent.interview.setup import InterviewSetup, Style
from agent.logic.grading.coaching import feedback
from agent.logic.grading.grading import grade
from agent.logic.ports import Microphone, Speaker
from agent.logic.speech.endpointing import EndpointingPolicy
from agent.values.audio import FRAME, WHISPER_RATE, Clip, Samples
from agent.values.rubric import Question, Rating
from agent.values.transcript import Transcript
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
        self._samples, self._at = samples, 0

    def frames(self) -> Generator[Clip, None, None]:
        """The recording, then silence without end; goes on where it was when it is opened again."""
        started, begin = time.perf_counter(), self._at
        try:
            while True:
                due = started + (self._at - begin) / WHISPER_RATE / self._speed
                time.sleep(max(0.0, due - time.perf_counter()))
                block = self._samples[self._at : self._at + FRAME]
                self._at += FRAME
                yield Clip(samples=np.pad(block, (0, FRAME - len(block))), rate=WHISPER_RATE)
        finally:
            self.let_go = time.perf_counter()


class Interviewed(NamedTuple):
    """One answer, heard to its end. Seconds from the end of the speech."""

    decided_s: float
    first_s: float
    feedback_s: float
    text: str
    heard: Clip

    @property
    def after_s(self) -> float:
        """Seconds from the decision to the feedback."""
        return self.feedback_s - self.decided_s


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


SOUNDS = ("read/long*", "voicenote/*", "interview/*Broadband*")
"""Recordings of one person each."""
_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 0.7
SYNTHETIC = EndpointingPolicy(end_silence_s=1.8)


def stretches(folder: Path, lengths: Sequence[float]) -> Iterator[Samples]:
    """Stretches of people's speech of about these lengths, in seconds, each ending in a pause; one after the other
    through the shortest recording that is long enough, then from its beginning again. Raises SystemExit if there is
    none.
    """
    paths = sorted(path for pattern in SOUNDS for path in folder.glob(pattern) if path.suffix in (".flac", ".mp3"))
    recordings = sorted((_with_short_pauses(read_clip(path)) for path in paths), key=len)
    at = [0] * len(recordings)
    for seconds in lengths:
        size = round(seconds * WHISPER_RATE)
        number = next((n for n, samples in enumerate(recordings) if len(samples) >= size), None)
        if number is None:
            raise SystemExit(f"{folder}: no recording is as long as {seconds:.0f} s; give shorter answers")
        if len(recordings[number]) - at[number] < size:
            at[number] = 0
        left = recordings[number][at[number] :]
        end = min([*_pauses(left), len(left)], key=lambda end: abs(end - size))
        yield left[:end]
        at[number] += end


def _with_short_pauses(clip: Clip) -> Samples:
    """The recording with no pause long enough to be taken for the end: what comes after an answer is measured here, and
    `real_pauses` measures when that is.
    """
    parts, kept = speech_parts(clip), list[Samples]()
    for number, (start, end) in enumerate(parts):
        until = min(end + _LONGEST_PAUSE_S, parts[number + 1][0] if number + 1 < len(parts) else end)
        kept.append(clip.samples[round(start * WHISPER_RATE) : round(until * WHISPER_RATE)])
    return np.concatenate(kept) if kept else clip.samples[:0]


def _pauses(samples: Samples) -> list[int]:
    """Where speech ends before each long silence, in samples."""
    parts = speech_parts(Clip(samples=samples, rate=WHISPER_RATE))
    ends = [end for (_, end), (start, _) in pairwise(parts) if start - end >= _PAUSE_S]
    return [round(end * WHISPER_RATE) for end in ends]


def setup_with(
    microphone: Microphone, speaker: Speaker, whisper: Whisper, grader: EmbeddedGrader, policy: EndpointingPolicy
) -> InterviewSetup:
    """A setup as `practice` makes it, without follow-up questions."""
    return InterviewSetup(
        voice=PiperVoice() if available() else Pyttsx3Voice(words_per_minute=165),
        speaker=speaker,
        microphone=microphone,
        detector=SileroDetector(),
        transcriber=whisper,
        grader=grader,
        clock=SystemClock(),
        policy=policy,
        style=Style(follow_ups=0),
        turns=SmartTurn(),
        intents=EmbeddingIntentClassifier(),
    )


def interviewed(question: Question, samples: Samples, setup: InterviewSetup) -> Interviewed:
    """Asks the question, hears the answer and begins the feedback. The setup's microphone and speaker are ours."""
    microphone, speaker = setup.microphone, setup.speaker
    assert isinstance(microphone, RealTime)
    assert isinstance(speaker, Stopwatch)
    microphone.speak(samples)
    interview = Interview(in_order([question]), 1, setup)
    text, wait_s, decided, begun, steps = "", 0.0, 0.0, 0, interview.events()
    for step in steps:
        if isinstance(step, AnswerCompleted):
            text, wait_s = step.turn.transcript.text, step.turn.timings_s["wait"]
            decided, begun = microphone.let_go, len(speaker.played)
        elif isinstance(step, AgentSpeaks) and decided:
            break
    next(steps)  # the feedback is said when the next step is pulled
    return Interviewed(
        decided_s=wait_s,
        first_s=wait_s + speaker.after(decided),
        feedback_s=wait_s + speaker.played[begun] - decided,
        text=text,
        heard=interview.answer_audio,
    )


class Plain:
    """The plain pipeline: everything is done after two seconds of silence."""

    SILENCE_S = 2.0

    def __init__(self) -> None:
        from faster_whisper import WhisperModel

        self._model: Any = WhisperModel(str(model_path("base")), device="cpu", compute_type="int8")
        self._grader, self._voice = EmbeddedGrader(), PiperVoice() if available() else Pyttsx3Voice()

    def feedback_s(self, question: Question, clip: Clip) -> float:
        """Seconds from the end of the speech to the first word of the feedback."""
        self._grader.prepare(question)
        started = time.perf_counter()
        segments, _ = self._model.transcribe(clip.samples, language="en")
        transcript = Transcript.from_text(" ".join(segment.text.strip() for segment in segments))
        found = grade(question, transcript, self._grader.claim(question, transcript))
        self._voice.synthesize(feedback(question, found))
        return time.perf_counter() - started + self.SILENCE_S


normalized = EnglishTextNormalizer()


def main() -> None:
    """Prints one row for each answer, then the medians and 90th percentiles."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", default="10,30,60,120,240")
    parser.add_argument("--recordings", type=Path, metavar="DIR", help="folder with recordings of people")
    args = parser.parse_args()
    lengths = [float(text) for text in args.seconds.split(",")]
    questions = [item for item in load_questions([ROOT / "rubrics"]).values() if item.id.startswith("recsys-")]
    questions = [questions[number % len(questions)] for number in range(len(lengths))]
    policy = EndpointingPolicy() if args.recordings else SYNTHETIC
    answers = (
        stretches(args.recordings, lengths)
        if args.recordings
        else (answer(question, length)[1] for question, length in zip(questions, lengths, strict=True))
    )
    whisper, grader, plain = Whisper(device="cpu"), EmbeddedGrader(), Plain()
    whisper.warm()
    print("".join(f"{title:>{WIDE}}" for title in ("answer", "heard", *Row._fields)))
    rows = list[Row]()
    for question, samples in zip(questions, answers, strict=True):
        found = interviewed(question, samples, setup_with(RealTime(), Stopwatch(), whisper, grader, policy))
        once = whisper.transcribe(found.heard, [term.term for term in question.glossary]).text
        differ = float(jiwer.wer(str(normalized(once)), str(normalized(found.text))))
        waits = (found.decided_s, found.first_s, found.feedback_s, found.after_s)
        rows.append(Row(*waits, plain.feedback_s(question, found.heard), differ))
        heard_s = max(0.0, found.heard.seconds - found.decided_s)
        print(f"{len(samples) / WHISPER_RATE:>{WIDE - 2}.0f} s{heard_s:>{WIDE - 2}.0f} s{rows[-1].shown}", flush=True)
    for title, share in (("median", 50), ("90th percentile", 90)):
        print(f"{title:{2 * WIDE}}{Row(*np.percentile(np.array(rows), share, axis=0)).shown}")


WIDE = 10


class Row(NamedTuple):
    """Seconds, and a share of words."""

    decided: float
    sound: float
    feedback: float
    after: float
    plain: float
    differ: float

    @property
    def shown(self) -> str:
        """The columns of a table."""
        return "".join(f"{seconds:>{WIDE - 2}.2f} s" for seconds in self[:-1]) + f"{self.differ:>{WIDE}.1%}"


if __name__ == "__main__":
    main()
