"""How fast real people speak, how long they pause, and to how many of them each remark on delivery would be made.

Earnings-22 (revdotcom/speech-datasets) gives the times of every word of business calls; recordings are transcribed by
Whisper, as answers are:

python -m benchmarks.delivery --words FOLDER [--recordings FOLDER ...]
"""

from __future__ import annotations

import argparse
import gzip
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np

from agent.logic.speech.delivery import delivery, remark
from agent.values.session import Delivery
from agent.values.transcript import Transcript, Word, joined

LEAST_S = 15.0
"""Seconds of talk below which nothing is remarked on."""
CUT_S = 8.0
"""Gap at which a turn is cut: in a call somebody else has spoken, or the aligner has lost words."""
LONGEST_WORD_S = 2.0
"""A longer word was stretched by the aligner over what it could not place."""
PERCENTILES = (5, 25, 50, 75, 90, 95, 99)


class Spoken(NamedTuple):
    """One turn of one person."""

    person: str
    delivery: Delivery


def aligned_turns(path: Path) -> Iterator[Spoken]:
    """The turns of 15 s or more of one call whose words all have plausible times."""
    lines = gzip.decompress(path.read_bytes()).decode("utf-8").splitlines()[1:]
    for speaker, rows in groupby((line.split("|") for line in lines), key=lambda row: row[1]):
        for words in _runs(rows):
            talk = words[-1].end_s - words[0].start_s
            if talk >= LEAST_S and max(word.end_s - word.start_s for word in words) <= LONGEST_WORD_S:
                heard = joined([(-words[0].start_s, Transcript(words=tuple(words)))], duration_s=talk)
                yield Spoken(f"{path.name} {speaker}", delivery(heard))


def _runs(rows: Iterable[Sequence[str]]) -> Iterator[list[Word]]:
    """Words that follow one another: cut where one has no time, and at long gaps."""
    run: list[Word] = []
    for row in rows:
        word = Word(text=row[0], start_s=float(row[2]), end_s=float(row[3])) if row[2] and row[3] else None
        broken = word is None or (run and not -0.5 <= word.start_s - run[-1].end_s <= CUT_S)
        if broken and run:
            yield run
            run = []
        if word is not None:
            run.append(word)
    if run:
        yield run


def recorded(paths: Iterable[Path]) -> Iterator[tuple[str, Delivery]]:
    """The delivery of whole recordings, by Whisper."""
    from agent.adapters.audio_file import read_clip
    from agent.adapters.whisper import Whisper

    whisper = Whisper()
    for folder in paths:
        for path in sorted(folder.iterdir()):
            if path.suffix in (".flac", ".mp3", ".ogg", ".wav"):
                yield path.name, delivery(whisper.transcribe(read_clip(path)))


def main() -> None:
    """Prints percentiles and the share of each remark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--words", type=Path, metavar="FOLDER", help="*.aligned.nlp.gz files of Earnings-22")
    parser.add_argument("--recordings", type=Path, nargs="*", default=[], metavar="FOLDER")
    args = parser.parse_args()
    if args.words is not None:
        _print_turns([turn for path in sorted(args.words.glob("*.gz")) for turn in aligned_turns(path)])
    for name, spoken in recorded(args.recordings):
        pace = f"{spoken.words_per_minute or 0:6.1f} words a minute, {spoken.articulation or 0:6.1f} while speaking"
        print(f"{name:40} {spoken.talk_s:6.1f} s  {pace}  {remark(spoken) or ''}")


def _print_turns(turns: Sequence[Spoken]) -> None:
    hours = sum(turn.delivery.talk_s for turn in turns) / 3600
    print(f"{len(turns)} turns of {len({turn.person for turn in turns})} people, {hours:.1f} hours")
    print("percentile           " + "".join(f"{at:8}" for at in PERCENTILES))
    for name in ("words_per_minute", "articulation", "longest_pause_s", "fillers_per_minute"):
        values = [getattr(turn.delivery, name) or 0.0 for turn in turns]
        print(f"{name:20} " + "".join(f"{value:8.1f}" for value in np.percentile(values, PERCENTILES)))
    for text, count in Counter(remark(turn.delivery) for turn in turns).most_common():
        print(f"{count / len(turns):6.1%}  {text or 'no remark'}")


if __name__ == "__main__":
    main()
