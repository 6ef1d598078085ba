"""How well claims are found in CVs and job descriptions: precision and recall of fields and skills, and the level.

    python -m benchmarks.claims                  # the held-back documents, of even number
    python -m benchmarks.claims --tuned --show   # those that were used for tuning, with every mistake

The documents and labels in benchmarks/profiles were written before the program could read them.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import NamedTuple

import yaml

from agent.adapters.document_file import read_document
from agent.compose import profiles, question_bank
from agent.compose.settings import Settings
from agent.values.profile import Profile, Source

FOLDER = Path(__file__).parent / "profiles"


class Counts(NamedTuple):
    """Right, wrong and missed names of one kind."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def plus(self, other: Counts) -> Counts:
        """Both together."""
        return Counts(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)

    @property
    def says(self) -> str:
        """For people."""
        precision = self.right / max(1, self.right + self.wrong)
        recall = self.right / max(1, self.right + self.missed)
        return f"precision {precision:.0%} ({self.right} of {self.right + self.wrong}), recall {recall:.0%}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tuned", action="store_true", help="the documents that were used for tuning")
    parser.add_argument("--no-words", action="store_true", help="fields by meaning alone, as for rubrics of your own")
    parser.add_argument("--show", action="store_true", help="every mistake")
    args = parser.parse_args()
    labels = yaml.safe_load((FOLDER / "labels.yaml").read_text("utf-8"))
    reader = profiles.reader(question_bank.questions(Settings()), listed=not args.no_words)
    totals, levels = {"field": Counts(), "skill": Counts()}, 0
    chosen = [name for name in labels if (int(name.split("-")[1]) % 2 == 1) == args.tuned]
    for name in chosen:
        source: Source = "job" if name.startswith("job") else "cv"
        found = reader(read_document(FOLDER / name), source, date.today().year)
        level = found.seniority.value if found.seniority else "any"
        levels += level == labels[name]["level"]
        if args.show and level != labels[name]["level"]:
            print(f"{name}: level {level}, labeled {labels[name]['level']}: {[c.line for c in found.of('seniority')]}")
        for kind, wanted in (("field", labels[name]["fields"]), ("skill", labels[name]["skills"])):
            totals[kind] = totals[kind].plus(counted(name, kind, found, wanted, args.show))
    print(f"{len(chosen)} documents")
    for kind, counts in totals.items():
        print(f"{kind}s: {counts.says}")
    print(f"level: {levels} of {len(chosen)} right")


def counted(name: str, kind: str, found: Profile, wanted: Iterable[str], show: bool) -> Counts:
    """Names that share all words of the shorter one are the same: "canary" and "canary releases"."""
    claims = [claim for claim in found.claims if claim.kind == kind]
    labeled = list(wanted)
    wrong = [claim for claim in claims if not any(same(claim.name, item) for item in labeled)]
    missed = [item for item in labeled if not any(same(claim.name, item) for claim in claims)]
    if show:
        for claim in wrong:
            print(f"{name}: {kind} too many: {claim.name} <- {claim.line[:90]}")
        for item in missed:
            print(f"{name}: {kind} missed: {item}")
    return Counts(len(claims) - len(wrong), len(wrong), len(missed))


def same(one: str, other: str) -> bool:
    first, second = words(one), words(other)
    return first <= second or second <= first


def words(name: str) -> set[str]:
    return {word.rstrip("s").removesuffix("ing") or word for word in re.split(r"[\s-]+", name.casefold())}


if __name__ == "__main__":
    main()
