"""How well technical speech is transcribed: plain faster-whisper beside ours, the same model, one run.

    python -m benchmarks.hearing [--count 180] [--seed 0] [--human FOLDER] [--dump FILE.jsonl]

Passages are one to three sentences of the rubrics' reference answers that hold terms of the question's glossary,
spoken by nine synthetic voices under six conditions. Word error rate after OpenAI's English normalizer (Radford et
al., 2022); a term is found when its words stand in the normalized text as often as they were spoken. A term that
stands there more often than it was spoken is an invented one. Every third passage avoids the glossary and is read
with the glossary of another question: whatever of it is transcribed there, was put into the candidate's mouth. Real
speech: `--human` takes a folder of recordings with a file `transcription`, such as test/data/librivox in the source
package of pocketsphinx 5.0.4 on PyPI (a reading of Jane Austen by a volunteer of LibriVox, in the public domain).
"""

from __future__ import annotations

import argparse
import json
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jiwer
import numpy as np
from whisper_normalizer.english import EnglishTextNormalizer

from agent.adapters.audio_file import read_clip
from agent.adapters.rubric_file import load_questions
from agent.adapters.text_model import ordinary
from agent.adapters.whisper import Whisper
from agent.adapters.whisper_model import model_path
from agent.logic.speech.glossary import repair
from agent.values.audio import WHISPER_RATE, Clip
from agent.values.rubric import Question, Rating, Term
from benchmarks.recordings import CONDITIONS, clip_of, spoken, voices

ROOT = Path(__file__).parent.parent
WORDS = (12, 45)
"""Length of a passage: about 5 to 20 s."""


class Passage(NamedTuple):
    """What is said, and the glossary that its question brings."""

    text: str
    glossary: tuple[Term, ...]
    condition: str
    clip: Clip
    avoids: bool
    """Holds none of the glossary's terms."""


class Result(NamedTuple):
    """One passage, transcribed twice."""

    passage: Passage
    plain: str
    ours: str
    before: str
    """Ours before repair."""
    plain_s: float
    ours_s: float


normalized = EnglishTextNormalizer()


def passages(count: int, draw: random.Random) -> Iterator[Passage]:
    """Spoken under all conditions in turn, by all voices in turn."""
    questions = list(load_questions([ROOT / "rubrics"]).values())
    draw.shuffle(questions)
    every, conditions = voices(), list(CONDITIONS)
    for number in range(count):
        question, other = questions[number % len(questions)], questions[(number + 7) % len(questions)]
        avoids = number % 3 == 2
        glossary = other.glossary if avoids else question.glossary
        text = _text(question, glossary, avoids, draw)
        condition = conditions[(number // 3) % len(conditions)]
        # Shifted after each round of conditions, or each condition would be spoken by the same three voices only.
        voice = every[(number + number // (3 * len(conditions))) % len(every)]
        sound = CONDITIONS[condition](spoken(voice, text, question.glossary), number)
        yield Passage(text, glossary, condition, clip_of(sound), avoids)


def _text(question: Question, glossary: Sequence[Term], avoids: bool, draw: random.Random) -> str:
    whole = " ".join(question.answers.of(level) for level in (Rating.WEAK, Rating.STRONG, Rating.VERY_STRONG))
    parts = re.split(r"(?<=[.?!])\s+", whole)
    fitting = []
    for first in range(len(parts)):
        for last in range(first, min(first + 3, len(parts))):
            text = " ".join(parts[first : last + 1])
            holds = sum(terms_in(text, glossary).values())
            if WORDS[0] <= len(text.split()) <= WORDS[1] and (holds == 0) == avoids:
                fitting.append((holds, text))
    if not fitting:
        return parts[0]
    rich = sorted(fitting, key=lambda pair: -pair[0])[:4]
    return draw.choice(rich)[1]


def human(folder: Path) -> Iterator[Passage]:
    """Recordings of people and a file `transcription` in CMU Sphinx format; no glossary of ours fits them."""
    terms = next(iter(load_questions([ROOT / "rubrics"]).values())).glossary
    for line in (folder / "transcription").read_text("utf-8").splitlines():
        found = re.fullmatch(r"(?:<s> )?(.*?)(?: </s>)? \((.+)\)", line.strip())
        assert found is not None, line
        text, name = found.groups()
        yield Passage(text, terms, "human", read_clip(folder / f"{name}.wav"), True)


def terms_in(text: str, glossary: Iterable[Term]) -> Counter[str]:
    """How often each term stands in the text, after normalization."""
    said = f" {_comparable(text)} "
    found: Counter[str] = Counter()
    for term in glossary:
        form = _comparable(term.term)
        count = len(re.findall(rf"(?<= ){re.escape(form)}s?(?= )", said))
        if count:
            found[form] = count
    return found


def _comparable(text: str) -> str:
    """Normalized, hyphens and spaces alike; letters said one by one are one word."""
    plain = str(normalized(text.replace("-", " ").replace(".", " ")))
    return re.sub(r"\b(?:[a-z] ){1,}[a-z]\b", lambda found: found.group(0).replace(" ", ""), plain)


def transcribed(passage: Passage, plain: Any, ours: Whisper, number: int) -> Result:
    """Both ways, in turns first and second."""

    def plainly() -> tuple[str, float]:
        started = time.perf_counter()
        segments, _ = plain.transcribe(passage.clip.samples, language="en")
        return " ".join(segment.text.strip() for segment in segments), time.perf_counter() - started

    def by_us() -> tuple[str, float]:
        started = time.perf_counter()
        return ours.transcribe(
            passage.clip, [term.term for term in passage.glossary]
        ).text, time.perf_counter() - started

    first, second = (plainly(), by_us()) if number % 2 else (by_us(), plainly())
    (plain_text, plain_s), (text, ours_s) = (first, second) if number % 2 else (second, first)
    started = time.perf_counter()
    corrected = repair(text, passage.glossary, ordinary)
    return Result(passage, plain_text, corrected, text, plain_s, ours_s + time.perf_counter() - started)


def report(results: Sequence[Result]) -> None:
    """One row a condition, then what was invented."""
    print(f"{'condition':11}{'clips':>6}{'WER plain':>11}{'ours':>8}{'terms':>7}{'missed plain':>14}{'ours':>6}")
    groups: dict[str, list[Result]] = defaultdict(list)
    for item in results:
        groups[item.passage.condition].append(item)
        if item.passage.condition != "human":
            groups["all"].append(item)
    for name in [*CONDITIONS, "all", "human"]:
        if not groups[name]:
            continue
        rates = [_error_rate([(i.passage.text, text) for i, text in _with(groups[name], way)]) for way in _WAYS]
        spoken_terms = sum(sum(terms_in(i.passage.text, i.passage.glossary).values()) for i in groups[name])
        missed = [_missed(groups[name], way) for way in _WAYS]
        print(
            f"{name:11}{len(groups[name]):>6}{rates[0]:>11.1%}{rates[1]:>8.1%}"
            f"{spoken_terms:>7}{missed[0]:>14}{missed[1]:>6}"
        )
    avoiding = [i for i in results if i.passage.avoids]
    using = [i for i in results if not i.passage.avoids]
    for name, items in (("their own glossary", using), ("a glossary that they avoid", avoiding)):
        counts = [sum(len(_invented(i, way)) for i in items) for way in _WAYS]
        print(f"invented terms in {len(items)} passages read with {name}: plain {counts[0]}, ours {counts[1]}")
    seconds = sum(i.passage.clip.seconds for i in results)
    plain_s, ours_s = sum(i.plain_s for i in results), sum(i.ours_s for i in results)
    print(f"real-time factor: plain {plain_s / seconds:.3f}, ours {ours_s / seconds:.3f}, ratio {ours_s / plain_s:.2f}")


_WAYS = ("plain", "ours")


def _with(items: Sequence[Result], way: str) -> list[tuple[Result, str]]:
    return [(item, item.plain if way == "plain" else item.ours) for item in items]


def _error_rate(pairs: Sequence[tuple[str, str]]) -> float:
    reference = [str(normalized(said)) for said, _ in pairs]
    return float(jiwer.wer(reference, [str(normalized(text)) for _, text in pairs]))


def _missed(items: Sequence[Result], way: str) -> int:
    return sum(
        (terms_in(i.passage.text, i.passage.glossary) - terms_in(text, i.passage.glossary)).total()
        for i, text in _with(items, way)
    )


def _invented(item: Result, way: str) -> list[str]:
    text = item.plain if way == "plain" else item.ours
    return list((terms_in(text, item.passage.glossary) - terms_in(item.passage.text, item.passage.glossary)).elements())


def _dumped(item: Result) -> dict[str, Any]:
    passage = item.passage
    missed = terms_in(passage.text, passage.glossary) - terms_in(item.ours, passage.glossary)
    return {
        "said": passage.text,
        "condition": passage.condition,
        "plain": item.plain,
        "before_repair": item.before,
        "ours": item.ours,
        "missed": list(missed.elements()),
        "invented": _invented(item, "ours"),
    }


def main() -> None:
    """Command line."""
    from faster_whisper import WhisperModel

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=180)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--human", type=Path, help="a folder of *.wav and a file `transcription`")
    parser.add_argument("--dump", type=Path, help="write every passage as JSON lines")
    args = parser.parse_args()
    draw = random.Random(args.seed)
    plain = WhisperModel(str(model_path("base")), device="cpu", compute_type="int8")
    ours = Whisper(device="cpu", language="en")
    ours.warm()
    plain.transcribe(np.zeros(WHISPER_RATE, np.float32))
    every = [*passages(args.count, draw), *(human(args.human) if args.human else ())]
    results = []
    for number, passage in enumerate(every):
        results.append(transcribed(passage, plain, ours, number))
        print(f"\r{number + 1} of {len(every)}", end="", flush=True)
    print()
    report(results)
    if args.dump:
        rows = [_dumped(item) for item in results]
        args.dump.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


if __name__ == "__main__":
    main()
