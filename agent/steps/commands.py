"""Which command an utterance is, if it is one; knows nothing of sound and of what the command does.

An utterance counts only as a whole. It is a command when it is short, holds a word that the command cannot do without,
and is nearer in meaning to known ways of giving it than to known sentences of answers that sound alike.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from agent.steps.tokens import tokens
from agent.steps.wordings import WORDINGS
from agent.values.dialogue import Intent

LONGEST = 16
"""Words; nobody needs more to ask for a hint, and answers do."""
LEAST_LIKENESS = 0.62
"""Cosine to the nearest known wording below which an utterance is none of them."""

Matrix = npt.NDArray[np.float32]

_NEEDED: dict[Intent, str] = {
    Intent.REPEAT: (
        r"repeat|again|once more|one more time|catch|what|miss|hear|pardon|over|forgot|remind|sorry|"
        r"aloud|back"
    ),
    Intent.REPHRASE: (
        r"rephras|differently|different|words|mean|underst|simpl|reword|clarif|ask|clear|explain|way|"
        r"paraphrase|terms|unclear|confus|follow|get"
    ),
    Intent.HINT: r"hint|clue|help|stuck|nudge|tip|pointer|point|start|lost|push|guid|hand|steer",
    Intent.SKIP: r"skip|pass|rather not|want|leave|drop|ignore",
    Intent.NEXT: r"next|move on|another|new|moving|different|go on|on to",
    Intent.BACK: r"back|previous|last|before|earlier|revisit|prior|return",
    Intent.SLOWER: r"slow|fast|speed|pace|quick",
    Intent.FASTER: r"fast|speed|slow|quick|pace",
    Intent.LOUDER: r"loud|hear|volume|up|quiet|voice|soft",
    Intent.QUIETER: r"quiet|volume|loud|soft|voice|down",
    Intent.PAUSE: r"pause|hold|minute|break|moment|hang|right back|second|sec|wait|time ?out",
    Intent.RESUME: r"resume|back|continue|go on|ready|unpause|carry on|pick|going|proceed|restart",
    Intent.HOW_LONG: r"long|time|minutes|clock",
    Intent.DONE: r"answer|done|it|all|up|add|finish|else|stop|rest my case|grade|time|leave|everything|there|over",
    Intent.TRY_AGAIN: r"again|redo|attempt|over|try|retry|go|better|shot|chance|retake|time",
    Intent.EXPLAIN: (
        r"rating|grade|score|why|missing|wrong|explain|feedback|stronger|miss|mark|better|rated|"
        r"graded|weak|how"
    ),
    Intent.MODEL_ANSWER: r"answer|said|say|solution|response|expert",
    Intent.STOP: r"stop|end|finish|quit|goodbye|bye|day|enough|exit|done|wrap|no more|go|today|terminate|over",
}
"""Words of which at least one must be heard: likeness alone would take "I am not sure" for a plea for help."""


class Known(NamedTuple):
    """The wordings as unit vectors, made once by whoever has the encoder."""

    intents: tuple[Intent, ...]
    wordings: Matrix
    """Shape (wordings, dimensions)."""
    sound_alike: Matrix


def texts() -> tuple[tuple[Intent, ...], list[str]]:
    """Every wording with its command, in one order."""
    pairs = [(intent, wording) for intent, wordings in WORDINGS.items() for wording in wordings]
    return tuple(intent for intent, _ in pairs), [wording for _, wording in pairs]


_COURTESY = re.compile(
    r"^(?:(?:um+|uh+|er+m?|hmm+|oh|ah|okay|ok|so|well|hey|hi|hello|sorry|please|actually|right|alright|yeah|yes|and|but|"
    r"just|maybe|excuse me|thanks|thank you|great|cool|good|you know what|if you don't mind|if possible)\b[ ,.]*)+",
    re.IGNORECASE,
)


_MISHEARD = re.compile(r"\braiding\b", re.IGNORECASE)
"""How Whisper base writes "rating"; nobody raids an interview."""


def core(text: str) -> str:
    """The utterance without the courtesies before it, with the usual mishearing mended."""
    text = _MISHEARD.sub("rating", text)
    return _COURTESY.sub("", text.strip()).strip(" .,!?") or text.strip(" .,!?")


def may_be_command(text: str) -> bool:
    """Whether it is worth a closer look: short enough, and with a word that some command needs."""
    return 0 < len(tokens(text)) <= LONGEST and any(_holds(intent, text) for intent in Intent)


def command(text: str, vector: Matrix, known: Known) -> Intent | None:
    """The command that `text` gives as a whole, or None; `vector` is the unit vector of its core()."""
    if not may_be_command(text):
        return None
    likeness = known.wordings @ vector
    answer = float((known.sound_alike @ vector).max())
    for index in np.argsort(-likeness)[:12]:
        intent = known.intents[int(index)]
        if likeness[index] < max(LEAST_LIKENESS, answer):
            return None
        if _holds(intent, text):
            return intent
    return None


def _holds(intent: Intent, text: str) -> bool:
    return re.search(rf"\b(?:{_NEEDED[intent]})", text.lower()) is not None


def last_stretch(words: Sequence[tuple[str, float]], since_s: float) -> str:
    """The words that began after the last pause; `words` are text and start in seconds."""
    return " ".join(text for text, start in words if start >= since_s)
