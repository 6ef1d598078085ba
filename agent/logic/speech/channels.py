"""Decides which track and channel of a recording has the candidate's voice, from where each of them has speech.

One voice may be on one channel of eight, on both channels of a stereo microphone, or on both in opposite phase. Two
people with a microphone each speak at different times; then only the user can say which one is the candidate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from agent.values.audio import FRAME, WHISPER_RATE, Samples
from agent.values.errors import AudioError, ChoiceError
from agent.values.selection import MIX, Channel, Selection

Mask = npt.NDArray[np.bool_]
SILENT = 1e-6
"""Mean square below which a frame is silence: 60 dB under full scale."""
_FRAME_S = FRAME / WHISPER_RATE
_LEAST_SPEECH_S = 0.25
_LEAST_SHARE = 0.1
"""Share of the speech of the channel with the most; a channel with less only picks up leakage."""
_LOUDER = 4.0
"""Ratio of powers (6 dB) above which a voice belongs to one microphone and reaches the other from a distance."""
_APART_S = 1.0
_APART_SHARE = 0.05
"""Speech on one channel alone, in seconds and as a share of all speech, above which it is another person's."""
_NEAR = 10
"""Frames (0.3 s) around speech in which a detector may miss the same speech on another channel."""
_CANCELS = 0.35
"""Power of the mix relative to its channels: 1 for the same sound, 0.5 for unrelated sounds, 0 for opposite phase."""
_SAME = 1e-3
"""Power of the difference of two channels relative to their own (-30 dB) below which they are copies."""


@dataclass(frozen=True, eq=False)
class TrackMeasure:
    """One track, frame by frame (32 ms)."""

    power: Samples
    """Mean square, shape (channels, frames)."""
    speech: Mask
    """Shape (channels, frames)."""
    mixed: Samples
    """Mean square of the mean of the channels, shape (frames,)."""

    @property
    def channels(self) -> int:
        """Number of channels."""
        return len(self.power)

    def voice(self) -> _Voice:
        """The whole track, treated as one voice."""
        return _Voice(self.power.max(axis=0), np.logical_or.reduce(self.speech))


class ChosenChannel(NamedTuple):
    """What to read, and a note about it."""

    selection: Selection
    notes: tuple[str, ...] = ()


class _Voice(NamedTuple):
    power: Samples
    speech: Mask

    @property
    def seconds(self) -> float:
        return float(self.speech.sum()) * _FRAME_S


def measure(block: Samples, detect: Callable[[Samples], Mask]) -> TrackMeasure:
    """Measures a block of shape (channels, n), where n is a multiple of FRAME; `detect` finds speech in each frame.

    Copies of a channel and silent channels are skipped.
    """
    power = np.array([_power(channel) for channel in block])
    speech = np.zeros(power.shape, np.bool_)
    for index, channel in enumerate(block):
        if power[index].max(initial=0.0) < SILENT:
            continue
        copied = next((other for other in range(index) if _copies(block[other], channel)), None)
        speech[index] = detect(channel) if copied is None else speech[copied]
    return TrackMeasure(power, speech, _power(block.mean(axis=0)))


def joined(parts: Sequence[TrackMeasure]) -> TrackMeasure:
    """The measures of consecutive blocks as one; at least one is needed."""
    return TrackMeasure(
        np.concatenate([part.power for part in parts], axis=1),
        np.concatenate([part.speech for part in parts], axis=1),
        np.concatenate([part.mixed for part in parts]),
    )


def choose(tracks: Sequence[TrackMeasure], wanted: Selection) -> ChosenChannel:
    """The track and channel with speech. Raises AudioError, or ChoiceError when different people are on them."""
    refuse_missing("track", wanted.track, len(tracks))
    number, notes = (wanted.track, ()) if wanted.track is not None else _track(tracks)
    track = tracks[number - 1]
    channel = wanted.channel
    if channel is None:
        channel, more = _channel(track)
        notes += more
    elif channel != MIX:
        refuse_missing("channel", channel, track.channels)
    return ChosenChannel(Selection(number, channel), notes)


def refuse_missing(what: str, number: int | None, there: int) -> None:
    """Raises AudioError if the recording does not have the track or channel."""
    if number is not None and not 1 <= number <= there:
        have = f"only one {what}" if there == 1 else f"{what}s 1 to {there}"
        raise AudioError(f"there is no {what} {number}; the recording has {have}")


def _track(tracks: Sequence[TrackMeasure]) -> tuple[int, tuple[str, ...]]:
    if len(tracks) == 1:
        return 1, ()
    voices = [track.voice() for track in tracks]
    talking = _talking(voices)
    if not talking:
        # The detector finds no speech: take the loudest.
        return max(range(len(tracks)), key=lambda index: _loudness(voices[index])) + 1, ()
    _refuse_apart("track", voices, talking)
    best = max(talking, key=lambda index: (voices[index].seconds, -index))
    others = ", ".join(str(index + 1) for index in talking if index != best)
    rest = "the other holds" if len(tracks) == 2 else "the others hold"
    also = f"there is speech on track {others} too" if others else f"{rest} no speech"
    return best + 1, (f"Track {best + 1} of {len(tracks)} was used; {also}.",)


def _channel(track: TrackMeasure) -> tuple[Channel, tuple[str, ...]]:
    if track.channels == 1:
        return 1, ()
    voices = [_Voice(power, speech) for power, speech in zip(track.power, track.speech, strict=True)]
    talking = _talking(voices)
    several = f"of {track.channels} was used"
    if not talking:
        sounding = [index for index, voice in enumerate(voices) if voice.power.max(initial=0.0) >= SILENT]
        best = max(range(len(voices)), key=lambda index: _loudness(voices[index]))
        cancels = _cancels(track, sounding, np.ones(len(track.mixed), np.bool_))
        return (best + 1 if cancels or len(sounding) == 1 else MIX), ()
    best = max(talking, key=lambda index: (round(voices[index].seconds, 1), _loudness(voices[index])))
    if len(talking) == 1:
        rest = "the other holds" if track.channels == 2 else "the others hold"
        return best + 1, (f"Channel {best + 1} {several}; {rest} no speech.",)
    _refuse_apart("channel", voices, talking)
    if _cancels(track, talking, np.logical_or.reduce(track.speech[talking])):
        return best + 1, (f"Channel {best + 1} {several}; mixed, the channels cancel each other out.",)
    if len(talking) < track.channels and track.channels > 2:
        return best + 1, (f"Channel {best + 1} {several}; it holds the most speech.",)
    return MIX, ()


def _talking(voices: Sequence[_Voice]) -> list[int]:
    most = max(voice.seconds for voice in voices)
    return [i for i, voice in enumerate(voices) if voice.seconds >= max(_LEAST_SPEECH_S, _LEAST_SHARE * most)]


def _refuse_apart(what: Literal["track", "channel"], voices: Sequence[_Voice], talking: Sequence[int]) -> None:
    """Raises ChoiceError if two of the voices speak at different times."""
    total_s = float(np.any([voices[index].speech for index in talking], axis=0).sum()) * _FRAME_S
    least = max(_APART_S, _APART_SHARE * total_s)
    for place, one in enumerate(talking):
        for other in talking[place + 1 :]:
            alone = _alone_s(voices[one], voices[other]), _alone_s(voices[other], voices[one])
            if min(alone) >= least:
                raise ChoiceError(
                    f"different people speak on {what} {one + 1} ({alone[0]:.0f} s) and on {what} {other + 1} "
                    f"({alone[1]:.0f} s), and only the candidate is graded; choose the candidate's {what}",
                    what=what,
                    numbers=(one + 1, other + 1),
                )


def _alone_s(voice: _Voice, other: _Voice) -> float:
    """Seconds of speech that are clearly louder in the first voice, or missing in the second."""
    near = np.convolve(other.speech, np.ones(2 * _NEAR + 1), mode="same") > 0
    alone = voice.speech & (~near | (voice.power >= _LOUDER * other.power))
    return float(alone.sum()) * _FRAME_S


def _cancels(track: TrackMeasure, used: Sequence[int], when: Mask) -> bool:
    """Whether most of the sound disappears when the channels are mixed."""
    if len(used) < 2 or not when.any():
        return False
    apart = float(track.power[:, when].sum())
    # If only a few of n channels have sound, the mix is quieter for that reason alone.
    share = len(used) / track.channels
    return float(track.mixed[when].sum()) < _CANCELS * share * apart / track.channels


def _loudness(voice: _Voice) -> float:
    """Mean power during speech; of all frames if there is no speech."""
    speech = voice.power[voice.speech] if voice.speech.any() else voice.power
    return float(speech.mean()) if speech.size else 0.0


def _power(samples: Samples) -> Samples:
    whole: Samples = np.square(samples).reshape(-1, FRAME).mean(axis=1)
    return whole


def _copies(one: Samples, other: Samples) -> bool:
    return float(np.square(one - other).sum()) <= _SAME * float(np.square(one).sum())
