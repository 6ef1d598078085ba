"""When an answer ends, on people: our rule beside fixed silences, for each speaker.

    python -m benchmarks.real_pauses --recordings DIR [--only GLOB ...] [--known SECONDS] [--dump F] [--read F]

DIR holds monologues, one person a file. Every silence of 0.3 s or more inside one is a pause that must not end the
turn; the end of the file is an end, followed by nine seconds of the room's own noise. `*.jsonl` in DIR are silences
that were measured elsewhere (clip, at_s, silence_s, kind, smart_turn), without words. The words are those that Whisper
writes, as late as it needs on this machine, or `--known` seconds after the pause was noticed. What was observed can be
written to a file (`--dump`) and judged again in a second (`--read`). A person's pauses are learned from file to file.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from agent.adapters.audio_file import read_clip
from agent.adapters.silero_vad import SileroDetector
from agent.adapters.smart_turn import SmartTurn
from agent.adapters.whisper import Whisper
from agent.interview.endpointer import JUDGED_EVERY_S, JUDGED_S, JUDGED_UNTIL_S
from agent.interview.streaming_transcriber import StreamingTranscriber
from agent.logic.speech.endpointing import SPEECH, EndCues, EndpointingPolicy, SpeechActivity, advance, closes, finished
from agent.logic.speech.pause_habit import PAUSE_S, PauseHabit
from agent.values.audio import FRAME, WHISPER_RATE, Clip, Samples

AFTER_END_S = 9.0
FRAME_S = FRAME / WHISPER_RATE
SOUNDS = (".flac", ".mp3", ".wav", ".ogg")
GRID_S = 0.05
"""Seconds between two moments at which a rule may end an answer."""


class Silence(NamedTuple):
    """One silence, and what can be known in it."""

    speaker: str
    kind: str
    """pause or end."""
    seconds: float
    at_s: float
    speech_s: float
    """Speech before it."""
    sounds: list[float]
    """Smart Turn's probability PAUSE_S into it, and every JUDGED_EVERY_S from then on."""
    text: str | None
    """All words until then; None when nobody transcribed them."""
    known_s: float
    """Seconds that Whisper needed for the last of them, from PAUSE_S into the silence."""


Rule = Callable[[SpeechActivity, EndCues], bool]


def rules() -> dict[str, Rule]:
    """Ours, ours with less to go by, and the fixed ones."""

    def policy(cues: Callable[[EndCues], EndCues], policy: EndpointingPolicy) -> Rule:
        return lambda state, ending: finished(state, policy, cues(ending))

    ours = EndpointingPolicy()
    fixed = {f"fixed {s} s": policy(lambda _: EndCues(), EndpointingPolicy.fixed(s)) for s in (0.7, 1.2, 2.0)}
    return {
        "ours": policy(lambda ending: ending, ours),
        "without words": policy(lambda ending: ending._replace(tail=None, settled=False), ours),
        "without habit": policy(lambda ending: ending._replace(habit=PauseHabit()), ours),
        "without sound": policy(lambda ending: ending._replace(end_of_turn_probability=None), ours),
        **fixed,
    }


def with_room(samples: Samples) -> Samples:
    """The recording, and then its own quietest half second, forwards and backwards."""
    size = WHISPER_RATE // 2
    starts = range(0, max(1, len(samples) - size), size // 4)
    quiet = min((samples[at : at + size] for at in starts), key=lambda part: float(np.mean(part**2)) or np.inf)
    tail = np.resize(np.concatenate([quiet, quiet[::-1]]), round(AFTER_END_S * WHISPER_RATE))
    return np.concatenate([samples, tail]).astype(np.float32)


class Observer:
    """Listens to monologues as the interview does. Close it in the end."""

    def __init__(self) -> None:
        whisper = Whisper(device="cpu", language="en")
        whisper.warm()
        self._streaming, self._turns = StreamingTranscriber(whisper), SmartTurn()

    def close(self) -> None:
        """Ends the transcriber's thread."""
        self._streaming.close()

    def silences(self, speaker: str, samples: Samples) -> Iterator[Silence]:
        """Every silence of PAUSE_S or more, the last one being the end."""
        detector, state = SileroDetector(), SpeechActivity()
        self._streaming.begin()
        found: Silence | None = None
        heard = with_room(samples)
        for at in range(0, len(heard) - FRAME, FRAME):
            frame, before = Clip(heard[at : at + FRAME], WHISPER_RATE), state
            speaks = detector.probability(frame) >= SPEECH
            self._streaming.add(frame, speaks, before.silence_s)
            state = advance(state, float(speaks), frame.seconds)
            if speaks and found is not None:
                yield found._replace(seconds=before.silence_s)
                found = None
            elif not speaks and state.speech_s > 0 and state.silence_s >= PAUSE_S:
                found = found or self._noticed(speaker, state)
                self._judge(found, state)
        if found is not None:
            yield found._replace(kind="end", seconds=AFTER_END_S)

    def _noticed(self, speaker: str, state: SpeechActivity) -> Silence:
        started = time.perf_counter()
        self._streaming.pause()
        text = self._streaming.transcript().text
        at_s = state.elapsed_s - state.silence_s
        return Silence(speaker, "pause", 0.0, at_s, state.speech_s, [], text, time.perf_counter() - started)

    def _judge(self, found: Silence, state: SpeechActivity) -> None:
        due_s = PAUSE_S + JUDGED_EVERY_S * len(found.sounds)
        if due_s <= min(state.silence_s, JUDGED_UNTIL_S):
            found.sounds.append(self._turns.finished(self._streaming.latest(JUDGED_S)))


def measured(path: Path) -> Iterator[Silence]:
    """Silences that were measured elsewhere, by their sound alone."""
    for row in map(json.loads, path.read_text("utf-8").splitlines()):
        seconds = row["silence_s"] or AFTER_END_S
        spoken_s = max(EndpointingPolicy().early_speech_s, row["at_s"])
        speaker = f"{path.stem} {row['clip']}"
        yield Silence(speaker, row["kind"], seconds, row["at_s"], spoken_s, [row["smart_turn"]], None, 0.0)


def ended(silence: Silence, rule: Rule, habit: PauseHabit) -> float | None:
    """Seconds into the silence at which a rule ends the answer; None when the speaker goes on before."""
    for step in range(round(PAUSE_S / GRID_S), int(silence.seconds / GRID_S)):
        at_s = step * GRID_S
        looks = 1 + int((min(at_s, JUDGED_UNTIL_S) - PAUSE_S) / JUDGED_EVERY_S + 1e-6)
        known = silence.text is not None and at_s >= PAUSE_S + silence.known_s
        cues = EndCues(
            end_of_turn_probability=float(np.mean(silence.sounds[:looks])),
            tail=silence.text[-200:] if known and silence.text is not None else None,
            settled=known and closes(silence.text or ""),
            habit=habit,
        )
        if rule(SpeechActivity(silence.at_s + at_s, silence.speech_s, at_s), cues):
            return at_s
    return None


class Outcome(NamedTuple):
    """What a rule did to one speaker."""

    pauses: int
    cut_off: int
    minutes: float
    waits: list[float]


def outcome(silences: Sequence[Silence], rule: Rule) -> Outcome:
    """The habit is learned from pause to pause, as in a session; also from those that would have been cut off."""
    habit, cut_off, waits, minutes = PauseHabit(), 0, list[float](), 0.0
    for silence in silences:
        at_s = ended(silence, rule, habit)
        if silence.kind == "end":
            waits.append(AFTER_END_S if at_s is None else at_s)
            minutes += silence.at_s / 60
        else:
            cut_off += at_s is not None
            habit = habit.after(silence.seconds)
    return Outcome(sum(silence.kind == "pause" for silence in silences), cut_off, minutes, waits)


def together(outcomes: Iterable[Outcome]) -> Outcome:
    """Of all speakers."""
    parts = list(outcomes)
    waits = [wait for part in parts for wait in part.waits]
    return Outcome(sum(p.pauses for p in parts), sum(p.cut_off for p in parts), sum(p.minutes for p in parts), waits)


def report(found: Sequence[Silence]) -> None:
    """All speakers by each rule, then each speaker by ours."""
    by_speaker: dict[str, list[Silence]] = defaultdict(list)
    for silence in found:
        by_speaker[silence.speaker].append(silence)
    print(f"{'':26}{'pauses':>8}{'cut off':>9}{'':>7}{'a minute':>10}{'ends':>6}{'median wait':>13}{'p90':>8}")
    for name, rule in rules().items():
        _print(name, together(outcome(own, rule) for own in by_speaker.values()))
    print()
    for speaker, own in by_speaker.items():
        _print(speaker[-25:], outcome(own, rules()["ours"]))


def _print(name: str, result: Outcome) -> None:
    pauses, cut_off, minutes, waits = result
    share, rate = cut_off / max(1, pauses), cut_off / max(0.01, minutes)
    median, late = np.percentile(waits, (50, 90)) if waits else (np.nan, np.nan)
    print(f"{name:26}{pauses:>8}{cut_off:>9}{share:>7.1%}{rate:>10.2f}{len(waits):>6}{median:>11.2f} s{late:>6.2f} s")


def observed(folder: Path, only: Sequence[str]) -> list[Silence]:
    """Of all recordings in a folder; a speaker is a file, or a folder of files."""
    paths = sorted({path for pattern in only for path in folder.rglob(pattern)})
    found = [silence for path in paths if path.suffix == ".jsonl" for silence in measured(path)]
    recordings = [path for path in paths if path.suffix in SOUNDS]
    observer = Observer() if recordings else None
    for number, path in enumerate(recordings):
        assert observer is not None
        found += observer.silences(str(path.relative_to(folder).with_suffix("")), read_clip(path).samples)
        print(f"\r{number + 1} of {len(recordings)}", end="", flush=True)
    if observer is not None:
        observer.close()
        print()
    return found


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--recordings", type=Path, metavar="DIR")
    parser.add_argument("--only", nargs="+", default=["*"], metavar="GLOB", help="which files of DIR are monologues")
    parser.add_argument("--known", type=float, metavar="SECONDS", help="how late the words are, instead of measured")
    parser.add_argument("--dump", type=Path, help="write every silence as JSON lines")
    parser.add_argument("--read", type=Path, help="judge silences that were written before")
    args = parser.parse_args()
    if args.read:
        found = [Silence(**json.loads(line)) for line in args.read.read_text("utf-8").splitlines()]
    elif args.recordings:
        found = observed(args.recordings, args.only)
    else:
        parser.error("give --recordings or --read")
    if args.dump:
        args.dump.write_text("".join(json.dumps(silence._asdict()) + "\n" for silence in found))
    if args.known is not None:
        found = [silence._replace(known_s=args.known) for silence in found]
    report(found)


if __name__ == "__main__":
    main()
