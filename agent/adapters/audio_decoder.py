"""Decodes recordings of any format that PyAV knows to 16 kHz, block by block, with all their channels.

An hour needs no more memory than one copy of its samples, or none when it is streamed. Ogg does not state its own
length, so an Ogg file that was cut short is read as a shorter recording; the same holds for AAC, and for MP3 that does
not count its frames.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from agent.adapters.audio_length import falls_short, refuse_cut_wav, stated_length
from agent.adapters.audio_source import OpenSource
from agent.values.audio import WHISPER_RATE, Samples
from agent.values.errors import AudioError

MOST_S = 6 * 3600
"""Maximum seconds of audio that are read. A few bytes that claim one sample per second must not fill the memory."""
_RATES = range(2_000, 768_001)
"""Sample rates, in hertz, that a recording can have."""
_MOST_CHANNELS = 64
_LOUDEST = 1000.0
"""Maximum magnitude of a sample, in full scales (60 dB above one); 32-bit float recorders slightly exceed one."""
_DAMAGED_PACKETS = 2
_DAMAGED_SHARE = 0.01
"""Maximum number of packets that cannot be decoded before a recording counts as
damaged: a cut frame at either end, a tag at the end.
"""


class DecodedBlock(NamedTuple):
    """Audio of one track."""

    track: int
    """From 1, among the audio tracks."""
    samples: Samples
    """Shape (channels, n), 16 kHz. The number of channels of a track never changes."""


def channel_counts(source: OpenSource) -> list[int]:
    """Number of channels of each audio track, from the file's header. Raises AudioError."""
    with _opened(source) as container:
        # A damaged header or an unknown codec leaves a track without a decoder.
        return [stream.codec_context.channels if stream.codec_context else 0 for stream in container.streams.audio]


def decoded(source: OpenSource, track: int | None = None) -> Generator[DecodedBlock, None, None]:
    """Yields the blocks of one track, or of all, as they are decoded.

    Raises AudioError; for a cut or damaged file, it does so at the end.
    """
    with _opened(source) as container:
        yield from _Demuxer(source, container, track).blocks()


class _Demuxer:
    """Demuxes the tracks of one container."""

    def __init__(self, source: OpenSource, container: Any, track: int | None) -> None:
        self._source, self._container = source, container
        self._decoders = {
            stream.index: _Decoder(source.name, number, stream)
            for number, stream in enumerate(container.streams.audio, 1)
            if track in (None, number) and stream.codec_context is not None
        }
        if not self._decoders:
            raise AudioError(f"{source.name}: damaged, or in an unknown codec; give WAV, FLAC, MP3, Ogg or M4A")
        self._latest_s = 0.0
        """End of the last packet of any track, pictures included."""

    def blocks(self) -> Iterator[DecodedBlock]:
        for packet in self._packets():
            decoder = self._decoders.get(packet.stream.index)
            if packet.pts is not None and packet.time_base is not None:
                self._latest_s = max(self._latest_s, float((packet.pts + (packet.duration or 0)) * packet.time_base))
            if decoder is not None:
                yield from decoder.blocks(packet)
        for decoder in self._decoders.values():
            yield from decoder.rest()
        self._refuse_incomplete()

    def _packets(self) -> Iterator[Any]:
        """Packets up to the point where demuxing fails; the length shows what is missing."""
        import av

        try:
            yield from self._container.demux()
        except av.error.FFmpegError as error:
            if not any(decoder.seconds for decoder in self._decoders.values()):
                raise
            self._damaged = error

    def _refuse_incomplete(self) -> None:
        longest = max(self._decoders.values(), key=lambda decoder: decoder.seconds)
        name, seconds = self._source.name, longest.seconds
        if seconds == 0:
            raise AudioError(f"{name}: the file contains no audio; record the answer again")
        for decoder in self._decoders.values():
            stated = stated_length(self._source, self._container, decoder.stream)
            if stated is None:
                continue
            there = max(decoder.seconds, self._latest_s) if stated.of_all else decoder.seconds
            if falls_short(stated.seconds, there):
                raise AudioError(
                    f"{name}: cut short, {there:.0f} of {stated.seconds:.0f} s are there; copy or record it again"
                )


class _Decoder:
    """Decodes one track."""

    def __init__(self, name: str, number: int, stream: Any) -> None:
        self._name, self._number, self.stream = name, number, stream
        self._resampler: Any = None
        self._form: tuple[Any, ...] = ()
        self._channels = 0
        self._samples = 0
        self._good = self._bad = 0

    @property
    def seconds(self) -> float:
        """Seconds decoded so far."""
        return self._samples / WHISPER_RATE

    def blocks(self, packet: Any) -> Iterator[DecodedBlock]:
        """The decoded blocks of a packet. Raises AudioError if too many packets cannot be decoded."""
        import av

        try:
            frames = packet.decode()
        except (av.error.FFmpegError, ValueError):
            self._bad += 1
            self._refuse_damaged()
            return
        self._good += 1
        for frame in frames:
            yield from map(self._block, self._resampled(frame))

    def rest(self) -> Iterator[DecodedBlock]:
        """Returns what the resampler still holds at the end."""
        self._refuse_damaged()
        if self._resampler is not None:
            yield from map(self._block, self._resampler.resample(None))

    def _resampled(self, frame: Any) -> Iterator[Any]:
        import av

        rate, count = frame.sample_rate, frame.layout.nb_channels
        if rate not in _RATES or not 1 <= count <= _MOST_CHANNELS:
            raise AudioError(f"{self._name}: damaged ({count} channels at {rate} Hz); copy or record it again")
        form = (frame.format.name, frame.layout.name, count, rate)
        if form != self._form:
            # Radio recordings may change between mono and stereo.
            if self._resampler is not None:
                yield from self._resampler.resample(None)
            # Packed, since PyAV 18 crashes when it takes eight or more planes out of a frame.
            self._resampler = av.AudioResampler(format="flt", layout=frame.layout, rate=WHISPER_RATE)
            self._form = form
        # Times in files are unreliable, and a resampler fills gaps between them.
        frame.pts = None
        yield from self._resampler.resample(frame)

    def _block(self, frame: Any) -> DecodedBlock:
        packed = frame.to_ndarray().reshape(-1, frame.layout.nb_channels)
        samples: Samples = packed.T.astype(np.float32, copy=False)
        if not self._channels:
            self._channels = len(samples)
        if len(samples) != self._channels:
            samples = np.repeat(samples.mean(axis=0, keepdims=True), self._channels, axis=0)
        if not (np.abs(samples) < _LOUDEST).all():
            # A single sample that is not a number makes Whisper transcribe nothing, without an error.
            raise AudioError(
                f"{self._name}: damaged after {self.seconds:.0f} s (not a number); copy or record it again"
            )
        self._samples += samples.shape[1]
        if self.seconds > MOST_S:
            raise AudioError(f"{self._name}: longer than {MOST_S // 3600} hours; cut out the answer")
        return DecodedBlock(self._number, samples)

    def _refuse_damaged(self) -> None:
        if self._bad > max(_DAMAGED_PACKETS, _DAMAGED_SHARE * self._good):
            raise AudioError(f"{self._name}: damaged after {self.seconds:.0f} s; copy or record it again")


@contextmanager
def _opened(source: OpenSource) -> Iterator[Any]:
    refuse_cut_wav(source)
    source.file.seek(0)
    with _translated(source.name):
        import av

        # The encoding of old recorders' titles is unknown, and we do not need them.
        with av.open(source.file, metadata_errors="ignore") as container:
            if not container.streams.audio:
                raise AudioError(f"{source.name}: the file contains no audio; give an audio recording")
            yield container


@contextmanager
def _translated(name: str) -> Iterator[None]:
    import av

    try:
        yield
    except av.error.FFmpegError as error:
        reason = str(error.strerror or error)
        raise AudioError(
            f"{name}: not a recording that can be read ({reason}); give WAV, FLAC, MP3, Ogg or M4A"
        ) from error
