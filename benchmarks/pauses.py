"""Regression test of when an answer ends, on synthetic voices: our rule beside fixed silences, in one run.

    python -m benchmarks.pauses [--answers FILE.jsonl] [--seed 0] [--count 60] [--closings 0.2] [--sound-only]
                                [--dump F] [--read F]

Speech comes from nine synthetic voices, half of it with pink noise 20 dB below. Pauses of 0.3 to 6 s (log-uniform) are
put where people think: after a filler, within or after a clause, after a sentence. A share of the answers ends with
words such as "so that's my answer" (`--closings`). "ours" is the rule until a candidate has
once ended an answer so; from then on the interview goes by "--patient". The rule hears the sound, and the
words as Whisper writes them, as late as Whisper needs on this machine. What was observed can be written to a file
(`--dump`) and judged again (`--read`). Synthetic voices let a sentence in the middle fall like the last one, so the
figures for people are those of benchmarks/real_pauses.py; these only show whether a change has broken something.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soxr

from agent.adapters.silero_vad import SileroDetector
from agent.adapters.smart_turn import SmartTurn
from agent.adapters.whisper import Whisper
from agent.interview.endpointer import JUDGED_S
from agent.interview.streaming_transcriber import StreamingTranscriber
from agent.logic.ports import Voice
from agent.logic.speech.endpointing import SPEECH, EndCues, EndpointingPolicy, SpeechActivity, advance, closes, finished
from agent.logic.speech.pause_habit import PAUSE_S
from agent.logic.speech.speakable import speakable
from agent.values.audio import FRAME, WHISPER_RATE, Clip, Samples
from benchmarks.recordings import noisy, voices

ROOT = Path(__file__).parent.parent
AFTER_END_S = 9.0
FEWEST_WORDS = 20
FILLERS = ("um", "uh", "so, um", "hmm", "you know, uh")
CLOSINGS = ("So that's my answer.", "Yeah, that's it.", "I think that's all.")


class Chunk(NamedTuple):
    """Words, and the silence after them."""

    text: str
    kind: str
    """filler, clause or sentence: a pause for thought; end: the answer is over."""
    pause_s: float


class Pause(NamedTuple):
    """One pause, and what can be known in it."""

    kind: str
    seconds: float
    before: dict[str, float]
    """The state of listening at its beginning."""
    speaks: list[bool]
    """Whether the detector hears speech, frame by frame."""
    end_of_turn_probability: float | None
    """Known PAUSE_S into the silence."""
    text: str
    """All words until then, as Whisper writes them."""
    known_s: float
    """Seconds that Whisper needs for the last words, from PAUSE_S into the silence."""
    ending: str | None = None
    """The very last words, where they were known before the others."""
    ending_s: float = 0.0
    """Seconds until they were, from PAUSE_S into the silence."""


def chunks(answer: str, draw: random.Random, closings: float) -> list[Chunk]:
    """An answer cut at up to five places where a speaker might think."""
    pieces = [
        piece for piece in re.split(r"(?<=[,.;:?!])\s+|\s+(?=(?:because|and then|so that|which)\b)", answer) if piece
    ]
    stops = sorted(draw.sample(range(len(pieces) - 1), min(5, len(pieces) - 1)))
    made, begin = [], 0
    for stop in stops:
        text = " ".join(pieces[begin : stop + 1])
        kind = "sentence" if text.endswith((".", "?", "!")) else "clause"
        if draw.random() < 0.35:
            text, kind = f"{text.rstrip('.?!,;:')}, {draw.choice(FILLERS)}...", "filler"
        made.append(Chunk(text, kind, float(np.exp(draw.uniform(np.log(0.3), np.log(6.0))))))
        begin = stop + 1
    last = " ".join(pieces[begin:])
    if draw.random() < closings:
        last = f"{last} {draw.choice(CLOSINGS)}"
    return [*made, Chunk(last, "end", AFTER_END_S)]


def recording(parts: list[Chunk], voice: Voice, loud: bool, seed: int) -> tuple[Samples, list[int]]:
    """The sound at 16 kHz and, for each chunk, the sample at which its pause begins."""
    pieces, ends, size = [], [], 0
    for number, part in enumerate(parts):
        said = _spoken(voice, part.text)
        if part.kind == "clause":
            said = _broken_off(voice, part.text, parts[number + 1].text, len(said))
        pause = np.zeros(round(part.pause_s * WHISPER_RATE), np.float32)
        pieces += [said, pause]
        ends.append(size + len(said))
        size += len(said) + len(pause)
    samples = np.concatenate(pieces)
    samples *= 0.5 / max(1e-6, float(np.abs(samples).max()))
    return (noisy(samples, 20.0, seed) if loud else samples), ends


def _spoken(voice: Voice, text: str) -> Samples:
    clip = voice.synthesize(speakable(text))
    return _trimmed(soxr.resample(clip.samples, clip.rate, WHISPER_RATE).astype(np.float32))


def _broken_off(voice: Voice, text: str, following: str, alone: int) -> Samples:
    """The clause with the melody of a sentence that goes on: spoken with what follows, then cut where it is quietest.

    A voice that is given the clause alone lets it fall like a whole sentence. `alone` is its length then, in samples.
    """
    whole = _spoken(voice, f"{text.rstrip('.')} {following}")
    first, size = max(0, alone - WHISPER_RATE // 2), WHISPER_RATE // 50
    near = np.square(whole[first : alone + WHISPER_RATE // 4])
    levels = np.convolve(near, np.ones(size), mode="valid")
    return whole[: first + int(np.argmin(levels)) + size // 2] if len(levels) else whole[:alone]


def _trimmed(samples: Samples) -> Samples:
    """Without the silence that voices add: the pause's length is ours to set."""
    loud = np.flatnonzero(np.abs(samples) > 0.01 * np.abs(samples).max())
    return samples[loud[0] : loud[-1] + 1]


class Rule(NamedTuple):
    """When an answer has ended."""

    decide: Callable[[SpeechActivity, EndCues], bool]
    ending_first: bool = False
    """Whether its last words are written before the others."""


def rules(sound_only: bool) -> dict[str, Rule]:
    """Ours and the fixed ones."""

    def seen(ending: EndCues) -> EndCues:
        return ending._replace(tail=None, settled=False) if sound_only else ending

    def ours(state: SpeechActivity, ending: EndCues) -> bool:
        return finished(state, EndpointingPolicy(), seen(ending))

    def fixed(seconds: float) -> Rule:
        return Rule(lambda state, _: finished(state, EndpointingPolicy.fixed(seconds), EndCues()))

    def patient(state: SpeechActivity, ending: EndCues) -> bool:
        return finished(state, EndpointingPolicy.patient(), seen(ending))

    return {
        "ours": Rule(ours),
        "--patient": Rule(patient, ending_first=True),
        "fixed 0.7 s": fixed(0.7),
        "fixed 2.0 s": fixed(2.0),
    }


def observed(samples: Samples, ends: list[int], parts: list[Chunk], streaming: StreamingTranscriber) -> Iterator[Pause]:
    """Every pause of a recording, with what its sound and its words tell."""
    detector, turns, state = SileroDetector(), SmartTurn(), SpeechActivity()
    streaming.begin()
    stops = [end + round(part.pause_s * WHISPER_RATE) for part, end in zip(parts, ends, strict=True)]
    frames = [Clip(samples=samples[at : at + FRAME], rate=WHISPER_RATE) for at in range(0, len(samples) - FRAME, FRAME)]
    begin = 0
    for part, end, stop in zip(parts, ends, stops, strict=True):
        for frame in frames[begin // FRAME : end // FRAME]:
            state = _added(state, frame, detector.probability(frame) >= SPEECH, streaming)
        before, sure, known, speaks = state, None, Transcribed("", 0.0, None, 0.0), list[bool]()
        for frame in frames[end // FRAME : stop // FRAME]:
            speaks.append(detector.probability(frame) >= SPEECH)
            silence_s = state.silence_s
            state = _added(state, frame, speaks[-1], streaming)
            if silence_s < PAUSE_S <= state.silence_s:
                sure, known = turns.finished(streaming.latest(JUDGED_S)), _transcribed(streaming)
        yield Pause(part.kind, part.pause_s, before._asdict(), speaks, sure, *known)
        begin = stop


def _added(state: SpeechActivity, frame: Clip, speaks: bool, streaming: StreamingTranscriber) -> SpeechActivity:
    streaming.add(frame, speaks, state.silence_s)
    return advance(state, float(speaks), frame.seconds)


class Transcribed(NamedTuple):
    """The words up to a pause, and the seconds that it took to write the last of them."""

    text: str
    after_s: float
    ending: str | None
    ending_after_s: float


def _transcribed(streaming: StreamingTranscriber) -> Transcribed:
    started = time.perf_counter()
    streaming.pause(ending_first=True)
    while streaming.final() is None and streaming.ending() is None:
        time.sleep(0.005)
    ending, ending_s = streaming.ending(), time.perf_counter() - started
    return Transcribed(streaming.transcript().text, time.perf_counter() - started, ending, ending_s)


def ended(pause: Pause, rule: Rule) -> float | None:
    """Seconds into the pause at which a rule ends the answer; None for never."""
    state, frame_s = SpeechActivity(**pause.before), FRAME / WHISPER_RATE
    for number, speaks in enumerate(pause.speaks):
        state = advance(state, float(speaks), frame_s)
        if state.silence_s < PAUSE_S:
            continue
        known = state.silence_s >= PAUSE_S + pause.known_s - (0.0 if rule.ending_first else pause.ending_s)
        first = rule.ending_first and state.silence_s >= PAUSE_S + pause.ending_s
        said = pause.text if known else pause.ending if first else None
        ending = EndCues(
            end_of_turn_probability=pause.end_of_turn_probability,
            tail=pause.text[-200:] if known else None,
            settled=said is not None and closes(said),
        )
        if rule.decide(state, ending):
            return (number + 1) * frame_s
    return None


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--answers", type=Path, default=ROOT / "benchmarks" / "judged" / "recsys.jsonl")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--closings", type=float, default=0.2, help="share of the answers that end by saying so")
    parser.add_argument("--sound-only", action="store_true", help="our rule without the words")
    parser.add_argument("--dump", type=Path, help="write every pause as JSON lines")
    parser.add_argument("--read", type=Path, help="judge pauses that were written before")
    args = parser.parse_args()
    if args.read:
        found = [Pause(**json.loads(line)) for line in args.read.read_text("utf-8").splitlines()]
    else:
        found = listened(args.answers, args.count, args.seed, args.closings)
    if args.dump:
        args.dump.write_text("".join(json.dumps(pause._asdict()) + "\n" for pause in found))
    report(found, rules(args.sound_only))


def listened(answers: Path, count: int, seed: int, closings: float) -> list[Pause]:
    """All pauses of answers of a file, spoken by all voices in turn."""
    draw, every, whisper = random.Random(seed), voices(), Whisper(device="cpu", language="en")
    whisper.warm()
    streaming = StreamingTranscriber(whisper)
    texts = [json.loads(line)["answer"] for line in answers.read_text("utf-8").splitlines()]
    texts = [text for text in texts if len(text.split()) >= FEWEST_WORDS]
    chosen = draw.sample(texts, min(count, len(texts)))
    found: list[Pause] = []
    for number, text in enumerate(chosen):
        parts = chunks(text, draw, closings)
        samples, ends = recording(parts, every[number % len(every)], number % 2 == 1, number)
        found += observed(samples, ends, parts, streaming)
        print(f"\r{number + 1} of {len(chosen)}", end="", flush=True)
    streaming.close()
    print()
    return found


def report(found: list[Pause], decide: dict[str, Rule]) -> None:
    """Cut-offs by kind of pause, then the wait after true ends."""
    thinking = [pause for pause in found if pause.kind != "end"]
    finals = [pause for pause in found if pause.kind == "end"]
    needed = np.median([pause.known_s for pause in found])
    print(
        f"{len(thinking)} pauses for thought, {len(finals)} true ends; "
        f"the last words are known {needed:.2f} s after a pause was noticed (median)"
    )
    print(f"{'rule':14}{'cut off':>9}{'after filler':>14}{'clause':>9}{'sentence':>10}{'median wait':>13}{'p90':>7}")
    for name, rule in decide.items():
        by_kind: dict[str, list[bool]] = defaultdict(list)
        for pause in thinking:
            at = ended(pause, rule)
            for kind in (pause.kind, "all"):
                by_kind[kind].append(at is not None and at < pause.seconds)
        waits = [ended(pause, rule) or AFTER_END_S for pause in finals]
        shares = [_share(by_kind[kind]) for kind in ("all", "filler", "clause", "sentence")]
        print(
            f"{name:14}{shares[0]:>9}{shares[1]:>14}{shares[2]:>9}{shares[3]:>10}"
            f"{np.median(waits):>11.2f} s{np.percentile(waits, 90):>5.1f} s"
        )


def _share(cut_off: list[bool]) -> str:
    """The share of pauses that were cut off; a few answers may have no pause of a kind."""
    return f"{np.mean(cut_off):.1%}" if cut_off else "-"


if __name__ == "__main__":
    main()
