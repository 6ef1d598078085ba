"""Detects two people on one channel: their voices differ in pitch and spectrum, and they take turns.

Only voices with clearly different pitch are told apart; two people of similar pitch are taken for one.
docs/decisions.md has the figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import ge
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from agent.logic.speech.voice_features import HOP_S, Floats, Voiced, voiced_frames
from agent.values.audio import Clip
from agent.values.transcript import SecondVoice


class _Apart(NamedTuple):
    """How much two voices must differ."""

    least_s: float
    """Voiced seconds of the voice that speaks less."""
    semitones: float
    """Between the medians of their pitch."""
    distance: float
    """Squared, between the means, in units of the variance within a voice."""


_ENOUGH = (_Apart(2.0, 4.0, 3.0), _Apart(1.5, 8.0, 5.0))
"""Phases of one person differ by up to 3 semitones for long periods. Laughter and
acted cries differ by more, but only for a second.
"""
_CHUNK = 13
"""Voiced frames (0.25 s) that are assigned to one person together."""
_SHORTEST_CHUNK = 4
_GAP_S = 0.3
_CHANGE = 30.0
"""Cost of a change of speaker, as log-likelihood; a pause makes it cheaper."""
_CHANGE_IN_PAUSE = 12.0
_INDEPENDENT = 0.5
"""Share of the frames that count as independent, since neighboring frames are similar."""
_ROUNDS = 12
_FLOOR = 0.05
"""Share of each feature's variance that is added to it, so that a few frames do not fit noise."""
Labels = npt.NDArray[np.int64]


class _Chunk(NamedTuple):
    start_s: float
    end_s: float
    frames: Floats


class _Split(NamedTuple):
    labels: Labels
    gain: float
    """Log-likelihood gained by assuming two voices instead of one."""
    apart: _Apart


def second_voice(clip: Clip, speech: Sequence[tuple[float, float]]) -> SecondVoice | None:
    """The voice that speaks less in a 16 kHz clip, if two clearly differ; `speech` is (start, end) in seconds."""
    chunks = list(_chunks(voiced_frames(clip.samples, speech)))
    split = best_split(chunks)
    if split is None or not any(all(map(ge, split.apart, enough)) for enough in _ENOUGH):
        return None
    first, second = _of_each(chunks, split.labels)
    fewer = int(len(second) < len(first))
    return SecondVoice(
        spans=tuple(_spans(chunks, split.labels == fewer)),
        speech_s=round(split.apart.least_s, 1),
        semitones=round(split.apart.semitones, 1),
    )


def best_split(chunks: Sequence[_Chunk]) -> _Split | None:
    """The most likely division of the chunks into two voices; None if there is too little to divide."""
    if len(chunks) < 2 * _SHORTEST_CHUNK:
        return None
    whole = np.concatenate([chunk.frames for chunk in chunks])
    floor = _FLOOR * np.diag(whole.var(axis=0) + 1e-6)
    found = [_refined(chunks, start, whole, floor) for start in _starts(chunks)]
    return max((split for split in found if split is not None), key=lambda split: split.gain, default=None)


def _chunks(voiced: Voiced) -> Iterator[_Chunk]:
    """Voiced frames that follow each other closely, in chunks of a quarter of a second."""
    start = 0
    for end in range(1, len(voiced.at_s) + 1):
        last = end == len(voiced.at_s) or voiced.at_s[end] - voiced.at_s[end - 1] > _GAP_S
        if last or end - start >= _CHUNK:
            if end - start >= _SHORTEST_CHUNK:
                yield _Chunk(float(voiced.at_s[start]), float(voiced.at_s[end - 1]) + HOP_S, voiced.features[start:end])
            start = end


def _starts(chunks: Sequence[_Chunk]) -> Iterator[Labels]:
    """Initial divisions: by pitch, by the main directions of the smoothed spectrum, by time."""
    means = np.array([chunk.frames.mean(axis=0) for chunk in chunks])
    scaled = (means - means.mean(axis=0)) / (means.std(axis=0) + 1e-6)
    smooth = np.array([scaled[max(0, at - 4) : at + 5].mean(axis=0) for at in range(len(scaled))])
    directions = np.linalg.svd(smooth - smooth.mean(axis=0), full_matrices=False)[2]
    along = [scaled[:, -1], smooth[:, -1], np.arange(len(scaled), dtype=np.float64)]
    along += [smooth @ direction for direction in directions[:3]]
    for values in along:
        yield (values > np.median(values)).astype(np.int64)


def _refined(chunks: Sequence[_Chunk], labels: Labels, whole: Floats, floor: Floats) -> _Split | None:
    """Estimates the two voices and reassigns the chunks, in turn, until nothing changes."""
    for _ in range(_ROUNDS):
        if min(np.bincount(labels, minlength=2)) < 2:
            return None
        means, within = _voices(chunks, labels, floor)
        again = _path(chunks, _likelihoods(chunks, means, within))
        if np.array_equal(again, labels):
            break
        labels = again
    if min(np.bincount(labels, minlength=2)) < 2:
        return None
    means, within = _voices(chunks, labels, floor)
    one = np.cov(whole.T, bias=True) + floor
    gain = float(np.linalg.slogdet(one)[1] - np.linalg.slogdet(within)[1]) * len(whole) / 2
    return _Split(labels, gain, _apart(_of_each(chunks, labels), means[0] - means[1], within))


def _apart(frames: Sequence[Floats], between: Floats, within: Floats) -> _Apart:
    pitches = [float(np.median(own[:, -1])) for own in frames]
    return _Apart(
        least_s=min(map(len, frames)) * HOP_S,
        semitones=abs(pitches[0] - pitches[1]),
        distance=float(between @ np.linalg.solve(within, between)),
    )


def _of_each(chunks: Sequence[_Chunk], labels: Labels) -> list[Floats]:
    """The frames of each voice."""
    return [
        np.concatenate([chunk.frames for chunk, label in zip(chunks, labels, strict=True) if label == voice])
        for voice in (0, 1)
    ]


def _voices(chunks: Sequence[_Chunk], labels: Labels, floor: Floats) -> tuple[list[Floats], Floats]:
    """The mean of each voice and the variance within both."""
    frames = _of_each(chunks, labels)
    within = sum(len(own) * np.cov(own.T, bias=True) for own in frames) / sum(map(len, frames))
    return [own.mean(axis=0) for own in frames], within + floor


def _likelihoods(chunks: Sequence[_Chunk], means: Sequence[Floats], within: Floats) -> Floats:
    """Log-likelihood of each chunk under each voice, shape (chunks, 2), up to a term that both share."""
    inverse = np.linalg.inv(within)
    rows = [
        [
            -0.5 * _INDEPENDENT * float(np.sum(((chunk.frames - mean) @ inverse) * (chunk.frames - mean)))
            for mean in means
        ]
        for chunk in chunks
    ]
    return np.array(rows)


def _path(chunks: Sequence[_Chunk], likelihoods: Floats) -> Labels:
    """The most likely speaker of each chunk, given that changes of speaker are rare (Viterbi)."""
    score, came_from = likelihoods[0].copy(), []
    for before, chunk, own in zip(chunks, chunks[1:], likelihoods[1:], strict=False):
        change = _CHANGE if chunk.start_s - before.end_s < _GAP_S / 2 else _CHANGE_IN_PAUSE
        reached = score[np.newaxis, :] - change * (1 - np.eye(2))
        came_from.append(reached.argmax(axis=1))
        score = reached.max(axis=1) + own
    voices = [int(score.argmax())]
    for step in reversed(came_from):
        voices.append(int(step[voices[-1]]))
    return np.array(voices[::-1], np.int64)


def _spans(chunks: Sequence[_Chunk], own: npt.NDArray[np.bool_]) -> Iterator[tuple[float, float]]:
    """(start, end) in seconds of each turn of a voice."""
    start_s: float | None = None
    for index, chunk in enumerate(chunks):
        if own[index] and start_s is None:
            start_s = chunk.start_s
        if start_s is not None and (index + 1 == len(chunks) or not own[index + 1]):
            yield round(start_s, 2), round(chunk.end_s, 2)
            start_s = None
