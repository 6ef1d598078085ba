"""How often a second voice is noticed in recordings of people, and how often one voice is taken for two.

    python -m benchmarks.second_voice --recordings ../shared/speech

The folder is not part of this repository: recordings of one person in read/, voicenote/ and fillers/, of several in
dialogue/ and meeting/, of both in interview/. Long recordings are measured whole and in windows of 45 s.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from agent.adapters.audio_file import read_clip
from agent.adapters.silero_vad import speech_parts
from agent.logic.speech.second_voice import second_voice
from agent.values.audio import WHISPER_RATE, Clip
from agent.values.errors import AudioError

ALONE, SEVERAL = ("read", "voicenote", "fillers"), ("dialogue", "meeting")
MONOLOGUES_IN_INTERVIEW = ("en-GB_Broadband_sample1",)
LEAST_SPEECH_S = 1.0
WINDOW_S, STEP_S = 45, 15


class Item(NamedTuple):
    """One recording or window."""

    name: str
    clip: Clip
    two: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recordings", type=Path, required=True, metavar="DIR")
    args = parser.parse_args()
    right: dict[bool, list[bool]] = {True: [], False: []}
    for item in recordings(args.recordings):
        speech = speech_parts(item.clip)
        if sum(end - start for start, end in speech) < LEAST_SPEECH_S:
            continue
        voice = second_voice(item.clip, speech)
        right[item.two].append((voice is not None) == item.two)
        if item.two or voice is not None:
            found = "one voice" if voice is None else f"two, {voice.semitones} semitones, {voice.speech_s} s voiced"
            print(f"{item.name:44} {'two' if item.two else 'one'}: {found}")
    noticed, false_alarms = sum(right[True]), right[False].count(False)
    print(f"several people: noticed in {noticed} of {len(right[True])}")
    print(f"one person: taken for two in {false_alarms} of {len(right[False])}")
    print(f"precision {noticed / max(1, noticed + false_alarms):.2f}, recall {noticed / max(1, len(right[True])):.2f}")


def recordings(folder: Path) -> Iterator[Item]:
    """Every recording, and the windows of long monologues."""
    for path in sorted(folder.glob("*/*")):
        kind = path.parent.name
        if path.suffix not in (".flac", ".mp3") or kind not in (*ALONE, *SEVERAL, "interview"):
            continue
        try:
            clip = read_clip(path)
        except AudioError:
            continue
        two = kind in SEVERAL or (kind == "interview" and path.stem not in MONOLOGUES_IN_INTERVIEW)
        yield Item(f"{kind}/{path.stem}", clip, two)
        if not two and clip.seconds > WINDOW_S:
            for start in range(0, int(clip.seconds - WINDOW_S), STEP_S):
                cut = clip.samples[start * WHISPER_RATE : (start + WINDOW_S) * WHISPER_RATE]
                yield Item(f"{kind}/{path.stem} from {start} s", Clip(cut, WHISPER_RATE), two)


if __name__ == "__main__":
    main()
