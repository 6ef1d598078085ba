"""Decides when an answer has ended. Time is counted in frames, never by the clock, so that a test takes milliseconds.

An interview is thinking aloud: pauses are long, and cutting a candidate off is the worst fault a voice agent has. So
the wait depends on how finished the speaker sounds, on the last words and on how long this candidate pauses, and it is
long wherever there is doubt. The figures come from people (docs/decisions.md, benchmarks/real_pauses.py).
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from agent.logic.speech.pause_habit import PauseHabit
from agent.values.base import Value
from agent.values.transcript import Transcript, straight


class EndpointingPolicy(Value):
    """How long the agent waits, in seconds."""

    end_silence_s: float = 0.95
    """Silence that ends an answer which sounds finished; lower is more impatient."""
    going_on_silence_s: float = 5.0
    """Silence that ends an answer which sounds as if it went on; in between, the wait follows the sound."""
    doubtful_silence_s: float = 2.8
    """Silence that ends an answer when nothing listens for how it sounds."""
    unfinished_silence_s: float = 7.0
    """Silence that ends an answer whose last words ask for more: the agent asks before that."""
    paced: bool = True
    """Whether the waits follow how long this candidate pauses."""
    early_silence_s: float = 4.0
    """Minimum silence that ends an answer with less than `early_speech_s` of speech: the candidate has hardly begun."""
    early_speech_s: float = 5.0
    closing_silence_s: float = 0.5
    """Silence that ends an answer whose last words were "that's my answer"."""
    no_answer_s: float = 20.0
    """Silence at the start after which no answer is expected."""
    longest_s: float = 600.0
    """Maximum length of an answer; what was said until then is graded."""

    @classmethod
    def endless(cls) -> EndpointingPolicy:
        """The policy for recordings, in which only the end of the recording ends an answer."""
        never = math.inf
        kept = {"early_speech_s", "paced"}
        return cls(**{name: never for name in cls.model_fields if name not in kept}, paced=False)

    @classmethod
    def patient(cls) -> EndpointingPolicy:
        """The policy for candidates who think in long silences or use a closing phrase: little else ends an answer
        quickly.
        """
        longest = cls.model_fields["unfinished_silence_s"].default
        return cls(end_silence_s=longest, going_on_silence_s=longest, doubtful_silence_s=longest, paced=False)

    @property
    def awaits_words(self) -> bool:
        """Whether little but words ends an answer quickly, so that its last words are needed first."""
        return self.end_silence_s >= self.unfinished_silence_s

    @classmethod
    def fixed(cls, seconds: float) -> EndpointingPolicy:
        """One fixed silence for every case, as chosen by the user."""
        return cls(
            end_silence_s=seconds,
            going_on_silence_s=seconds,
            doubtful_silence_s=seconds,
            unfinished_silence_s=seconds,
            early_silence_s=seconds,
            closing_silence_s=min(seconds, 0.5),
            paced=False,
        )


class SpeechActivity(NamedTuple):
    """Speech and silence so far, in seconds. Replaced with every frame, so it is not a validated value."""

    elapsed_s: float = 0.0
    speech_s: float = 0.0
    silence_s: float = 0.0
    """Silence since the last speech, or since the start."""


class EndCues(NamedTuple):
    """What is known about the end of the utterance."""

    end_of_turn_probability: float | None = None
    """Probability from the sound of the voice in this silence, the mean of all results so far; None without any."""
    tail: str | None = None
    """The last words; None until they are known, empty if what sounded like speech had no words."""
    settled: bool = False
    """Whether the last words are a command or a question to the interviewer, so that there is nothing more to wait for.
    """
    habit: PauseHabit = PauseHabit()
    """How long this candidate pauses."""


SPEECH = 0.5
"""Minimum probability for a frame to count as speech."""
FEWEST_SPEECH_S = 0.2
"""Less speech than this is a click or a cough, not the start of an answer."""


def advance(state: SpeechActivity, probability: float, seconds: float) -> SpeechActivity:
    """The state after one more frame with that length and probability of speech."""
    speaks = probability >= SPEECH
    return SpeechActivity(
        elapsed_s=state.elapsed_s + seconds,
        speech_s=state.speech_s + (seconds if speaks else 0.0),
        silence_s=0.0 if speaks else state.silence_s + seconds,
    )


def finished(state: SpeechActivity, policy: EndpointingPolicy, ending: EndCues | None = None) -> bool:
    """Whether the answer has ended."""
    if state.elapsed_s >= policy.longest_s:
        return True
    cues = ending or EndCues()
    # A cough, a slammed door or an "um" is not an answer, whatever the speech detector says.
    if state.speech_s < FEWEST_SPEECH_S or cues.tail == "":
        return state.silence_s >= policy.no_answer_s
    return state.silence_s >= wait(state, policy, cues)


FINISHED = 0.98
GOING_ON = 0.05
"""Probabilities of a finished sound above and below which the wait is the shortest and the longest."""

_JOINING = (
    "and but or so because if when while which that then the a an of to with for from in on at by is are was would "
    "i we you it they my our like also plus not very more than as"
).replace(" ", "|")
_THINKING = (
    r"you know|i mean|let me (?:think|see)(?: about (?:that|it|this))?|how (?:do|should) i (?:say|put) (?:it|this)"
)
_NEVER_LAST = r"and|but|or|because|if|the|an|our|my"
"""Words that end no sentence, whatever punctuation a recognizer adds after them."""
_OPEN = re.compile(rf"\b(?:(?:{_JOINING})(?:,|-|\.\.\.|…)*|(?:{_NEVER_LAST})[.,-]*)\s*$", re.IGNORECASE)
_HESITATES = re.compile(rf"\b(?:um+|uh+|uhm|er|erm|hmm+|{_THINKING})\W*$", re.IGNORECASE)
_THINK = r"i (?:think|guess|believe|suppose)|i(?:'d| would) say"
_LEADS = rf"(?:(?:and|so|but|okay|ok|yes|yeah|no|nope|right|well|basically|um+|uh+|{_THINK})[\s,]+)*"
_THAT = r"that(?:'s|s| is| was| would be| will be) (?:(?:pretty much|basically|really|just|about) )?"
_SAY = r"(?:got|have|say|said|think of|to say|to add|add|on it)"
_I_HAVE = rf"(?: (?:what )?i(?:'ve| have| had| can| know| wanted| would)?(?: {_SAY}){{0,2}})?"
_ALL = rf"(?:it|all|everything){_I_HAVE}(?: (?:from|for) (?:me|my side|my part|now))?"
_MY_ANSWER = r"(?:the end of )?my (?:final |whole |full )?answer|the end"
_HOW = r"how i(?:'d| would) (?:do|approach|handle|solve) (?:it|this|that)"
_DONE = (
    r"i(?:'m| am) (?:done|finished)(?: (?:with|answering)[\w\s]{0,20})?"
    r"|i(?:'ve| have) finished(?: (?:my|with|answering)[\w\s]{0,20})?"
    r"|(?:i have |i've |there(?:'s| is) )?nothing (?:else|more) (?:to|i (?:can|could|would)) (?:add|say)"
    r"|i (?:don't|do not) have (?:anything|any) ?(?:else|more)(?: to (?:add|say))?"
    r"|i(?:'ll|'d| will| would) (?:leave it (?:at that|there|here)|stop (?:there|here)|end (?:it )?(?:there|here))"
    r"|i(?:'ve| have) said everything|i rest my case"
    r"|(?:that concludes|(?:the )?end of) my answer|my answer is (?:complete|finished|over)"
    r"|you (?:can|may) (?:score|rate|grade|evaluate) (?:it|that|me)(?: now)?"
)
_COURTESY = r"(?:[\s,]+(?:thank you|thanks|i guess|i think|really|so far))*"
_CLOSES = re.compile(
    rf"(?:^|[.,;:!?]\s*|\b(?=(?:and|so|okay|yeah)\s)){_LEADS}"
    rf"(?:{_THAT}(?:{_ALL}|{_MY_ANSWER}|{_HOW})|{_DONE}){_COURTESY}(?:[.!?]+\s+\w)?\W*$",
    re.IGNORECASE,
)
"""Only at the start of a clause: after "I am not sure that's my answer" the candidate continues. A recognizer may write
one more letter for a breath: "That's my answer. A."
"""


def closes(text: str) -> bool:
    """Whether the last words say that the answer is over: "that's my answer", "I think that's all"."""
    return _CLOSES.search(straight(text)) is not None


def only_closes(text: str) -> bool:
    """Whether the whole utterance only says that the answer is over: "no, that was it"."""
    found = _CLOSES.search(straight(text).strip())
    return found is not None and found.start() == 0


def before_closing(text: str) -> str:
    """The text without a closing phrase at its end."""
    text = straight(text)
    found = _CLOSES.search(text)
    if found is None:
        return text
    return text[: found.start() if text[found.start()].isalnum() else found.start() + 1].rstrip()


def without_closing(transcript: Transcript) -> Transcript:
    """The transcript without a closing phrase at its end."""
    kept = len(before_closing(transcript.text).split())
    return transcript.model_copy(update={"words": transcript.words[:kept]})


def unfinished(text: str) -> bool:
    """Whether the last words leave the sentence unfinished: "and so", "of the", "um"."""
    return _OPEN.search(text) is not None or _HESITATES.search(text) is not None


def wait(state: SpeechActivity, policy: EndpointingPolicy, ending: EndCues) -> float:
    """Seconds of silence that end the answer."""
    tail = ending.tail or ""
    if ending.settled or closes(tail):
        return policy.closing_silence_s
    if unfinished(tail):
        return policy.unfinished_silence_s
    usual = _by_sound(ending.end_of_turn_probability, policy)
    if policy.paced:
        usual = min(usual * ending.habit.pause_factor, policy.unfinished_silence_s)
    early = state.speech_s < policy.early_speech_s
    return max(usual, policy.early_silence_s) if early else usual


def _by_sound(probability: float | None, policy: EndpointingPolicy) -> float:
    """Returns the wait for a probability; equal steps of probability shorten it by equal factors."""
    if probability is None:
        return policy.doubtful_silence_s
    if policy.end_silence_s == policy.going_on_silence_s:
        return policy.end_silence_s  # Both may be endless.
    share = min(1.0, max(0.0, (probability - GOING_ON) / (FINISHED - GOING_ON)))
    return policy.going_on_silence_s * math.pow(policy.end_silence_s / policy.going_on_silence_s, share)
