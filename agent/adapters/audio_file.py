"""Reads recordings as 16 kHz mono audio: one voice, whichever track and channel it is on."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager

import numpy as np

from agent.adapters.audio_decoder import channel_counts, decoded
from agent.adapters.audio_source import OpenSource, Source, opened
from agent.adapters.silero_vad import speech_frames
from agent.logic.speech.channels import SILENT, TrackMeasure, choose, joined, measure, refuse_missing
from agent.values.audio import FRAME, WHISPER_RATE, Clip, Samples
from agent.values.errors import AudioError, ChoiceError
from agent.values.selection import MIX, WHATEVER_SPEAKS, Recording, Selection

_LEAST_SOUND = 4
"""Minimum frames of audio (0.13 s) in a recording: a click is shorter, no word is."""
_MEASURED = 1000 * FRAME
"""Samples (32 s) that are searched for speech at once."""
_LEAST_PEAK = SILENT**0.5


def read_recording(source: Source, selection: Selection = WHATEVER_SPEAKS) -> Recording:
    """The whole recording, and which of its tracks and channels was used.

    Raises AudioError if it is missing, empty, not audio, cut short or silent. Raises ChoiceError if different people
    are on its tracks or channels and `selection` does not say which one to use.
    """
    with opened(source) as file:
        found, notes = _settled(file, selection)
        blocks, active = bytearray(), 0
        for samples in _selected(file, found):
            blocks += samples.tobytes()
            active += _active_frames(samples)
    if active < _LEAST_SOUND:
        raise AudioError(f"{file.name}: the recording is silent or contains only a click; check the microphone")
    return Recording(Clip(np.frombuffer(blocks, dtype=np.float32), WHISPER_RATE), found, notes)


def read_clip(source: Source, selection: Selection = WHATEVER_SPEAKS) -> Clip:
    """The audio of read_recording(), with the same errors."""
    return read_recording(source, selection).clip


def frames(
    source: Source, block_s: float = FRAME / WHISPER_RATE, selection: Selection = WHATEVER_SPEAKS
) -> Generator[Clip, None, None]:
    """The recording in blocks, with the last one padded with silence; it is never held in memory as a whole.

    Raises the errors of read_recording(), except for silence, which is known only at the end.
    """
    with opened(source) as file:
        found, _ = _settled(file, selection)
        for block in _cut(_selected(file, found), max(1, round(block_s * WHISPER_RATE))):
            yield Clip(block.reshape(-1), WHISPER_RATE)


def _settled(file: OpenSource, selection: Selection) -> tuple[Selection, tuple[str, ...]]:
    """The selection with both choices made; the file is searched for speech only if that is needed."""
    if selection.settled:
        return selection, ()
    counts = channel_counts(file)
    with _named(file.name):
        refuse_missing("track", selection.track, len(counts))
        if len(counts) == counts[(selection.track or 1) - 1] == 1 and selection.channel is None:
            return Selection(1, MIX), ()
        return choose(_measures(file, selection.track), selection)


def _measures(file: OpenSource, track: int | None) -> list[TrackMeasure]:
    """One measure for each track; if a track was chosen, empty ones for all others."""
    parts: dict[int, list[TrackMeasure]] = {}
    waiting: dict[int, list[Samples]] = {}
    with closing(decoded(file, track)) as blocks:
        for number, samples in blocks:
            parts.setdefault(number, [])
            held = waiting.setdefault(number, [])
            held.append(samples)
            if sum(block.shape[1] for block in held) >= _MEASURED:
                whole = np.concatenate(held, axis=1)
                ready = whole.shape[1] // FRAME * FRAME
                parts[number].append(measure(whole[:, :ready], speech_frames))
                waiting[number] = [whole[:, ready:]]
    for number, held in waiting.items():
        whole = np.concatenate(held, axis=1)
        padded = np.pad(whole, ((0, 0), (0, -whole.shape[1] % FRAME)))
        parts[number].append(measure(padded, speech_frames))
    empty = measure(np.zeros((1, 0), np.float32), speech_frames)
    return [joined(parts[number]) if number in parts else empty for number in range(1, max(parts) + 1)]


def _selected(file: OpenSource, found: Selection) -> Iterator[Samples]:
    """Mono samples of the chosen track and channel."""
    count = 0
    with closing(decoded(file, found.track)) as blocks:
        for _, samples in blocks:
            count += 1
            if found.channel == MIX or found.channel is None:
                yield samples.mean(axis=0)
                continue
            with _named(file.name):
                refuse_missing("channel", found.channel, len(samples))
            yield samples[found.channel - 1]
    if not count:
        raise AudioError(f"{file.name}: there is no track {found.track}; choose another track")


def _cut(blocks: Iterator[Samples], size: int) -> Iterator[Samples]:
    """The same samples in blocks of one size, with the last one padded with zeros."""
    rest = np.zeros(0, np.float32)
    for samples in blocks:
        rest = np.concatenate([rest, samples])
        whole = len(rest) // size * size
        yield from rest[:whole].reshape(-1, size)
        rest = rest[whole:]
    if len(rest):
        yield np.pad(rest, (0, size - len(rest)))


def _active_frames(samples: Samples) -> int:
    """How many frames of 32 ms are louder than silence; counted block by block, so that an hour is not copied."""
    if not len(samples):
        return 0
    peaks = np.maximum.reduceat(np.abs(samples), np.arange(0, len(samples), FRAME))
    return int(np.count_nonzero(peaks >= _LEAST_PEAK))


@contextmanager
def _named(name: str) -> Iterator[None]:
    """Prefixes errors that lack the recording's name with it."""
    try:
        yield
    except ChoiceError as error:
        raise ChoiceError(f"{name}: {error}", what=error.what, numbers=error.numbers) from error
    except AudioError as error:
        text = str(error)
        raise (error if text.startswith(name) else AudioError(f"{name}: {text}")) from error
