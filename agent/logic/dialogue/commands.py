"""Decides which command an utterance is, if any. Does not deal with audio or with what the command does.

Only a whole utterance counts. A logistic regression reads its meaning (the sentence encoder's vector) and its words.
One of its classes is "none of them": an answer, a question to the interviewer, small talk.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from agent.logic.dialogue.help import acknowledges, does_not_know, only_replies
from agent.logic.dialogue.talk_back import disagrees
from agent.logic.speech.endpointing import only_closes
from agent.logic.speech.tokens import tokens
from agent.values.dialogue import ABOUT_A_RATING, Intent, Moment

LONGEST = 30
"""Words; chatty people wrap a request into three sentences. Answers are longer."""
LEAST = 0.5
"""Minimum probability that the utterance is a command, and that it is this command."""
BUCKETS = 2048
"""Number of buckets that pieces of words are hashed into."""
MEANING = 5.0
"""Weight of the meaning relative to each of the two views of the words."""

Matrix = npt.NDArray[np.float32]


class CommandModel(NamedTuple):
    """The fitted regression for one moment."""

    weights: Matrix
    """Shape (features, classes)."""
    bias: Matrix
    """Shape (classes,)."""
    classes: tuple[Intent | None, ...]
    """In the order of the columns; None stands for no command."""


NAMES = {intent.value.lower(): intent for intent in Intent if intent not in ABOUT_A_RATING} | {
    "back": Intent.BACK,
    "how long do i have": Intent.HOW_LONG,
    "that's my answer": Intent.DONE,
    "time's up": Intent.DONE,
}
"""Phrases that the guide lists: always understood, whatever the regression says."""

_COURTESY = re.compile(
    r"^(?:(?:um+|uh+|er+m?|hmm+|oh|ah|okay|ok|so|well|hey|hi|hello|sorry|please|actually|right|alright|yeah|yes|and|but|"
    r"just|maybe|excuse me|thanks|thank you|great|cool|good|you know what|if you don't mind|if possible)\b[ ,.]*)+",
    re.IGNORECASE,
)

_THANKS = re.compile(r"(?:[ ,]+(?:please|thanks|thank you))+$")
"""Courtesies at the end."""

_MISHEARD = re.compile(r"\braiding\b", re.IGNORECASE)
"""Whisper base transcribes "rating" like this; nobody raids an interview."""


_FILLER = re.compile(r",? (?:like|you know|i mean), ", re.IGNORECASE)
"""Between two commas, it says nothing."""


_STRAY = re.compile(r"[ ,.]+[b-hj-z]\W*$", re.IGNORECASE)
"""Whisper writes a letter for the noise after a word."""


def core(text: str) -> str:
    """The utterance in lower case, without polite phrases around it and with the usual mishearings fixed."""
    text = _STRAY.sub("", _FILLER.sub(" ", _MISHEARD.sub("rating", text))).strip(" .,!?").lower()
    return _COURTESY.sub("", text).strip(" .,!?") or text


def features(text: str, vector: Matrix) -> Matrix:
    """The regression's input for a core(); `vector` is its unit vector. Shape (dimensions + 2 * BUCKETS,)."""
    words = re.findall(r"[a-z']+", text)
    runs = [" ".join(words[at : at + n]) for n in (1, 2, 3) for at in range(len(words) - n + 1)]
    padded = f" {' '.join(words)} "
    letters = [padded[at : at + n] for n in (2, 3, 4) for at in range(len(padded) - n + 1)]
    return np.concatenate([MEANING * vector, 2 * _hashed(runs), _hashed(letters)]).astype(np.float32)


def _hashed(pieces: Sequence[str]) -> Matrix:
    counts = np.zeros(BUCKETS, np.float32)
    for piece in pieces:
        counts[zlib.crc32(piece.encode()) % BUCKETS] += 1
    counts = np.log1p(counts)
    return counts / max(1e-6, float(np.linalg.norm(counts)))


_REQUESTS = re.compile(
    r"\?\W*$|\bplease\b"
    r"|^(?:can|could|may|will|would) (?:you|i|we)\b|^(?:give|tell|show|let|read) (?:me|us)\b|^let's\b"
    r"|^i (?:need|want|give up|would like|'d like)|^i'd like\b|^(?:the )?next (?:question|one)\b"
    r"|^skip (?:it|this|that)\b"
    r"|^(?:how|what) (?:am|was|can|could|did) i\b",
)


def requests(text: str) -> bool:
    """Whether a sentence plainly asks for something: at the end of an answer only that may be a command.

    Single words such as "repeat" end answers too.
    """
    return len(tokens(text)) > 1 and _REQUESTS.search(text.strip().lower().removesuffix(".")) is not None


def may_be_command(text: str) -> bool:
    """Whether the utterance could be a command, so that it is worth encoding."""
    # "I don't know" is answered with the offer of a hint; what "no" means depends on what was asked.
    replies = does_not_know(text) or only_replies(text) or acknowledges(text)
    return 0 < len(tokens(core(text))) <= LONGEST and not replies


def plain_command(text: str, moment: Moment) -> Intent | None:
    """What the whole utterance is by its wording alone, or None when that does not tell."""
    # "I did say that" is not a request, although it shares words with many.
    if moment is Moment.FEEDBACK and disagrees(text):
        return Intent.DISAGREE
    if only_closes(text):
        return Intent.DONE
    return NAMES.get(_THANKS.sub("", core(text)))


def likely_command(read: Matrix, known: CommandModel) -> Intent | None:
    """The command that an utterance is by its features(), or None."""
    logits = read @ known.weights + known.bias
    shares = np.exp(logits - logits.max())
    shares /= shares.sum()
    none = known.classes.index(None)
    any_command = 1.0 - float(shares[none])
    shares[none] = 0.0
    best = int(shares.argmax())
    return known.classes[best] if any_command >= LEAST and shares[best] >= LEAST * any_command else None
